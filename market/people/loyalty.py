"""Loyalty: what owners say of their car, how they use the platform that cares for it, and what they are worth to it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.people.aftersales import PLATFORM, Aftersales

Floats = NDArray[np.float32]
LOUDEST = 4.0
"""Nobody talks more than this many times as much as an owner without an opinion, or less than the inverse."""


def referral(section: Aftersales, satisfaction: Floats, grievance: Floats) -> Floats:
    """How much more some owners talk of their car than one without an opinion, a ratio: (rows,).

    Grown by satisfaction and cut by grievance, both in utility.
    """
    bound = np.float32(math.log(LOUDEST))
    louder = satisfaction - grievance
    louder *= np.float32(section.referral)
    np.maximum(louder, -bound, out=louder)
    np.minimum(louder, bound, out=louder)
    return np.exp(louder, out=louder)


def referral_of_one(section: Aftersales, satisfaction: float, grievance: float) -> float:
    """The readable rule behind `referral`.

    >>> round(referral_of_one(Aftersales(referral=0.5), satisfaction=1.0, grievance=0.0), 4)
    1.6487
    """
    return min(max(math.exp(section.referral * (satisfaction - grievance)), 1.0 / LOUDEST), LOUDEST)


def platform_pull(
    section: Aftersales,
    provider: NDArray[np.integer],
    platform: NDArray[np.integer],
    grievance: Floats,
    sold_by: NDArray[np.integer],
) -> Floats:
    """Utility at replacement of offers sold by the platform that last cared for the car driven: (rows, offers).

    `provider` (rows,) as the column keeps it, `platform` (rows,) the organisation behind the platform's side of the car
    driven (-1: none), `sold_by` (offers,) the platform that sells an offer (-1: none). A grievance takes from it as
    much as it is worth, down to nothing.
    """
    pull = np.maximum(np.float32(section.platform_loyalty) - np.maximum(grievance, 0), 0)
    pull = np.where((provider == PLATFORM) & (platform >= 0), pull, np.float32(0.0))
    return np.where(platform[:, None] == sold_by, pull[:, None], np.float32(0.0)).astype(np.float32)


def platform_pull_of_one(section: Aftersales, cared_by: str | None, sold_by: str | None, grievance: float) -> float:
    """The readable rule behind `platform_pull`: `cared_by` is the platform that cared last, None for anybody else."""
    if cared_by is None or cared_by != sold_by:
        return 0.0
    return max(section.platform_loyalty - max(grievance, 0.0), 0.0)


def media_use_factor(section: Aftersales, served: NDArray[np.floating], households: NDArray[np.floating]) -> Floats:
    """Time on each platform as a ratio to what it was before anybody owned its cars: (profiles, platforms + 1).

    `served` is (profiles, platforms) households whose car the platform cares for, `households` (profiles,) all of the
    profile. The last column is time elsewhere, which nothing changes.

    >>> media_use_factor(Aftersales(time_on_platform=0.2), np.array([[50.0]]), np.array([100.0])).round(2).tolist()
    [[1.100000023841858, 1.0]]
    """
    share = np.divide(served, households[:, None], out=np.zeros(served.shape), where=households[:, None] > 0)
    factor = 1.0 + section.time_on_platform * share.clip(0.0, 1.0)
    return np.hstack([factor, np.ones((len(served), 1))]).astype(np.float32)


def lifetime_value(cny_per_year: ArrayLike, retention: ArrayLike, discount_per_year: float) -> NDArray[np.float64]:
    """Present value in CNY of a customer who spends so much each year and stays with a probability, from now on.

    The geometric series m (1 + i) / (1 + i - r) of Gupta & Lehmann (2003), with the first payment now.

    >>> lifetime_value(1_000.0, 0.6, 0.2).item()
    2000.0
    """
    spent, stays = np.asarray(cny_per_year, float), np.asarray(retention, float)
    return spent * (1.0 + discount_per_year) / (1.0 + discount_per_year - stays)
