"""Sales as arrays: log shares of the models by month, who was listed, and how large the market was."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from experiments.sales import Sales
from experiments.sales.sales import Model

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    """What was known at the end of a month.

    `share` is (months, models), log of the share of the whole market, NaN where a model was not listed; `total` is
    (months,), cars.
    """

    months: tuple[str, ...]
    models: tuple[Model, ...]
    share: Floats
    total: Floats

    @classmethod
    def of(cls, sales: Sales) -> Panel:
        """The arrays of all months of some sales."""
        total = sales.total.to_numpy(float)
        units = sales.units().to_numpy(float)
        with np.errstate(divide="ignore"):
            share: Floats = np.log(units / total[:, None])
        return cls(sales.months, sales.models(), share, np.asarray(total, float))

    def until(self, last: int) -> Panel:
        """What was known at the end of the month at a place, with the models that had been listed by then."""
        share = self.share[: last + 1]
        seen = np.asarray(~np.isnan(share).all(axis=0))
        models = tuple(model for model, known in zip(self.models, seen, strict=True) if known)
        return Panel(self.months[: last + 1], models, share[:, seen], self.total[: last + 1])

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Which model was listed in which month: (months, models)."""
        return ~np.isnan(self.share)

    @property
    def smallest(self) -> Floats:
        """Log share of the smallest model that a month lists: (months,)."""
        return np.asarray(np.nanmin(self.share, axis=1))

    @property
    def first(self) -> NDArray[np.intp]:
        """Place of the first month that lists each model: (models,)."""
        return self.listed.argmax(axis=0)

    @property
    def units(self) -> Floats:
        """Cars by month and model, NaN where not listed: (months, models)."""
        return np.exp(self.share) * self.total[:, None]

    @property
    def brands(self) -> tuple[str, ...]:
        """Brand of each model."""
        return tuple(model.brand for model in self.models)


def by_brand(units: Floats, brands: tuple[str, ...]) -> tuple[tuple[str, ...], Floats]:
    """Names of the brands and the sum of their listed models, NaN where none is listed: (months, brands)."""
    names = tuple(sorted(set(brands)))
    of = np.array([names.index(brand) for brand in brands])
    total = np.stack([np.nansum(units[:, of == b], axis=1) for b in range(len(names))], axis=1)
    some = np.stack([(~np.isnan(units[:, of == b])).any(axis=1) for b in range(len(names))], axis=1)
    return names, np.where(some, total, np.nan)


def month_of_year(month: str) -> int:
    """0 for January to 11 for December.

    >>> month_of_year("2025-10")
    9
    """
    return int(month[5:]) - 1
