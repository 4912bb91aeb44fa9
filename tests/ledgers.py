"""A little world for books and contracts: a platform's car, a maker's car, four organisations, two ways to pay."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from small_cases import START, car, named

from market.cars import Car, Channel, Package, Plan
from market.catalogue import Catalogue
from market.industry.accounts import Accounts
from market.industry.books import LINES
from market.industry.contracts import Contract, Costs
from market.organisations import Organisation

Floats = NDArray[np.float64]
NAMES = ("catl", "douyin", "gac", "jd")
CATL, DOUYIN, GAC, JD = range(4)
ROLES = {
    "definition": {"jd": 0.3, "gac": 0.7}, "production": {"gac": 1.0}, "battery": {"catl": 1.0},
    "marketing": {"jd": 0.7, "gac": 0.3}, "sales": {"jd": 1.0}, "finance": {"jd": 1.0},
    "service": {"gac": 0.6, "jd": 0.2, "catl": 0.2}, "data": {"jd": 0.6, "gac": 0.4},
}  # fmt: skip
FREE = {
    "unit_cost": 0.0, "battery": 0.0, "battery_margin": 0.0, "commission": 0.0, "selling": 0.0, "package_margin": 1.0,
    "warranty_cny": 0.0, "warranty_margin": 0.0, "margins": {},
}  # fmt: skip
"""Costs with everything switched off."""
KINDS = {"jd": "platform", "douyin": "platform", "gac": "oem", "catl": "energy"}


def organisations(**budgets: float) -> dict[str, Organisation]:
    """The four, some with a budget for remedies."""
    return {
        key: Organisation.model_validate(
            {**named(key), "fictional": {"en": key, "zh": key}, "kind": kind, "remedy_budget_cny": budgets.get(key)}
        )
        for key, kind in KINDS.items()
    }


def catalogue(roles: dict[str, dict[str, float]] | None = None) -> Catalogue:
    """Car `good`, sold by the platform, and car `plain`, all the maker's; each in three channels."""
    everywhere = ["dealer", "jd_store", "live"]
    cars = {
        "good": car("gac", 90_000.0, channels=everywhere, packages=["film", "standard"], roles=roles or ROLES),
        "plain": car("gac", 80_000.0, channels=everywhere),
    }
    channels = {
        "dealer": {**named("dealer"), "deposit_cny": 1_000.0},
        "jd_store": {**named("jd_store"), "platform": "jd", "deposit_cny": 2_000.0},
        "live": {**named("live"), "platform": "douyin", "deposit_cny": 3_000.0},
    }
    packages = {"film": {**named("film"), "price_cny": 3_000.0, "provider": "douyin"}, "standard": named("standard")}
    rented = {**named("baas"), "cars": ["good"], "discount_cny": 40_000.0, "rent_cny_per_month": 400.0}
    return Catalogue(
        {key: Car.model_validate(one) for key, one in cars.items()},
        {key: Channel.model_validate(one) for key, one in channels.items()},
        {key: Package.model_validate(one) for key, one in packages.items()},
        {key: Plan.model_validate(one) for key, one in {"buy": named("buy"), "baas": rented}.items()},
        NAMES,
        START,
    )


def accounts(
    contracts: dict[str, dict[str, Any]] | None = None,
    costs: dict[str, Any] | None = None,
    roles: dict[str, dict[str, float]] | None = None,
    weeks: int = 60,
    **budgets: float,
) -> Accounts:
    """Accounts of this world; contracts and costs as they would stand in a file."""
    agreed = {key: Contract.model_validate(one) for key, one in (contracts or {}).items()}
    return Accounts(
        catalogue(roles), organisations(**budgets), agreed, Costs.model_validate(costs or {}), START, weeks
    )  # fmt: skip


def sold(book: Accounts, car: str, channel: str, package: str = "standard", plan: str = "buy", households: float = 1.0) -> tuple[Floats, Floats]:  # fmt: skip
    """Households by offer, and what they pay: one offer at its list price."""
    offers = book.catalogue.offers
    at = next(i for i, o in enumerate(offers) if (o.car, o.channel, o.package, o.plan) == (car, channel, package, plan))
    count = np.zeros(len(offers))
    count[at] = households
    price = (
        book.catalogue.price_cny[book.catalogue.car_of]
        - book.settlement.offered.discount_cny
        + book.settlement.offered.package_cny
    )
    return count, count * price


def gained(book: Accounts, week: int = 0) -> dict[str, dict[str, float]]:
    """What each party gained through each line in a week, over all cars, in whole fen."""
    table = book.books.flow[week].sum(axis=1)
    return {
        line: {
            party: round(cny, 2) for party, cny in zip(book.books.parties, table[at], strict=True) if abs(cny) > 1e-6
        }
        for at, line in enumerate(LINES)
        if np.abs(table[at]).max() > 1e-6
    }


def conserved(book: Accounts) -> None:
    """What one party paid another received, for every week, car and line, to a millionth of what moved."""
    flow = book.books.flow
    moved = np.abs(flow).sum(axis=3)
    assert np.all(np.abs(flow.sum(axis=3)) <= 1e-6 * np.maximum(moved, 1.0))
