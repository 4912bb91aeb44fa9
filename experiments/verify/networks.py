"""Networks: the small world of acquaintances, city tiers along it, followers, and preferential attachment."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from experiments.verify.crowds import Floats
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, counts, every, exact, means, row
from market.chance import Chance
from market.people import attachment, network
from market.people.network import Network

SMALL_WORLD, NETWORK = "market.people.network.small_world", "market.people.network.Network"
MANY_PEOPLE = 1_000_000
ASKED = 50_000
SHARES = (0.25, 0.35, 0.4)


def closed_pairs(ties: Network, rows: int) -> float:
    """Pairs of acquaintances who know each other (each in both orders), per consumer, among the first `rows`."""
    from scipy.sparse import csr_array

    matrix = csr_array((np.ones(ties.ends.size, np.int32), ties.ends.copy(), ties.start.copy()), shape=(len(ties),) * 2)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    some = matrix[:rows]
    return float((some @ matrix).multiply(some).sum() / rows)


@row(
    "networks.ring",
    "Clustering of the ring, degree 10: 2/3",
    "度为 10 的环的聚类系数：2/3",
    "3 (k - 2) / 4 (k - 1)",
    SMALL_WORLD,
)
def ring() -> Finding:
    """Nothing rewired: every one of 500 consumers knows the ten next ones."""
    ties = network.small_world(Chance(1), 500, 10, 0.0)
    return exact([closed_pairs(ties, 500) / 90, ties.degree.min(), ties.degree.max()], [2 / 3, 10, 10], 1e-12)


@row(
    "networks.clustering",
    "Clustering at rewiring .05, .1, .3: C(0) (1 - b)^3",
    "重连率 0.05、0.1、0.3 时的聚类系数：C(0)(1 − b)³",
    "Barrat & Weigt (2000), one end of a tie kept",
    SMALL_WORLD,
    seconds=2.0,
)
def clustering() -> Finding:
    """20,000 consumers, twenty seeds; triangles closed by chance, fewer than k^3 / n each, are allowed for."""
    n, rates = 20_000, (0.05, 0.1, 0.3)
    seen = [[closed_pairs(network.small_world(Chance(s), n, 10, b), n) / 90 for b in rates] for s in SEEDS]
    return means(seen, [2 / 3 * (1.0 - b) ** 3 for b in rates], known_to=1_000 / n / 90)


@row(
    "networks.million",
    "A million people at b = .1: clustering, mean and variance of the degree",
    "一百万人、b = 0.1：聚类系数、度的均值与方差",
    "C(0) (1 - b)^3; 10; 5 b (2 - b)",
    SMALL_WORLD,
    seconds=0.6,
)
def million() -> Finding:
    """One network; clustering among 50,000 of its people. The bound is four standard errors of that sample."""
    ties = network.small_world(Chance(1), MANY_PEOPLE, 10, 0.1)
    degree = ties.degree
    seen = [closed_pairs(ties, ASKED) / 90, float(degree.mean())]
    error = np.sqrt(2.0 / MANY_PEOPLE) * 0.95
    spread = exact(float(degree.var()), 0.95, 4.0 * error * 1.2)
    return every(exact(seen[0], 0.486, 0.004), exact(seen[1], 10.0, 0.0), spread)


@row(
    "networks.degrees", "Variance of the degree at b = .1: .95", "b = 0.1 时度的方差：0.95", "5 b (2 - b)", SMALL_WORLD
)
def degrees() -> Finding:
    """20,000 consumers, twenty seeds; the mean degree is exact."""
    worlds = [network.small_world(Chance(seed), 20_000, 10, 0.1).degree for seed in SEEDS]
    return every(means([world.var() for world in worlds], 0.95), exact([w.mean() for w in worlds[:1]], 10.0, 0.0))


@row(
    "networks.paths",
    "Mean path among 20,000 people: 6.65",
    "两万人间的平均路径：6.65",
    "measured with igraph",
    SMALL_WORLD,
)
def paths() -> Finding:
    """Handshakes from two people to all others, twenty seeds."""
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    n, lengths = 20_000, []
    for seed in SEEDS:
        ties = network.small_world(Chance(seed), n, 10, 0.1)
        matrix = csr_array((np.ones(ties.ends.size), ties.ends.copy(), ties.start.copy()), shape=(n, n))
        steps = dijkstra(matrix, unweighted=True, indices=[0, n // 2])
        lengths.append(float(steps.sum() / (2 * (n - 1))))
    return means(lengths, 6.65, known_to=0.005)


@row(
    "networks.mutual",
    "Ties known to one side only",
    "仅单方相识的关系数",
    "acquaintance is mutual",
    SMALL_WORLD,
    NETWORK,
)
def mutual() -> Finding:
    """A rewired small world of 3,000 against its own transpose, tie by tie."""
    ties = network.small_world(Chance(5), 3_000, 10, 0.4)
    heads, tails = ties.gather(np.arange(len(ties)))
    there, back = np.lexsort((tails, heads)), np.lexsort((heads, tails))
    same = np.array_equal(heads[there], tails[back]) and np.array_equal(tails[there], heads[back])
    return exact(0.0 if same else 1.0, 0.0, 0.0)


@row(
    "networks.homophily",
    "Share of acquaintances in the own city tier: .7; sizes of three tiers",
    "同级城市熟人占比 0.7；三级城市人口比例",
    "asked for; Markov chain along the ring",
    "market.people.network.tiers_along_the_ring",
    SMALL_WORLD,
    "market.people.network.persistence_for",
)
def homophily() -> Finding:
    """20,000 consumers, twenty seeds."""
    n, found = 20_000, []
    persistence = network.persistence_for(0.7, SHARES, 10, 0.1)
    for seed in SEEDS:
        tiers = network.tiers_along_the_ring(Chance(seed), n, SHARES, persistence)
        heads, tails = network.small_world(Chance(seed), n, 10, 0.1).gather(np.arange(n))
        found.append([np.mean(tiers[heads] == tiers[tails]), *(np.bincount(tiers, minlength=3) / n)])
    return means(found, [0.7, *SHARES])


@row(
    "networks.followers",
    "Followers 1, 2, 3-4, 5-9, 10-49, 50-500: exponent 2.2, mean 4",
    "粉丝数 1、2、3-4、5-9、10-49、50-500：指数 2.2、均值 4",
    "truncated power law with the mean asked for",
    "market.people.network.followers",
    "market.people.network.follower_law",
    seconds=0.5,
)
def followers() -> Finding:
    """100,000 accounts of twenty seeds: a plain power law is fitted here, independently, by its mean."""
    edges = [1, 2, 3, 5, 10, 50, 501]
    degree = [network.followers(Chance(seed), 5_000, 4.0, 2.2, 500).degree for seed in SEEDS]
    law = _thinned_power_law(4.0, 2.2, 500)
    expected = [law[low:high].sum() for low, high in pairwise(edges)]
    return counts([np.histogram(one, edges)[0] for one in degree], expected)


def _thinned_power_law(mean: float, exponent: float, cap: int) -> Floats:
    """Probabilities of 0..cap: k^-exponent from some least number on, itself thinned until the mean is right."""
    sizes = np.arange(cap + 1, dtype=float)
    for least in range(1, cap):
        tail = np.where(sizes >= least, np.maximum(sizes, 1.0) ** -exponent, 0.0)
        above = np.where(sizes > least, tail, 0.0)
        if tail @ sizes / tail.sum() <= mean < above @ sizes / above.sum():
            part = (mean * above.sum() - above @ sizes) / (least - mean)
            law = above + part * (sizes == least)
            return np.asarray(law / law.sum(), float)
    raise ValueError(f"no power law with exponent {exponent:g} and at most {cap} has a mean of {mean:g}")


@row(
    "networks.attachment",
    "Preferential attachment, m = 5: P(5), P(6), P(7), P(8), more",
    "偏好依附（m = 5）：P(5)、P(6)、P(7)、P(8)、其余",
    "2 m (m + 1) / k (k + 1) (k + 2) (Dorogovtsev, Mendes & Samukhin 2000)",
    "market.people.attachment.preferential_attachment",
    seconds=0.8,
)
def preferential() -> Finding:
    """Twenty networks of 50,000; the first newcomers, who are not yet in the limit, are allowed for with .0005."""
    known = [60.0 / (k * (k + 1) * (k + 2)) for k in (5, 6, 7, 8)]
    seen = []
    for seed in SEEDS:
        degree = attachment.preferential_attachment(Chance(seed), 50_000, 5).degree
        parts = np.bincount(degree, minlength=9)[5:9] / len(degree)
        seen.append([*parts, 1.0 - parts.sum()])
    return means(seen, [*known, 1.0 - sum(known)], known_to=5e-4)
