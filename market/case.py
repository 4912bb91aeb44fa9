"""A case: everything a market is built from, composed of the sections that each noun's file owns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from html import escape
from typing import Any, ClassVar, Literal, Self

from market.calendar import Calendar
from market.cars import FUNCTIONS, Car, Channel, Drift, Package, Plan
from market.casefile import CaseError, Document, Fault, parse_setting, tree
from market.checks import CHECKS
from market.fields import Id, Section, Text, value
from market.happenings import Decision, Happening
from market.industry.capability import CapabilityLearning
from market.industry.contracts import Contract, Costs
from market.industry.decisions import Transition
from market.industry.options import Technology
from market.industry.programmes import Imitation, Programme
from market.industry.swap_network import SwapNetworkSection
from market.industry.traffic import TrafficSection
from market.organisations import Brand, Organisation
from market.people.aftersales import Aftersales
from market.people.awareness import Media
from market.people.choice import Choice
from market.people.network import Acquaintances
from market.people.orders import Orders
from market.people.ownership import Ownership
from market.people.profiles import Profile
from market.people.sampling import PopulationSection
from market.people.trust import TrustSection
from market.roles import Responsibility
from market.rows import row_in_force, rows_to_state
from market.stories.answers import Alliance
from market.stories.blame import Attribution
from market.stories.failures import Failures
from market.stories.firestorm import Firestorm
from market.stories.grievance import Deferral
from market.stories.news import News

__all__ = ["Case", "CaseError", "Fault", "parse_setting"]


class Display(Section):
    """How a case is shown; it changes no result."""

    names: Literal["real", "fictional"] = value(
        "real", unit="", meaning="which names pages and figures show", source="choice of the case"
    )
    focal_car: Id | None = value(
        None,
        unit="id",
        meaning="car that pages and summaries put first; none: the first car with several partners",
        source="choice of the case",
    )


class Case(Document):
    """Everything a market is built from. Frozen: `change()` gives another case."""

    rows: ClassVar[tuple[str, ...]] = (
        "profiles.*.share", "population.strata.*.share", "population.tiers.*", "cars.*.roles.*.*", "cars.*.face.*",
        "cars.*.exposure.mix.*", "happenings.*.mix.*", "contracts.*.remedy_split.*", "happenings.*.contribution.*",
        "failures.*.causal.*",
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
    responsibility: Responsibility = value(Responsibility, unit="", meaning="control, friction and the interface")
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
    failures: Failures = value(Failures, unit="", meaning="what goes wrong, how often and why")
    firestorm: Firestorm = value(Firestorm, unit="", meaning="how complaints become public")
    alliance: Alliance = value(Alliance, unit="", meaning="what blaming each other does to partners")
    deferral: Deferral = value(Deferral, unit="", meaning="who waits while a story is live")
    contracts: dict[Id, Contract] = value(dict, unit="", meaning="what partners have agreed on")
    costs: Costs = value(Costs, unit="", meaning="what things cost where nothing else is agreed")
    transition: Transition = value(Transition, unit="", meaning="what moving a role does")
    technology: Technology = value(Technology, unit="", meaning="how modular cars are")
    programmes: dict[Id, Programme] = value(dict, unit="", meaning="cars that platforms and makers may define together")
    imitation: Imitation = value(Imitation, unit="", meaning="how other makers follow")
    trust: TrustSection = value(TrustSection, unit="", meaning="how trust moves")
    attribution: Attribution = value(Attribution, unit="", meaning="how blame is divided")
    news: News = value(News, unit="", meaning="how stories spread")
    aftersales: Aftersales = value(Aftersales, unit="", meaning="what owners spend, and with whom")
    capability_learning: CapabilityLearning = value(CapabilityLearning, unit="", meaning="learning by doing")
    swap_network: SwapNetworkSection = value(SwapNetworkSection, unit="", meaning="how swap stations spread")
    traffic: TrafficSection = value(TrafficSection, unit="", meaning="what contacts cost")
    happenings: list[Happening] = value(list, unit="", meaning="dated events from outside")

    @property
    def platforms(self) -> tuple[str, ...]:
        """Ids of the organisations that own an audience, in alphabetical order."""
        return tuple(sorted(key for key, o in self.organisations.items() if o.kind == "platform"))

    @property
    def focal_car(self) -> str | None:
        """Id of the car that pages put first: as stated, or the first by name that several organisations share."""
        several = (key for key, car in sorted(self.cars.items()) if car.shared(self.functions))
        return self.display.focal_car or next(several, None)

    def change(self, values: Mapping[str, Any]) -> Self:
        """A new case with other values; see `Document.change` and, for modes and rows of roles, `rows_to_state`."""
        ready, implied = self, rows_to_state(self.cars, values)
        if implied:
            with suppress(CaseError):  # the change itself then says all that is wrong with it at once
                ready = super().change(implied)
        return super(Case, ready).change(values)

    def get(self, name: str) -> Any:
        """The value, table or section of a full name; None where it is not set.

        A row of roles, or a face, that a car does not state is the one that its mode gives.
        """
        path = tree.split(name)
        row = row_in_force(self.cars, self.functions, path)
        if row is None:
            return super().get(name)
        last = path[3 if path[2] == "face" else 4 :]
        if not last:
            return row
        return row.get(last[0], 0.0) if len(last) == 1 and last[0] in self.organisations else super().get(name)

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

    def _repr_html_(self) -> str:
        """What it looks like in a notebook: title, summary, size, and whether it is this case."""
        size = f"{self.calendar.weeks} weeks from {self.calendar.start}, {self.population.consumers:,} consumers"
        said = [self.told(self.summary), f"{size}, {len(self.cars)} cars", f"fingerprint {self.fingerprint}"]
        return f"<p><b>{escape(self.told(self.title))}</b><br>{'<br>'.join(map(escape, said))}</p>"

    def checks(self) -> Iterator[Fault]:
        """Faults between sections; see `market.checks`."""
        for check in CHECKS:
            yield from check(self)
