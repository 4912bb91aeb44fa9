"""How an outcome answers to two factors at once: the mean of all runs in each cell of a small grid."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from dashboards.texts import Language
from experiments import outcome_names
from experiments.report import parts as report_parts
from experiments.report.inputs import spelled, worded

if TYPE_CHECKING:
    from market import Case

BINS = 5
"""Classes into which a factor is divided that has more values than `MOST_VALUES`."""

MOST_VALUES = 8
MOST_RUNS_TOLD = 12
"""Runs of a cell that are named."""

FIRST = ("share_end", "share", "order_share", "hhi")
"""Outcomes of which the first that varies is shown unasked."""


def possible(runs: pd.DataFrame, factors: Sequence[str]) -> bool:
    """Whether two factors vary, and some outcome with them."""
    return len(_varied(runs, factors)) > 1 and bool(_outcomes(runs, factors))


def mapped(
    runs: pd.DataFrame, factors: Sequence[str], case: Case, language: Language, asked: tuple[str, str, str]
) -> dict[str, Any]:
    """The grid for two factors and an outcome; where one that was asked for does not exist, the usual one."""
    varied, outcomes = _varied(runs, factors), _outcomes(runs, factors)
    first = next((name for name in FIRST if name in outcomes), outcomes[0])
    outcome = asked[2] if asked[2] in outcomes else first
    done = runs[runs["status"] == "done"].dropna(subset=[outcome])
    usual = _strongest(done, varied, outcome)
    across = asked[0] if asked[0] in varied else next(name for name in usual if name != asked[1])
    down = asked[1] if asked[1] in varied and asked[1] != across else next(name for name in usual if name != across)
    shown = outcome_names.shown(outcome, case, language)
    columns, at_column = _classes(done[across])
    rows, at_row = _classes(done[down])
    values = done[outcome].to_numpy(float) * shown.scale
    ids = done["run_id"].astype(str).str.slice(0, 8).to_numpy(object)
    cells = []
    for row in range(len(rows)):
        for column in range(len(columns)):
            inside = (at_row == row) & (at_column == column)
            mean = float(values[inside].mean()) if inside.any() else None
            cells.append(
                {
                    "value": mean,
                    "text": report_parts.number(mean),
                    "runs": int(inside.sum()),
                    "ids": ids[inside][:MOST_RUNS_TOLD].tolist(),
                }
            )
    return {
        "map": {
            "across": across,
            "down": down,
            "outcome": outcome,
            "factors": [{"id": name, "label": spelled(case, name)} for name in varied],
            "outcomes": [_named(name, case, language) for name in outcomes],
            "columns": columns,
            "rows": rows,
            "cells": cells,
            "unit": shown.unit,
            "label": shown.label,
        }
    }


def _named(name: str, case: Case, language: Language) -> dict[str, str]:
    shown = outcome_names.shown(name, case, language)
    return {"id": name, "label": f"{shown.label} ({shown.unit})" if shown.unit else shown.label}


def _varied(runs: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    return [name for name in factors if name in runs and len(_plain(runs[name]).dropna().unique()) > 1]


def _outcomes(runs: pd.DataFrame, factors: Sequence[str]) -> list[str]:
    beside = {"point", "seed", "seconds", *factors}
    done = runs[runs["status"] == "done"]
    return [
        str(name)
        for name in runs
        if name not in beside and runs[name].dtype.kind in "if" and len(done[name].dropna().unique()) > 1
    ]


def _strongest(done: pd.DataFrame, varied: Sequence[str], outcome: str) -> list[str]:
    """Factors by how much of the spread of the outcome their classes account for, the strongest first."""
    values = done[outcome].to_numpy(float)

    def between(name: str) -> float:
        _, place = _classes(done[name])
        means = pd.Series(values).groupby(place).transform("mean")
        return float(means.var()) if len(means) > 1 else 0.0

    return sorted(varied, key=lambda name: -between(name))


def _classes(column: pd.Series[Any]) -> tuple[list[str], np.ndarray[Any, Any]]:
    """Names of the classes of a factor, in order, and the class of each run (-1: none)."""
    plain = _plain(column)
    values = plain.dropna().unique()
    if plain.dtype.kind in "iuf" and len(values) > MOST_VALUES:
        least, most = float(plain.min()), float(plain.max())
        edges = np.linspace(least, most, BINS + 1)
        place = np.clip(np.searchsorted(edges, plain.to_numpy(float), side="right") - 1, 0, BINS - 1)
        place = np.where(plain.isna(), -1, place)
        ends = [report_parts.number(float(edge)) for edge in edges]
        return [f"{low} – {high}" for low, high in pairwise(ends)], place
    ordered = sorted(values.tolist(), key=lambda value: (isinstance(value, str), value))[: 4 * MOST_VALUES]
    known = {value: place for place, value in enumerate(ordered)}
    return [worded(value) for value in ordered], np.array([known.get(value, -1) for value in plain.tolist()])


def _plain(column: pd.Series[Any]) -> pd.Series[Any]:
    """Numbers as they are; anything else (words, dates, lists) as words."""
    if column.dtype.kind in "iuf":
        return column
    return column.map(lambda value: worded(value) if value is not None and value == value else np.nan)
