"""Sections small enough to read at a glance, for the tests of the case file."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from market.casefile import Document, Fault
from market.fields import Id, LogNormal, Section, Share, Shares, Text, value


class Car(Section):
    price_cny: float = value(unit="CNY", meaning="list price", gt=0, le=10_000_000)
    maker: Id = value("gac", unit="id", meaning="who builds it")
    launch: datetime.date | None = value(None, unit="date", meaning="first day of sale")
    face: Shares = Field(json_schema_extra={"sums_to_one": True, "unit": "share"})
    roles: dict[Id, Shares] = Field(default_factory=dict, json_schema_extra={"sums_to_one": True, "unit": "share"})
    electric: bool = value(True, unit="yes or no", meaning="runs on a battery")


class Stratum(Section):
    id: Id
    share: Share = value(unit="share", meaning="share of households")
    budget_cny: tuple[float, float] | None = value(None, unit="CNY", meaning="what they can pay")


class Population(Section):
    consumers: int = value(100_000, unit="agents", meaning="consumers", ge=100, le=100_000_000, grade="B", source="us")
    strata: tuple[Stratum, ...] = Field(min_length=1)


class PriceChange(Section):
    id: Id
    kind: Literal["price_change"]
    on: datetime.date
    to: float = value(unit="CNY", meaning="new price", gt=0)


class Answer(Section):
    id: Id
    kind: Literal["answer"]
    on: datetime.date
    by: list[Id] = Field(min_length=1)
    start: Id = Field("gac", alias="from")


class Profile(Section):
    share: Share = value(unit="share", meaning="share of households")
    search: LogNormal = value(
        LogNormal(median=8, sigma=0.5), unit="weeks", meaning="search", grade="C", source="survey"
    )


class Sample(Document):
    rows: ClassVar[tuple[str, ...]] = ("profiles.*.share", "population.strata.*.share")
    title: Text
    mode: Literal["dealer", "platform"] = "dealer"
    population: Population
    profiles: dict[Id, Profile]
    cars: dict[Id, Car]
    happenings: list[Annotated[PriceChange | Answer, Field(discriminator="kind")]] = Field(default_factory=list)

    def checks(self) -> Iterator[Fault]:
        for name, car in self.cars.items():
            if car.maker not in ("gac", "catl"):
                yield Fault(f"cars.{name}.maker", f'given "{car.maker}"', "allowed: gac, catl", "choose one")


SOUND = """
[title]
en = "A car"
zh = "车"
[population]
strata = [
  { id = "compact", share = 0.4, budget_cny = [60_000, 100_000] },
  { id = "everyone", share = 0.6 },
]
[profiles.jd_like]
share = 0.25
[profiles.douyin_like]
share = 0.75
search = { median = 3, sigma = 0.8 }
[cars.ut_super]
price_cny = 89_900
launch = 2025-11-09
face = { jd = 0.6, gac = 0.3, catl = 0.1 }
roles.sales = { jd = 1.0 }
roles.service = { gac = 0.6, jd = 0.2, catl = 0.2 }
[cars.other]
price_cny = 120_000.5
face = { gac = 1 }
[[happenings]]
id = "first_cut"
kind = "price_change"
on = 2025-12-01
to = 80_000
[[happenings]]
id = "answer"
kind = "answer"
on = 2025-12-02
by = ["jd", "gac"]
[sources]
"cars.*.price_cny" = { grade = "B", source = "press" }
"cars.ut_super.price_cny" = { grade = "A", source = "maker" }
"cars.ut_super.face" = { grade = "C", source = "survey of faces" }
"""


def shelved(folder: Path) -> type[Sample]:
    """A kind of document with two bundled ones, one of which builds on the other."""
    shelf = folder
    (folder / "small.toml").write_text(SOUND, "utf-8")
    (folder / "dealer-base.toml").write_text('base = "small"\n[cars.other]\nprice_cny = 100_000\n', "utf-8")

    class Shelved(Sample):
        @classmethod
        def folder(cls) -> Path:
            return shelf

    return Shelved
