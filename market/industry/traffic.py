"""Traffic: contacts with consumers are bought with budgets, on each platform at a price that follows its auction.

Attention is finite. Where more is bid for it, or where people leave, a contact becomes dearer and a budget buys fewer
of them. Contacts that a case states are budgets at the reference price: as long as bids and attention stay as they
were when the run began, everybody gets what the case says, to the last bit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.calendar import DAYS
from market.cars import Car
from market.fields import Section, value
from market.people.trends import WEEKS_A_YEAR

Floats = NDArray[np.float64]


class TrafficSection(Section):
    """What a contact costs and how its price moves."""

    contact_cny: float = value(
        2.0, unit="CNY", meaning="reference price of an effective contact with one household; 0: contacts cost nothing",
        ge=0.0, le=1e6, grade="D", source="20-40 impressions at 60-100 CNY a thousand",
    )  # fmt: skip
    elasticity: float = value(
        0.5, unit="ratio of log changes", meaning="price of a contact to bids per minute of attention; 0: steady (off)",
        ge=0.0, le=5.0,
    )  # fmt: skip
    other_contacts_per_week: float = value(
        10.0, unit="contacts a week", meaning="contacts of an average household, at the reference price, for which all "
        "other bidders of a platform pay when the run begins; 0: the cars of the case are alone", ge=0.0, le=1e6,
    )  # fmt: skip
    other_growth_per_year: float = value(
        0.05, unit="log points a year", meaning="growth of what the other bidders pay; 0: steady", ge=-5.0, le=5.0
    )
    paid_share_of_bursts: float = value(
        0.5, unit="share", meaning="part of the contacts of launches and campaigns that is bought; 0: they are free",
        ge=0.0, le=1.0,
    )  # fmt: skip


def contact_price(
    reference: float, bids: ArrayLike, bids_before: ArrayLike, attention: ArrayLike, elasticity: float
) -> Floats:
    """Price of a contact in CNY: reference x ((bids / bids before) / attention) ** elasticity, by place.

    `bids` in any unit of money, `attention` relative to before. Where nobody bid before, or nobody bids or looks now,
    it is the reference price.

    >>> contact_price(2.0, bids=[1.0, 1.1, 1.0], bids_before=1.0, attention=[1.0, 1.0, 0.5], elasticity=1.0).tolist()
    [2.0, 2.2, 4.0]
    """
    now, before, seen = np.broadcast_arrays(*(np.asarray(a, float) for a in (bids, bids_before, attention)))
    ratio = np.divide(now, before * seen, out=np.ones(now.shape), where=before * seen > 0.0)
    return reference * np.where(ratio > 0.0, ratio, 1.0) ** elasticity


def contact_price_of_one(
    reference: float, bids: float, bids_before: float, attention: float, elasticity: float
) -> float:
    """The readable rule behind `contact_price`: one place."""
    if bids <= 0.0 or bids_before <= 0.0 or attention <= 0.0:
        return reference
    return reference * math.exp(elasticity * (math.log(bids / bids_before) - math.log(attention)))


def budgeted_contacts(cars: Mapping[str, Car], places: Sequence[str], contact_cny: float, households: float) -> Floats:
    """Contacts a week of an average household that each car can pay for at the reference price: (places, cars).

    Those that the case states, and what further budgets buy when every one of the `households` is to be reached.
    """
    stated = [[c.exposure.contacts_per_week * c.exposure.mix.get(p, 0.0) for c in cars.values()] for p in places]
    further = np.array([[c.exposure.budget_cny_per_week.get(p, 0.0) for c in cars.values()] for p in places])
    one_each = contact_cny * households
    return np.array(stated) + (further / one_each if one_each > 0.0 else 0.0)


class Traffic:
    """Contacts that every car buys on every place, week by week, what they cost, and what has not been billed yet."""

    def __init__(
        self, section: TrafficSection, cars: Mapping[str, Car], places: Sequence[str], households: float,
        on_air: NDArray[np.bool_],
    ) -> None:  # fmt: skip
        """Begin at the reference price; `on_air` (cars,) says which cars buy contacts when the run begins.

        `places` are the platforms and, last, elsewhere; a contact of an average household is one for each of the
        `households`.
        """
        self.section, self.places, self.households = section, tuple(places), households
        self.budget = budgeted_contacts(cars, places, section.contact_cny, households)
        """(places, cars) contacts a week at the reference price"""
        self.rate = self.budget.copy()
        """(places, cars) contacts a week that these budgets buy now"""
        self.price_cny = np.full(len(places), section.contact_cny)
        """(places,) what a contact costs now"""
        self.campaigns = np.zeros(len(places))
        """(places,) contacts bought for launches and campaigns since prices were last set"""
        self._bids_before = self._bids(0.0, on_air)
        self._campaign_cny = np.zeros_like(self.budget)

    def _bids(self, week: float, on_air: NDArray[np.bool_]) -> Floats:
        """Bids by place, (places,), in contacts a week at the reference price."""
        others = self.section.other_contacts_per_week
        grown = others * math.exp(self.section.other_growth_per_year * week / WEEKS_A_YEAR)
        return grown + self.budget @ on_air + self.campaigns

    def set_prices(self, week: int, attention: Floats, on_air: NDArray[np.bool_]) -> None:
        """At the start of a week: what a contact costs on each place, and how many of them each budget buys.

        `attention` (places,) relative to the beginning, as `Trends.attention_at` gives it; `on_air` (cars,) says who
        buys. The campaigns of the week before have driven prices up; they are over.
        """
        bids = self._bids(float(week), on_air)
        ratio = contact_price(1.0, bids, self._bids_before, attention, self.section.elasticity)
        self.price_cny = self.section.contact_cny * ratio
        self.rate = self.budget / ratio[:, None]
        self.campaigns = np.zeros(len(self.places))

    def campaign(self, car: int, contacts: float, mix: Mapping[str, float]) -> None:
        """A launch or a campaign: part of its contacts is bought, at today's prices, beside the weekly budget."""
        for place, share in mix.items():
            p = self.places.index(place)
            bought = self.section.paid_share_of_bursts * contacts * share
            self.campaigns[p] += bought
            self._campaign_cny[p, car] += bought * self.price_cny[p] * self.households

    def bill(self, first_day: int, days: int, begins: ArrayLike, ends: ArrayLike) -> Floats:
        """CNY spent by place and car in some days, campaigns since the last bill included: (places, cars).

        `begins` and `ends` (cars,) are the first day of contacts and the first without them. What has been billed is
        forgotten.
        """
        last = np.minimum(np.asarray(ends, float), first_day + days)
        weeks = np.maximum(last - np.maximum(np.asarray(begins, float), first_day), 0.0) / DAYS
        spent: Floats = self.section.contact_cny * self.households * self.budget * weeks + self._campaign_cny
        self._campaign_cny = np.zeros_like(self.budget)
        return spent


def divided(bill: Floats, marketing: Floats) -> Floats:
    """Who pays a bill: (places, cars, organisations), in proportion to the shares of `marketing` (cars, organisations).

    >>> divided(np.array([[100.0]]), np.array([[0.7, 0.3]])).tolist()
    [[[70.0, 30.0]]]
    """
    return bill[:, :, None] * marketing[None, :, :]
