"""News against EoN, a library of network epidemics that nobody here wrote, where it is installed."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.verify.crowds import cascade, reached, stubs_joined
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, means, row
from market.chance import Chance
from market.people.network import Network

TALK, STOPS = "market.stories.talk.talk", "market.stories.talk.stops"
N = 20_000
DEGREES = {2: 0.4, 4: 0.3, 10: 0.2, 30: 0.1}
"""Share of people by their number of acquaintances: few are well connected."""


def mixed_graph(seed: int) -> Network:
    """A configuration-model graph with these degrees."""
    states = np.random.default_rng(seed)
    return stubs_joined(states, states.permutation(np.repeat(list(DEGREES), [int(N * s) for s in DEGREES.values()])))


def first_to_know(luck: Chance, share: float) -> NDArray[np.intp]:
    """Who knows at the start."""
    return np.flatnonzero(luck.uniform("knows at the start", np.arange(N)) < share)


@row(
    "libraries.eon-growth",
    "Share that has not heard after 1, 3, 5, 8 days; p = .2",
    "第 1、3、5、8 天未听说的比例（p = 0.2）",
    "edge-based compartments of EoN (Miller, Kiss & Simon)",
    TALK,
    STOPS,
    needs=("EoN",),
    seconds=1.9,
)
def growth() -> Finding:
    """A heavy-tailed configuration-model graph of 20,000, who know for a day; 1 % know at the start."""
    import EoN

    def generating(x: float) -> float:
        return sum(share * x**degree for degree, share in DEGREES.items())

    def slope(x: float) -> float:
        return sum(degree * share * x ** (degree - 1) for degree, share in DEGREES.items())

    days, rho = [1, 3, 5, 8], 0.01
    _, expected, _, _ = EoN.EBCM_discrete_uniform_introduction(N, generating, slope, 0.2, rho, tmax=12)
    found = []
    for seed in SEEDS:
        luck = Chance(seed)
        told = [len(new) for new in cascade(luck, mixed_graph(seed), first_to_know(luck, rho), 0.2)]
        silent = 1.0 - np.cumsum(told + [0] * 13)[:13] / N
        found.append(silent[days])
    return means(found, np.asarray(expected)[days] / N, known_to=0.003)


@row(
    "libraries.eon-size",
    "Final size on that graph when people talk for 1 and for 4 days; p = .06",
    "同图最终规模：平均谈论 1 天与 4 天（p = 0.06）",
    "attack rate of EoN (Kiss, Miller & Simon 2017)",
    TALK,
    STOPS,
    needs=("EoN",),
    seconds=1.6,
)
def attack_rate() -> Finding:
    """A tie carries the story in the end with probability p / (1 - (1 - p)(1 - 1 / days)), which is all that counts."""
    import EoN

    p, rho, lengths = 0.06, 0.01, (1.0, 4.0)
    carries = [p / (1.0 - (1.0 - p) * (1.0 - 1.0 / days)) for days in lengths]
    expected = [EoN.Attack_rate_discrete(DEGREES, one, rho=rho) for one in carries]
    found = []
    for seed in SEEDS:
        luck, ties = Chance(seed), mixed_graph(seed)
        first = first_to_know(luck, rho)
        found.append([reached(cascade(luck, ties, first, p, days)) / N for days in lengths])
    return means(found, expected, known_to=0.003)
