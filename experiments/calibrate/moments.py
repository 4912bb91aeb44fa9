"""What is compared between real and simulated sales: a few numbers that each say something of the dynamics.

All are functions of one table of shares, months x cars, in which NaN means that a month does not list the car, and of
what was known of the cars before: so a list of sales and a simulated market are measured alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.calibrate.build import Built
from experiments.calibrate.parameters import crises
from experiments.calibrate.path import Path
from experiments.calibrate.targets import CENSORED, Target, targets
from experiments.sales import Sales
from experiments.sales.tables import months_between
from experiments.validate.stylised import persistence

Floats = NDArray[np.float64]
AFTER_MONTHS = (3, 6, 12, 18)
"""Months after the start at which the cars that were there are looked at again."""
YOUNG = {"launch": (0, 1), "quarter": (2, 3), "half_year": (4, 6), "year": (10, 13)}
"""Months after a launch over which a new car's share is set against the one to which it was fitted."""
KEPT_MONTHS = (1, 6, 12)
NEAR = 0.25
"""Log points of price within which two cars compete for the same buyers (a width, not a limit)."""
NAMES: Mapping[str, tuple[str, str]] = {
    "change": ("mean monthly change of log share", "对数份额的平均月变动"),
    "path_{}": ("first cars: mean log share, month {}", "首批车型：对数份额均值，第 {} 月"),
    "spread_{}": ("first cars: spread of log shares, month {}", "首批车型：对数份额离散度，第 {} 月"),
    "robust": ("monthly change of log share, robust sd", "对数份额月变动，稳健标准差"),
    "raw": ("monthly change of log share, raw sd", "对数份额月变动，原始标准差"),
    "quarter_change": ("change in three months, robust sd", "三个月变动，稳健标准差"),
    "half_year_change": ("change in six months, robust sd", "六个月变动，稳健标准差"),
    "echo": ("correlation of one month's change with the next", "相邻月变动的相关"),
    "new_launch": (
        "new cars: log share in months 0-1, to that when established",
        "新车：第 0-1 月相对站稳后份额的对数",
    ),
    "new_quarter": ("new cars: the same, months 2-3", "新车：同上，第 2-3 月"),
    "new_half_year": ("new cars: the same, months 4-6", "新车：同上，第 4-6 月"),
    "new_year": ("new cars: the same, months 10-13", "新车：同上，第 10-13 月"),
    "new_spread": ("new cars: spread of the same, months 2-3", "新车：同上，第 2-3 月离散度"),
    "kept_{}": ("five best sellers, part still there after months: {}", "前五车型仍在榜的比例，相隔月数：{}"),
    "listed": ("share of all listed cars in the last year", "最后一年所列车型的总份额"),
    "tilt": ("lost by dear cars against cheap ones", "高价车相对低价车的损失"),
    "crowding": ("lost to new cars of a like price", "被同价位新车夺走"),
    "season_february": ("market: February to the mean of its neighbours, log", "市场：二月相对前后月均值的对数"),
    "season_end": ("market: last quarter of the year to the others, log", "市场：第四季度相对其余的对数"),
    "season_spread": ("market: spread of months about their trend", "市场：各月相对趋势的离散度"),
    "crisis_{}": ("car in a crisis: log share up to {} months after", "危机车型：其后 {} 个月内的对数份额"),
}
"""What each moment means, for readers; {} is what follows the name."""
CHECKED = "season_"
"""Beginning of the moments that are shown and not learned from: no parameter that is fitted moves them."""


@dataclass(frozen=True)
class Scene:
    """What was known of the cars of a market before anything was simulated; cars in the order of `keys`."""

    keys: tuple[str, ...]
    launch: NDArray[np.intp]
    """month of the launch, counted from the first; 0 or less: there from the start"""
    price: Floats
    target: Floats
    """share to which each is fitted"""
    first: tuple[tuple[int, ...], ...]
    """months of that share"""
    counts: NDArray[np.intp]
    """(months,) cars of this market that each month lists"""
    months: tuple[str, ...]
    crisis: tuple[tuple[str, int], ...]
    """cars and months of public failures"""


def scene(built: Built, sales: Sales, found: Mapping[str, Target] | None = None) -> Scene:
    """What moments are measured against: the listed cars of a market, and how many of them each month lists."""
    found = targets(built, sales) if found is None else found
    keys = tuple(key for key in built.model_of if key in found)
    cars = built.case.cars
    launch = [-1 if cars[k].launch is None else months_between(built.first, f"{cars[k].launch:%Y-%m}") for k in keys]
    months = built.months
    days = built.case.calendar
    last = days.days
    events = tuple(
        (event.car, months_between(built.first, f"{event.on:%Y-%m}"))
        for event in crises(built.case, 0, last)
        if event.car in keys
    )
    return Scene(
        keys, np.array(launch, np.intp), np.array([cars[k].price_cny for k in keys]),
        np.array([found[k].share for k in keys]), tuple(found[k].months for k in keys),
        observed(built, sales, keys).notna().sum(axis=1).to_numpy(np.intp), months, events,
    )  # fmt: skip


def observed(built: Built, sales: Sales, keys: tuple[str, ...]) -> pd.DataFrame:
    """Shares of the cars of a market as the sales list them: (months, cars)."""
    rows = [
        {key: shares.get(built.model_of[key], np.nan) for key in keys}
        for shares in (sales.shares(month) for month in built.months)
    ]
    return pd.DataFrame(rows, index=list(built.months), columns=list(keys), dtype=float)


def simulated(path: Path, at: Scene) -> pd.DataFrame:
    """Shares as a list of sales would give them: in each month as many of the best sellers as the real list has."""
    share = path.shares().reindex(index=list(at.months), columns=list(at.keys))
    share = share.where(share > 0.0)
    rank = share.rank(axis=1, ascending=False, method="first")
    return share.where(rank.le(pd.Series(at.counts, index=share.index), axis=0))


def moments(share: pd.DataFrame, at: Scene, total: pd.Series[float] | None = None) -> dict[str, float]:
    """All moments of a table of shares, (months, cars), and of the whole market by month.

    Those for which a window is too short are left out or NaN.
    """
    log = np.log(share.to_numpy(float))
    filled = _filled(share)
    old = at.launch <= 0
    fitted = np.array([np.log(np.exp(filled[list(seen), n]).mean()) for n, seen in enumerate(at.first)])
    relative = filled - fitted
    found: dict[str, float] = {}
    found |= _changes(log)
    for n in AFTER_MONTHS:
        if n < len(log):
            found[f"path_{n}"] = float(relative[n, old].mean())
            found[f"spread_{n}"] = float(relative[n, old].std())
    found |= _young(relative, at)
    for n in KEPT_MONTHS:
        if n < len(log):
            found[f"kept_{n}"] = persistence(share, n)
    found["listed"] = float(np.exp(log[-12:])[np.isfinite(log[-12:])].sum() / len(log[-12:]))
    found |= _competition(relative, at)
    found |= _after_crises(filled, at)
    return found if total is None else found | _seasonal(total)


def _filled(share: pd.DataFrame) -> Floats:
    """Log shares with half of the smallest listed share where a car is not listed."""
    least = share.min(axis=1)
    return np.log(share.T.fillna(CENSORED * least).T.to_numpy(float))


def _changes(log: Floats) -> dict[str, float]:
    """How log shares of cars listed twice change, over one, three and six months."""
    found: dict[str, float] = {}
    one = np.diff(log, axis=0)
    listed = one[np.isfinite(one)]
    found["change"] = float(listed.mean())
    found["robust"], found["raw"] = _robust_sd(listed), float(listed.std())
    for name, n in (("quarter_change", 3), ("half_year_change", 6)):
        change = log[n:] - log[:-n]
        found[name] = _robust_sd(change[np.isfinite(change)])
    before, after = one[:-1].ravel(), one[1:].ravel()
    both = np.isfinite(before) & np.isfinite(after)
    found["echo"] = float(np.corrcoef(before[both], after[both])[0, 1]) if both.sum() > 2 else float("nan")
    return found


def _robust_sd(values: Floats) -> float:
    return float(1.4826 * np.median(np.abs(values - np.median(values)))) if len(values) else float("nan")


def _young(relative: Floats, at: Scene) -> dict[str, float]:
    """How new cars stand in their first months against their own share when established: medians over cars."""
    found: dict[str, float] = {}
    last = len(relative) - 1
    new = [n for n in np.flatnonzero(at.launch > 0) if at.launch[n] + YOUNG["half_year"][1] <= last]
    for name, (low, high) in YOUNG.items():
        stand = [
            relative[at.launch[n] + low : at.launch[n] + high + 1, n].mean() for n in new if at.launch[n] + high <= last
        ]
        if len(stand) >= 3:
            found[f"new_{name}"] = float(np.median(stand))
            if name == "quarter":
                found["new_spread"] = float(np.std(stand))
    return found


def _competition(relative: Floats, at: Scene) -> dict[str, float]:
    """What the first cars lost in the window by their price, and by how much of what is new is priced like them."""
    old, new = np.flatnonzero(at.launch <= 0), np.flatnonzero(at.launch > 0)
    lost = -relative[-3:, old].mean(axis=0)
    price = np.log(at.price)
    columns = [np.ones(len(old)), price[old]]
    if len(new):
        like = np.exp(-0.5 * ((price[old][:, None] - price[new]) / NEAR) ** 2)
        columns.append(like @ at.target[new] * 10.0)
    if len(old) < 8:
        return {}
    slope = np.linalg.lstsq(np.column_stack(columns), lost, rcond=None)[0]
    return {"tilt": float(slope[1])} | ({"crowding": float(slope[2])} if len(new) else {})


def _seasonal(total: pd.Series[float]) -> dict[str, float]:
    """How a market breathes over the year, less its growth from one year to the next; needs a year and a month."""
    log = np.log(total.to_numpy(float))
    if len(log) < 13:
        return {}
    growth = float(np.mean(log[12:] - log[:-12])) / 12.0
    still = log - growth * np.arange(len(log))
    month = np.array([int(str(name)[5:]) for name in total.index])
    inner = [n for n in np.flatnonzero(month == 2) if 0 < n < len(log) - 1]
    dips = [still[n] - 0.5 * (still[n - 1] + still[n + 1]) for n in inner]
    found = {
        "season_spread": float(still.std()),
        "season_end": float(still[month >= 10].mean() - still[month < 10].mean()),
    }
    return found | ({"season_february": float(np.mean(dips))} if dips else {})


def _after_crises(filled: Floats, at: Scene) -> dict[str, float]:
    """Mean log share of cars in a crisis one to three and four to six months after, against the three before."""
    others = filled - filled.mean(axis=1, keepdims=True)
    found: dict[str, list[float]] = {"crisis_3": [], "crisis_6": []}
    for key, month in at.crisis:
        car = at.keys.index(key)
        if month >= 2:
            before = others[max(month - 3, 0) : month, car].mean()
            for name, first in (("crisis_3", 1), ("crisis_6", 4)):
                if month + first + 2 < len(filled):
                    found[name].append(float(others[month + first : month + first + 3, car].mean() - before))
    return {name: float(np.mean(values)) for name, values in found.items() if values}


def meaning(name: str, lang: str = "en") -> str:
    """What a moment means, in one language."""
    if name in NAMES:
        return NAMES[name][lang == "zh"]
    stem, _, tail = name.partition("_")
    return NAMES[f"{stem}_{{}}"][lang == "zh"].format(tail.replace("_", " "))
