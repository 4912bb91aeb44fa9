"""Customisation: how much of the market a platform helps to define, how many makers take part, what was bargained."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards import names, series
from dashboards.panel_windows import behind, ratio, whole, window
from market import Case

ACTS = ("bargain", "refusal", "decision", "exit")
DESIGN = ("price_cny", "range_km", "fast_charge", "intelligence", "quality")


def customising(case: Case, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Customised share of deliveries of 13 weeks in hundredths of a percent, makers, and what was agreed or refused."""
    weekly = found["market"]
    delivered = weekly["deliveries"].to_numpy(float)
    customised = np.nan_to_num(weekly["customised_share"].to_numpy(float)) * delivered
    share = ratio(window(customised[:, None])[:, 0], window(delivered[:, None])[:, 0])
    return {
        "share": whole(share, 1e4),
        "makers": [int(makers) for makers in weekly["makers_customising"]],
        "behind": _behind(case, found, len(weekly)),
        "bargains": bargains(case, found),
    }


def bargains(case: Case, found: Mapping[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """What organisations agreed on or refused, in order of time, with the design and the terms where they are known.

    `week` counts from 1, as the play-head does; `design` lists the proposed value and that of the case.
    """
    events = found["events"]
    listed: list[dict[str, Any]] = []
    deals = events[events["act"].isin(ACTS) & ~events["informed"].notna()].sort_values("day", kind="stable")
    for row in deals.to_dict("records"):
        week = int(row["day"]) // 7
        item: dict[str, Any] = {
            "week": week + 1,
            "date": pd.Timestamp(row["date"]).date().isoformat(),
            "act": str(row["act"]),
            "kind": str(row["kind"]),
            "car": str(row["car"]) or None,
            "who": [part for part in str(row["organisation"]).split("+") if part],
        }
        proposal = _proposal(found["proposals"], item, week)
        if proposal is not None:
            item |= _terms(case, proposal)
        listed.append(item)
    return listed


def _proposal(proposals: pd.DataFrame, item: Mapping[str, Any], week: int) -> pd.Series | None:
    """The last proposal of a programme until a week: the agreed one of the car where there is one."""
    same = proposals[(proposals["programme"] == item["kind"]) & (proposals["week"] <= week)]
    if item["act"] == "bargain":
        same = same[same["agreed"] & (same["car"] == item["car"])]
    elif item["act"] != "refusal":
        return None
    return None if same.empty else same.iloc[-1]


def _terms(case: Case, proposal: pd.Series) -> dict[str, Any]:
    car = case.cars.get(str(proposal["car"]))
    before = {name: getattr(car, name, None) for name in DESIGN}
    return {
        "car": str(proposal["car"]),
        "platform": str(proposal["platform"]),
        "maker": str(proposal["maker"]),
        "definition": round(float(proposal["definition_share"]), 2),
        "transfer": round(float(proposal["transfer_cny"])),
        "lead": round(float(proposal["lead_weeks"])),
        "design": {name: [round(float(proposal[name]), 2), before[name]] for name in DESIGN},
    }


def _behind(case: Case, found: Mapping[str, pd.DataFrame], weeks: int) -> list[int | None]:
    """Effective consumers who took over customised cars in 13 weeks: those defined with a platform, at any time."""
    events = found["events"]
    changed = events.loc[(events["act"] == "bargain") | (events["kind"] == "definition"), "car"].astype(str)
    cars = series.sold(found["sales"], "car", range(weeks))
    part = np.isin(cars.ids, [*names.platform_cars(case), *changed]).astype(float)[:, None]
    return whole(behind(series.Sold(["customised"], cars.households @ part, cars.squares @ part))[:, 0])
