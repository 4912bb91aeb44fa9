"""Partnership: what the division of roles around each car means today - control, contribution and friction.

Roles move, partners learn and quarrel; whoever asks is told how things stand now.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from market import roles
from market.calendar import DAYS
from market.catalogue import Catalogue
from market.happenings import FAILURES, FailureKind
from market.industry.decisions import Transitions
from market.roles import Responsibility
from market.stories.answers import Alliances
from market.stories.failures import Failures, causal_matrix

Floats = NDArray[np.float64]


class Partnership:
    """The partners of every car; `transitions` and `alliances` are moved by others, roles stand in the catalogue."""

    def __init__(
        self, catalogue: Catalogue, section: Responsibility, failures: Failures, transitions: Transitions,
        alliances: Alliances,
    ) -> None:  # fmt: skip
        """Begin with the roles that the case states."""
        self.catalogue, self.section = catalogue, section
        self.transitions, self.alliances = transitions, alliances
        self._weights = section.control_weights(catalogue.functions)
        self._coupling = section.coupling(catalogue.functions)
        self._causal = causal_matrix(failures, catalogue.functions)
        self._coordination = np.array([car.coordination for car in catalogue.cars.values()])
        self.look()

    def look(self) -> None:
        """Look at the roles again: some of them have moved."""
        table = self.catalogue.roles
        self.control = roles.control(table, self._weights)
        """(cars, organisations), each row summing to 1"""
        self._contribution = roles.contribution(table, self._causal)
        divided = roles.friction(table, self._coupling, self.section.hand_offs)
        self._felt = roles.felt_friction(divided, self._coordination)

    def contribution(self, car: int, kind: FailureKind) -> Floats:
        """Assumed contribution to a failure, from the roles: (organisations,), summing to 1."""
        row: Floats = self._contribution[car, FAILURES.index(kind)]
        return row

    def contributions(self, kind: FailureKind) -> Floats:
        """The same for every car: (cars, organisations)."""
        rows: Floats = self._contribution[:, FAILURES.index(kind)]
        return rows

    def friction(self, day: float) -> Floats:
        """Friction of each car on a day, with what learning and quarrels add: (cars,) in [0, 1]."""
        learning = np.minimum(self._felt + self.transitions.friction(day), 1.0)
        return self.alliances.friction(learning, day / DAYS)

    def lead_weeks(self, day: float) -> Floats:
        """Lead time that friction adds to each car: (cars,) in weeks."""
        return self.section.lead_weeks * self.friction(day)
