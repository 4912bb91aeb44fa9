"""The path from a choice to a car: reservation, test drive, deposit, locked order, delivery - or giving up.

Everybody who has chosen stands in one waiting list, in order of arrival. The channel says whether the deposit comes
before the test drive; test drives have a capacity, first come, first served. Waiting consumers cancel when their
cumulated hazard crosses a unit exponential; it grows with delay and with a revealed term and falls with what would
be forfeited.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, value

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]
Amounts = NDArray[np.float64]
IDLE, SEARCHING, RESERVED, TESTING, ORDERED, LOCKED = range(6)
STAGES = ("idle", "searching", "reserved", "test_drive", "ordered", "locked")
"""IDLE: needs no car. SEARCHING. RESERVED: refundable reservation. TESTING: waits for a test drive before any deposit.
ORDERED: deposit paid, not locked. LOCKED: waits for delivery."""
MOMENT = 1e-4
"""Weeks (a minute): times are kept in float32, so what is due within a moment is due now, wherever a week is cut."""


class Orders(Section):
    """How consumers behave between choice and delivery."""

    calm_per_week: float = value(
        0.004, unit="per week", meaning="hazard of cancelling an order without any cause", ge=0.0, le=100.0,
    )  # fmt: skip
    reservation_loss_per_week: float = value(
        0.1, unit="per week", meaning="hazard of dropping a free reservation", ge=0.0, le=100.0
    )
    late_per_week: float = value(
        0.02,
        unit="per week and week late",
        meaning="added hazard of cancelling for each week beyond the promise",
        ge=0.0,
        le=100.0,
    )
    forfeit_effect: float = value(
        0.15, unit="per 1,000 CNY", meaning="fall of the log hazard with what would be forfeited", ge=0.0, le=100.0
    )
    test_drive_sd: float = value(
        1.0, unit="utility", meaning="spread of the surprise in a test drive", ge=0.0, le=100.0,
        grade="C", source="21 % decide in the test drive (2022)",
    )  # fmt: skip
    grievance_per_week: float = value(
        0.25, unit="per week and utility", meaning="added hazard of cancelling for each unit of grievance; 0: none",
        ge=0.0, le=100.0,
    )  # fmt: skip
    grievance_half_life_weeks: float = value(
        1.0, unit="weeks", meaning="half-life of a grievance", gt=0.0, le=1e6,
        grade="A", source="Weibo hot-list archive: attention with flare-ups, 7 days",
    )  # fmt: skip
    second_search_weeks: float = value(1.0, unit="weeks", meaning="search after giving up a car", ge=0.0, le=104.0)


@dataclass(frozen=True)
class Terms:
    """The channels as arrays over channels: what the path asks of each."""

    deposit_first: NDArray[np.bool_]
    reservation_weeks: Floats
    lock_weeks: Floats
    forfeit: Floats
    """(stages, channels): thousand CNY lost by cancelling in that stage"""


def cumulated_in_line(line: ArrayLike, amount: ArrayLike) -> NDArray[np.float64]:
    """What each of a queue and all those ahead in the same line need together: (waiting,), in order of arrival.

    >>> cumulated_in_line([0, 1, 0], [2.0, 1.0, 2.0]).tolist()
    [2.0, 1.0, 4.0]
    """
    line, amount = np.asarray(line), np.asarray(amount, float)
    if len(line) == 0:
        return np.zeros(0)
    order = np.argsort(line, kind="stable")
    queue = line[order]
    cumulated = np.cumsum(amount[order])
    begins = np.flatnonzero(np.concatenate([[True], queue[1:] != queue[:-1]]))
    before = np.concatenate([[0.0], cumulated])[begins]
    together = np.empty(len(line))
    together[order] = cumulated - np.repeat(before, np.diff(np.append(begins, len(queue))))
    return together


def serve_in_order(line: ArrayLike, amount: ArrayLike, available: ArrayLike) -> NDArray[np.bool_]:
    """First come, first served: who is served from what is available.

    `line` (waiting,) says in which queue each stands, in order of arrival; `amount` what each needs; `available`
    (queues,) what there is. Nobody is served before those ahead in the same queue. A consumer stands for many
    households: whoever finds at least half of what is needed is served, so that on average nothing is left over or
    owed, however many households one consumer stands for.

    >>> serve_in_order([0, 1, 0, 0], [2.0, 1.0, 2.0, 1.0], [2.5, 5.0]).tolist()
    [True, True, False, False]
    """
    line, amount, available = np.asarray(line), np.asarray(amount, float), np.asarray(available, float)
    if (np.bincount(line, amount, len(available)) <= available).all():
        return np.ones(len(line), bool)
    return finds_half(cumulated_in_line(line, amount), amount, available[line])


def finds_half(together: Amounts, amount: Amounts, available: Amounts) -> NDArray[np.bool_]:
    """Whether those ahead leave at least half of what one needs; `together` is from `cumulated_in_line`."""
    return together - 0.5 * amount <= available * (1.0 + 1e-12)


def after_choice(
    stage: int, *, launched: bool, deposit_first: bool, waited_weeks: float, reservation_weeks: float, lock_weeks: float
) -> int:
    """The readable rule: where a waiting consumer stands next, before any test drive.

    A reservation becomes a deposit (or a place in the queue for a test drive) once the car is on sale and the
    reservation has run its time; a deposit locks when its time is over, test drive or not.
    """
    if stage == RESERVED and launched and waited_weeks + MOMENT >= reservation_weeks:
        return ORDERED if deposit_first else TESTING
    if stage == ORDERED and waited_weeks + MOMENT >= lock_weeks:
        return LOCKED
    return stage


def advance(
    stage: NDArray[np.int8],
    *,
    launched: NDArray[np.bool_],
    channel: NDArray[np.intp],
    waited_weeks: Floats,
    terms: Terms,
) -> NDArray[np.int8]:
    """`after_choice` for columns: one entry per waiting consumer."""
    ready = (stage == RESERVED) & launched & (waited_weeks + MOMENT >= terms.reservation_weeks[channel])
    locks = (stage == ORDERED) & (waited_weeks + MOMENT >= terms.lock_weeks[channel])
    following = stage.copy()
    following[ready] = np.where(terms.deposit_first[channel[ready]], ORDERED, TESTING)
    following[locks] = LOCKED
    return following


@dataclass(frozen=True)
class Anger:
    """A revealed term: a hazard of cancelling that begins at a time (weeks), and halves every `half_life` weeks."""

    hazard: float
    begins: float
    half_life: float

    def cumulated(self, begins: ArrayLike, ends: ArrayLike) -> NDArray[np.float64]:
        """The hazard cumulated between two times, in weeks, after it began.

        >>> round(Anger(0.5, 10.0, 2.0).cumulated(10.0, 12.0).item() * math.log(2.0), 6)
        0.5
        """
        since, until = (np.maximum(np.asarray(t, float) - self.begins, 0.0) for t in (begins, ends))
        return (
            self.hazard
            * self.half_life
            / math.log(2.0)
            * (0.5 ** (since / self.half_life) - 0.5 ** (until / self.half_life))
        )


def cumulated_hazard(
    stage: NDArray[np.int8], begins: Floats, ends: Floats, promised: Floats, revealed: Floats, forfeit: Floats,
    ratio: Floats, section: Orders,
) -> Floats:  # fmt: skip
    """Hazard of giving up, cumulated from `begins` to `ends` (weeks) in one stage: (waiting,).

    Lateness grows while one waits, so its part is quadratic. `revealed` is what revealed terms add in that time,
    `forfeit` thousand CNY at stake, `ratio` that of the profile.
    """
    calm = np.where(stage == RESERVED, np.float32(section.reservation_loss_per_week), np.float32(section.calm_per_week))
    hazard = calm * (ends - begins)
    by_end = np.maximum(ends - promised, 0)
    if by_end.any():
        by_begin = np.maximum(begins - promised, 0)
        hazard += np.float32(section.late_per_week / 2.0) * (by_end * by_end - by_begin * by_begin)
    hazard += revealed
    hazard *= ratio * np.exp(np.float32(-section.forfeit_effect) * forfeit)
    hazard[stage == TESTING] = 0.0
    return hazard


def cumulated_hazard_of_one(
    stage: int,
    begins: float,
    ends: float,
    promised: float,
    revealed: float,
    forfeit: float,
    ratio: float,
    section: Orders,
) -> float:
    """The readable rule behind `cumulated_hazard`; who waits for a first test drive has nothing to cancel."""
    if stage == TESTING:
        return 0.0
    calm = section.reservation_loss_per_week if stage == RESERVED else section.calm_per_week
    late = (max(ends - promised, 0.0) ** 2 - max(begins - promised, 0.0) ** 2) / 2.0
    cause = calm * (ends - begins) + section.late_per_week * late + revealed
    return cause * ratio * math.exp(-section.forfeit_effect * forfeit)


def likes_the_drive(margin: Floats, surprise: Floats, section: Orders) -> NDArray[np.bool_]:
    """Who keeps the car after the test drive: the margin over the best alternative survives the surprise."""
    return margin + np.float32(section.test_drive_sd) * surprise >= 0


def likes_the_drive_of_one(margin: float, surprise: float, section: Orders) -> bool:
    """The readable rule behind `likes_the_drive`; `surprise` is standard normal."""
    return margin + section.test_drive_sd * surprise >= 0.0
