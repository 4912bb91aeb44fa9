"""Tables of a validation: one row a run in, reported beside simulated out. Nothing is run or drawn here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from experiments.validate import evidence, reported
from experiments.validate.evidence import Moments
from experiments.validate.reported import CRISIS, FACTS, FIGURES, SAFETY, Spread
from market import Case

Floats = NDArray[np.float64]
INTERVAL = (0.05, 0.95)
MAIN: Mapping[str, tuple[str, ...]] = {
    CRISIS: ("cancelled_share", "blame_jd", "attention_left"),
    SAFETY: ("orders_change", "share_1", "share_6"),
}
"""Moments that placebos and ablations are told by; the first is that of the placebos."""
KNOWN_BEFORE = (("first_day_reservations", 18_000.0), ("orders_before", 30_000.0))
"""Known before the crisis (B): moment and what was reported; the second is a floor that nothing was fitted to."""


def spread_of(values: ArrayLike) -> Spread:
    """Median and 90 % interval of the values that there are."""
    known = np.asarray(values, float)
    known = known[np.isfinite(known)]
    if len(known) == 0:
        return Spread(math.nan, math.nan, math.nan)
    low, high = np.quantile(known, INTERVAL)
    return Spread(float(np.median(known)), float(low), float(high))


def evidence_table(table: pd.DataFrame, real: Moments) -> pd.DataFrame:
    """One row a figure: reported, simulated, simulated without the event, their difference, signed error, verdict.

    The difference (`effect`) is taken draw by draw, on the same luck and the same values.
    """
    rows = []
    for figure in FIGURES:
        frozen, drawn = (_moments(table, figure.of, kind, figure.key) for kind in ("frozen", "draw"))
        spread = spread_of(frozen if figure.of == FACTS else drawn)
        quiet = f"quiet_{figure.key}"
        without = spread_of(_moments(table, figure.of, "draw", quiet)) if figure.quiet else None
        effect = spread_of(_with_less_without(table, figure)) if figure.quiet else spread_of([])
        low, high = (real.get(figure.key, end) if figure.point else end for end in (figure.low, figure.high))
        rows.append(
            {
                "of": figure.of, "moment": figure.key, "reported_low": figure.low, "reported_high": figure.high,
                "grade": figure.grade, "median": spread.median, "low": spread.low, "high": spread.high,
                "frozen": spread_of(frozen).median, "without": without.median if without else math.nan,
                "without_low": without.low if without else math.nan,
                "without_high": without.high if without else math.nan,
                "effect": effect.median, "effect_low": effect.low, "effect_high": effect.high,
                "error": reported.error_of(spread.median, low, high), "in_sales_file": real.get(figure.key, math.nan),
                "verdict": reported.verdict(figure, spread, without), "source": figure.source,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def _with_less_without(table: pd.DataFrame, figure: reported.Figure) -> Floats:
    with_it, without = (_moments(table, figure.of, "draw", key) for key in (figure.key, f"quiet_{figure.key}"))
    return with_it.to_numpy(float) - without.to_numpy(float)


def _moments(table: pd.DataFrame, of: str, kind: str, key: str, name: str = "") -> pd.Series:
    rows = (table["of"] == of) & (table["kind"] == kind) & (table["name"] == name)
    return table.loc[rows, key] if key in table else pd.Series(dtype=float)


def placebo_table(
    table: pd.DataFrame, cases: Mapping[str, Case], placebo_days: Mapping[str, Sequence[int]]
) -> pd.DataFrame:
    """The main moment of each event on its own and on other days, with the event and without, on the same luck."""
    rows = []
    for of, case in cases.items():
        key, on = MAIN[of][0], evidence.events_of(case)[0].on
        for days in sorted({0, *placebo_days[of]}):
            kind, name = ("frozen", "") if days == 0 else ("placebo", f"{days:+d}")
            with_it, without = (_moments(table, of, kind, k, name) for k in (key, f"quiet_{key}"))
            effect = _paired(with_it.to_numpy(float) - without.to_numpy(float))
            date = on + timedelta(days=days)
            rows.append(
                {
                    "of": of, "moment": key, "date": f"{date:%Y-%m-%d}", "own_day": days == 0,
                    "with": float(with_it.mean()), "without": float(without.mean()), "effect": effect[0],
                    "error": effect[1],
                }
            )  # fmt: skip
    return pd.DataFrame(rows)


def ablation_table(table: pd.DataFrame) -> pd.DataFrame:
    """Main moments with one mechanism off, and the difference to the frozen market on the same luck."""
    rows = []
    for of, keys in MAIN.items():
        names = table.loc[(table["of"] == of) & (table["kind"] == "ablation"), "name"].unique()
        for name in names:
            for key in keys:
                frozen = _moments(table, of, "frozen", key).to_numpy(float)
                off = _moments(table, of, "ablation", key, str(name)).to_numpy(float)
                change, error = _paired(off - frozen)
                row = {"of": of, "ablation": name, "moment": key, "frozen": _mean(frozen), "off": _mean(off)}
                rows.append(row | {"change": change, "error": error})
    return pd.DataFrame(rows)


def _mean(values: Floats) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan


def _paired(differences: Floats) -> tuple[float, float]:
    """Mean of paired differences and its standard error."""
    known = differences[np.isfinite(differences)]
    if len(known) < 2:
        return _mean(differences), math.nan
    return float(known.mean()), float(known.std(ddof=1) / math.sqrt(len(known)))


def parameter_table(table: pd.DataFrame, cases: Mapping[str, Case], drawn: Mapping[str, int]) -> pd.DataFrame:
    """Free parameters against moments: what was fitted to what, and how many moments are left as evidence."""
    rows: list[dict[str, Any]] = []
    base: dict[str, Any] = {}
    for of, case in cases.items():
        fields = case.fields()
        cars = [name for name in fields if name.startswith("cars.")]
        fitted = [n for n in cars if fields[n] != base.get(n) and case.provenance(n).grade == "fitted"]
        base |= fields
        rows.append({"of": of, "what": "fitted", "parameters": len(fitted), "moments": len(fitted)})
        ready = {figure.key for figure in FIGURES if figure.of == of and not figure.built_in and figure.grade in "AB"}
        compared = {figure.key for figure in FIGURES if figure.of == of} - ready
        rows.append({"of": of, "what": "drawn", "parameters": drawn[of], "moments": 0})
        rows.append({"of": of, "what": "evidence", "parameters": 0, "moments": len(ready)})
        rows.append({"of": of, "what": "compared", "parameters": 0, "moments": len(compared)})
    of_launch = _grades_of_happenings(cases[CRISIS]).count("fitted")
    for (key, value), parameters in zip(KNOWN_BEFORE, (of_launch, 0), strict=True):
        spread = spread_of(_moments(table, CRISIS, "frozen", key))
        row = {"of": CRISIS, "what": key, "parameters": parameters, "moments": 1, "reported": value}
        rows.append(row | {"median": spread.median, "low": spread.low, "high": spread.high})
    return pd.DataFrame(rows)


def _grades_of_happenings(case: Case) -> list[str]:
    return [case.provenance(name).grade for name in case.fields() if name.startswith("happenings.")]
