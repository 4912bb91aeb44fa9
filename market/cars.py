"""Cars and what they are sold with, as a case states them: channels, packages, energy plans, roles and face.

Roles say who does what for a car (functions x organisations, each row a division of 1); the face says whose car the
public thinks it is. A mode gives both as a preset; rows that the case states come before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from market.fields import Id, Section, Share, Shares, Text, value
from market.modes import FACE, ModeName, division, filled
from market.price_policy import Pricing

FUNCTIONS = (
    "definition", "standard", "pace", "production", "battery", "marketing",
    "sales", "finance", "delivery", "service", "data",
)  # fmt: skip

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
        0.0,
        unit="utility per 10,000 CNY",
        meaning="joy over each 10,000 CNY below the reference price",
        ge=0.0,
        le=5.0,
    )


class Production(Section):
    """How many cars a line builds and how they reach the buyer."""

    capacity_per_week: float = value(
        ..., unit="cars a week", meaning="capacity of the line in full swing", ge=0.0, le=1e7
    )
    ramp_weeks: float = value(
        0.0, unit="weeks", meaning="from the launch to full capacity, rising in a line", ge=0.0, le=520.0
    )
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
        lambda: {"elsewhere": 1.0},
        unit="share",
        meaning="where these contacts happen, by platform; elsewhere: reaches all alike",
    )
    begins: date | None = value(None, unit="date", meaning="first media contact; none: long before the run")
    budget_cny_per_week: dict[Id, Annotated[float, Field(ge=0.0, le=1e12)]] = value(
        dict, unit="CNY a week", meaning="spent on further contacts, by platform or elsewhere; empty: nothing"
    )


class Car(Section):
    """One car of a case."""

    name: Text = value(..., unit="", meaning="its real name", grade="B", source="press")
    fictional: Text = value(..., unit="", meaning="its name when display.names is fictional", source="invented")
    brand: Id = value(
        ..., unit="id", meaning="brand on the car: an id of brands or organisations", grade="B", source="press"
    )
    maker: Id = value(..., unit="id", meaning="organisation that builds it", grade="B", source="press")
    base_car: Id | None = value(
        None, unit="id", meaning="car whose line and nest of taste it shares; none: its own", grade="B", source="press"
    )
    launch: date | None = value(
        None, unit="date", meaning="first day on sale; none: before the run", grade="B", source="press"
    )
    reservations_from: date | None = value(
        None, unit="date", meaning="first day of refundable reservations; none: the launch", grade="B", source="press",
    )  # fmt: skip
    on_sale: bool = value(
        True, unit="", meaning="false: planned, and comes to market by a launch happening", grade="B", source="press"
    )
    withdrawn: date | None = value(
        None, unit="date", meaning="first day no longer on sale; none: never", grade="B", source="press"
    )
    price_cny: float = value(..., unit="CNY", meaning="list price of the whole car, median trim", gt=0.0, le=1e7)
    range_km: float = value(
        ..., unit="km CLTC", meaning="range on a full battery", gt=0.0, le=2_000.0, grade="B", source="makers' data"
    )
    fast_charge: float = value(0.5, unit="0-1", meaning="how fast it charges; 1: 10-80 % in 20 minutes", ge=0.0, le=1.0)
    swap: bool = value(False, unit="", meaning="its battery can be swapped", grade="B", source="press")
    swap_operator: Id | None = value(
        None, unit="id", meaning="organisation whose stations swap it", grade="B", source="press"
    )
    intelligence: float = value(0.4, unit="0-1", meaning="driver assistance and cabin software", ge=0.0, le=1.0)
    quality: float = value(
        0.0, unit="utility", meaning="mean experience of owners beyond what they expected of the class", ge=-5.0, le=5.0
    )
    appeal: float = value(0.0, unit="utility", meaning="constant that the attributes do not explain", ge=-50.0, le=50.0)
    trend_per_month: float = value(
        0.0, unit="log points a month", meaning="background drift of attractiveness", ge=-1.0, le=1.0,
    )  # fmt: skip
    mode: ModeName | None = value(
        None, unit="", meaning="preset of roles and face; none: the maker holds all that is not stated"
    )
    partners: dict[Id, Id] = value(
        dict, unit="ids", meaning="organisation in each slot of the mode: platform, energy, dealer; absent: the maker"
    )
    roles: dict[Id, Shares] = value(
        dict, unit="share", meaning="who holds each function; a missing row: as the mode says, or the maker"
    )
    face: Shares = value(
        dict, unit="share", meaning="whose car the public thinks it is; empty: as the mode says, or the maker's"
    )
    coordination: Share = value(
        0.0, unit="share", meaning="part of the friction that partners invest in avoiding; 0: none, 1: all of it"
    )
    aggregate: bool = value(
        False, unit="", meaning="stands for many cars of many brands: left out of concentration", source="definition"
    )
    promise: Promise = value(Promise, unit="", meaning="what buyers are led to expect")
    production: Production = value(..., unit="", meaning="line, stock and handover")
    exposure: Exposure = value(..., unit="", meaning="media contacts")
    pricing: Pricing = value(Pricing, unit="", meaning="how its list price is reviewed")
    channels: list[Id] = value(..., unit="ids", meaning="channels that sell it", min_length=1)
    channels_in_reserve: list[Id] = value(
        list,
        unit="ids",
        meaning="channels that sell it once a platform that sold it has left (exit); none: its own go on",
    )
    packages: list[Id] = value(lambda: ["standard"], unit="ids", meaning="packages it can be had with", min_length=1)

    def holders(self, function: str) -> Mapping[str, float]:
        """Who holds a function: the row as stated, or as the mode says, or the maker alone."""
        return self.roles.get(function) or filled(division(self.mode, function), self.maker, self.partners)

    def public_face(self) -> Mapping[str, float]:
        """Whose car the public thinks it is: the row as stated, or as the mode says, or the maker's alone."""
        return self.face or filled(division(self.mode, FACE), self.maker, self.partners)

    def shared(self, functions: Iterable[str]) -> bool:
        """Whether several organisations hold its functions."""
        return len({holder for function in functions for holder in self.holders(function)}) > 1


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
    platform: Id | None = value(
        None, unit="id", meaning="platform whose users meet it; none: everybody", grade="B", source="press"
    )
    deposit_first: bool = value(
        False, unit="", meaning="the deposit comes before the test drive", grade="B", source="press"
    )
    deposit_cny: float = value(0.0, unit="CNY", meaning="deposit of an order", ge=0.0, le=1e6)
    reservation_weeks: float = value(
        0.0, unit="weeks", meaning="from the refundable reservation to the deposit", ge=0.0, le=52.0
    )
    lock_weeks: float = value(
        2.0, unit="weeks", meaning="after the deposit an order locks even without a test drive", ge=0.0, le=104.0,
    )  # fmt: skip
    refundable_until: Literal["deposit", "lock", "delivery"] = value(
        "lock",
        unit="",
        meaning="stage from which a cancelled order forfeits its deposit",
        grade="C",
        source="sales terms in press reports",
    )


class Package(Section):
    """What is sold around the car: film, accessories, care."""

    name: Text = value(..., unit="", meaning="its name", source="press")
    price_cny: float = value(0.0, unit="CNY", meaning="price beside the car", ge=0.0, le=1e6)
    search_weeks_saved: float = value(
        0.0, unit="weeks", meaning="search that the consumer need not do", ge=0.0, le=52.0
    )
    provider: Id | None = value(
        None, unit="id", meaning="organisation that provides it; none: the seller", grade="B", source="press"
    )


class Plan(Section):
    """How the battery is paid for: bought with the car, or rented and swapped."""

    name: Text = value(..., unit="", meaning="its name", source="press")
    cars: list[Id] | None = value(
        None, unit="ids", meaning="cars it is offered for; none: all", grade="B", source="press"
    )
    discount_cny: float = value(0.0, unit="CNY", meaning="taken off the price of the car", ge=0.0, le=1e6)
    rent_cny_per_month: float = value(0.0, unit="CNY a month", meaning="battery rent", ge=0.0, le=1e5)
    cap_km_per_month: float | None = value(
        None, unit="km a month", meaning="distance the rent covers; none: no cap", gt=0.0, le=1e5
    )
    overage_cny_per_km: float = value(0.0, unit="CNY per km", meaning="charge above the cap", ge=0.0, le=100.0)
    buy_out_cny: float | None = value(
        None, unit="CNY", meaning="price of the battery at any later date; none: cannot be bought", ge=0.0, le=1e6
    )
    residual_share: float = value(
        0.0,
        unit="share of the discount",
        meaning="value of an owned battery at resale that a renter goes without",
        ge=0.0,
        le=1.0,
    )
    undisclosed: list[Disclosure] = value(
        list, unit="fields of the plan", meaning="terms reported as not displayed at purchase"
    )
