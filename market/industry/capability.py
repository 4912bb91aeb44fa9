"""Capability: what organisations can do around a car, by task and city tier, learned by doing.

What has been learned stays with the organisation and serves its next car: that is what "a repeatable platform skill"
means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, value
from market.organisations import TASKS, Organisation, capability

Amounts = NDArray[np.float64]


class CapabilityLearning(Section):
    """How fast doing teaches."""

    rate: float = value(
        0.3, unit="", meaning="exponent of the learning curve of what is still missing; 0: nothing is learned", ge=0.0,
        le=5.0, source="judgement: each doubling removes 19 % of what is missing, as learning curves do for costs",
    )  # fmt: skip
    jobs: float = value(
        20_000.0, unit="jobs", meaning="done by an organisation in one tier when learning is under way", gt=0.0, le=1e12
    )


def learned(start: ArrayLike, done: ArrayLike, section: CapabilityLearning) -> Amounts:
    """Capability in 0-1 after some jobs: 1 - (1 - start)(1 + done / jobs)^-rate, by broadcasting.

    >>> learned(0.2, [0.0, 3_000.0], CapabilityLearning(rate=0.5, jobs=1_000.0)).round(3).tolist()
    [0.2, 0.6]
    """
    left = (1.0 + np.asarray(done, float) / section.jobs) ** -section.rate
    begun = np.asarray(start, float)
    return begun + (1.0 - begun) * (1.0 - left)


def learned_of_one(start: float, done: float, section: CapabilityLearning) -> float:
    """The readable rule behind `learned`."""
    return 1.0 - (1.0 - start) * float((1.0 + done / section.jobs) ** -section.rate)


class Capability:
    """What the organisations of a case can do at this moment."""

    def __init__(
        self, organisations: Mapping[str, Organisation], tiers: Sequence[str], section: CapabilityLearning
    ) -> None:
        """Begin with what the case states; organisations in sorted order, tiers as given."""
        self.section = section
        self.start = capability(organisations, tiers)
        """(organisations, tasks, tiers) in 0-1"""
        self.done = np.zeros(self.start.shape)
        """(organisations, tasks, tiers) jobs since the start of the run"""
        self.now = self.start.copy()
        """(organisations, tasks, tiers) in 0-1"""

    def learn(self, jobs: Amounts) -> None:
        """Jobs have been done: (organisations, tasks, tiers), in households served. Who does nothing learns nothing.

        Raises ValueError for jobs below 0.
        """
        if (jobs < 0.0).any():
            raise ValueError(f"jobs: {jobs.min()} were given; they must be at least 0")
        self.done = self.done + jobs
        self.now = learned(self.start, self.done, self.section)

    def jobs_of(self, task: str, amount: Amounts, holders: Amounts) -> Amounts:
        """Jobs of one task as `learn` takes them: `amount` (cars, tiers) done by who holds a role.

        `holders` is (cars, organisations), each row summing to 1. Raises ValueError for an unknown task.
        """
        names: tuple[str, ...] = TASKS
        if task not in names:
            raise ValueError(f"task: {task} was given; it must be one of {', '.join(names)}")
        jobs = np.zeros(self.start.shape)
        jobs[:, names.index(task)] = holders.T @ amount
        return jobs

    def of(self, task: str, holders: Amounts) -> Amounts:
        """What those who hold a role can do: (cars, tiers), the mean over `holders` (cars, organisations)."""
        names: tuple[str, ...] = TASKS
        return holders @ self.now[:, names.index(task)]
