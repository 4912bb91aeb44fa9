"""Feeds: what platforms show to everybody, and how what is hot gets hotter.

A story has a heat at every place (the platforms, then "elsewhere": other sites, papers, talk shows). A feed shows a
topic in proportion to a power of its heat above 1, so that twice the heat is more than twice the contacts until the
feed is full of it. Heat halves every `half_life_days`; each act of the story adds to it, and so do people who hear of
it first and react. Contacts are per day of an average user; who spends twice the time at a place has twice as many.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.chance import Chance
from market.fields import Section, value

Floats = NDArray[np.float32]
Amounts = NDArray[np.float64]
Rows = NDArray[np.intp]
LEAST = 2.0**-24
"""The smallest number that `Chance.uniform` gives: what is less probable happens to nobody."""


class Feed(Section):
    """How one place amplifies topics. `contacts_per_day = 0` switches it off, `engagement = 0` its reactions."""

    contacts_per_day: float = value(
        0.5, unit="contacts a day", meaning="with a topic that fills the whole feed, of an average user; 0: no feed",
        ge=0.0, le=100.0,
    )  # fmt: skip
    half_life_days: float = value(
        1.5, unit="days", meaning="half-life of the heat of a topic", gt=0.0, le=1e6, grade="A",
        source="Weibo hot-list archive: a whole event 1.1-1.7 days",
    )  # fmt: skip
    exponent: float = value(
        1.5, unit="exponent", meaning="contacts grow with this power of the heat; 1: in proportion", ge=1.0, le=5.0
    )
    usual_heat: float = value(
        4.0,
        unit="heat",
        meaning="of all usual topics together, each about 1, that a story competes with",
        gt=0.0,
        le=1e6,
    )
    engagement: float = value(
        2.0, unit="heat", meaning="added if a whole audience heard of the story at once; 0: nobody reacts", ge=0.0,
        le=1e4,
    )  # fmt: skip


def attention_step(heat: ArrayLike, days: ArrayLike, half_life_days: ArrayLike) -> Amounts:
    """Heat after some days without any act, by broadcasting.

    An answer that comes six days late finds little left to answer:

    >>> attention_step(1.0, 6.0, 1.5).item()
    0.0625
    """
    return np.asarray(heat, float) * 0.5 ** (np.asarray(days, float) / np.asarray(half_life_days, float))


def feed_contacts(heats: ArrayLike, feed: Feed) -> Amounts:
    """Contacts a day of an average user with each of several stories at one place: (stories,).

    With H the heats, contacts x H^g / (sum of all H^g + usual^g): stories compete with each other and with the rest.

    >>> feed_contacts([4.0, 0.0], Feed(contacts_per_day=0.5, usual_heat=4.0)).tolist()
    [0.25, 0.0]
    >>> once, twice = (feed_contacts([heat], Feed(exponent=1.5)).item() for heat in (0.01, 0.02))
    >>> round(twice / once, 2)
    2.83
    """
    powers = np.asarray(heats, float) ** feed.exponent
    return feed.contacts_per_day * powers / (powers.sum() + feed.usual_heat**feed.exponent)


class Feeds:
    """The feeds of all places at once."""

    def __init__(self, feeds: Sequence[Feed]) -> None:
        """Lay them out as arrays over places."""
        self.half_lives = np.array([feed.half_life_days for feed in feeds])
        self.engagement = np.array([feed.engagement for feed in feeds])
        self._most = np.array([feed.contacts_per_day for feed in feeds])
        self._exponent = np.array([feed.exponent for feed in feeds])
        self._usual = np.array([feed.usual_heat**feed.exponent for feed in feeds])

    def contacts(self, heats: Amounts) -> Amounts:
        """`feed_contacts` at every place: heats and contacts are (stories, places)."""
        powers = heats**self._exponent
        return self._most * powers / (powers.sum(axis=0) + self._usual)


def feed_contacts_of_one(heats: Sequence[float], story: int, feed: Feed) -> float:
    """The readable rule behind `feed_contacts`: one story among several."""
    together = sum(heat**feed.exponent for heat in heats) + feed.usual_heat**feed.exponent
    return feed.contacts_per_day * heats[story] ** feed.exponent / together


def reach(contacts: ArrayLike, use: ArrayLike, interest: ArrayLike) -> Amounts:
    """Probability of hearing of a story from the feeds on one day: (profiles, situations).

    `contacts` (places,) a day of an average user; `use` (profiles, places) relative to an average user; `interest`
    (situations,) part of the contacts that are taken in.
    """
    seen = np.asarray(use, float) @ np.asarray(contacts, float)
    return -np.expm1(-np.multiply.outer(seen, np.asarray(interest, float)))


def reached_of_one(
    chance: Chance, word: str, day: int, row: int, contacts: Sequence[float], use: Sequence[float], interest: float
) -> bool:
    """The readable rule behind `shown` and `reach`: whether a consumer hears of it from the feeds on one day."""
    seen = sum(contact * own for contact, own in zip(contacts, use, strict=True))
    return bool(chance.one("feed", row, word, day) < np.float32(-math.expm1(-seen * interest)))


def shown(chance: Chance, word: str, day: int, rows: Rows | range, highest: float) -> tuple[Rows, Floats]:
    """Who of some consumers may have been reached on a day of a story, and the luck by which to tell.

    `highest` is the largest probability of anybody; whoever's luck is below the own probability has been reached.
    Only those whose luck is below `highest` are returned, so that profile and situation are looked up for few.
    """
    if highest <= LEAST:
        return np.empty(0, np.intp), np.empty(0, np.float32)
    near, luck = chance.below("feed", rows, float(np.float32(highest)), word, day)
    return near + rows.start if isinstance(rows, range) else rows[near], luck
