"""What a story does to those who hear it: grievance of those concerned, and doubt of those who are about to choose.

How grievance fades and makes people cancel is a matter of the people: `market.people.grievance`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.cars import Plan
from market.catalogue import annuity
from market.chance import Chance
from market.fields import Section, Share, value

Floats = NDArray[np.float32]
Offers = NDArray[np.integer]


class Deferral(Section):
    """Who would choose a car of which a live story is known may rather wait."""

    share: Share = value(
        0.25, unit="share", meaning="part of them that waits for each story of usual severity; 0: nobody waits"
    )
    weeks: float = value(3.0, unit="weeks", meaning="how long they wait before they decide again", gt=0.0, le=104.0)


def concerned(ordered: Offers, owned: Offers, of_story: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whom a story concerns: who has ordered or owns one of its offers; one entry per consumer.

    `ordered` and `owned` are offers or -1, `of_story` (offers,) those of the car, under the plan if it names one.

    >>> ordered, owned = np.array([0, 1, -1, -1]), np.array([-1, 0, 0, -1])
    >>> concerned(ordered, owned, of_story=np.array([True, False])).tolist()
    [True, True, True, False]
    """
    found = np.zeros(len(ordered), bool)
    for offer in of_story.nonzero()[0].astype(ordered.dtype):
        found |= ordered == offer
        found |= owned == offer
    return found


def concerned_of_one(ordered: int, owned: int, of_story: Sequence[bool]) -> bool:
    """The readable rule behind `concerned`."""
    return any(offer >= 0 and of_story[offer] for offer in (ordered, owned))


def money_beyond_cap(
    km_per_month: ArrayLike, plan: Plan, holding_months: float, rate_per_month: float
) -> NDArray[np.float64]:
    """What a cap costs each driver while the car is kept: present value in CNY, one entry per consumer.

    Nothing for those who drive less, and nothing without a cap.

    >>> terms = {"name": {"en": "rent", "zh": "租"}, "cap_km_per_month": 3_000, "overage_cny_per_km": 0.2}
    >>> money_beyond_cap([1_000, 4_000], Plan(**terms), holding_months=60, rate_per_month=0.0).round(6).tolist()
    [0.0, 12000.0]
    """
    km = np.asarray(km_per_month, float)
    if plan.cap_km_per_month is None:
        return np.zeros(km.shape)
    beyond = np.maximum(km - plan.cap_km_per_month, 0.0)
    return beyond * plan.overage_cny_per_km * annuity(rate_per_month, holding_months)


def money_beyond_cap_of_one(km_per_month: float, plan: Plan, holding_months: float, rate_per_month: float) -> float:
    """The readable rule behind `money_beyond_cap`."""
    if plan.cap_km_per_month is None or km_per_month <= plan.cap_km_per_month:
        return 0.0
    monthly = (km_per_month - plan.cap_km_per_month) * plan.overage_cny_per_km
    return monthly * annuity(rate_per_month, holding_months)


def grievance_of_hearing(severity: float, usual: float, price_taste: ArrayLike, loss_cny: ArrayLike) -> Floats:
    """What those concerned feel on hearing a story, in utility: `severity x (usual + |price taste| x own loss)`.

    `usual` is the grievance of the kind (the surprise), `price_taste` utility per 10,000 CNY (below 0), `loss_cny`
    what it costs this consumer: for most a cap is a surprise and no cost.

    >>> grievance_of_hearing(0.5, usual=1.0, price_taste=[-0.5, -0.5], loss_cny=[0.0, 20_000.0]).tolist()
    [0.5, 1.0]
    """
    taste, loss = np.abs(np.asarray(price_taste, float)), np.asarray(loss_cny, float)
    return np.asarray(severity * (usual + taste * loss / 1e4), np.float32)


def grievance_of_hearing_of_one(severity: float, usual: float, price_taste: float, loss_cny: float) -> float:
    """The readable rule behind `grievance_of_hearing`."""
    return severity * (usual + abs(price_taste) * loss_cny / 10_000.0)


def defers(
    chance: Chance, rows: NDArray[np.intp], spell: NDArray[np.int16], heard: NDArray[np.bool_],
    stories: NDArray[np.uint64], severity: ArrayLike, section: Deferral,
) -> NDArray[np.bool_]:  # fmt: skip
    """Who waits instead of choosing now: one entry per row.

    `heard` (rows, stories) says who knows which live story about the car that he would choose, `stories` are their
    words for chance, `severity` theirs with 0 for one whose question has been answered. One draw for each consumer,
    need and story, so that another story or another consumer changes nothing, and whoever waited for a story waits on
    while it lives.
    """
    if section.share == 0.0 or not heard.any():
        return np.zeros(len(rows), bool)
    likely = np.minimum(section.share * np.asarray(severity, float), 1.0)
    waits = np.zeros(len(rows), bool)
    some = np.flatnonzero(heard.any(axis=1))
    luck = chance.uniform("deferral", rows[some, None], spell[some, None], stories)
    waits[some] = (heard[some] & (luck < likely)).any(axis=1)
    return waits


def defers_of_one(
    chance: Chance, row: int, spell: int, heard: Sequence[int], severity: Sequence[float], section: Deferral
) -> bool:
    """The readable rule behind `defers`: `heard` are the words of the stories that this consumer knows."""
    return any(
        chance.one("deferral", row, columns=(spell, story)) < min(section.share * bad, 1.0)
        for story, bad in zip(heard, severity, strict=True)
    )
