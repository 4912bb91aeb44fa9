"""A case: everything a market is built from, composed of the sections that each noun's file owns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import ClassVar, Literal

from market.calendar import Calendar
from market.cars import FUNCTIONS, Car, Channel, Drift, Package, Plan
from market.casefile import CaseError, Document, Fault, parse_setting
from market.casefile.faults import show
from market.catalogue import offers_of
from market.fields import Id, Section, Text, value
from market.happenings import Happening, Promotion, RevealedTerm
from market.organisations import Brand, Organisation
from market.people.awareness import Media
from market.people.choice import Choice
from market.people.network import Acquaintances
from market.people.orders import Orders
from market.people.ownership import Ownership
from market.people.profiles import Profile
from market.people.sampling import PopulationSection

__all__ = ["Case", "CaseError", "Fault", "parse_setting"]

MOST_CARS = 60
MOST_OFFERS = 512
ELSEWHERE = "elsewhere"


def _fault(path: str, given: object, allowed: str, remedy: str) -> Fault:
    return Fault(path, show(given), allowed, remedy)


class Display(Section):
    """How a case is shown; it changes no result."""

    names: Literal["real", "fictional"] = value(
        "real", unit="", meaning="which names pages and figures show", source="choice of the case"
    )


class Case(Document):
    """Everything a market is built from. Frozen: `change()` gives another case."""

    rows: ClassVar[tuple[str, ...]] = (
        "profiles.*.share", "population.strata.*.share", "population.tiers.*", "cars.*.roles.*.*", "cars.*.face.*",
        "cars.*.exposure.mix.*", "happenings.*.mix.*",
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
        """Faults between sections: ids that must exist, dates in order, sizes that fit."""
        yield from self._references()
        yield from self._people()
        yield from self._cars()
        yield from self._happenings()

    def _known(self, path: str, keys: Iterable[str | None], table: Iterable[str], what: str) -> Iterator[Fault]:
        allowed = sorted(table)
        for key in keys:
            if key is not None and key not in allowed:
                yield _fault(
                    path, key, f"no such {what}; known: {', '.join(allowed)}", "name one of these or add it to the case"
                )

    def _references(self) -> Iterator[Fault]:
        organisations, places = self.organisations, {*self.platforms, ELSEWHERE}
        for key, car in self.cars.items():
            at = f"cars.{key}"
            yield from self._known(f"{at}.maker", [car.maker], organisations, "organisation")
            yield from self._known(f"{at}.brand", [car.brand], {*self.brands, *organisations}, "brand or organisation")
            yield from self._known(f"{at}.base_car", [car.base_car], self.cars, "car")
            yield from self._known(f"{at}.swap_operator", [car.swap_operator], organisations, "organisation")
            yield from self._known(f"{at}.channels", car.channels, self.channels, "channel")
            yield from self._known(f"{at}.packages", car.packages, self.packages, "package")
            yield from self._known(f"{at}.face", car.face, organisations, "organisation")
            yield from self._known(f"{at}.roles", car.roles, self.functions, "function")
            for function, row in car.roles.items():
                yield from self._known(f"{at}.roles.{function}", row, organisations, "organisation")
            yield from self._known(f"{at}.exposure.mix", car.exposure.mix, places, "platform (or elsewhere)")
        for key, channel in self.channels.items():
            yield from self._known(f"channels.{key}.platform", [channel.platform], self.platforms, "platform")
        for key, package in self.packages.items():
            yield from self._known(f"packages.{key}.provider", [package.provider], organisations, "organisation")
        for key, plan in self.plans.items():
            yield from self._known(f"plans.{key}.cars", plan.cars or [], self.cars, "car")
            for other in self.cars if plan.cars is None else plan.cars:
                if other in self.cars and plan.discount_cny >= self.cars[other].price_cny:
                    limit = f"must be below cars.{other}.price_cny ({self.cars[other].price_cny:g})"
                    yield _fault(f"plans.{key}.discount_cny", plan.discount_cny, limit, "lower it")
        for key, profile in self.profiles.items():
            yield from self._known(f"profiles.{key}.minutes_a_day", profile.minutes_a_day, self.platforms, "platform")
            yield from self._known(f"profiles.{key}.channels", profile.channels, self.channels, "channel")
        for key, organisation in organisations.items():
            yield from self._known(
                f"organisations.{key}.swap_coverage", organisation.swap_coverage, self.population.tiers, "city tier"
            )
        if "definition" not in self.functions:
            yield _fault("functions", list(self.functions), "definition must be among them", "add definition")

    def _people(self) -> Iterator[Fault]:
        for stratum in self.population.strata:
            low, high = stratum.budget_cny
            if not 0.0 < low <= high:
                yield _fault(
                    f"population.strata.{stratum.id}.budget_cny",
                    [low, high],
                    "must be two positive sums, the lower first",
                    "swap or correct them",
                )
        for key, profile in self.profiles.items():
            if profile.price_per_10k_cny.median >= 0.0:
                yield _fault(
                    f"profiles.{key}.price_per_10k_cny.median",
                    profile.price_per_10k_cny.median,
                    "must be below 0: money spent is a loss",
                    "give a negative median",
                )
            for name in ("search_weeks", "km_per_month"):
                if getattr(profile, name).median <= 0.0:
                    yield _fault(
                        f"profiles.{key}.{name}.median",
                        getattr(profile, name).median,
                        "must be above 0",
                        "give a positive median",
                    )
            for platform, minutes in profile.minutes_a_day.items():
                if not 0.0 <= minutes <= 1_440.0:
                    yield _fault(
                        f"profiles.{key}.minutes_a_day.{platform}",
                        minutes,
                        "must be 0 to 1440 minutes",
                        "a day has 1440",
                    )

    def _cars(self) -> Iterator[Fault]:
        if len(self.cars) > MOST_CARS:
            yield _fault("cars", len(self.cars), f"at most {MOST_CARS} cars", "put small ones into a rest group")
        if (count := len(offers_of(self.cars, self.plans))) > MOST_OFFERS:
            yield _fault(
                "cars", f"{count} offers", f"at most {MOST_OFFERS} offers", "list fewer channels, packages or plans"
            )
        for key, car in self.cars.items():
            dates = [("reservations_from", car.reservations_from), ("launch", car.launch), ("withdrawn", car.withdrawn)]
            given = [(name, day) for name, day in dates if day is not None]
            for (first, earlier), (second, later) in pairwise(given):
                if later < earlier:
                    yield _fault(
                        f"cars.{key}.{second}",
                        later,
                        f"must not be before {first} ({earlier})",
                        "swap or correct the dates",
                    )
            if car.base_car is not None and (car.base_car == key or self._base_is_built_on_another(car.base_car)):
                yield _fault(
                    f"cars.{key}.base_car",
                    car.base_car,
                    "must be another car with a line of its own",
                    "name the car whose line it is",
                )
            if car.swap and car.swap_operator is None:
                yield _fault(
                    f"cars.{key}.swap_operator",
                    None,
                    "needed when swap is true",
                    "name who runs the stations, or set swap = false",
                )
            if not any(plan.cars is None or key in plan.cars for plan in self.plans.values()):
                yield _fault(
                    f"cars.{key}", "no energy plan", "at least one plan must offer it", "list the car in a plan"
                )
            for name in ("channels", "packages"):
                listed = getattr(car, name)
                if len(set(listed)) < len(listed):
                    yield _fault(f"cars.{key}.{name}", listed, "names something twice", "list each once")

    def _base_is_built_on_another(self, key: str) -> bool:
        return key in self.cars and self.cars[key].base_car is not None

    def _happenings(self) -> Iterator[Fault]:
        last = date.fromordinal(min(self.calendar.start.toordinal() + self.calendar.days, date.max.toordinal()))
        if self.calendar.start.toordinal() + self.calendar.days > date.max.toordinal():
            yield _fault(
                "calendar.weeks",
                self.calendar.weeks,
                f"a run from {self.calendar.start} would end after the year 9999",
                "start earlier or run fewer weeks",
            )
        for happening in self.happenings:
            at = f"happenings.{happening.id}"
            if (car := getattr(happening, "car", None)) is not None:
                yield from self._known(f"{at}.car", [car], self.cars, "car")
            if isinstance(happening, RevealedTerm):
                yield from self._known(f"{at}.plan", [happening.plan], self.plans, "plan")
            if (mix := getattr(happening, "mix", None)) is not None:
                yield from self._known(f"{at}.mix", mix, {*self.platforms, ELSEWHERE}, "platform (or elsewhere)")
            if isinstance(happening, Promotion) and happening.until <= happening.on:
                yield _fault(f"{at}.until", happening.until, f"must be after on ({happening.on})", "give a later date")
            if happening.on < self.calendar.start:
                yield _fault(
                    f"{at}.on",
                    happening.on,
                    f"must not be before the run starts ({self.calendar.start}, ends {last})",
                    "start earlier or remove it",
                )
