"""Sums over 13 weeks and their sampling error, and who the panels are about: what all panels need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dashboards import names, series
from market import Case

WINDOW = 13
"""Weeks behind a figure of the panels: a quarter."""

Floats = NDArray[np.float64]


def grid(table: pd.DataFrame, by: str, ids: Iterable[str], value: str, weeks: int) -> Floats:
    """Sums of one column by week and by the ids of another: (weeks, ids), 0 where the table has no row.

    >>> table = pd.DataFrame({"week": [0, 1, 1], "car": ["a", "a", "b"], "sold": [1.0, 2.0, 4.0]})
    >>> grid(table, "car", ["a", "b"], "sold", 2)
    array([[1., 0.],
           [2., 4.]])
    """
    listed = {key: i for i, key in enumerate(ids)}
    at = places(table[by], listed)
    known = at >= 0
    out = np.zeros((weeks, len(listed)))
    amounts = np.nan_to_num(table[value].to_numpy(float)[known])
    np.add.at(out, (table["week"].to_numpy(np.intp)[known], at[known]), amounts)
    return out


def places(column: pd.Series[Any], listed: Mapping[str, int]) -> NDArray[np.intp]:
    """The place of each entry of a column, -1 for what is not listed.

    >>> places(pd.Series(["b", "a", "c"]), {"a": 0, "b": 1})
    array([ 1,  0, -1])
    """
    code, found = pd.factorize(column)
    place = np.array([*(listed.get(str(key), -1) for key in found), -1], np.intp)
    return place[code]


def window(values: Floats) -> Floats:
    """Sums over the 13 weeks that end with each: (weeks, groups)."""
    return series.trailing(values, WINDOW)


def behind(deliveries: series.Sold) -> Floats:
    """Effective consumers behind the deliveries of 13 weeks (Kish 1965): (weeks, groups)."""
    return series.effective(window(deliveries.households), window(deliveries.squares))


def whole(values: Floats, scale: float = 1.0) -> list[int | None]:
    """Numbers as whole numbers of 1/scale, none where there is no number.

    >>> whole(np.array([0.254, np.nan]), 100.0)
    [25, None]
    """
    return [None if np.isnan(value) else round(value * scale) for value in values.tolist()]


def ratio(part: Floats, total: Floats) -> Floats:
    """One amount per other, NaN where there is nothing to divide by."""
    return np.divide(part, total, out=np.full(np.broadcast(part, total).shape, np.nan), where=total > 0.0)


def parties(case: Case) -> list[str]:
    """Organisations with a hand in the focal car or their name on it, the asked-about first, in a fixed order.

    Who takes a role over on a later day is one of them from the start. Without a focal car: everybody who sells cars.
    """
    focal = case.focal_car
    if focal is None:
        found = {car.maker for key, car in case.cars.items() if not names.stands_for_many(key)}
    else:
        car = case.cars[focal]
        rows = [*(car.holders(function) for function in case.functions), car.public_face()]
        found = {organisation for row in rows for organisation, part in row.items() if part > 0.0}
        for happening in case.happenings:
            if getattr(happening, "car", None) == focal:
                takers = (getattr(happening, name, None) for name in ("taker", "heir"))
                found |= {taker for taker in takers if isinstance(taker, str)}
        found |= {decision.taker for decision in case.decisions if decision.car == focal}
    first = asked_about(case)
    maker = "" if focal is None else case.cars[focal].maker
    return sorted(found | {first}, key=lambda key: (key != first, key != maker, key))


def asked_about(case: Case) -> str:
    """The organisation that the page asks about: the platform that defines most of the focal car, or else its maker."""
    focal = case.focal_car
    if focal is None:
        return next(car.maker for key, car in case.cars.items() if not names.stands_for_many(key))
    parts = {key: part for key, part in case.cars[focal].holders("definition").items() if part > 0.0}
    platforms = {key: part for key, part in parts.items() if key in case.platforms}
    listed = platforms or parts
    return max(sorted(listed), key=lambda key: listed[key])
