"""The season of a whole market: how its volume goes from month to month, with the Lunar new year where it falls.

Changes of log volume are explained by the months of the year and by how much of the holiday lies in each, with a little
shrinkage, so that few years suffice. A steady growth is estimated beside them and left out of forecasts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from experiments.backtest.panel import month_of_year
from experiments.sales.tables import month_after

Floats = NDArray[np.float64]

YEARS = 3
"""Of changes that the season is estimated from: chosen on origins of 2022 to 2024."""
SHRINKAGE = 0.05
"""Of the months and the holiday towards no season, in units of the residual variance of a month."""
GROWTH_SHRINKAGE = 2.0
BEFORE, AFTER = 7, 14
"""Days around the Lunar new year in which fewer cars are delivered."""
NEW_YEAR = {
    2010: (2, 14), 2011: (2, 3), 2012: (1, 23), 2013: (2, 10), 2014: (1, 31), 2015: (2, 19), 2016: (2, 8),
    2017: (1, 28), 2018: (2, 16), 2019: (2, 5), 2020: (1, 25), 2021: (2, 12), 2022: (2, 1), 2023: (1, 22),
    2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13), 2030: (2, 3),
}  # fmt: skip
"""Month and day of the Lunar new year; in years that are not listed the holiday is left to the months."""


def holiday(month: str) -> float:
    """Part of the days around the Lunar new year that lies in a month, from 0 to 1.

    >>> [round(holiday(month), 2) for month in ("2025-01", "2025-02", "2025-03")]
    [0.48, 0.52, 0.0]
    """
    year = int(month[:4])
    if year not in NEW_YEAR:
        return 0.0
    day = date(year, *NEW_YEAR[year]).toordinal()
    begins, ends = (date(int(m[:4]), int(m[5:]), 1).toordinal() for m in (month, month_after(month)))
    return max(0.0, min(ends, day + AFTER) - max(begins, day - BEFORE)) / (BEFORE + AFTER)


@dataclass(frozen=True)
class Season:
    """Log volume of each month of the year relative to others, and what a whole holiday adds to it."""

    months: Floats
    new_year: float

    @classmethod
    def of(cls, months: Sequence[str], total: Floats) -> Season:
        """The season of the volume `total` (months,) of some months in a row."""
        change = np.diff(np.log(total))[-12 * YEARS :]
        pairs = list(pairwise(months))[-12 * YEARS :]
        design = np.zeros((len(pairs), 14))
        for row, (before, after) in enumerate(pairs):
            design[row, month_of_year(after)] += 1.0
            design[row, month_of_year(before)] -= 1.0
            design[row, 12:] = 1.0, holiday(after) - holiday(before)
        penalty = np.diag([SHRINKAGE] * 12 + [GROWTH_SHRINKAGE, SHRINKAGE])
        found: Floats = np.asarray(np.linalg.solve(design.T @ design + penalty, design.T @ change), float)
        return cls(found[:12], float(found[13]))

    def ratio(self, before: str, after: str) -> float:
        """Log of the volume of a month over that of an earlier one."""
        months = float(self.months[month_of_year(after)] - self.months[month_of_year(before)])
        return months + self.new_year * (holiday(after) - holiday(before))


def errors(months: Sequence[str], total: Floats, horizon: int, last: int) -> Floats:
    """Errors that forecasts by season would have made: (origins, horizon), log of the real over the forecast volume.

    The origins are the last ones whose targets are all known; at each, only earlier months are used. At least 14 months
    must come before an origin; none: an empty array.
    """
    rows = []
    for origin in range(max(13, len(months) - horizon - last), len(months) - horizon):
        season = Season.of(months[: origin + 1], total[: origin + 1])
        rows.append(
            [
                np.log(total[origin + h] / total[origin]) - season.ratio(months[origin], months[origin + h])
                for h in range(1, horizon + 1)
            ]
        )
    return np.array(rows, float).reshape(-1, horizon)
