"""Blame: who is blamed, against what each is assumed to have contributed and controls, and how far stories spread."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards.panel_windows import Floats, grid, parties, ratio, whole, window
from market import Case
from market.happenings import Failure

MEASURES = ("blame", "cause", "control")


def blame(case: Case, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Shares of blame, contribution and control among the parties to the focal car, and the stories behind them.

    Shares are thousandths of what the parties received of all stories of 13 weeks; `ratio` and its standard `error` are
    hundredths, blame received per blame due by control; `wrong` is misattribution, the mean of households that heard,
    in thousandths; `heard` and `people` are households by profile. Nothing stands where no story was heard.
    """
    table, judged, weeks = found["organisations"], found["judged"], len(found["market"])
    who = parties(case)
    everybody = table[table["profile"] == "all"]
    amounts = {name: window(grid(everybody, "organisation", who, name, weeks)) for name in MEASURES}
    profiles = [str(key) for key in found["people"]["profile"]]
    heard = window(grid(table[table["profile"] != "all"], "profile", profiles, "blame", weeks))
    return {
        "car": case.focal_car,
        "parties": who,
        "shares": {name: _columns(_shares(amount), 1000.0) for name, amount in amounts.items()},
        "ratio": _columns(_wide(everybody, who, "blame_to_control", weeks), 100.0),
        "error": _columns(_wide(judged, who, "error", weeks), 100.0),
        "behind": _columns(grid(judged, "organisation", who, "behind", weeks), 1.0),
        "wrong": whole(found["weeks"]["misattribution"].to_numpy(float), 1000.0),
        "profiles": profiles,
        "people": np.rint(found["people"]["households"].to_numpy(float)).astype(int).tolist(),
        "heard": _columns(heard, 1.0),
        "stories": stories(case, found["events"]),
    }


def stories(case: Case, events: pd.DataFrame) -> list[dict[str, Any]]:
    """Stories in order of time: what failed, what was said, and how many households knew by each act.

    A story begins with a failure of a car and ends when it is talked of no more; `week` counts from 1, as the play-head
    does. What a story adds while it lives belongs to it. A failure that the case dates is told by its own title.
    """
    told: list[dict[str, Any]] = []
    dated: dict[tuple[str, str, int], str] = {
        (h.car, h.kind, case.calendar.day_of(h.on)): h.id
        for h in case.happenings
        if isinstance(h, Failure) and h.title is not None
    }
    alive: dict[tuple[str, str], dict[str, Any]] = {}
    known = events[events["informed"].notna()].sort_values("day", kind="stable")
    for row in known.to_dict("records"):
        key = (str(row["car"]), str(row["kind"]))
        story = alive.get(key)
        if story is None:
            story = {"car": key[0], "kind": key[1], "focal": key[0] == case.focal_car, "acts": []}
            story["id"] = dated.get((*key, int(row["day"])))
            alive[key] = story
            told.append(story)
        who = [part for part in str(row["organisation"]).split("+") if part]
        story["acts"].append([int(row["day"]) // 7 + 1, str(row["act"]), who, round(float(row["informed"]))])
        if row["act"] == "end":
            del alive[key]
    return told


def _shares(amount: Floats) -> Floats:
    return ratio(amount, amount.sum(axis=1, keepdims=True))


def _wide(table: pd.DataFrame, who: list[str], value: str, weeks: int) -> Floats:
    """Values by week and organisation, NaN where the table has none: (weeks, organisations)."""
    given = table[table[value].notna()]
    out = grid(given, "organisation", who, value, weeks)
    return np.where(grid(given.assign(one=1.0), "organisation", who, "one", weeks) > 0.0, out, np.nan)


def _columns(values: Floats, scale: float) -> list[list[int | None]]:
    return [whole(column, scale) for column in values.T]
