"""Crowds that a story can reach, networks whose laws are known, and ways to run a story in them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.chance import Chance
from market.people.network import Network, small_world
from market.people.orders import IDLE, SEARCHING
from market.stories import talk
from market.stories.news import News, Stories
from market.stories.story import Audience, Heard

Floats = NDArray[np.float64]
PLACES = ("douyin", "jd", "elsewhere")
SILENT_FEED = {"contacts_per_day": 0.0}
ALL_EARS = {"buyers": 1.0, "searching": 1.0, "others": 1.0}
QUIET = {
    "talk_per_tie_per_day": 0.0, "pool_per_day": 0.0, "retelling": 0.0, "feed": SILENT_FEED, "interest": ALL_EARS,
    "ends_below": 0.0,
}  # fmt: skip
"""A world in which nobody hears of anything; whoever asks switches on what is asked about."""


def crowd(seed: int, n: int, degree: int = 10, ties: Network | None = None) -> Audience:
    """Two profiles, two strata, six cars; every draw is a consumer's own, so n changes nobody."""
    luck, rows = Chance(seed), np.arange(n)
    profile = luck.category("profile of", rows, [0.45, 0.55]).astype(np.int8)
    stratum = luck.category("stratum of", rows, [0.3, 0.7]).astype(np.int8)
    weight = np.array([2.0, 1.0]) / n
    return Audience(
        chance=luck,
        acquaintances=small_world(luck, n, degree, 0.1) if ties is None else ties,
        profile=profile,
        weight=weight,
        stratum=stratum,
        car=(luck.category("car of", rows, [0.2] * 5) - 1).astype(np.int16),
        driven=np.where(luck.uniform("orders", rows) < 0.1, 2, -1).astype(np.int16),
        stage=np.where(luck.uniform("looks", rows) < 0.3, SEARCHING, IDLE).astype(np.int8),
        use=np.array([[0.6, 1.4, 1.0], [1.3, 0.7, 1.0]]),
        households=np.bincount(profile, weight[stratum], 2).astype(float),
    )


def stories(n: int, **news: Any) -> Stories:
    """No story yet, in a quiet world with some mechanisms switched on."""
    return Stories(News(**{**QUIET, **news}), PLACES, n)


def begin(told: Stories, people: Audience, word: str = "story", **fields: Any) -> Heard:
    """A failure of car 1 becomes known on day 40 and concerns everybody, or `concerned`."""
    concerned = fields.pop("concerned", np.arange(told.n))
    return told.begin(people, word, 1, "quality_defect", 40, np.array([0.7, 0.3]), concerned, **fields)


def spread(told: Stories, people: Audience, days: int, pool: NDArray[np.intp] | None = None) -> Iterator[list[Heard]]:
    """The first days of news, everybody in the pool unless told."""
    for day in range(40, 40 + days):
        yield told.spread(people, day, [np.arange(told.n) if pool is None else pool] * len(told.live))


def aware_share(told: Stories, people: Audience) -> float:
    """Share of households that have heard of the first story."""
    return float(told.live[0].informed.sum() / people.households.sum())


def cascade(
    luck: Chance, ties: Network, seeds: NDArray[np.intp], per_tie: float, days: float = 1.0, longest: int = 400
) -> list[NDArray[np.intp]]:
    """Who heard on each day, from the pieces alone: everybody takes in everything, and talks for `days` on average."""
    heard, talkers, told = np.zeros(len(ties), np.int8), seeds, [seeds]
    heard[seeds] = 1
    for day in range(longest):
        new = talk.talk(luck, "tale", day, ties, talkers, heard, per_tie)
        talkers = np.concatenate([talkers[~talk.stops(luck, "tale", day, talkers, days)], new])
        heard[new] = 1
        told.append(new)
        if len(talkers) == 0:
            break
    return told


def reached(told: list[NDArray[np.intp]]) -> int:
    """How many a cascade has reached."""
    return sum(map(len, told))


def copies(ties: Network, number: int) -> Network:
    """Many copies of a small network beside each other."""
    n = len(ties)
    heads, tails = ties.gather(np.arange(n))
    shift = n * np.arange(number)[:, None]
    return Network.directed(n * number, (shift + heads).ravel(), (shift + tails).ravel())


def random_graph(seed: int, n: int, mean_degree: float) -> Network:
    """So many ties between pairs drawn evenly: degrees are Poisson."""
    pairs = np.random.default_rng(seed).integers(0, n, (2, int(n * mean_degree / 2)))
    return Network.from_edges(n, *pairs)


def stubs_joined(states: np.random.Generator, degrees: NDArray[np.int64]) -> Network:
    """A configuration-model graph: stubs joined at random; the few loops and parallel ties are dropped."""
    stubs = states.permutation(np.repeat(np.arange(len(degrees)), degrees))
    pairs = np.sort(stubs[: len(stubs) // 2 * 2].reshape(-1, 2), axis=1)
    pairs = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
    return Network.from_edges(len(degrees), pairs[:, 0], pairs[:, 1])


def complete(n: int) -> Network:
    """Everybody knows everybody else."""
    ends = np.tile(np.arange(n), (n, 1))[~np.eye(n, dtype=bool)]
    return Network(np.arange(0, n * (n - 1) + 1, n - 1), ends.astype(np.int32))


def final_size(ratio: float, seeds: float = 0.0) -> float:
    """The root of r = 1 - (1 - seeds) exp(-R0 r) above 0."""
    from scipy.optimize import brentq

    return float(brentq(lambda r: 1.0 - (1.0 - seeds) * math.exp(-ratio * r) - r, 1e-6, 1.0))


def bass_recursion(p: float, q: float, steps: int, crowd: float = 1.0) -> Floats:
    """Adopting share after each step of F += (1 - F)(1 - exp(-(p + q F)))."""
    share, path = 0.0, []
    for _ in range(steps):
        share += (1.0 - share) * -math.expm1(-(p + q * crowd * share))
        path.append(share)
    return np.array(path)


def bass(p: float, q: float, t: ArrayLike) -> Floats:
    """Bass (1969), equation 6."""
    decay = np.exp(-(p + q) * np.asarray(t, float))
    return np.asarray((1.0 - decay) / (1.0 + q / p * decay))
