"""What the tests of owners share: a small catalogue with a platform, a maker and a battery company, and people."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from small_cases import START, car, named

from market.cars import Car, Channel, Package, Plan
from market.catalogue import Catalogue
from market.chance import Chance
from market.organisations import Organisation, capability
from market.people.aftersales import Aftersales
from market.people.consumers import Consumer
from market.people.everyone import Populated
from market.people.owners import Failing, Horizon, Owners, Visits
from market.people.population import Column
from market.people.profiles import Profile, Profiles

TIERS = ("city", "town")
KINDS = ("quality_defect", "service_failure", "claim_dispute", "swap_trouble")
NOTHING_FAILS = Failing(KINDS, np.zeros((2, 4)), np.ones(4), 4.0)
ABILITY = {"ant": {"care": {"city": 0.8, "town": 0.2}}, "mak": {"care": {"city": 0.6, "town": 0.6}}, "pak": {}}
RENT = {"discount_cny": 40_000.0, "rent_cny_per_month": 399.0, "cap_km_per_month": 3_000.0, "overage_cny_per_km": 0.2}


class Owner(Consumer):
    """A consumer with the columns that owning needs, whatever others there are."""

    owned = Column(np.int16, -1, meaning="offer delivered, else -1")
    provider = Column(np.int8, 0, meaning="who last cared for the car")
    grievance = Column(np.float32, 0.0, unit="utility", meaning="felt at `grieved`")
    grieved = Column(np.float32, 0.0, unit="weeks", meaning="when the grievance was felt")


def organisations() -> dict[str, Organisation]:
    """A platform, a maker and a battery company, with what they can do."""
    kinds = {"ant": "platform", "mak": "oem", "pak": "energy"}
    return {
        key: Organisation.model_validate(
            {**named(key), "fictional": {"en": key, "zh": key}, "kind": kind, "capability": ABILITY[key]}
        )
        for key, kind in kinds.items()
    }


def catalogue() -> Catalogue:
    """Car `a` is serviced by platform and maker and can be rented with its battery; car `b` is the maker's alone."""
    roles = {"service": {"ant": 0.5, "mak": 0.5}, "sales": {"ant": 1.0}, "battery": {"pak": 1.0}}
    cars = {
        "a": Car.model_validate(car("mak", 90_000.0, roles=roles, packages=["care", "standard"], swap=True)),
        "b": Car.model_validate(car("mak", 70_000.0, brand="other")),
    }
    packages = {"care": {**named("care"), "price_cny": 1_000.0, "provider": "ant"}, "standard": named("standard")}
    plans = {"buy": named("buy"), "rent": {**named("rent"), "cars": ["a"], **RENT}}
    return Catalogue(
        cars,
        {"shop": Channel.model_validate(named("shop"))},
        {key: Package.model_validate(package) for key, package in packages.items()},
        {key: Plan.model_validate(plan) for key, plan in plans.items()},
        list(organisations()),
        START,
    )


def profiles() -> Profiles:
    """Two profiles with equal parameters."""
    plain: dict[str, Any] = {
        **named("plain"), "share": 0.5, "search_weeks": {"median": 4.0, "sigma": 0.5}, "minutes_a_day": {"ant": 10.0},
        "price_per_10k_cny": {"median": -0.6, "sigma": 0.3},
    }  # fmt: skip
    return Profiles({key: Profile.model_validate(plain) for key in ("p", "q")}, ["ant"], 90_000.0)


def owners(n: int = 4_000, weeks: int = 110, weight: float = 2.0, seed: int = 1, **section: Any) -> Owners:
    """Owners of whom nobody has a car yet; every consumer stands for `weight` households."""
    people = Populated(rng=1).populate(Owner, n, profile=np.arange(n) % 2, tier=np.arange(n) // 2 % 2)
    return Owners(
        Chance(seed), people, profiles(), catalogue(), Aftersales(**section), np.array([weight]), Horizon(60.0, 0.004),
        weeks, ["ant"], capability(organisations(), TIERS),
    )  # fmt: skip


def offer(who: Owners, name: str, package: str = "standard", plan: str = "buy") -> int:
    """The position of an offer."""
    ids = [(o.car, o.package, o.plan) for o in who.catalogue.offers]
    return ids.index((name, package, plan))


def give(who: Owners, rows: NDArray[np.intp], which: int, at_weeks: float = 0.0) -> None:
    """Hand cars over as a market does: the columns first, then the owners."""
    column = who.population.columns
    column["driven"][rows] = column["car"][rows]
    column["car"][rows] = who.catalogue.car_of[which]
    who.deliver(rows, np.full(len(rows), which), np.full(len(rows), at_weeks), int(at_weeks))


def live(who: Owners, weeks: range, failing: Failing = NOTHING_FAILS) -> list[Visits]:
    """Let some weeks pass."""
    return [who.visit(7 * week, 7, failing) for week in weeks]
