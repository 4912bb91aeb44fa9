"""What a folder of `whosecar calibrate` holds, as tables for a document: `python -m experiments.calibrate.told DIR`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from experiments.calibrate.moments import CHECKED, meaning
from experiments.calibrate.outcome import LITTLE
from experiments.calibrate.parameters import known
from experiments.figures.plate import short

FEW_CARS = 12
"""Cars that a document lists, those with the largest shares."""


def markdown(folder: Path) -> str:
    """Parameters, moments, the largest cars and the recovery, as Markdown; the command that made them comes first."""
    about: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    first, last = about["months"]
    said = [
        f"```console\n$ {about['command']}\n```",
        f"Months {first} to {last}, {about['simulations']:,} simulations, {about['consumers']:,} consumers.",
        _parameters(pd.read_csv(folder / "parameters.csv")),
        _moments(pd.read_csv(folder / "moments.csv")),
        _cars(pd.read_csv(folder / "constants.csv")),
        _recovery(pd.read_csv(folder / "coverage.csv")),
    ]
    return "\n\n".join(said) + "\n"


def _table(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _parameters(table: pd.DataFrame) -> str:
    values = table[["median", "low", "high", "learned"]].to_numpy(float)
    rows = []
    for key, (median, low, high, learned) in zip(table["parameter"], values, strict=True):
        name, unit = known(str(key)).said("en")
        part = f"{100 * learned:.0f} %" + (" (little)" if learned < LITTLE else "")
        rows.append([f"{name} ({unit})", short(median), f"{short(low)} to {short(high)}", part])
    return _table(("parameter", "median", "90 % interval", "learned, of the prior's width"), rows)


def _moments(table: pd.DataFrame) -> str:
    values = table[["data", "median", "low", "high"]].to_numpy(float)
    rows = []
    for name, inside, (data, median, low, high) in zip(table["moment"], table["inside"], values, strict=True):
        mark = "yes" if inside else "**no**"
        note = " (not learned from)" if str(name).startswith(CHECKED) else ""
        rows.append([meaning(str(name)) + note, short(data), f"{short(median)} ({short(low)} to {short(high)})", mark])
    return _table(("moment", "sales", "fitted markets, 90 %", "inside"), rows)


def _cars(table: pd.DataFrame) -> str:
    best = table.dropna(subset=["target"]).sort_values("target", ascending=False).head(FEW_CARS)
    shares = best[["target", "fitted"]].to_numpy(float)
    named = zip(best["brand"].fillna(""), best["model"].fillna(""), shares, strict=True)
    rows = [[f"{brand} {model}", f"{100 * target:.2f}", f"{100 * sold:.2f}"] for brand, model, (target, sold) in named]
    return _table(("model", "fitted to, % of sales", "sold by the fitted case, %"), rows)


def _recovery(table: pd.DataFrame) -> str:
    rows = []
    for key, count, held, (correlation, learned) in zip(
        table["parameter"], table["data_sets"], table["held"], table[["correlation", "learned"]].to_numpy(float),
        strict=True,
    ):  # fmt: skip
        name = "all" if key == "all" else known(str(key)).said("en")[0]
        rows.append([name, f"{held} of {count}", f"{correlation:.2f}", f"{100 * learned:.0f} %"])
    return _table(("parameter", "held by the 90 % interval", "correlation with the truth", "learned"), rows)


def main() -> None:
    """Print the tables of one folder."""
    parser = argparse.ArgumentParser(prog="python -m experiments.calibrate.told", description=__doc__)
    parser.add_argument("folder", type=Path, help="what `whosecar calibrate --out` wrote")
    sys.stdout.write(markdown(parser.parse_args().folder))


if __name__ == "__main__":
    main()
