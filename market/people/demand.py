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
from market.people.choosing import Decisions, Knowledge, Listed, Ready
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
"""Up to so many consumers who may decide in a week, working out at once what they choose saves more than it costs."""
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
        self._listed_for: NDArray[np.bool_] | None = None
        self._seen: dict[str, NDArray[Any]] | None = None
        self._due: Rows | None = None
        """few who may decide this week, one round after the other: ascending"""
        self._ready: Ready | None = None
        """what these choose, as long as nothing comes between"""
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
        self._seen, self._due, self._ready = None, None, None
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
        which, seen = slice(None) if only is None else only, self._seen or self.population.columns
        by_profile = self.profiles.media_use @ self.memory.contacts[:, which].astype(np.float32)
        contacts = by_profile.T[:, self.population.columns["profile"][rows]]
        cars, forgetting = len(self.catalogue.cars), self.media.forgetting_per_week
        heard = (seen["car"], seen["car_week"], self.week, cars, forgetting, only)
        talked, company = awareness.heard_from(self.acquaintances, rows, *heard, loudness=self.loudness)
        contacts += np.float32(self.media.word_of_mouth_per_week) * talked.T
        if self.media.following_per_week > 0.0:
            followed, _ = awareness.heard_from(self.followees, rows, *heard, company=False)
            contacts += np.float32(self.media.following_per_week) * followed.T
        enough = awareness.thresholds(self.chance, rows, self.catalogue.car_keys[which])
        return Knowledge(np.greater_equal(contacts.T, enough), company)

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

    def utilities(self, rows: Rows, company: Floats, listed: Listed | None = None) -> Floats:
        """Utility of every offer before shocks and trust, known or not, open or not: (rows, offers).

        `listed` limits the answer to the offers that it lists.
        """
        offers, sold_by = self.offers, self._sold_by
        if listed is not None:
            offers, sold_by = offers.some(listed.offers), listed.sold_by
        column = self.population.columns
        profile = column["profile"][rows]
        driven = column["car"][rows]
        brand = np.where(driven >= 0, self.catalogue.brand_of_car[driven], np.int16(-1))
        content = column["satisfaction"][rows] - self.grievance(rows)
        loyalty = np.float32(self.choice.loyalty) * np.maximum(content, 0)
        near = self.coverage[column["tier"][rows]]
        v = utility.utilities(offers, self.tastes(rows), profile, near, company, loyalty, brand, self.overage)
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
        if self._listed is None or (
            self._listed_for is not self.open and not np.array_equal(self._listed.open, self.open)
        ):
            self._listed = Listed.of(self.catalogue, self.open, self._sold_by, self.choice.dissimilarity)
        self._listed_for = self.open
        return self._listed

    def choose(self, rows: Rows) -> Decisions:
        """The choice of each consumer among the offers considered and the outside good."""
        listed = self.listed()
        order = rows.argsort()  # neighbours lie close together in memory
        ordered = rows[order]
        if self._due is not None:
            chosen = self._choose_of_week(self._due, ordered, listed)
        elif len(rows) <= ROWS_AT_ONCE:
            chosen = self._choose(ordered, listed)
        else:
            starts = range(0, len(rows), ROWS_AT_ONCE)
            parts = [self._choose(ordered[start : start + ROWS_AT_ONCE], listed) for start in starts]
            chosen = Decisions(*(np.concatenate(part) for part in zip(*parts, strict=True)))
        at = np.append(listed.offers, choice.OUTSIDE)
        place = np.empty_like(order)
        place[order] = np.arange(len(order))
        return Decisions(at[chosen.offer[place]], chosen.margin[place], at[chosen.trusting[place]])

    def _choose_of_week(self, due: Rows, rows: Rows, listed: Listed) -> Decisions:
        """Choices of some (ascending) in one of several rounds of a week: worked out for all who are `due` in the week.

        Who hears of something meanwhile, or searches anew, is asked again; so is everybody when offers or the memory of
        media change.
        """
        column, ready = self.population.columns, self._ready
        if ready is None or not ready.holds(listed, self.offers, self.memory.contacts):
            things = listed, self.offers, self.memory.contacts.copy()
            ready = self._ready = Ready(*things, due, column["spell"][due], self._choose(due, listed))
        chosen, same = ready.of(rows, column["spell"][rows])
        same &= ~self.trust.moved_since(rows, self.day)
        same &= column["grieved"][rows] < np.float32(self.day / DAYS)
        anew = (~same).nonzero()[0]
        if len(anew):
            now = self._choose(rows[anew], listed)
            chosen.offer[anew], chosen.margin[anew], chosen.trusting[anew] = now
        return chosen

    def _choose(self, rows: Rows, listed: Listed) -> Decisions:
        """Choices among the offers that are listed, by their positions there."""
        car_of, (known, company) = listed.car_of, self.knowledge(rows)
        spell = self.population.columns["spell"][rows]
        total = choice.shocks(self.chance, rows, spell, listed.shock_keys, listed.nest_of, self.choice.dissimilarity)
        inside = total.T[:-1]
        inside += self.utilities(rows, company, listed).T
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
