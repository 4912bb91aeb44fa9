"""The rules of trust: how an observation moves it, how it recovers, and what lost trust does to those who wait.

`T += g x (evidence - T)`, `g = w x max(1 / (k + n), g_min)`: with equal weights, no floor and no recovery this is the
mean of a beta distribution after as many observations (Raiffa & Schlaifer 1961).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.calendar import DAYS
from market.fields import Section, Share, value


class TrustSection(Section):
    """How trust moves, and what it does to choices and orders."""

    prior_weight: float = value(
        10.0, unit="observations", meaning="weight k of the first impression against later evidence", gt=0.0, le=1e9
    )
    floor: Share = value(
        0.02, unit="share", meaning="least part g_min of the way that an observation moves trust; 0: none"
    )
    loss_weight: float = value(
        2.0, unit="observations", meaning="weight of evidence below trust; 0: trust is never lost", ge=0.0, le=1e3,
        grade="D", source="the laboratory says 1.5-2.5",
    )  # fmt: skip
    gain_weight: float = value(
        1.0, unit="observations", meaning="weight of evidence above trust; 0: only time restores it", ge=0.0, le=1e3
    )
    half_life_days: float = value(
        45.0, unit="days", meaning="until half of a deviation from the baseline is gone; 0: it stays", ge=0.0, le=1e9,
        grade="D", source="slow trust half-life, 30-60 days",
    )  # fmt: skip
    experienced: float = value(
        2.0, unit="observations", meaning="weight of a failure of one's own of severity 1; 0: none", ge=0.0, le=1e3
    )
    late_weeks: float = value(
        8.0, unit="weeks", meaning="delay of one's own car that weighs like a failure of severity 1", gt=0.0, le=1e4
    )
    heard: float = value(
        1.0, unit="observations", meaning="weight of a failure of severity 1 that one hears of; 0: none", ge=0.0,
        le=1e3,
    )  # fmt: skip
    remedied: float = value(
        1.0, unit="observations", meaning="weight of a remedy that makes good all that one lost; 0: none", ge=0.0,
        le=1e3,
    )  # fmt: skip
    choice_weight: float = value(
        3.0, unit="utility", meaning="worth of full trust against none in those whose face is on the car; 0: none",
        ge=0.0, le=100.0, grade="D", source="judgement: losing a baseline of .6 weighs like 30-50 thousand CNY",
    )  # fmt: skip
    cancelling_per_week: float = value(
        0.3, unit="per week", meaning="added hazard of cancelling when all trust is lost; 0: none", ge=0.0, le=100.0
    )


def gain(weight: ArrayLike, so_far: ArrayLike, prior_weight: float, floor: float = 0.0) -> NDArray[np.floating]:
    """Part of the way to the evidence that trust goes, at most all of it: `weight x max(1 / (k + n), g_min)`.

    `weight` and `so_far` (any shape) are in observations; n counts the observation itself. The floor is in proportion
    to the weight, so that who is hardly blamed hardly loses trust.

    >>> gain(1.0, 1.0, prior_weight=9.0).item()
    0.1
    >>> gain(2.0, 992.0, prior_weight=8.0, floor=0.05).item()
    0.1
    """
    per_observation = np.maximum(1.0 / (prior_weight + np.asarray(so_far)), floor)
    return np.minimum(np.asarray(weight) * per_observation, 1.0)


def gain_of_one(weight: float, so_far: float, prior_weight: float, floor: float = 0.0) -> float:
    """The readable rule behind `gain`."""
    return min(weight * max(1.0 / (prior_weight + so_far), floor), 1.0)


def updated(
    trust: ArrayLike, so_far: ArrayLike, evidence: ArrayLike, weight: ArrayLike, section: TrustSection
) -> tuple[NDArray[np.floating], NDArray[np.floating]]:
    """Trust after an observation, and the evidence so far including it; shapes broadcast.

    `trust` and `evidence` are in [0, 1], `so_far` and `weight` in observations. Evidence below trust is a loss, any
    other a gain; both have weights of their own. Where the weight is 0 nothing moves.

    >>> plain = TrustSection(prior_weight=10.0, floor=0.0, loss_weight=1.0, gain_weight=1.0)
    >>> trust, so_far = np.float64(0.8), np.float64(0.0)
    >>> for success in 11 * [1.0] + 9 * [0.0]:
    ...     trust, so_far = updated(trust, so_far, success, 1.0, plain)
    >>> round(float(trust), 6), float(so_far)  # the mean of a beta distribution (8, 2) after 11 of 20
    (0.633333, 20.0)
    """
    before, shown = np.asarray(trust), np.asarray(evidence)
    felt = np.asarray(weight) * np.where(shown < before, section.loss_weight, section.gain_weight)
    seen = np.asarray(so_far) + felt
    return before + gain(felt, seen, section.prior_weight, section.floor) * (shown - before), seen


def updated_of_one(
    trust: float, so_far: float, evidence: float, weight: float, section: TrustSection
) -> tuple[float, float]:
    """The readable rule behind `updated`."""
    felt = weight * (section.loss_weight if evidence < trust else section.gain_weight)
    seen = so_far + felt
    return trust + gain_of_one(felt, seen, section.prior_weight, section.floor) * (evidence - trust), seen


def recovered(deviation: ArrayLike, days: ArrayLike, half_life_days: float) -> NDArray[np.floating]:
    """What is left of a deviation from the baseline after some days; a half-life of 0 means all of it.

    >>> recovered([-0.2, 0.1], 90.0, half_life_days=45.0).tolist()
    [-0.05, 0.025]
    """
    if half_life_days == 0.0:
        return np.asarray(deviation) * np.ones_like(days, float)
    return np.asarray(deviation) * np.exp2(np.asarray(days) / -half_life_days)


def recovered_of_one(deviation: float, days: float, half_life_days: float) -> float:
    """The readable rule behind `recovered`."""
    return float(deviation * 0.5 ** (days / half_life_days)) if half_life_days else deviation


def lost_of_one(deviation: dict[str, float], face: dict[str, float]) -> float:
    """The readable rule behind `Trust.lost`: trust lost in each organisation counts by its share of the face."""
    return sum(share * max(-deviation[key], 0.0) for key, share in face.items())


def felt_of_one(deviation: dict[str, float], face: dict[str, float]) -> float:
    """The readable rule behind `Trust.felt`: face-weighted trust less its baseline."""
    return sum(share * deviation[key] for key, share in face.items())


def cancelling_of_one(lost: float, since_weeks: float, until_weeks: float, section: TrustSection) -> float:
    """The readable rule behind `Trust.cancelling`: the hazard fades with the deviation, halving every half-life.

    `lost` is the trust lost at the last hit; the times are counted from it.
    """
    since, until, half_life = max(since_weeks, 0.0), max(until_weeks, 0.0), section.half_life_days / DAYS
    felt = (
        until - since
        if half_life == 0.0
        else half_life / math.log(2.0) * (0.5 ** (since / half_life) - 0.5 ** (until / half_life))
    )
    return section.cancelling_per_week * lost * felt
