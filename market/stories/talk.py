"""Talk: how a story goes from person to person along ties, and inside the pool of those whom it concerns.

Everybody who talks meets each acquaintance with a probability a day; those who meet pass on all that they know. Who
has talked for a day stops with probability 1 / mean days, so talking lasts a geometric time; a mean of one day is the
independent cascade, and the final size is that of bond percolation. Owners' groups mix everybody with everybody: the
hazard of hearing there is in proportion to the share of the pool that talks, as in the classical epidemic (SIR).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.chance import Chance
from market.people.network import Network
from market.people.orders import ORDERED, SEARCHING

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Knowledge = NDArray[np.uint8]
Rows = NDArray[np.intp]
NUMBER_BITS = 20  # a tie is keyed by (talker << 20) + its number among those of the talker
_TALKERS_AT_ONCE = 6_000
HEARD, TALKING, ACTS = 1, 128, 6
"""What one byte of a consumer says of a story: bit 0 has heard of it; bits 1 to 6 has heard of its further acts (from
the sixth on together); bit 7 talks about it."""
TALKING_BIT = 7
KNOWN = 127
"""All bits of knowledge, without that of talking."""
NOTHING: tuple[Rows, Knowledge] = np.empty(0, np.intp), np.empty(0, np.uint8)
"""What nobody was told."""
_TELLS = np.arange(256)[:, None] >> np.arange(1 + ACTS) & 1
"""(256, 1 + ACTS): whether a byte of knowledge tells of the failure, and of each of its further acts."""
BUYER, SEARCHER, BYSTANDER = range(3)
"""Situations, in which people differ in how much of a story they take in."""


class Contacts(NamedTuple):
    """Talkers and whom they told on one day, a row per tie, with the luck that decided (for thinning)."""

    talker: Rows
    listener: Rows
    luck: Floats


def contacts(chance: Chance, word: str, day: int, network: Network, talkers: Rows, probability: float) -> Contacts:
    """The ties of talkers along which a story goes on one day: those whose luck is below `probability`.

    Keyed by the story's word, its day, the talker and the number of the tie; so the work is that of the frontier, and
    whoever listens less looks whether `luck` is below the own probability too.
    """
    parts = [
        _contacts(chance, word, day, network, talkers[low : low + _TALKERS_AT_ONCE], np.float32(probability))
        for low in range(0, len(talkers) if probability > 0.0 else 0, _TALKERS_AT_ONCE)
    ]
    if not parts:
        return Contacts(np.empty(0, np.intp), np.empty(0, np.intp), np.empty(0, np.float32))
    if len(parts) == 1:
        return parts[0]
    return Contacts(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def _contacts(
    chance: Chance, word: str, day: int, network: Network, talkers: Rows, probability: np.float32
) -> Contacts:  # fmt: skip
    first = network.start[talkers].astype(np.int64)
    counts = network.start[talkers + 1] - first
    through = counts.cumsum()
    before = through - counts
    keys = ((talkers.astype(np.int64) << NUMBER_BITS) - before).repeat(counts)
    keys += np.arange(len(keys))
    met, luck = chance.below("talk", keys, float(probability), word, day)
    who = through.searchsorted(met, side="right")
    listener = network.ends[first[who] + met - before[who]]
    return Contacts(talkers[who], listener.astype(np.intp), luck)


def contacts_of_one(
    chance: Chance, word: str, day: int, network: Network, talker: int, probability: float
) -> list[tuple[int, float]]:
    """The readable rule behind `contacts`: whom one talker tells, with the luck of each tie."""
    lucks = (
        (int(listener), chance.one("talk", (talker << NUMBER_BITS) + number, word, day))
        for number, listener in enumerate(network.neighbours(talker))
    )
    return [(listener, luck) for listener, luck in lucks if luck < np.float32(probability)]


def talk(
    chance: Chance, word: str, day: int, network: Network, talkers: ArrayLike, heard: NDArray[np.integer],
    per_tie: float, interest: Floats | float = 1.0,
) -> Rows:  # fmt: skip
    """Who hears of a story first on one day of talk: rows, ascending, of those for whom `heard` (n,) is 0.

    `per_tie` is the probability of each tie of a talker, `interest` (n,) or for all the part that listeners take in.
    """
    met = contacts(chance, word, day, network, np.atleast_1d(np.asarray(talkers, np.intp)), per_tie)
    takes_in = interest[met.listener] if isinstance(interest, np.ndarray) else interest
    told = met.listener[(met.luck < np.float32(per_tie) * np.float32(takes_in)) & (heard[met.listener] == 0)]
    return np.unique(told)


def stops(chance: Chance, word: str, day: int, talkers: Rows, talking_days: float) -> NDArray[np.bool_]:
    """Which talkers have talked for the last time; a mean of 0 days means that nobody ever stops."""
    if talking_days == 0.0:
        return np.zeros(len(talkers), bool)
    if talking_days <= 1.0:
        return np.ones(len(talkers), bool)
    return chance.uniform("falls silent", talkers, word, day) < np.float32(1.0 / talking_days)


def stops_of_one(chance: Chance, word: str, day: int, talker: int, talking_days: float) -> bool:
    """The readable rule behind `stops`."""
    if talking_days <= 1.0:
        return talking_days > 0.0
    return bool(chance.one("falls silent", talker, word, day) < np.float32(1.0 / talking_days))


def told_in_pool(chance: Chance, word: str, day: int, rows: Rows, hazards: Amounts) -> Knowledge:
    """What members of a pool are told there on one day: a byte of knowledge for each row.

    `hazards` (1 + ACTS,) of hearing of the story, and of its further acts: contacts a day when everybody in the pool
    talks, times the share of it that talks and knows. One luck decides on all, so nobody hears only of an answer.
    """
    likely = {bit: np.float32(-math.expm1(-hazard)) for bit, hazard in enumerate(hazards.tolist()) if hazard > 0.0}
    near, luck = chance.below("pool", rows, float(max(likely.values(), default=0.0)), word, day)
    bits, told = np.zeros(len(near), np.uint8), np.zeros(len(rows), np.uint8)
    for bit, share in likely.items():
        bits |= (luck < share).view(np.uint8) << np.uint8(bit)
    told[near] = bits
    return told


def told_in_pool_of_one(chance: Chance, word: str, day: int, row: int, hazards: list[float]) -> int:
    """The readable rule behind `told_in_pool`."""
    luck = chance.one("pool", row, word, day)
    return sum(1 << bit for bit, hazard in enumerate(hazards) if luck < np.float32(-math.expm1(-hazard)))


def together(told: Sequence[tuple[Rows, Knowledge]]) -> tuple[Rows, Knowledge]:
    """Each row once, ascending, with all that it was told by anybody: by each, rows and what they were told."""
    by = [one for one in told if len(one[0])]
    if not by:
        return NOTHING
    rows, bits = by[0] if len(by) == 1 else (np.concatenate(column) for column in zip(*by, strict=True))
    order = rows.argsort(kind="stable")
    rows = rows[order]
    begins = np.empty(len(rows), bool)
    begins[0] = True
    np.not_equal(rows[1:], rows[:-1], begins[1:])
    starts = begins.nonzero()[0]
    return rows[starts], np.bitwise_or.reduceat(bits[order], starts)


def pool_hazards(heard: Knowledge, contacts_per_day: float) -> Amounts:
    """Hazards a day of being told in groups of the failure, and of each further act: (1 + ACTS,).

    Contacts a day times the share of the members that talks and knows; `heard` (members,) is what each knows.
    """
    counts = np.bincount(heard[heard >= TALKING], minlength=256) @ _TELLS
    return counts * np.float64(contacts_per_day / len(heard))


def has(
    car: NDArray[np.integer], driven: NDArray[np.integer], stage: NDArray[np.int8], this: int
) -> NDArray[np.bool_]:  # fmt: skip
    """Who drives or has ordered car `this`: (rows,).

    `car` is driven or ordered; `driven` is the one still driven while another is on order, and says nothing otherwise.
    """
    return (car == this) | ((driven == this) & (stage >= ORDERED))


def has_of_one(car: int, driven: int, stage: int, this: int) -> bool:
    """The readable rule behind `has`."""
    return this == car or (stage >= ORDERED and this == driven)


def situation(
    car: NDArray[np.integer], driven: NDArray[np.integer], stage: NDArray[np.int8], this: int
) -> NDArray[np.int8]:  # fmt: skip
    """What a story about car `this` is to people: BUYER who drives or ordered it, SEARCHER, BYSTANDER; (rows,)."""
    looking = np.where(stage == SEARCHING, np.int8(SEARCHER), np.int8(BYSTANDER))
    return np.where(has(car, driven, stage, this), np.int8(BUYER), looking)


def situation_of_one(car: int, driven: int, stage: int, this: int) -> int:
    """The readable rule behind `situation`."""
    if has_of_one(car, driven, stage, this):
        return BUYER
    return SEARCHER if stage == SEARCHING else BYSTANDER
