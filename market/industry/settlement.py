"""Settlement: what weeks have moved in money, written into the books for all weeks at once that share their terms.

Facts are told week by week, and cost next to nothing then. They become payments when somebody reads the books. Every
payment is in proportion to the facts that it follows from, so facts of one week that are told in parts add up.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.catalogue import Catalogue
from market.industry.books import HOUSEHOLDS, LINES, OUTSIDE, Books
from market.industry.contracts import Costs
from market.industry.terms import Terms
from market.industry.volumes import WEEKS_A_YEAR

Floats = NDArray[np.float64]
Weeks = NDArray[np.integer]
AT_MOST = 520
"""Facts of so many weeks are kept back before they are written."""


class Facts(dict[str, dict[int, Floats]]):
    """What happened, by kind and week: arrays whose last axis is offers or cars."""

    def tell(self, kind: str, week: int, fact: Floats) -> None:
        """Something happened in a week, besides what was told of it before."""
        weeks = self.setdefault(kind, {})
        weeks[week] = weeks[week] + fact if week in weeks else fact

    def of(self, kind: str) -> tuple[Weeks, Floats] | None:
        """The weeks in which something of a kind happened, (weeks,), and what, (weeks, ...); None: never."""
        weeks = self.get(kind)
        return None if not weeks else (np.array(list(weeks)), np.array(list(weeks.values())))


class Told(NamedTuple):
    """Facts of weeks that share their terms."""

    terms: Terms
    facts: Facts


class Offered(NamedTuple):
    """What never changes about the offers: arrays over them."""

    of_car: Floats
    """(cars, offers) 1 for the offers of a car"""
    deposit_cny: Floats
    discount_cny: Floats
    package_cny: Floats
    provider: Floats
    """(offers, organisations) who is named as the provider of the package; zeros: whoever sells the car"""

    @classmethod
    def of(cls, catalogue: Catalogue) -> Offered:
        """Lay the offers out."""
        channels, plans = list(catalogue.channels.values()), list(catalogue.plans.values())
        packages, column = list(catalogue.packages.values()), catalogue.organisations.index
        named = np.zeros((len(packages), len(catalogue.organisations)))
        for row, one in zip(named, packages, strict=True):
            if one.provider is not None:
                row[column(one.provider)] = 1.0
        return cls(
            (np.arange(len(catalogue.cars))[:, None] == catalogue.car_of).astype(float),
            np.array([one.deposit_cny for one in channels])[catalogue.channel_of],
            np.array([one.discount_cny for one in plans])[catalogue.plan_of],
            np.array([one.price_cny for one in packages])[catalogue.package_of],
            named[catalogue.package_of],
        )

    def by_car(self, cny: Floats, party: Floats) -> tuple[Floats, Floats]:
        """Amounts by offer, (weeks, offers), as amounts by car and by the organisations of `party` in each offer.

        `party` is (offers, organisations). Returns (weeks, cars) and (weeks, cars, organisations).
        """
        offers, cars = self.of_car.shape[::-1]
        share = (self.of_car.T[:, :, None] * party[:, None, :]).reshape(offers, -1)
        part: Floats = (cny @ share).reshape(len(cny), cars, -1)
        return part.sum(axis=2), part


class Settlement:
    """What has been told and not been written yet, and how it is written."""

    def __init__(self, catalogue: Catalogue, costs: Costs, books: Books) -> None:
        """Nothing told so far."""
        self.catalogue, self.costs, self.books = catalogue, costs, books
        self.offered = Offered.of(catalogue)
        self.deposits_held = np.zeros(len(catalogue.offers))
        """(offers,) CNY held for orders that wait, as far as it has been written"""
        self._seller: Floats | None = None
        self._told: list[Told] = []

    def under(self, terms: Terms) -> Facts:
        """Where facts of a week under some terms are told."""
        if not self._told or self._told[-1].terms is not terms:
            self._told.append(Told(terms, Facts()))
        facts = self._told[-1].facts
        if len(facts.get("owners", ())) > AT_MOST:
            self.write()
            return self.under(terms)
        return facts

    def write(self) -> None:
        """Write what has been told; profit is shared last, when all else that a week has earned is known."""
        told, self._told = self._told, []
        for terms, facts in told:
            for kind, book in (("sold", self._sales), ("deposits", self._deposits), ("coordination", self._coordinate),
                               ("rents", self._rents), ("owners", self._owners)):  # fmt: skip
                if (happened := facts.of(kind)) is not None:
                    book(terms, *happened)
            for place in [kind for kind in facts if kind.startswith(MEDIA)]:
                if (happened := facts.of(place)) is not None:
                    weeks, bill = happened
                    self.books.pay_weeks(weeks, "media", terms.marketing, self.earner(place[len(MEDIA) :]), bill)
        for terms, facts in told:
            if terms.stakes and (closed := facts.of("owners")) is not None:
                self._stakes(terms, closed[0])

    def earner(self, place: str) -> str:
        """Who earns what advertising in a place costs: the organisation of that name, or the outside."""
        return place if place in self.catalogue.organisations else OUTSIDE

    # --------------------------------------------------------------------------------------------------- cars

    def _sales(self, terms: Terms, weeks: Weeks, sold: Floats) -> None:
        """Cars were handed over: `sold` (weeks, 2, offers) are households and CNY, packages included.

        The seller hands the price on to the maker and receives a commission; rented batteries are bought by who holds
        the battery; the maker buys all batteries.
        """
        offered, costs, pay, maker = self.offered, self.costs, self.books.pay_weeks, terms.maker
        households, packages = sold[:, 0], offered.package_cny * sold[:, 0]
        price = sold[:, 1] - packages
        full_price = price + offered.discount_cny * households
        (total, sold_by), (commission, paid_to), (selling, paid_by) = (
            offered.by_car(cny, terms.seller)
            for cny in (price, terms.commission * full_price, costs.selling * full_price)
        )
        named = offered.provider.any(axis=1, keepdims=True)
        provider = np.where(named, offered.provider, terms.seller)
        package, provided_by = offered.by_car(packages, provider)
        packs, count = (offered.discount_cny * households) @ offered.of_car.T, households @ offered.of_car.T
        cost = terms.unit_cost_cny * count
        cost_of_battery = terms.unit_cost_cny * costs.battery * count
        pay(weeks, "car", HOUSEHOLDS, sold_by, total)
        pay(weeks, "transfer", sold_by, maker, total)
        pay(weeks, "commission", maker, paid_to, commission)
        pay(weeks, "selling", paid_by, OUTSIDE, selling)
        pay(weeks, "package", HOUSEHOLDS, provided_by, package)
        kept = 1.0 - costs.package_margin
        pay(weeks, "package_cost", provided_by * kept, OUTSIDE, package * kept)
        pay(weeks, "capital", terms.battery, maker, packs)
        pay(weeks, "production", maker, OUTSIDE, cost - cost_of_battery)
        pay(weeks, "battery", maker, terms.battery, cost_of_battery)
        pay(weeks, "cells", terms.battery, OUTSIDE, cost_of_battery * (1.0 - costs.battery_margin))
        pay(weeks, "definition_fee", maker, terms.definition, terms.definition_fee_cny * count)
        for car, (platform, producer, cny) in sorted(terms.bargained.items()):
            pay(weeks, "definition_fee", producer, platform, self._of_one(car, cny * count[:, car]))
        for car, taker, function, cny in terms.added:
            payer = self.catalogue.organisations[taker]
            pay(weeks, "unit_cost", payer, OUTSIDE, self._of_one(car, cny * count[:, car]), pays=function)

    def _of_one(self, car: int, cny: Floats) -> Floats:
        """Amounts that concern one car, (weeks,), as amounts by car."""
        by_car = np.zeros((len(cny), len(self.catalogue.cars)))
        by_car[:, car] = cny
        return by_car

    def _deposits(self, terms: Terms, weeks: Weeks, moved: Floats) -> None:
        """Deposits: `moved` (weeks, 4, offers) households who paid one, were credited, got it back or lost it.

        What is held goes to who sells from now on.
        """
        pay, by_car, cny = self.books.pay_weeks, self.offered.by_car, self.offered.deposit_cny
        if self._seller is not None and not np.array_equal(self._seller, terms.seller):
            held = self.deposits_held[None]
            (amount, before), (_, after) = by_car(held, self._seller), by_car(held, terms.seller)
            pay(weeks[:1], "deposit", before, after, amount)
        self._seller = terms.seller
        paid, credited, refunded, forfeited = moved.swapaxes(0, 1)
        over = credited + refunded + forfeited
        (received, received_by), (given, given_by), (kept, kept_by) = (
            by_car(cny * households, terms.seller) for households in (paid, over, forfeited)
        )
        pay(weeks, "deposit", HOUSEHOLDS, received_by, received)
        pay(weeks, "deposit", given_by, HOUSEHOLDS, given)
        pay(weeks, "forfeit", HOUSEHOLDS, kept_by, kept)
        self.deposits_held = self.deposits_held + cny * (paid - over).sum(axis=0)

    def _coordinate(self, terms: Terms, weeks: Weeks, cny: Floats) -> None:
        """Partners coordinate: (weeks, cars) CNY."""
        self.books.pay_weeks(weeks, "coordination", terms.maker, OUTSIDE, cny)

    # ------------------------------------------------------------------------------------------------- owners

    def _rents(self, terms: Terms, weeks: Weeks, cny: Floats) -> None:
        """Renters pay who holds the battery: (weeks, 3, cars) CNY of rent, overage and buying out."""
        for line, paid in zip(("rent", "overage", "buy_out"), cny.swapaxes(0, 1), strict=True):
            self.books.pay_weeks(weeks, line, HOUSEHOLDS, terms.battery, paid)

    def _owners(self, terms: Terms, weeks: Weeks, owners: Floats) -> None:
        """Weeks end in which `owners` (weeks, cars) households drove each car: repairs under warranty, data fees."""
        pay, repairs = self.books.pay_weeks, owners * self.costs.warranty_cny / WEEKS_A_YEAR
        pay(weeks, "service_warranty", terms.maker, terms.service, repairs)
        pay(weeks, "warranty_cost", terms.service, OUTSIDE, repairs * (1.0 - self.costs.warranty_margin))
        pay(weeks, "data_fee", terms.maker, terms.data, owners * terms.data_fee_cny / WEEKS_A_YEAR)

    def aftersales(self, weeks: Weeks, categories: Sequence[str], spent: Floats) -> None:
        """Write what owners spent: (categories, weeks, cars, organisations + 1) CNY, the last being independents.

        Categories are care, accessories, insurance or energy. Raises KeyError for another.
        """
        pay = self.books.pay_weeks
        for line, cny in zip(categories, spent, strict=True):
            if f"{line}_cost" not in LINES:
                raise KeyError(line)
            inside, cost = cny[:, :, :-1], 1.0 - self.costs.margins.get(line, 0.0)
            amount = inside.sum(axis=2)
            pay(weeks, line, HOUSEHOLDS, inside, amount)
            pay(weeks, line, HOUSEHOLDS, OUTSIDE, cny[:, :, -1])
            pay(weeks, f"{line}_cost", inside * cost, OUTSIDE, amount * cost)

    def _stakes(self, terms: Terms, weeks: Weeks) -> None:
        """Who holds a stake shares in what was earned in these weeks, before any of it is shared."""
        earned, column = self.books.profit_of(weeks)[:, :-1], self.catalogue.organisations.index
        for stake, covered in terms.stakes:
            part = np.where(covered, stake.share * earned[:, :, column(stake.of)], 0.0)
            self.books.pay_weeks(weeks, "stake", stake.of, stake.holder, part)


MEDIA = "media in "
"""How facts about advertising begin; the place follows."""
