"""Who earns: cumulated profit by organisation and by what it is earned with, for the focal car and in all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from dashboards import series
from dashboards.panel_windows import Floats, parties, places, whole
from market import Case
from market.industry.lines import ASSETS, DEBTS

GROUPS: dict[str, tuple[str, ...]] = {
    "making": ("car", "transfer", "production", "unit_cost", "selling", "shortfall", "forfeit", "deposit"),
    "partners": ("commission", "definition_fee", "data_fee", "setup", "coordination", "exit_fee", "stake"),
    "battery": ("battery", "cells", "capital", "stations", "rent", "overage", "buy_out"),
    "owners": (
        "package", "package_cost", "care", "accessories", "insurance", "energy", "care_cost", "accessories_cost",
        "insurance_cost", "energy_cost", "service_warranty", "warranty_cost",
    ),
    "media": ("media",),
    "remedy": ("remedy",),
}  # fmt: skip
"""Lines of the books by what is earned: cars, fees between partners, the battery, the owners, advertising, remedies."""

UNIT_CNY = 1e6


def money(case: Case, found: Mapping[str, pd.DataFrame]) -> dict[str, Any]:
    """Profit cumulated since the start, in million CNY, as changes from week to week.

    Profit is what was received less what was paid, without deposits, with what assets gained or lost in value: it adds
    up to that of the books. `focal` and `all` hold, for each of the `parties`, one row by week for each group; `total`
    one for every organisation, all cars together; `behind` the effective buyers of the focal car since the start.
    """
    weeks, who, organisations = len(found["market"]), parties(case), list(case.organisations)
    focal, everything = profits(case, found, weeks)
    place = [organisations.index(key) for key in who]
    return {
        "car": case.focal_car,
        "parties": who,
        "groups": list(GROUPS),
        "focal": [_steps(focal[:, i]) for i in place],
        "all": [_steps(everything[:, i]) for i in place],
        "organisations": organisations,
        "total": _steps(everything.sum(axis=2)),
        "behind": _buyers(case, found["sales"], weeks),
    }


def profits(case: Case, found: Mapping[str, pd.DataFrame], weeks: int) -> Floats:
    """Profit in CNY with the focal car, and with all: (2, weeks, organisations, groups)."""
    who = {key: i for i, key in enumerate(case.organisations)}
    groups = list(GROUPS)
    group_of = {line: groups.index(group) for group, lines in GROUPS.items() for line in lines if line not in DEBTS}
    paid, assets = found["finance"], found["assets"]
    of_assets = np.full(len(assets), group_of[ASSETS[0]])
    out = np.zeros((2, weeks, len(who), len(GROUPS)))
    for table, group in ((paid, places(paid["line"], group_of)), (assets, of_assets)):
        organisation = places(table["organisation"], who)
        kept = (organisation >= 0) & (group >= 0)
        of_focal = kept & (places(table["car"], {str(case.focal_car): 0}) == 0)
        for scope, rows in enumerate((of_focal, kept)):
            at = (table["week"].to_numpy(np.intp)[rows], organisation[rows], group[rows])
            np.add.at(out[scope], at, table["cny"].to_numpy(float)[rows])
    return out


def _steps(cny: Floats) -> list[list[int]]:
    """Changes of the rounded cumulated amounts, so that their sums are right at every week; nothing for all zeros."""
    total = np.rint(np.cumsum(cny, axis=0) / UNIT_CNY).astype(int)
    steps = np.diff(total, axis=0, prepend=0)
    return [column.tolist() if column.any() else [] for column in steps.T]


def _buyers(case: Case, sales: pd.DataFrame, weeks: int) -> list[int | None]:
    cars = series.sold(sales, "car", range(weeks))
    if case.focal_car not in cars.ids:
        return [0] * weeks
    place = cars.ids.index(case.focal_car)
    total = np.cumsum(np.stack([cars.households[:, place], cars.squares[:, place]]), axis=1)
    return whole(series.effective(total[0], total[1]))
