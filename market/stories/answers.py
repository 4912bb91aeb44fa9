"""Answers: what words and remedies do. They act through remedy, information and refund, and through the alliance.

What an answer moves in the public's knowledge of contributions (admission, blaming a partner) is said in `blame`. How
late an answer comes needs no rule: it meets the attention, grievance and orders that are left.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value
from market.happenings import Answer

Floats = NDArray[np.float64]


class Alliance(Section):
    """What blaming each other does to partners."""

    strain_per_shift: Share = value(
        0.3, unit="share", meaning="part of the goodwill left that is lost when a partner is blamed; 0: none"
    )
    half_life_weeks: float = value(
        26.0, unit="weeks", meaning="half-life of the strain: partners forgive", gt=0.0, le=1e6
    )
    friction_effect: float = value(
        0.5, unit="ratio", meaning="rise of friction when no goodwill is left; 0: none", ge=0.0, le=100.0
    )
    least_goodwill: Share = value(
        0.7, unit="share", meaning="below this goodwill partners contradict each other more often; 0: never"
    )
    disagreement: float = value(
        4.0, unit="ratio", meaning="rise of that hazard when no goodwill is left; 0: none", ge=0.0, le=1e3
    )


def relief(remedy_cny: float, paid_share: float, price_taste: ArrayLike) -> NDArray[np.float32]:
    """What a remedy takes off the grievance of those who get it, in utility: one entry per consumer.

    `price_taste` is utility per 10,000 CNY (below 0): the same money is worth more to whom money matters.

    >>> relief(2_500.0, 1.0, [-0.5, -1.0]).tolist()
    [0.125, 0.25]
    """
    return (np.abs(np.asarray(price_taste, float)) * remedy_cny * paid_share / 1e4).astype(np.float32)


def relief_of_one(remedy_cny: float, paid_share: float, price_taste: float) -> float:
    """The readable rule behind `relief`."""
    return abs(price_taste) * remedy_cny * paid_share / 10_000.0


def ends_the_question(answer: Answer) -> bool:
    """Whether an answer ends what keeps re-igniting the story (the `information` of `Stories.act`).

    Blaming a partner ends nothing: it opens another question.
    """
    return answer.information and answer.shift_to is None


class Alliances:
    """Strain between the partners of each car, in [0, 1]: 0 full goodwill, 1 none. A copy goes its own way."""

    def __init__(self, section: Alliance, cars: int) -> None:
        """Begin without strain."""
        self.section = section
        self._strain, self._since = np.zeros(cars), np.zeros(cars)

    def strain(self, week: float) -> Floats:
        """Strain now, (cars,): it fades with the half-life. `week` must not run backwards."""
        age = np.maximum(week - self._since, 0.0)
        return np.asarray(self._strain * 0.5 ** (age / self.section.half_life_weeks))

    def shift(self, week: float, car: int, severity: float = 1.0) -> None:
        """A partner is blamed in public: part of the goodwill that is left is lost.

        `severity` 1 costs `strain_per_shift` of it, 2 as much as two such stories.
        """
        left = (1.0 - self.strain(week)[car]) * (1.0 - self.section.strain_per_shift) ** severity
        self._strain[car], self._since[car] = 1.0 - left, week

    def friction(self, friction: ArrayLike, week: float) -> Floats:
        """Friction under strain: (cars,), at most 1. Who does all alone has nobody to quarrel with: 0 stays 0."""
        raised = np.asarray(friction, float) * (1.0 + self.section.friction_effect * self.strain(week))
        return np.minimum(raised, 1.0)

    def disagreement(self, week: float) -> Floats:
        """What multiplies the hazard of `partners_disagree`: (cars,), 1 while goodwill is above its least."""
        least, goodwill = self.section.least_goodwill, 1.0 - self.strain(week)
        if least == 0.0:
            return np.ones(len(goodwill))
        return 1.0 + self.section.disagreement * np.maximum(least - goodwill, 0.0) / least
