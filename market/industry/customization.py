"""Reverse customisation, week by week: proposals, bargains, launches, what is learned from them, and imitation.

A loop, not a flag: cars that a platform helped to define bring it owners, owners bring data, and data make the next
audience better understood; their visible success moves other makers to open their own cars.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS, Calendar
from market.catalogue import Catalogue
from market.chance import Chance
from market.industry.imitation import Imitators, hazard
from market.industry.negotiation import Deal, Facts, Situation, negotiate
from market.industry.options import Technology
from market.industry.programmes import Imitation, Programme, Proposal, Redesign, Refusal, proposal_table

if TYPE_CHECKING:
    import pandas as pd

Floats = NDArray[np.float64]
QUARTER = 13
"""Weeks over which a maker's lines and a platform's traffic are judged."""
IMITATION = "imitation"
"""What stands for the programme in the record of an imitator's deal."""


@dataclass
class Progress:
    """Where one programme stands, in days of the run."""

    due: int | None
    """day of the next proposal; None: waits for the programme before it, or is over"""
    attempts: int = 0
    launch_day: int | None = None
    """of its last car; None: nothing agreed yet"""
    maker: str | None = None


class Customisation:
    """All programmes of a market and the makers who may imitate them. Holds no market: facts are handed to it."""

    def __init__(
        self, chance: Chance, programmes: Mapping[str, Programme], imitation: Imitation, technology: Technology,
        calendar: Calendar, catalogue: Catalogue, platforms: Sequence[str], unit_cost_share: float,
    ) -> None:  # fmt: skip
        """Begin with nothing agreed. `platforms` are those of the case; a car costs `unit_cost_share` of its price."""
        self.chance, self.programmes = chance, dict(sorted(programmes.items()))
        self.imitation, self.technology, self.unit_cost_share = imitation, technology, unit_cost_share
        self.platforms = tuple(sorted(platforms))
        self.data = dict.fromkeys(self.platforms, 0.0)
        """owners whom each platform has come to know in this run"""
        self.progress = {
            key: Progress(None if programme.after else calendar.day_of(programme.start))
            for key, programme in self.programmes.items()
        }
        self.starts = {key: calendar.day_of(programme.start) for key, programme in self.programmes.items()}
        self.proposals: list[Proposal] = []
        self.customised = np.zeros(calendar.weeks)
        """share of the deliveries of the quarter before each week that were customised cars"""
        self.imitating = np.zeros(calendar.weeks, np.int64)
        """makers who have imitated, by week"""
        cars = list(catalogue.cars.values())
        self._maker_of = tuple(car.maker for car in cars)
        planned = {key for programme in programmes.values() for key in programme.cars}
        partners = {catalogue.cars[key].maker for key in planned}
        listed = [(car.maker, key) for key, car in catalogue.cars.items() if not car.aggregate]
        first_car = {maker: key for maker, key in reversed(listed) if maker not in partners | set(self.platforms)}
        self.imitators = Imitators(chance, first_car)
        makers = self.imitators.makers
        self._imitator_of = np.array([makers.index(m) if m in makers else len(makers) for m in self._maker_of])
        """(cars,) the imitator that makes each, len(makers): none of them"""
        self._platform_columns = [catalogue.organisations.index(platform) for platform in self.platforms]
        others = [[platform != maker for platform in self.platforms] for maker in self._maker_of]
        self._not_own = np.array(others, bool).reshape(len(cars), len(self.platforms))
        """(cars, platforms) which platforms are not the maker of a car"""
        self._open = np.array([not car.aggregate and key not in planned for key, car in catalogue.cars.items()])
        self._line = np.array([catalogue.car_index[car.base_car or key] for key, car in catalogue.cars.items()])
        self._coming: list[tuple[int, Redesign]] = []
        self._orders = np.zeros((QUARTER, len(catalogue.offers)))
        self._delivered, self._built = np.zeros((QUARTER, len(cars))), np.zeros((QUARTER, len(cars)))
        self._weeks = 0

    def advance(self, facts: Facts) -> list[Redesign | Refusal]:
        """What comes of one week: cars agreed on (to be written into the catalogue now) and refusals.

        A planned car is handed over when it is agreed, with its launch day ahead; a car that is on sale already is
        handed over when its new design is ready. Call it once, at the start of every week.
        """
        self._learn(facts)
        situation = self._situation(facts)
        events: list[Redesign | Refusal] = []
        for key, programme in self.programmes.items():
            self._wake(key, programme)
            due = self.progress[key].due
            if due is not None and due <= facts.day:
                events += self._propose(key, programme, due, situation)
        events += self._imitate(situation)
        ready = [redesign for day, redesign in self._coming if day <= facts.day]
        self._coming = [(day, redesign) for day, redesign in self._coming if day > facts.day]
        return events + ready

    def table(self) -> pd.DataFrame:
        """Every car proposed so far, one row each: who, when, whether it was agreed, the bargain and the design."""
        return proposal_table(self.proposals)

    def spread(self) -> pd.DataFrame:
        """How customisation spreads among consumers and among makers: week, customised_share, makers_imitating."""
        import pandas as pd

        weeks = np.arange(self._weeks)
        columns = {
            "customised_share": self.customised[: self._weeks],
            "makers_imitating": self.imitating[: self._weeks],
        }
        return pd.DataFrame({"week": weeks, **columns})

    # --------------------------------------------------------------------------------------------------- learning

    def _learn(self, facts: Facts) -> None:
        """Take in the week gone by: owners bring data to whoever holds the data of their car."""
        catalogue = facts.demand.catalogue
        if facts.week > 0:
            at = (facts.week - 1) % QUARTER
            self._orders[at], self._delivered[at], self._built[at] = facts.orders, facts.deliveries, facts.built
            function = "data" if "data" in catalogue.functions else "definition"
            held = catalogue.roles[:, catalogue.functions.index(function)]
            for platform in self.platforms:
                known = facts.deliveries @ held[:, catalogue.organisations.index(platform)]
                self.data[platform] += float(known)
        self._weeks = facts.week + 1
        delivered = self._delivered.sum(axis=0)
        if facts.week < len(self.customised) and delivered.sum() > 0:
            self.customised[facts.week] = delivered[self.is_customised(catalogue)].sum() / delivered.sum()

    def is_customised(self, catalogue: Catalogue) -> NDArray[np.bool_]:
        """Cars that a platform other than the maker helped to define: (cars,)."""
        shares = catalogue.roles[:, catalogue.functions.index("definition")]
        return ((shares[:, self._platform_columns] > 0.0) & self._not_own).any(axis=1)

    def _situation(self, facts: Facts, known_maker: str | None = None) -> Situation:
        seen = min(max(facts.week, 1), QUARTER)
        return Situation(
            facts, self._orders.sum(axis=0) / seen, self._built.sum(axis=0) / seen, self.data, self.platforms,
            self.technology, self.unit_cost_share, known_maker,
        )  # fmt: skip

    # -------------------------------------------------------------------------------------------------- programmes

    def _wake(self, key: str, programme: Programme) -> None:
        """A programme that waits for another begins some weeks after the launch of that one."""
        progress = self.progress[key]
        if programme.after is None or progress.due is not None or progress.attempts:
            return
        before = self.progress[programme.after]
        if before.launch_day is not None:
            progress.due = max(self.starts[key], before.launch_day + round(DAYS * programme.pause_weeks))

    def _propose(self, key: str, programme: Programme, due: int, situation: Situation) -> list[Redesign | Refusal]:
        progress, catalogue = self.progress[key], situation.facts.demand.catalogue
        before = self.progress[programme.after].maker if programme.after else None
        cars = [catalogue.car_index[car] for car in programme.cars]
        word = f"{key} {progress.attempts}"
        deal = negotiate(
            self.chance, word, programme, programme.platforms, cars, self._situation(situation.facts, before)
        )
        progress.attempts += 1
        if deal is None or deal.settlement is None:
            progress.due = None if programme.retry_weeks is None else due + round(DAYS * programme.retry_weeks)
            self._write(key, deal, situation)
            return [_refusal(key, deal)]
        progress.due, progress.maker = None, deal.maker
        redesigns = [self._redesign(key, deal, slot, situation, due) for slot in range(len(self._designs(deal)))]
        progress.launch_day = max(r.launch_day for r in redesigns if r.launch_day is not None)
        self._write(key, deal, situation)
        return list(redesigns)

    def _designs(self, deal: Deal) -> tuple[int, ...]:
        return deal.offer.menu.line_ups[deal.position]

    def _redesign(self, key: str, deal: Deal, slot: int, situation: Situation, agreed: int | None) -> Redesign:
        """One car of a deal; `agreed` is the day from which a planned car's lead time counts, None for one on sale."""
        catalogue, designs = situation.facts.demand.catalogue, deal.offer.designs
        chosen, car = self._designs(deal)[slot], deal.offer.slots[slot].car
        definition = np.zeros(len(catalogue.organisations))
        if agreed is None:
            definition += catalogue.roles[car, catalogue.functions.index("definition")]
        else:
            definition[catalogue.organisations.index(deal.maker)] = 1.0
        share = self._definition_share(key, deal, chosen)
        definition *= 1.0 - share
        definition[catalogue.organisations.index(deal.platform)] += share
        lead, attributes = round(DAYS * float(designs.lead_weeks[chosen])), designs.attributes(chosen)
        if agreed is None and attributes["price_cny"] == deal.offer.slots[slot].price_cny:
            del attributes["price_cny"]  # it may have changed by the time the design is ready
        return Redesign(
            key, deal.platform, deal.maker, car, attributes, definition,
            self._transfer_of_a_car(deal), None if agreed is None else agreed + lead,
        )  # fmt: skip

    def _definition_share(self, key: str, deal: Deal, chosen: int) -> float:
        approach = self.imitation.approach if key == IMITATION else self.programmes[key]
        return approach.terms.definition_share * float(deal.offer.designs.depth[chosen])

    def _transfer_of_a_car(self, deal: Deal) -> float:
        sold = float(deal.offer.menu.cars[deal.position])
        return 0.0 if deal.settlement is None or sold <= 0.0 else deal.settlement.transfer_cny / sold

    def _write(self, key: str, deal: Deal | None, situation: Situation) -> None:
        """Record what was proposed, one row per car of the line-up."""
        if deal is None:
            return
        designs, menu, catalogue = deal.offer.designs, deal.offer.menu, situation.facts.demand.catalogue
        cars, paid = list(catalogue.cars), 0.0 if deal.settlement is None else deal.settlement.transfer_cny
        for slot, chosen in zip(deal.offer.slots, self._designs(deal), strict=False):
            self.proposals.append(
                Proposal(
                    week=situation.facts.week,
                    programme=key,
                    platform=deal.platform,
                    maker=deal.maker,
                    car=cars[slot.car],
                    agreed=deal.settlement is not None,
                    definition_share=self._definition_share(key, deal, chosen),
                    transfer_cny=self._transfer_of_a_car(deal),
                    predicted_cars=float(menu.cars[deal.position]),
                    platform_cny=float(menu.platform_cny[deal.position]) + paid,
                    maker_cny=float(menu.maker_cny[deal.position]) - paid,
                    data=self.data[deal.platform],
                    depth=float(designs.depth[chosen]),
                    lead_weeks=float(designs.lead_weeks[chosen]),
                    **designs.attributes(chosen),
                )
            )

    # --------------------------------------------------------------------------------------------------- imitation

    def _imitate(self, situation: Situation) -> list[Redesign | Refusal]:
        """Makers whose hazard is crossed offer their best-selling car to the platform that gains most from it."""
        facts, events = situation.facts, list[Redesign | Refusal]()
        if facts.week < len(self.imitating):
            done = {p.maker for p in self.proposals if p.programme == IMITATION and p.agreed}
            self.imitating[facts.week] = len(done)
        if self.imitation.per_week == 0.0 or not self.platforms or facts.week >= len(self.customised):
            return events
        rates = hazard(self.imitation, float(self.customised[facts.week]), self._idle(situation))
        for position in self.imitators.advance(rates).tolist():
            maker = self.imitators.makers[position]
            if (car := self._best_seller(maker, situation)) is None:
                continue
            word = f"{IMITATION} {int(self.imitators.spell[position])}"
            deal = negotiate(self.chance, word, self.imitation.approach, self.platforms, [car], situation)
            self._write(IMITATION, deal, situation)
            if deal is None or deal.settlement is None:
                events.append(_refusal(IMITATION, deal))
                continue
            self._open[car] = False
            lead = float(deal.offer.designs.lead_weeks[self._designs(deal)[0]])
            redesign = self._redesign(IMITATION, deal, 0, situation, None)
            self._coming.append((facts.day + round(DAYS * lead), redesign))
        return events

    def _idle(self, situation: Situation) -> Floats:
        """Part of each imitator's capacity that stood still in the last quarter: (makers,)."""
        facts = situation.facts
        lines = (self._line == np.arange(len(self._line))) & facts.demand.catalogue.launched(facts.day)
        built = np.bincount(self._line, situation.built, len(self._line))
        makers = len(self.imitators.makers)
        capacity, busy = (
            np.bincount(self._imitator_of, np.where(lines, amount, 0.0), makers + 1)[:makers]
            for amount in (facts.capacity, built)
        )
        used = np.divide(busy, capacity, out=np.ones(makers), where=capacity > 0.0)
        return np.maximum(1.0 - used, 0.0)

    def _best_seller(self, maker: str, situation: Situation) -> int | None:
        """The car of a maker that sold most in the last quarter, among those still defined without a platform."""
        catalogue, day = situation.facts.demand.catalogue, situation.facts.day
        on_sale = catalogue.launched(day) & (catalogue.closes_day > day) & self._open & ~self.is_customised(catalogue)
        own = np.flatnonzero(on_sale & np.array([m == maker for m in self._maker_of]))
        return None if len(own) == 0 else int(own[self._delivered.sum(axis=0)[own].argmax()])


def _refusal(programme: str, deal: Deal | None) -> Refusal:
    """A refusal names who came closest, if anybody sat down."""
    return Refusal(programme, None, None) if deal is None else Refusal(programme, deal.platform, deal.maker)
