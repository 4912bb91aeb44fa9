"""What is known of each model beside its sales: maker, launch, prices, range, charging, with source and grade."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from experiments.sales.sales import Model
from experiments.sales.tables import Table, month, name, number, one_of, yes

if TYPE_CHECKING:
    import pandas as pd

NEEDED = ("brand", "model", "maker", "launch_month", "price_low", "price_high", "range_km")
OPTIONAL = ("name_zh", "fast_charge_minutes", "length_m", "segment", "swap", "intelligence", "source", "grade")
GRADES = ("A", "B", "C", "D")
READERS = {
    "brand": name,
    "model": name,
    "maker": name,
    "launch_month": month,
    "price_low": number(1_000.0, 1e7, "CNY"),
    "price_high": number(1_000.0, 1e7, "CNY"),
    "range_km": number(50.0, 2_000.0, "km"),
    "fast_charge_minutes": number(1.0, 600.0, "minutes", empty=math.nan),
    "length_m": number(1.0, 10.0, "metres", empty=math.nan),
    "intelligence": number(0.0, 1.0, "a share", empty=math.nan),
    "swap": yes,
    "grade": one_of(*GRADES, ""),
}


class Attributes(NamedTuple):
    """What is known of one model; NaN or an empty text where nothing is."""

    brand: str
    model: str
    maker: str
    launch_month: str
    """as 2025-01"""
    price_low: float
    """CNY, the cheapest trim at the launch"""
    price_high: float
    range_km: float
    """km CLTC, a middle trim"""
    name_zh: str = ""
    fast_charge_minutes: float = math.nan
    """from 30 to 80 per cent"""
    length_m: float = math.nan
    segment: str = ""
    swap: bool = False
    intelligence: float = math.nan
    """driver assistance and cabin software, from 0 to 1"""
    source: str = ""
    grade: str = ""

    @property
    def price_cny(self) -> float:
        """Middle of the list prices, in CNY."""
        return (self.price_low + self.price_high) / 2.0


@dataclass(frozen=True)
class Cars:
    """Attributes by model, as a cars file gives them."""

    by_model: dict[Model, Attributes]

    @classmethod
    def read(cls, cars_csv: Path | str) -> Self:
        """Read a file with the columns of `NEEDED`, and of `OPTIONAL` those it has. Raises CaseError."""
        found = Table(Path(cars_csv), "--cars", NEEDED, OPTIONAL)
        rows = found.frame(READERS)
        for line in rows.index[rows.duplicated(["brand", "model"])]:
            found.say(line, "says a model a second time", "keep one of the rows")
        for line in rows.index[rows["price_high"] < rows["price_low"]]:
            found.say(line, "price_high is below price_low", "mend one of them")
        found.settle()
        each = (Attributes(**dict(zip(found.columns, row, strict=True))) for row in rows.itertuples(index=False))
        return cls({Model(row.brand, row.model): row for row in each})

    def __contains__(self, model: Model) -> bool:
        return model in self.by_model

    def __getitem__(self, model: Model) -> Attributes:
        return self.by_model[model]

    def __iter__(self) -> Iterator[Model]:
        return iter(self.by_model)

    def __len__(self) -> int:
        return len(self.by_model)

    def missing(self, models: Iterable[Model]) -> tuple[Model, ...]:
        """Of some models those of which nothing is known here."""
        return tuple(model for model in models if model not in self.by_model)

    def table(self) -> pd.DataFrame:
        """One row a model, with the fields of `Attributes`."""
        import pandas as pd

        return pd.DataFrame(list(self.by_model.values()), columns=list(Attributes._fields))
