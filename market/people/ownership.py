"""Owning: what the experience is worth against what was expected, and when the next car is needed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from market.chance import Chance
from market.fields import Section, value

Floats = NDArray[np.float32]


class Ownership(Section):
    """How cars are experienced and replaced."""

    replacement_weeks: float = value(
        312.0, unit="weeks", meaning="scale of the time from one car to the next need (Weibull)", gt=0.0, le=1e7,
        grade="C", source="cars are kept about six years",
    )  # fmt: skip
    replacement_shape: float = value(
        3.0, unit="", meaning="shape of that time; 1: constant hazard 1/replacement_weeks", ge=0.2, le=20.0
    )
    experience_sd: float = value(
        0.5, unit="utility", meaning="spread of experience between owners of one car", ge=0.0, le=10.0
    )
    expectation_weight: float = value(
        1.0, unit="ratio", meaning="part of the promise that becomes the yardstick", ge=0.0, le=10.0
    )
    late_penalty: float = value(
        0.08, unit="utility per week", meaning="experience lost for each week of late delivery", ge=0.0, le=10.0
    )


def replacement(chance: Chance, section: Ownership, rows: NDArray[np.intp], spell: NDArray[np.int16]) -> Floats:
    """Market time from having a car to needing the next, in weeks: the cumulated hazard crosses a unit exponential."""
    draws = chance.exponential("replacement", rows, spell)
    return np.float32(section.replacement_weeks) * draws ** np.float32(1.0 / section.replacement_shape)


def replacement_of_one(chance: Chance, section: Ownership, row: int, spell: int) -> float:
    """The readable rule behind `replacement`."""
    threshold = -math.log(chance.one("replacement", row, columns=(spell,)))
    return section.replacement_weeks * float(threshold ** (1.0 / section.replacement_shape))


def satisfaction(
    chance: Chance,
    section: Ownership,
    rows: NDArray[np.intp],
    spell: NDArray[np.int16],
    quality: Floats,
    expectation: Floats,
    late_weeks: Floats,
) -> Floats:
    """Experience less expectation, in utility: one entry per row."""
    experience = quality + np.float32(section.experience_sd) * chance.normal("experience", rows, spell)
    experience -= np.float32(section.late_penalty) * np.maximum(late_weeks, 0)
    return experience - np.float32(section.expectation_weight) * expectation


def satisfaction_of_one(
    section: Ownership, shock: float, quality: float, expectation: float, late_weeks: float
) -> float:
    """The readable rule behind `satisfaction`; `shock` is this owner's standard normal luck."""
    experience = quality + section.experience_sd * shock - section.late_penalty * max(late_weeks, 0.0)
    return experience - section.expectation_weight * expectation
