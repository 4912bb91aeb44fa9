"""A small market to calibrate: a base case with an aggregate, a list of sales, and the attributes of its models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
from small_cases import car, small_case

from experiments.sales import Cars, Sales
from experiments.sales.attributes import Attributes
from experiments.sales.sales import Model
from experiments.sales.tables import month_after
from market import Case

FIRST, LAST, MONTHS = "2024-01", "2024-12", 12
OLD, NEW = 8, 3
"""Models that were there, and that come in April, May and June."""
TOTAL = 100_000.0
PARTNERS = {"ann": "Ann", "bob": "Bob", "cat": "Cat"}


def base(**changes: Any) -> Case:
    """The small case of three cars, one of which the sales list by its name, with an aggregate for the rest."""
    rest = car("cat", 80_000.0, aggregate=True, name={"en": "the rest", "zh": "其余"})
    return small_case(**{"cars.rest": rest, "cars.b": None, "cars.c": None, "cars.a.name": _text("M0"), **changes})


def _text(word: str) -> dict[str, str]:
    return {"en": word, "zh": word}


def models() -> list[Model]:
    """All models, those that were there first."""
    return [Model("Ann", f"M{n}") for n in range(OLD + NEW)]


def cars() -> Cars:
    """Attributes of all models but the first, which the case knows; prices from 60 to 100 thousand CNY."""
    rows = {}
    for n, model in enumerate(models()[1:], start=1):
        launch = month_after(FIRST, 3 + n - OLD) if n >= OLD else "2020-01"
        low = 60_000.0 + 4_000.0 * n
        rows[model] = Attributes(*model, "Ann", launch, low, low, 400.0 + 10.0 * n, source="made up", grade="B")
    return Cars(rows)


def sales(shares: dict[Model, list[float]] | None = None) -> Sales:
    """A year of sales: shares by model and month, 0 where a month does not list it; the rest is not listed."""
    shares = steady() if shares is None else shares
    months = [month_after(FIRST, n) for n in range(MONTHS)]
    rows = [
        (month, *model, round(TOTAL * path[n]))
        for n, month in enumerate(months)
        for model, path in shares.items()
        if path[n] > 0.0
    ]
    table = pd.DataFrame(rows, columns=["month", "brand", "model", "units"]).astype({"units": float})
    return Sales(table, pd.Series(TOTAL, index=months, name="units"))


def steady() -> dict[Model, list[float]]:
    """Old models lose 3 % of their share a month from 2 to 9 %; new ones stand at 5 % from the third month on."""
    found = {}
    for n, model in enumerate(models()):
        if n < OLD:
            found[model] = [(0.02 + 0.01 * n) * 0.97**month for month in range(MONTHS)]
        else:
            since = 3 + n - OLD
            found[model] = [0.0 if m < since else 0.05 * min(1.0, (m - since + 1) / 3) for m in range(MONTHS)]
    return found


def files(folder: Path, listed: Sales | None = None) -> tuple[Path, Path, Path]:
    """The case, the sales and the cars as files of a user."""
    from experiments.sales.simulated import write

    case, sold, about = folder / "base.toml", folder / "sales.csv", folder / "cars.csv"
    case.write_text(base().to_toml(), encoding="utf-8")
    write(sales() if listed is None else listed, sold)
    cars().table().drop(columns=["fast_charge_minutes", "length_m", "intelligence"]).to_csv(about, index=False)
    return case, sold, about
