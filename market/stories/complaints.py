"""Complaints: how many households have cause to complain each week, and which of it becomes public."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.calendar import DAYS
from market.case import Case
from market.catalogue import Catalogue
from market.chance import Chance
from market.happenings import FAILURES, FailureKind
from market.organisations import TASKS
from market.people.order_book import OrderBook
from market.people.orders import ORDERED
from market.people.owners import Owners
from market.stories.failures import SERVICE
from market.stories.firestorm import Firestorms, Outbreak
from market.stories.hazards import Kinds, ability, expected_complaints, hazards
from market.stories.partnership import Partnership

Floats = NDArray[np.float64]
AT_VISITS: tuple[FailureKind, ...] = ("quality_defect", "service_failure", "swap_trouble", "claim_dispute")
"""Kinds that an owner meets himself, between one visit and the next."""


class Exposed(NamedTuple):
    """Households that failures can happen to, by car: (cars,) each."""

    owners: Floats
    orders: Floats
    late: Floats
    """orders whose promised date has passed"""
    renters: Floats
    uninformed: Floats
    """under a plan with a term that has not been displayed"""


class Complaints:
    """What goes wrong around all cars, and the memory of what was public lately."""

    def __init__(self, case: Case, chance: Chance, catalogue: Catalogue, partnership: Partnership) -> None:
        """Begin with nothing public."""
        self.case, self.chance, self.catalogue, self.partnership = case, chance, catalogue, partnership
        self.firestorms = Firestorms(
            case.firestorm, catalogue.car_keys, [car.aggregate for car in catalogue.cars.values()]
        )
        self._tiers = np.array(list(case.population.by_tier().values()))
        self._kinds = Kinds.of(case.failures)
        self._at_visits = [FAILURES.index(kind) for kind in AT_VISITS]
        sections = [case.failures.of(kind) for kind in AT_VISITS]
        self._hurt = np.array([section.grievance * section.severity for section in sections])
        self._seen = np.empty(0)
        """all that rates follow from, when they were last worked out"""
        self._able = np.ones((len(catalogue.cars), len(FAILURES)))
        self._found: dict[float | None, Floats] = {}
        """rates by `service`, for what was seen last"""

    def rates(self, day: float, capability: Floats, service: float | None = None) -> Floats:
        """Complaints per household-year (delays: per week late) today: (cars, kinds).

        `capability` is (organisations, tasks, tiers); `service` takes its place for failures of service.
        """
        catalogue, partnership = self.catalogue, self.partnership
        friction, quarrel = partnership.friction(day), partnership.alliances.disagreement(day / DAYS)
        seen = np.concatenate([friction, quarrel, capability.ravel(), catalogue.quality, catalogue.roles.ravel()])
        if not np.array_equal(seen, self._seen):
            self._seen, self._found = seen, {}
            roles, functions = catalogue.roles, catalogue.functions
            self._able = ability(self._kinds, capability, TASKS, self._tiers, roles, functions)
        if service not in self._found:
            able = self._able.copy()
            if service is not None:
                able[:, SERVICE] = service
            self._found[service] = hazards(self._kinds, friction, catalogue.quality, able, quarrel)
        return self._found[service].copy()

    def own(self, day: float, capability: Floats) -> tuple[Floats, Floats]:
        """Of the kinds that owners meet themselves: yearly rates (cars, kinds) and grievance (kinds,) in utility.

        Service is as usual here: how good it is where the owner lives is part of the visit.
        """
        rates = self.rates(day, capability, self.case.aftersales.usual_capability)
        return rates[:, self._at_visits], self._hurt

    def exposed(self, book: OrderBook, owners: Owners, now: float) -> Exposed:
        """To whom failures can happen at a moment, in weeks."""
        places, cars = book.line.places, len(self.catalogue.cars)
        ordered = places.weight * (places.stage >= ORDERED)
        late = np.bincount(places.car, ordered * (places.promised < now), cars).astype(float)
        by_offer = np.bincount(places.offer, ordered, len(self.catalogue.offers)).astype(float)
        return Exposed(owners.owners(), book.line.backlog(), late, *owners.renters(by_offer))

    def week(self, week: int, rates: Floats, exposed: Exposed) -> list[Outbreak]:
        """What becomes public at the end of a week."""
        expected = expected_complaints(rates, *exposed)
        return self.firestorms.arise(self.chance, week, expected, exposed.owners + exposed.orders)
