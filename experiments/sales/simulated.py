"""Sales files that a market writes, in the format of real ones: whatever reads these can be tried on those."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from experiments.sales.sales import COLUMNS, OTHER, TOTALS, Sales
from market.calendar import DAYS

if TYPE_CHECKING:
    import pandas as pd

    from market import Market

LISTED = 20
"""Models that a real list of a month holds."""


def by_months(weekly: NDArray[np.float64], start: date, keys: Sequence[str]) -> pd.DataFrame:
    """What was sold a week, (weeks, cars), by calendar month; a week is spread evenly over its days.

    A month of which the run saw a week or more before its end, but not the beginning, is made whole at the pace of its
    days; one that the run does not end is left out.
    """
    import pandas as pd

    days = [start + timedelta(days=n) for n in range(len(weekly) * DAYS)]
    month = np.array([f"{day:%Y-%m}" for day in days])
    table = pd.DataFrame(np.repeat(weekly / DAYS, DAYS, axis=0), columns=list(keys)).groupby(month).sum()
    if start.day > 1:
        seen = int((month == month[0]).sum())
        table.iloc[0] *= (seen + start.day - 1) / seen
    return table if (days[-1] + timedelta(days=1)).day == 1 else table.iloc[:-1]


def sales_of(market: Market, listed: int = LISTED) -> Sales:
    """Sales of a market that has run, as a list of its best sellers would tell them: whole cars, the rest in one row.

    Brands and models have the names that the case shows, a model without its brand; aggregates are never listed.
    """
    import pandas as pd

    case = market.case
    units = by_months(market.ledger.by_car("deliveries"), case.calendar.start, list(market.catalogue.cars)).round()
    single = [key for key, car in market.catalogue.cars.items() if not car.aggregate]
    brands = {key: case.label("brands", case.cars[key].brand) for key in single}
    names = {key: (brand, case.label("cars", key).removeprefix(f"{brand} ")) for key, brand in brands.items()}
    rows: list[tuple[str, str, str, float]] = []
    for month, row in zip(units.index, units[single].to_numpy(float), strict=True):
        best = np.argsort(-row, kind="stable")[:listed]
        rows += [(str(month), *names[single[car]], float(row[car])) for car in best if row[car] > 0.0]
    return Sales(pd.DataFrame(rows, columns=list(COLUMNS)), units.sum(axis=1).rename("units"))


def write(sales: Sales, file: Path, totals: Path | None = None) -> None:
    """Write sales as a file of a user: month, brand, model, units, and the totals (month, bev_total) to another."""
    rows: list[tuple[str, str, str, str]] = []
    for month in sales.months:
        listed = sales.listed(month)
        rows.append((month, OTHER, "", f"{sales.total[month] - sum(listed.values()):.0f}"))
        rows += [(month, model.brand, model.model, f"{units:.0f}") for model, units in listed.items()]
    _write(file, COLUMNS, rows)
    if totals is not None:
        _write(totals, TOTALS, [(month, f"{sales.total[month]:.0f}") for month in sales.months])


def _write(file: Path, heads: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(heads)
        writer.writerows(rows)
