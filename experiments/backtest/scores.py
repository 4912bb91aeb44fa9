"""How good forecasts were: one row a cell (origin, target, series), then scores by method.

Cells are those listed at the origin and at the target. MASE divides by the mean absolute change over twelve months that
the series had shown up to the origin (Hyndman & Koehler 2006), as the seasonal naive forecast would have erred there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Floats = NDArray[np.float64]

STRUCTURE = "simulated market"
"""The name of the forecast that is tested."""
INTERVALS = {"50": (0.25, 0.75), "90": (0.05, 0.95)}


def crps(draws: Floats, actual: float) -> float:
    """Continuous ranked probability score of some draws, in their unit (Gneiting & Raftery 2007, eq. 21).

    >>> crps(np.array([3.0]), 5.0), crps(np.array([4.0, 6.0]), 5.0)
    (2.0, 0.5)
    """
    ordered, n = np.sort(draws), len(draws)
    spread = float((ordered * (2 * np.arange(1, n + 1) - n - 1)).sum()) / n**2
    return float(np.abs(draws - actual).mean()) - spread


def scale(past: Floats) -> float:
    """Mean absolute change over twelve months of a series (months,), NaN where there is none."""
    change = np.abs(past[12:] - past[:-12]) if len(past) > 12 else np.empty(0)
    return float(np.nanmean(change)) if (~np.isnan(change)).any() else float("nan")


def cells(
    level: str, origin: str, targets: Sequence[str], names: Sequence[str], past: Floats, actual: Floats,
    point: Floats, draws: Floats, others: Mapping[str, Floats],
) -> list[dict[str, object]]:  # fmt: skip
    """Rows of one origin: `past` (months, series), `actual` and `point` (horizon, series), `draws` (draws, ...).

    Targets that are not known yet, and series that are not listed there, have no row.
    """
    rows: list[dict[str, object]] = []
    for h, target in enumerate(targets):
        for s, name in enumerate(names):
            real = float(actual[h, s])
            if np.isnan(real) or np.isnan(past[-1, s]):
                continue
            row: dict[str, object] = {
                "level": level, "origin": origin, "target": target, "horizon": h + 1, "series": name, "actual": real,
                "last": float(past[-1, s]), "scale": scale(past[:, s]), "crps": crps(draws[:, h, s], real),
                STRUCTURE: float(point[h, s]),
            }  # fmt: skip
            for interval, ends in INTERVALS.items():
                low, high = np.quantile(draws[:, h, s], ends)
                row |= {f"low_{interval}": float(low), f"high_{interval}": float(high)}
            rows.append(row | {method: float(values[h, s]) for method, values in others.items()})
    return rows


def table(found: pd.DataFrame, methods: Sequence[str]) -> pd.DataFrame:
    """Scores by level and method.

    `mase`: mean over series; `to_seasonal_naive`: absolute errors over those of the seasonal naive, on the cells that
    both forecast; `rmse_log`: of the logarithm; `crps`: over the scale, mean over series - of a benchmark, which gives
    no spread, it is the MASE; `covers_50`, `covers_90`: of the structural forecast. Cells without a scale or without
    a forecast are left out of what needs them.
    """
    rows = []
    for level, part in found.groupby("level", sort=False):
        for method in methods:
            error = (part[method] - part["actual"]).abs()
            log = np.log(part[method].to_numpy(float) / part["actual"].to_numpy(float))
            log = log[~np.isnan(log)]
            row: dict[str, object] = {
                "level": level, "method": method, "cells": int(error.notna().sum()),
                "mase": _over_series(error, part), "to_seasonal_naive": _ratio(error, part, "seasonal naive"),
                "rmse_log": float(np.sqrt(np.mean(log**2))) if len(log) else float("nan"),
                "bias_log": float(np.median(log)) if len(log) else float("nan"), "mae": float(error.mean()),
            }  # fmt: skip
            own = method == STRUCTURE
            row["crps"] = _over_series(part["crps"], part) if own else row["mase"]
            for interval in INTERVALS:
                inside = part["actual"].between(part[f"low_{interval}"], part[f"high_{interval}"])
                row[f"covers_{interval}"] = float(inside.mean()) if own else float("nan")
            rows.append(row)
    return pd.DataFrame(rows)


def _over_series(error: pd.Series[float], part: pd.DataFrame) -> float:
    """Mean over series of the mean error over the mean scale."""
    both = pd.DataFrame({"error": error, "scale": part["scale"], "series": part["series"]}).dropna()
    means = both.groupby("series")[["error", "scale"]].mean()
    return float((means["error"] / means["scale"]).mean())


def _ratio(error: pd.Series[float], part: pd.DataFrame, other: str) -> float:
    theirs = (part[other] - part["actual"]).abs()
    both = theirs.notna() & error.notna()
    return float(error[both].sum() / theirs[both].sum()) if theirs[both].sum() > 0.0 else float("nan")


def difference(found: pd.DataFrame, level: str, other: str, draws: int = 2_000) -> tuple[float, float, float]:
    """MASE of the structural forecast less another's, with a 90 % interval from a bootstrap of the origins.

    Cells of one origin stay together, since one shock moves them all; a single origin has no interval.
    """
    part = found[found["level"] == level].dropna(subset=["scale", STRUCTURE, other])
    if part.empty:
        return float("nan"), float("nan"), float("nan")
    errors = pd.DataFrame({
        "origin": part["origin"], "series": part["series"], "scale": part["scale"],
        "own": (part[STRUCTURE] - part["actual"]).abs(), "their": (part[other] - part["actual"]).abs(),
    })  # fmt: skip
    sums = errors.pivot_table(index="origin", columns="series", aggfunc="sum", fill_value=0.0)
    own, their, scales = (sums[name].to_numpy(float) for name in ("own", "their", "scale"))
    point = float(((own - their).sum(axis=0) / scales.sum(axis=0)).mean())
    number = len(sums)
    if number == 1:
        return point, float("nan"), float("nan")
    times = np.random.default_rng(1).multinomial(number, np.full(number, 1.0 / number), draws)
    with np.errstate(invalid="ignore"):
        drawn = np.nanmean((times @ own - times @ their) / (times @ scales), axis=1)
    low, high = np.quantile(drawn, (0.05, 0.95))
    return point, float(low), float(high)
