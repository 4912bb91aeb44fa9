"""Hazards of failure: how often households have cause to complain, by car and kind.

They depend on quality, friction, capability and the strain between partners. How many households complain is reckoned
in expectation, so nothing depends on how many consumers stand for them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.happenings import FAILURES
from market.stories.failures import CLAIM, DEFECT, DELAY, QUARREL, SERVICE, SWAP, TERM, Failures, FailureSection

Floats = NDArray[np.float64]
WEEKS_A_YEAR = 365.25 / 7.0


class Kinds(NamedTuple):
    """What the case states of the kinds of failure, as arrays over them."""

    rate: Floats
    """complaints per household and year"""
    alone: Floats
    friction_effect: Floats
    missing_effect: Floats
    quality_effect: Floats
    tasks: tuple[str | None, ...]
    functions: tuple[str | None, ...]

    @classmethod
    def of(cls, section: Failures) -> Kinds:
        """Lay them out, in the order of `FAILURES`."""
        every = section.every()
        rate, alone, rubbing, missing, quality = np.array(
            [[k.per_thousand / 1e3, k.alone, k.friction_effect, k.missing_effect, k.quality_effect] for k in every]
        ).T
        tasks, functions = tuple(kind.task for kind in every), tuple(kind.function for kind in every)
        return cls(rate, alone, rubbing, missing, quality, tasks, functions)


def ability(
    section: Failures | Kinds, capability: ArrayLike, tasks: Sequence[str], tiers: ArrayLike, roles: ArrayLike,
    functions: Sequence[str],
) -> Floats:  # fmt: skip
    """How well those who hold the function that counts can do the task that prevents a kind: (cars, kinds) in [0, 1].

    `capability` is (organisations, tasks, tiers), `tiers` the share of households in each, `roles` (cars, functions,
    organisations). Kinds without a task, or whose task or function the case does not have, are mastered: 1.
    """
    share = np.asarray(roles, float)
    everywhere = np.asarray(capability, float) @ np.asarray(tiers, float)
    able = np.ones((len(share), len(FAILURES)))
    kinds = section if isinstance(section, Kinds) else Kinds.of(section)
    for k, (task, function) in enumerate(zip(kinds.tasks, kinds.functions, strict=True)):
        if task in tasks and function in functions:
            able[:, k] = share[:, functions.index(function)] @ everywhere[:, tasks.index(task)]
    return able


def hazards(
    section: Failures | Kinds, friction: ArrayLike, quality: ArrayLike, ability: ArrayLike = 1.0,
    disagreement: ArrayLike = 1.0,
) -> Floats:  # fmt: skip
    """Complaints per household and year, (cars, kinds); of delays: per household and week late.

    `rate x (alone + friction effect x friction + missing effect x (1 - ability)) x exp(-quality effect x quality)`.
    `friction`, `quality` and `disagreement` are (cars,) or scalars, `ability` (cars, kinds); `disagreement` multiplies
    the hazard of partners who contradict each other (see `answers.Alliances`).

    >>> hazards(Failures(), friction=[0.0, 0.5], quality=0.0)[:, CLAIM].round(4).tolist()
    [0.004, 0.006]
    """
    kinds = section if isinstance(section, Kinds) else Kinds.of(section)
    rub, good, quarrel = (np.atleast_1d(np.asarray(a, float)) for a in (friction, quality, disagreement))
    cause = kinds.alone + kinds.friction_effect * rub[:, None]
    cause = cause + kinds.missing_effect * (1.0 - np.asarray(ability, float))
    cause = cause * kinds.rate * np.exp(-kinds.quality_effect * good[:, None])
    cause[:, QUARREL] *= quarrel
    return cause


def hazard_of_one(
    kind: FailureSection, friction: float, quality: float, ability: float = 1.0, disagreement: float = 1.0
) -> float:
    """The readable rule behind `hazards`: one car and kind; `disagreement` is 1 but for partners who disagree."""
    cause = kind.alone + kind.friction_effect * friction + kind.missing_effect * (1.0 - ability)
    return cause * kind.per_thousand / 1e3 * math.exp(-kind.quality_effect * quality) * disagreement


def expected_complaints(
    rates: ArrayLike, owners: ArrayLike, orders: ArrayLike, late: ArrayLike, renters: ArrayLike, uninformed: ArrayLike,
    weeks: float = 1.0,
) -> Floats:  # fmt: skip
    """Households that complain in some weeks, in expectation: (cars, kinds).

    All counts are (cars,) households: who owns the car, who has it on order, whose order is late, who rents the battery
    under a plan with swaps, and who is under a plan with a term that has not been displayed.

    >>> year = 365.25 / 7.0
    >>> rates = hazards(Failures(), friction=0.0, quality=0.0)
    >>> float(expected_complaints(rates, [1000], [0], [0], [0], [0], weeks=year)[0, DEFECT].round(9))
    12.0
    """
    own, ordered, delayed, rent, unaware = (np.asarray(a, float) for a in (owners, orders, late, renters, uninformed))
    years = weeks / WEEKS_A_YEAR
    exposure = np.empty((len(own), len(FAILURES)))
    exposure[:, DELAY] = delayed * weeks
    exposure[:, DEFECT] = exposure[:, SERVICE] = own * years
    exposure[:, SWAP], exposure[:, TERM] = rent * years, unaware * years
    exposure[:, CLAIM] = exposure[:, QUARREL] = (own + ordered) * years
    return np.asarray(rates, float) * exposure
