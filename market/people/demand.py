"""Demand: what consumers know and which offer they choose, for any rows at any moment.

Awareness, utility and shocks meet here. The industry may ask it too: the same call predicts what consumers would
choose if an offer were different.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.catalogue import Catalogue, annuity
from market.chance import Chance
from market.people import awareness, choice, utility
from market.people import loyalty as loyalty_to
from market.people.aftersales import PLATFORM, Aftersales
from market.people.awareness import Media, MediaMemory
from market.people.choice import Choice
from market.people.choosing import Decisions, Knowledge, Listed, Own
from market.people.grievance import faded
from market.people.network import Network
from market.people.population import Population
from market.people.profiles import Profiles, Tastes
from market.people.sampling import budgets
from market.people.trust import Trust

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
ROWS_AT_ONCE = 16_384
FEW = 1_024
"""Up to so many consumers who may decide in a week, working out at once what is their own saves more than it costs."""
SEEN = ("car", "car_week", "satisfaction", "grievance", "grieved")
"""What others can tell of somebody: columns of consumers."""
SLIGHT = 1e-6
"""Utility: trust that adds less to every car is at its baseline."""


@dataclass
class Demand:
    """Everything a choice depends on. The market owns it and keeps `offers` and `week` up to date."""

    chance: Chance
    population: Population
    profiles: Profiles
    catalogue: Catalogue
    choice: Choice
    media: Media
    memory: MediaMemory
    acquaintances: Network
    followees: Network
    budget_limits: Floats
    coverage: Floats
    """(tiers, swap operators)"""
    trust: Trust
    aftersales: Aftersales
    grievance_half_life: float
    """weeks"""
    platform_of: NDArray[np.intp]
    """(cars,) organisation behind the platform's side of each car, -1: none; the owners keep it up to date"""
    week: int = 0
    day: float = 0.0
    """the first of the week: feelings count as they were then, or at the last hit where that came later"""

    def __post_init__(self) -> None:
        """Work out what never changes: the worth of rent and the reach of media by profile."""
        section = self.choice
        self.worth = annuity(section.discount_per_month, section.holding_months)
        self._listed: Listed | None = None
        self._seen: dict[str, NDArray[Any]] | None = None
        self._due: Rows | None = None
        """few who may decide this week, one round after the other"""
        self._own: Own | None = None
        """of these, once the first of them decides"""
        platforms = [channel.platform for channel in self.catalogue.channels.values()]
        at = [-1 if key is None else self.catalogue.organisations.index(key) for key in platforms]
        self._sold_by = np.array(at, np.intp)[self.catalogue.channel_of]
        self.renew()
        self.offers: utility.OfferTable
        self.open: NDArray[np.bool_]
        self.overage: list[tuple[float, float]]

    def look_around(self, keep: bool, until: float = 0.0) -> None:
        """What others drive and say counts as of now; without `keep` always as of the moment at which it is asked.

        A week that is cut into rounds is so the same as one that is not: what is new this week counts from the next.
        `until` is the market time at its end.
        """
        column = self.population.columns
        self._seen, self._due, self._own = None, None, None
        if keep:
            self._seen = {name: column[name].copy() for name in SEEN}
            due = (column["due"] <= np.float32(until)).nonzero()[0]
            self._due = due if 0 < len(due) <= FEW else None

    def renew(self) -> None:
        """Look at the designs of the cars again: one of them has changed."""
        self._fixed = utility.fixed_attributes(self.catalogue, self.choice)
        self._stated: NDArray[np.float64] | None = None

    def lay_out(self, appeal: NDArray[np.float64], wait_weeks: NDArray[np.float64], day: int) -> None:
        """Bring the offers up to date: appeal of the cars, promised waits, prices, what is open on that day."""
        self.open, self.day = self.catalogue.open_offers(day), float(day - day % DAYS)
        catalogue, disclosed = self.catalogue, list(self.catalogue.disclosed.values())
        stated = np.concatenate([appeal, wait_weeks, catalogue.price_cny, catalogue.promotion_cny, disclosed])
        if self._stated is not None and np.array_equal(stated, self._stated):
            return  # nothing has changed since offers were last laid out
        self._stated = stated
        self.offers = utility.table(self._fixed, self.catalogue, self.profiles, appeal, wait_weeks)
        plans = [self.catalogue.plans[key] for key in self.offers.capped_plans]
        self.overage = [(float(p.cap_km_per_month or 0.0), p.overage_cny_per_km * self.worth) for p in plans]

    def knowledge(self, rows: Rows, only: NDArray[np.intp] | None = None) -> Knowledge:
        """Which cars some consumers know, from media and from people, and how many acquaintances have each.

        `only` limits the answer to some cars: (rows, len(only)).
        """
        told, company = self._told(rows, only)
        which = slice(None) if only is None else only
        enough = awareness.thresholds(self.chance, rows, self.catalogue.car_keys[which])
        return Knowledge(self._known(rows, told, enough, which), company)

    def _told(self, rows: Rows, only: NDArray[np.intp] | None = None) -> tuple[list[Floats], Floats]:
        """Contacts that acquaintances, then accounts followed, bring, (cars, rows) each; and `company` of Knowledge."""
        seen = self._seen or self.population.columns
        cars, forgetting = len(self.catalogue.cars), self.media.forgetting_per_week
        heard = (seen["car"], seen["car_week"], self.week, cars, forgetting, only)
        talked, company = awareness.heard_from(self.acquaintances, rows, *heard, loudness=self.loudness)
        told = [np.float32(self.media.word_of_mouth_per_week) * talked.T]
        if self.media.following_per_week > 0.0:
            followed, _ = awareness.heard_from(self.followees, rows, *heard, company=False)
            told.append(np.float32(self.media.following_per_week) * followed.T)
        return told, company

    def _known(
        self, rows: Rows, told: list[Floats], enough: Floats, which: slice | NDArray[np.intp] = slice(None)
    ) -> NDArray[np.bool_]:
        """Which cars some consumers know from media and from what they were told: (rows, cars)."""
        by_profile = self.profiles.media_use @ self.memory.contacts[:, which].astype(np.float32)
        contacts = by_profile.T[:, self.population.columns["profile"][rows]]
        for by_people in told:
            contacts += by_people
        known: NDArray[np.bool_] = np.greater_equal(contacts.T, enough)
        return known

    def trusted(self, rows: Rows) -> Floats | None:
        """Utility that trust adds to each car: of its face, less the baseline; (rows, cars), None while it rests."""
        if self.trust.at_rest:
            return None
        deviation = np.ascontiguousarray(self.trust.deviation(rows, self.day).T)
        worth = np.float32(self.trust.section.choice_weight) * self.catalogue.face.astype(np.float32)
        # term by term, for the reason given in `utility.utilities`: few faces are on a car
        by_car = np.zeros((len(worth), len(rows)), np.float32)
        for car, organisation in zip(*worth.nonzero(), strict=True):
            by_car[car] += worth[car, organisation] * deviation[organisation]
        return by_car.T

    def loudness(self, rows: NDArray[np.integer]) -> Floats:
        """How much more some owners talk of their car than one without an opinion, a ratio: (rows,)."""
        seen = self._seen or self.population.columns
        return loyalty_to.referral(self.aftersales, seen["satisfaction"].take(rows), self._grievance(seen, rows))

    def tastes(self, rows: Rows) -> Tastes:
        """What some consumers want."""
        column = self.population.columns
        budget = budgets(self.chance, rows, column["stratum"][rows], self.budget_limits)
        return self.profiles.tastes(self.chance, rows, column["profile"][rows], budget)

    def utilities(
        self, rows: Rows, company: Floats, listed: Listed | None = None, tastes: Tastes | None = None
    ) -> Floats:
        """Utility of every offer before shocks and trust, known or not, open or not: (rows, offers).

        `listed` limits the answer to the offers that it lists; `tastes` are those of the rows, if they are at hand.
        """
        offers, sold_by = self.offers, self._sold_by
        if listed is not None:
            offers, sold_by = offers.some(listed.offers), listed.sold_by
        column = self.population.columns
        profile = column["profile"][rows]
        tastes = tastes or self.tastes(rows)
        driven = column["car"][rows]
        brand = np.where(driven >= 0, self.catalogue.brand_of_car[driven], np.int16(-1))
        content = column["satisfaction"][rows] - self.grievance(rows)
        loyalty = np.float32(self.choice.loyalty) * np.maximum(content, 0)
        near = self.coverage[column["tier"][rows]]
        v = utility.utilities(offers, tastes, profile, near, company, loyalty, brand, self.overage)
        served = ((column["provider"][rows] == PLATFORM) & (driven >= 0)).nonzero()[0]
        if self.aftersales.platform_loyalty > 0.0 and len(served):
            who, section = rows[served], self.aftersales
            v[served] += loyalty_to.platform_pull(
                section, column["provider"][who], self.platform_of[driven[served]], self.grievance(who), sold_by
            )
        return v

    def grievance(self, rows: NDArray[np.integer]) -> Floats:
        """What some consumers hold against the car they drive today, in utility: (rows,)."""
        return self._grievance(self.population.columns, rows)

    def _grievance(self, column: Mapping[str, NDArray[Any]], rows: NDArray[np.integer]) -> Floats:
        held: Floats = column["grievance"].take(rows)
        some = held.nonzero()[0]
        if len(some):
            since = column["grieved"].take(rows[some])
            held[some] = faded(held[some], since, self.day / DAYS, self.grievance_half_life)
        return held

    def considered(self, rows: Rows, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """The consideration set: offers that are open, of cars that are known and not given up: (rows, offers)."""
        car_of = self.catalogue.car_of
        return self._untried(rows, known)[:, car_of] & self.open

    def _untried(self, rows: Rows, known: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Cars that are known and not given up: (rows, cars)."""
        tried = self.population.columns["tried"][rows]
        some = tried.nonzero()[0]
        if len(some) == 0:
            return known
        usable = known.copy(order="K")
        usable[some] &= (tried[some, None] >> np.arange(known.shape[1])) & 1 == 0
        return usable

    def expected_shares(self, rows: Rows, weight: NDArray[np.float64]) -> NDArray[np.float64]:
        """Expected share of each offer and, last, of the outside good among some consumers, without the luck of shocks.

        Tastes and awareness are the consumers' own; the choice is the closed nested logit. `weight` (rows,).
        """
        total = np.zeros(len(self.catalogue.offers))
        for start in range(0, len(rows), ROWS_AT_ONCE):
            part = rows[start : start + ROWS_AT_ONCE]
            knowledge = self.knowledge(part)
            v = self.utilities(part, knowledge.company).astype(float)
            if (trusted := self.trusted(part)) is not None:
                v += trusted[:, self.catalogue.car_of]
            chances = choice.probabilities(
                v, self.catalogue.nest_of, self.choice.dissimilarity,
                self.choice.outside_utility, self.considered(part, knowledge.known),
            )  # fmt: skip
            total += weight[start : start + ROWS_AT_ONCE] @ chances
        inside = total / weight.sum()
        return np.append(inside, 1.0 - inside.sum())

    def listed(self) -> Listed:
        """The offers that are open, ready to be chosen from."""
        if self._listed is None or not np.array_equal(self._listed.open, self.open):
            self._listed = Listed.of(self.catalogue, self.open, self._sold_by, self.choice.dissimilarity)
        return self._listed

    def choose(self, rows: Rows) -> Decisions:
        """The choice of each consumer among the offers considered and the outside good."""
        listed = self.listed()
        order = rows.argsort()  # neighbours lie close together in memory
        parts = [
            self._choose(rows[order[start : start + ROWS_AT_ONCE]], listed)
            for start in range(0, max(len(rows), 1), ROWS_AT_ONCE)
        ]
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        offer, margin, trusting = (np.concatenate(part)[place] for part in zip(*parts, strict=True))
        at = np.append(listed.offers, choice.OUTSIDE)
        return Decisions(at[offer], margin, at[trusting])

    def _own_of(self, rows: Rows, listed: Listed) -> Own:
        """What is some consumers' own: worked out at once for all who may decide this week, where these are few."""
        if self._due is None:
            return self._look_up(rows, listed)
        if self._own is None or self._own.listed is not listed:
            self._own = self._look_up(self._due, listed)
        return self._own.of(rows, self.population.columns["spell"][rows], listed) or self._look_up(rows, listed)

    def _look_up(self, rows: Rows, listed: Listed) -> Own:
        spell, (told, company) = self.population.columns["spell"][rows], self._told(rows)
        enough = awareness.thresholds(self.chance, rows, self.catalogue.car_keys)
        keys, lam = listed.shock_keys, self.choice.dissimilarity
        shocks = choice.shocks(self.chance, rows, spell, keys, listed.nest_of, lam)
        return Own(rows, spell, listed, told, company, enough, self.tastes(rows), shocks)

    def _choose(self, rows: Rows, listed: Listed) -> Decisions:
        """Choices among the offers that are listed, by their positions there."""
        own, car_of = self._own_of(rows, listed), listed.car_of
        known, total = self._known(rows, own.told, own.enough), own.shocks
        inside = total.T[:-1]
        inside += self.utilities(rows, own.company, listed, own.tastes).T
        np.minimum(inside, choice.barred(~self._untried(rows, known).T)[car_of], out=inside)
        total[:, -1] += np.float32(self.choice.outside_utility)
        best, margin = choice.best(total, car_of)
        trusting = best.copy()
        felt = self.trust.moved(rows).nonzero()[0]
        if len(felt) == 0 or (trusted := self.trusted(rows[felt])) is None:
            return Decisions(best, margin, trusting)
        some = np.flatnonzero(np.abs(trusted).max(axis=1) > SLIGHT)
        felt = felt[some]
        swayed = total.T[:, felt].T
        swayed.T[:-1] += trusted.T[:, some][car_of]
        best[felt], margin[felt] = choice.best(swayed, car_of)
        return Decisions(best, margin, trusting)
