"""A case: everything a market is built from, composed of the sections that each noun's file owns."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import ClassVar, Literal

from market.calendar import Calendar
from market.cars import FUNCTIONS, Car, Channel, Drift, Package, Plan
from market.casefile import CaseError, Document, Fault, parse_setting
from market.checks import CHECKS
from market.fields import Id, Section, Text, value
from market.happenings import Decision, Happening
from market.organisations import Brand, Organisation
from market.people.awareness import Media
from market.people.choice import Choice
from market.people.network import Acquaintances
from market.people.orders import Orders
from market.people.ownership import Ownership
from market.people.profiles import Profile
from market.people.sampling import PopulationSection

__all__ = ["Case", "CaseError", "Fault", "parse_setting"]


class Display(Section):
    """How a case is shown; it changes no result."""

    names: Literal["real", "fictional"] = value(
        "real", unit="", meaning="which names pages and figures show", source="choice of the case"
    )


class Case(Document):
    """Everything a market is built from. Frozen: `change()` gives another case."""

    rows: ClassVar[tuple[str, ...]] = (
        "profiles.*.share", "population.strata.*.share", "population.tiers.*", "cars.*.roles.*.*", "cars.*.face.*",
        "cars.*.exposure.mix.*", "happenings.*.mix.*", "happenings.*.contribution.*",
    )  # fmt: skip

    title: Text = value(..., unit="", meaning="name of the case", source="design")
    summary: Text = value(..., unit="", meaning="the case in a sentence", source="design")
    display: Display = value(Display, unit="", meaning="how the case is shown")
    calendar: Calendar = value(..., unit="", meaning="dates and season")
    population: PopulationSection = value(..., unit="", meaning="households and how they are sampled")
    profiles: dict[Id, Profile] = value(..., unit="", meaning="kinds of consumers", min_length=1)
    functions: tuple[Id, ...] = value(
        FUNCTIONS, unit="ids", meaning="functions that organisations share", min_length=1, source="design"
    )
    organisations: dict[Id, Organisation] = value(
        ..., unit="", meaning="platforms, makers, energy companies, dealers", min_length=1
    )
    brands: dict[Id, Brand] = value(dict, unit="", meaning="names on cars that are not a maker's own")
    cars: dict[Id, Car] = value(..., unit="", meaning="cars on sale or to come", min_length=1)
    drift: Drift = value(Drift, unit="", meaning="how attractiveness wanders")
    channels: dict[Id, Channel] = value(..., unit="", meaning="ways to buy", min_length=1)
    packages: dict[Id, Package] = value(..., unit="", meaning="what is sold around the car", min_length=1)
    plans: dict[Id, Plan] = value(..., unit="", meaning="how the battery is paid for", min_length=1)
    acquaintances: Acquaintances = value(Acquaintances, unit="", meaning="who knows and who follows whom")
    media: Media = value(Media, unit="", meaning="how contacts work")
    choice: Choice = value(Choice, unit="", meaning="how offers are compared")
    orders: Orders = value(Orders, unit="", meaning="between choice and delivery")
    ownership: Ownership = value(Ownership, unit="", meaning="experience and replacement")
    decisions: list[Decision] = value(list, unit="", meaning="roles that organisations have decided to move")
    happenings: list[Happening] = value(list, unit="", meaning="dated events from outside")

    @property
    def platforms(self) -> tuple[str, ...]:
        """Ids of the organisations that own an audience, in alphabetical order."""
        return tuple(sorted(key for key, o in self.organisations.items() if o.kind == "platform"))

    def label(self, kind: str, key: str, lang: str = "en") -> str:
        """What a thing is called on a page: kind is organisations, brands, cars, channels, packages, plans or profiles.

        Real or fictional as `display.names` says; a brand without an entry carries the name of its organisation.
        """
        table = getattr(self, kind)
        if kind == "brands" and key not in table:
            table = self.organisations
        item = table[key]
        fictional = getattr(item, "fictional", None)
        if self.display.names == "fictional" and fictional is not None:
            return str(getattr(fictional, lang))
        return self.told(item.name, lang)

    def told(self, text: Text, lang: str = "en") -> str:
        """A text of the case in one language, retold with fictional names where those are shown."""
        said: str = getattr(text, lang)
        if self.display.names == "real":
            return said
        named: list[Organisation | Brand | Car] = [
            *self.organisations.values(), *self.brands.values(), *self.cars.values(),
        ]  # fmt: skip
        twin = {getattr(item.name, lang): getattr(item.fictional, lang) for item in named}
        longest_first = sorted(twin, key=len, reverse=True)
        words = (rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])" for name in longest_first)
        return re.sub("|".join(words), lambda found: twin[found.group()], said)

    def checks(self) -> Iterator[Fault]:
        """Faults between sections; see `market.checks`."""
        for check in CHECKS:
            yield from check(self)
