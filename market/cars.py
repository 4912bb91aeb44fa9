"""Cars, the offers made of them, and who holds which role: the catalogue that every wing reads.

A car is what is built and named; an offer is how it can be had: car x channel x package x energy plan. Roles say
who does what for a car (functions x organisations, each row a division of 1), the face says whose car the public
thinks it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from market import chance
from market.fields import Id, Section, Share, Shares, Text, value

FUNCTIONS = (
    "definition", "standard", "pace", "production", "battery", "marketing",
    "sales", "finance", "delivery", "service", "data",
)  # fmt: skip

ATTRIBUTES = ("cost", "ln_range", "fast_charge", "swap", "intelligence", "rents_battery", "effort", "wait")
"""The columns of an offer that meet a taste of the consumer, in this order."""

REFERENCE_RANGE_KM = 450.0

Disclosure = Literal["cap_km_per_month", "overage_cny_per_km", "buy_out_cny"]


class Promise(Section):
    """What the name, the launch and the advertisements lead people to expect."""

    expectation: float = value(
        0.0, unit="utility", meaning="raises utility before the sale and the yardstick after it", ge=-5.0, le=5.0,
    )  # fmt: skip
    reference_price_cny: float | None = value(
        None, unit="CNY", meaning="price that the public had been led to expect; none: the list price", gt=0.0, le=1e7,
    )  # fmt: skip
    bargain: float = value(
        0.0, unit="utility per 10,000 CNY", meaning="joy over each 10,000 CNY below the reference price", ge=0.0, le=5.0,
    )  # fmt: skip


class Production(Section):
    """How many cars a line builds and how they reach the buyer."""

    capacity_per_week: float = value(..., unit="cars a week", meaning="capacity of the line in full swing", ge=0.0, le=1e7)
    ramp_weeks: float = value(0.0, unit="weeks", meaning="from the launch to full capacity, rising in a line", ge=0.0, le=520.0)
    inventory_weeks: float = value(
        6.0, unit="weeks of capacity", meaning="finished cars held in stock when demand allows", ge=0.0, le=104.0,
        grade="C", source="dealer inventory factor about 1.4 months, 2025",
    )  # fmt: skip
    lead_weeks: float = value(
        3.0, unit="weeks", meaning="from a locked order to the handover when the car is in stock", ge=0.0, le=104.0,
    )  # fmt: skip
    promise_optimism: float = value(
        0.2, unit="share", meaning="part of the queue that a promised lead time leaves out", ge=0.0, le=1.0,
    )  # fmt: skip
    test_drives_per_week: float = value(
        1e6, unit="consumers a week", meaning="test drives that can be held", ge=0.0, le=1e9,
    )  # fmt: skip


class Exposure(Section):
    """How the public hears of a car from media."""

    contacts_per_week: float = value(
        ..., unit="contacts a week", meaning="effective media contacts of an average consumer", ge=0.0, le=100.0,
    )  # fmt: skip
    mix: Shares = value(
        lambda: {"elsewhere": 1.0}, unit="share", meaning="where these contacts happen, by platform; elsewhere: reaches all alike",
    )  # fmt: skip
    begins: date | None = value(None, unit="date", meaning="first media contact; none: long before the run")


class Car(Section):
    """One car of a case."""

    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")
    brand: Id = value(..., unit="id", meaning="brand on the car: an id of brands or organisations", grade="B", source="press")
    maker: Id = value(..., unit="id", meaning="organisation that builds it", grade="B", source="press")
    base_car: Id | None = value(None, unit="id", meaning="car whose line it shares; none: a line of its own", grade="B", source="press")
    launch: date | None = value(None, unit="date", meaning="first day on sale; none: before the run", grade="B", source="press")
    reservations_from: date | None = value(
        None, unit="date", meaning="first day of refundable reservations; none: the launch", grade="B", source="press",
    )  # fmt: skip
    on_sale: bool = value(True, unit="", meaning="false: planned, and comes to market by a launch happening", grade="B", source="press")
    withdrawn: date | None = value(None, unit="date", meaning="first day no longer on sale; none: never", grade="B", source="press")
    price_cny: float = value(..., unit="CNY", meaning="list price of the whole car, median trim", gt=0.0, le=1e7)
    range_km: float = value(..., unit="km CLTC", meaning="range on a full battery", gt=0.0, le=2_000.0, grade="B", source="makers' data")
    fast_charge: float = value(0.5, unit="0-1", meaning="how fast it charges; 1: 10-80 % in 20 minutes", ge=0.0, le=1.0)
    swap: bool = value(False, unit="", meaning="its battery can be swapped", grade="B", source="press")
    swap_operator: Id | None = value(None, unit="id", meaning="organisation whose stations swap it", grade="B", source="press")
    intelligence: float = value(0.4, unit="0-1", meaning="driver assistance and cabin software", ge=0.0, le=1.0)
    quality: float = value(0.0, unit="utility", meaning="mean experience of owners beyond what they expected of the class", ge=-5.0, le=5.0)
    appeal: float = value(0.0, unit="utility", meaning="constant that the attributes do not explain", ge=-50.0, le=50.0)
    trend_per_month: float = value(
        0.0, unit="log points a month", meaning="background drift of attractiveness", ge=-1.0, le=1.0,
    )  # fmt: skip
    roles: dict[Id, Shares] = value(dict, unit="share", meaning="who holds each function; a missing row: the maker holds it")
    face: Shares = value(dict, unit="share", meaning="whose car the public thinks it is; empty: the maker's")
    aggregate: bool = value(False, unit="", meaning="stands for many cars of many brands: left out of concentration", source="definition")
    promise: Promise = value(Promise, unit="", meaning="what buyers are led to expect")
    production: Production = value(..., unit="", meaning="line, stock and handover")
    exposure: Exposure = value(..., unit="", meaning="media contacts")
    channels: list[Id] = value(..., unit="ids", meaning="channels that sell it", min_length=1)
    packages: list[Id] = value(lambda: ["standard"], unit="ids", meaning="packages it can be had with", min_length=1)

    def holders(self, function: str) -> Mapping[str, float]:
        """Who holds a function: the row as given, or the maker alone."""
        return self.roles.get(function) or {self.maker: 1.0}

    def public_face(self) -> Mapping[str, float]:
        """Whose car the public thinks it is: the row as given, or the maker's alone."""
        return self.face or {self.maker: 1.0}


class Drift(Section):
    """How the attractiveness of every car wanders: a random walk and passing noise, keyed by car and date."""

    permanent_sd_per_month: float = value(
        0.21, unit="log points", meaning="monthly sd of the random walk; 0: none", ge=0.0, le=5.0,
        grade="A", source="model-level log shares 2018-25 (Open EV Charts)",
    )  # fmt: skip
    transitory_sd_per_month: float = value(
        0.09, unit="log points", meaning="sd of a month's passing noise; 0: none", ge=0.0, le=5.0,
        grade="A", source="model-level log shares 2018-25 (Open EV Charts)",
    )  # fmt: skip


class Channel(Section):
    """A way to buy: who sells, and in which order deposit and test drive come."""

    name: Text = value(..., unit="", meaning="its name", source="press")
    platform: Id | None = value(None, unit="id", meaning="platform whose users meet it; none: everybody", grade="B", source="press")
    deposit_first: bool = value(False, unit="", meaning="the deposit comes before the test drive", grade="B", source="press")
    deposit_cny: float = value(0.0, unit="CNY", meaning="deposit of an order", ge=0.0, le=1e6)
    reservation_weeks: float = value(0.0, unit="weeks", meaning="from the refundable reservation to the deposit", ge=0.0, le=52.0)
    lock_weeks: float = value(
        2.0, unit="weeks", meaning="after the deposit an order locks even without a test drive", ge=0.0, le=104.0,
    )  # fmt: skip
    refundable_until: Literal["deposit", "lock", "delivery"] = value(
        "lock", unit="", meaning="stage from which a cancelled order forfeits its deposit", grade="C", source="sales terms in press reports",
    )  # fmt: skip


class Package(Section):
    """What is sold around the car: film, accessories, care."""

    name: Text = value(..., unit="", meaning="its name", source="press")
    price_cny: float = value(0.0, unit="CNY", meaning="price beside the car", ge=0.0, le=1e6)
    search_weeks_saved: float = value(0.0, unit="weeks", meaning="search that the consumer need not do", ge=0.0, le=52.0)
    provider: Id | None = value(None, unit="id", meaning="organisation that provides it; none: the seller", grade="B", source="press")


class Plan(Section):
    """How the battery is paid for: bought with the car, or rented and swapped."""

    name: Text = value(..., unit="", meaning="its name", source="press")
    cars: list[Id] | None = value(None, unit="ids", meaning="cars it is offered for; none: all", grade="B", source="press")
    discount_cny: float = value(0.0, unit="CNY", meaning="taken off the price of the car", ge=0.0, le=1e6)
    rent_cny_per_month: float = value(0.0, unit="CNY a month", meaning="battery rent", ge=0.0, le=1e5)
    cap_km_per_month: float | None = value(None, unit="km a month", meaning="distance the rent covers; none: no cap", gt=0.0, le=1e5)
    overage_cny_per_km: float = value(0.0, unit="CNY per km", meaning="charge above the cap", ge=0.0, le=100.0)
    buy_out_cny: float | None = value(None, unit="CNY", meaning="price of the battery at any later date; none: cannot be bought", ge=0.0, le=1e6)
    residual_share: float = value(0.0, unit="share of the discount", meaning="value of an owned battery at resale that a renter goes without", ge=0.0, le=1.0)
    undisclosed: list[Disclosure] = value(list, unit="fields of the plan", meaning="terms reported as not displayed at purchase")


@dataclass(frozen=True)
class Offer:
    """One way to have one car: four ids."""

    car: str
    channel: str
    package: str
    plan: str

    @property
    def key(self) -> str:
        """One unambiguous word for chance: the four ids, separated by what no id contains."""
        return "\x1f".join((self.car, self.channel, self.package, self.plan))


def offers_of(cars: Mapping[str, Car], plans: Mapping[str, Plan]) -> list[Offer]:
    """Every offer of a case, sorted, so that the order of a file changes nothing."""
    return sorted(
        (
            Offer(key, channel, package, plan)
            for key, car in cars.items()
            for channel in car.channels
            for package in car.packages
            for plan, terms in plans.items()
            if terms.cars is None or key in terms.cars
        ),
        key=lambda offer: offer.key,
    )


def role_tensor(cars: Mapping[str, Car], functions: Sequence[str], organisations: Sequence[str]) -> NDArray[np.float64]:
    """Shares by car, function and organisation: (cars, functions, organisations), each row summing to 1."""
    roles = np.zeros((len(cars), len(functions), len(organisations)))
    column = {key: i for i, key in enumerate(organisations)}
    for c, car in enumerate(cars.values()):
        for f, function in enumerate(functions):
            for organisation, share in car.holders(function).items():
                roles[c, f, column[organisation]] = share
    return roles


def face_matrix(cars: Mapping[str, Car], organisations: Sequence[str]) -> NDArray[np.float64]:
    """Whose car the public thinks it is: (cars, organisations), each row summing to 1."""
    face = np.zeros((len(cars), len(organisations)))
    column = {key: i for i, key in enumerate(organisations)}
    for c, car in enumerate(cars.values()):
        for organisation, share in car.public_face().items():
            face[c, column[organisation]] = share
    return face


def annuity(rate: float, periods: float) -> float:
    """Present value of 1 paid at the end of each period.

    >>> round(annuity(0.004, 60), 3)
    53.248
    """
    return periods if rate == 0.0 else (1.0 - (1.0 + rate) ** -periods) / rate


class Catalogue:
    """The cars and offers of a case as arrays; what a market may change (prices, sale, disclosure) it changes here.

    `car_of`, `channel_of`, `plan_of` and `package_of` say for each offer which car (and so on) it is of; all
    orders are alphabetical, so listing things in another order changes nothing.
    """

    def __init__(
        self,
        cars: Mapping[str, Car],
        channels: Mapping[str, Channel],
        packages: Mapping[str, Package],
        plans: Mapping[str, Plan],
        organisations: Sequence[str],
        start: date,
        functions: Sequence[str] = FUNCTIONS,
    ) -> None:
        """Lay out the arrays; `start` turns launch dates into days of the run."""
        self.cars = dict(sorted(cars.items()))
        self.channels, self.packages, self.plans = (dict(sorted(d.items())) for d in (channels, packages, plans))
        self.functions, self.organisations = tuple(functions), tuple(sorted(organisations))
        self.offers = offers_of(self.cars, self.plans)
        self.car_index = {key: i for i, key in enumerate(self.cars)}
        self.plan_index = {key: i for i, key in enumerate(self.plans)}
        channel_index = {key: i for i, key in enumerate(self.channels)}
        package_index = {key: i for i, key in enumerate(self.packages)}
        self.car_of = np.array([self.car_index[o.car] for o in self.offers], np.intp)
        self.channel_of = np.array([channel_index[o.channel] for o in self.offers], np.intp)
        self.package_of = np.array([package_index[o.package] for o in self.offers], np.intp)
        self.plan_of = np.array([self.plan_index[o.plan] for o in self.offers], np.intp)
        self.offer_keys = chance.words([o.key for o in self.offers])
        self.car_keys = chance.words(list(self.cars))
        self.roles = role_tensor(self.cars, self.functions, self.organisations)
        self.face = face_matrix(self.cars, self.organisations)
        brands = sorted({car.brand for car in self.cars.values()})
        self.brands = tuple(brands)
        self.brand_of_car = np.array([brands.index(car.brand) for car in self.cars.values()], np.int16)

        listed = list(self.cars.values())
        self.price_cny = np.array([car.price_cny for car in listed], float)
        self.promotion_cny = np.zeros(len(listed))
        never, always = np.iinfo(np.int64).max // 2, np.iinfo(np.int64).min // 2
        day = lambda on, default: default if on is None else (on - start).days  # noqa: E731
        self.launch_day = np.array([day(c.launch, always) if c.on_sale else never for c in listed], np.int64)
        self.opens_day = np.array(
            [min(day(c.reservations_from, never), launch) for c, launch in zip(listed, self.launch_day, strict=True)], np.int64
        )
        self.closes_day = np.array([day(c.withdrawn, never) for c in listed], np.int64)
        self.disclosed = {key: not set(plan.undisclosed) & {"cap_km_per_month", "overage_cny_per_km"} for key, plan in self.plans.items()}

    def open_offers(self, day: int) -> NDArray[np.bool_]:
        """Which offers can be reserved or ordered on a day of the run: (offers,)."""
        on_sale = (self.opens_day <= day) & (day < self.closes_day)
        return on_sale[self.car_of]

    def launched(self, day: int) -> NDArray[np.bool_]:
        """Which cars can be ordered, driven and delivered on a day of the run: (cars,)."""
        return self.launch_day <= day

    def definers(self) -> list[str]:
        """Who defines each car: the largest holder of its definition (the first by name among equals)."""
        definition = self.roles[:, self.functions.index("definition")]
        return [self.organisations[i] for i in definition.argmax(axis=1)]


