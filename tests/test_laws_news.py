"""News spreads as epidemics, percolation and halving attention say it must, through the pieces that the market runs."""

from __future__ import annotations

import math

import EoN
import networkx
import numpy as np
import pytest
from evidence import MANY, SEEDS, z_between, z_of
from news_crowd import aware_share, begin, cascade, copies, crowd, spread, stories, stubs_joined
from numpy.typing import NDArray
from scipy.optimize import brentq

from market.chance import Chance
from market.people.network import Network
from market.stories.feeds import Feed, attention_step, feed_contacts

N = 20_000
IN_A_DAY = {"talking_days": 1.0}


def final_size(ratio: float, seeds: float = 0.0) -> float:
    """The root of r = 1 - (1 - seeds) exp(-R0 r) above 0."""
    return float(brentq(lambda r: 1.0 - (1.0 - seeds) * math.exp(-ratio * r) - r, 1e-6, 1.0))


def random_graph(seed: int, n: int, mean_degree: float) -> Network:
    """So many ties between pairs drawn evenly: degrees are Poisson."""
    pairs = np.random.default_rng(seed).integers(0, n, (2, int(n * mean_degree / 2)))
    return Network.from_edges(n, *pairs)


# Talk along ties

SMALL = {
    "path": (Network.from_edges(4, [0, 1, 2], [1, 2, 3]), 0, 1.4170),
    "star from its hub": (Network.from_edges(5, [0, 0, 0, 0], [1, 2, 3, 4]), 0, 2.2000),
    "star from a leaf": (Network.from_edges(5, [1, 1, 1, 1], [0, 2, 3, 4]), 0, 1.5700),
    "cycle": (Network.from_edges(4, [0, 1, 2, 3], [1, 2, 3, 0]), 0, 1.8097),
    "complete": (Network.from_edges(4, [0, 0, 0, 1, 1, 2], [1, 2, 3, 2, 3, 3]), 0, 2.316556),
}


@pytest.mark.parametrize("name", SMALL)
def test_who_talks_for_a_day_makes_an_independent_cascade(name: str) -> None:
    """Expected sizes at p = .3 on five small graphs, twenty seeds of 2,000 copies each."""
    ties, seed, expected = SMALL[name]
    many = copies(ties, 2_000)
    first = np.arange(0, len(many), len(ties)) + seed
    sizes = [sum(map(len, cascade(Chance(s), many, first, 0.3))) / 2_000 for s in SEEDS]
    assert z_of(sizes, expected, known_to=5e-7 if name == "complete" else 5e-5) < MANY


@pytest.mark.parametrize(("p", "expected"), [(0.2, 0.641981), (0.3, 0.878596)])
def test_a_cascade_is_bond_percolation(p: float, expected: float) -> None:
    """Mean degree 8: the probability of an outbreak from one person and the share that it reaches are the same."""
    n = 5_000
    outbreak, reached = [], []
    for seed in SEEDS:
        ties = random_graph(seed, n, 8.0)
        sizes = [sum(map(len, cascade(Chance(20 * seed + k), ties, np.array([k]), p))) / n for k in range(15)]
        large = [size for size in sizes if size > 0.1]
        outbreak.append(len(large) / len(sizes))
        reached.append(np.mean(large))
    assert z_of(outbreak, expected) < MANY
    assert z_of(reached, expected, known_to=0.001) < MANY


@pytest.mark.parametrize(("ratio", "published"), [(1.2, 0.313698), (1.5, 0.582812), (2.0, 0.796812), (3.0, 0.940480)])
def test_the_final_size_solves_its_equation(ratio: float, published: float) -> None:
    """r = 1 - exp(-R0 r) where degrees are Poisson and R0 is what one talker tells; 2 % know at the start."""
    assert final_size(ratio) == pytest.approx(published, abs=1e-6)
    sizes = []
    for seed in SEEDS:
        luck = Chance(seed)
        told = cascade(luck, random_graph(seed, N, 10.0), np.arange(N // 50), ratio / 10.0)
        sizes.append(sum(map(len, told)) / N)
    assert z_of(sizes, final_size(ratio, 0.02), known_to=0.002) < MANY


DEGREES = {2: 0.4, 4: 0.3, 10: 0.2, 30: 0.1}


def mixed_graph(seed: int) -> Network:
    """A configuration-model graph with few well connected people."""
    states = np.random.default_rng(seed)
    return stubs_joined(states, states.permutation(np.repeat(list(DEGREES), [int(N * s) for s in DEGREES.values()])))


def generating(x: float) -> float:
    return sum(share * x**degree for degree, share in DEGREES.items())


def generating_slope(x: float) -> float:
    return sum(degree * share * x ** (degree - 1) for degree, share in DEGREES.items())


@pytest.mark.parametrize("p", [0.08, 0.2])
def test_a_story_grows_and_ends_as_network_epidemics_do(p: float) -> None:
    """Day by day against EoN's edge-based compartments (Miller, Kiss & Simon), 1 % know at the start."""
    rho = 0.01
    _, expected, _, _ = EoN.EBCM_discrete_uniform_introduction(N, generating, generating_slope, p, rho, tmax=12)
    paths = []
    for seed in SEEDS:
        luck = Chance(seed)
        first = np.flatnonzero(luck.uniform("knows at the start", np.arange(N)) < rho)
        told = [len(new) for new in cascade(luck, mixed_graph(seed), first, p)]
        told += [0] * (13 - len(told))
        paths.append(1.0 - np.cumsum(told)[:13] / N)
    assert np.all(z_of(paths, np.asarray(expected) / N, known_to=0.003)[1:] < MANY)


def test_early_growth_is_what_one_more_friend_tells() -> None:
    """New ones per new one: p E[k (k - 1)] / E[k] a day while few know; friends have more friends than people have."""
    p, rho = 0.1, 0.001
    mean = sum(k * s for k, s in DEGREES.items())
    growth = p * sum(k * (k - 1) * s for k, s in DEGREES.items()) / mean
    ratios = []
    for seed in SEEDS:
        luck = Chance(seed)
        first = np.flatnonzero(luck.uniform("knows at the start", np.arange(N)) < rho)
        told = cascade(luck, mixed_graph(seed), first, p, longest=3)
        ratios.append([len(told[1]) - p * mean * len(first), len(told[2]) - growth * len(told[1])])
    scale = np.mean([growth * p * mean * rho * N])
    assert np.all(z_of(ratios, 0.0, known_to=0.03 * scale) < MANY)


@pytest.mark.parametrize("days", [1.0, 4.0])
def test_the_final_size_on_a_network_is_that_of_its_ties(days: float) -> None:
    """Against EoN's attack rate with the probability that a tie ever carries the story, however long people talk."""
    p, rho = 0.06, 0.01
    stops = 1.0 / days
    carries = p / (1.0 - (1.0 - p) * (1.0 - stops))
    expected = EoN.Attack_rate_discrete(DEGREES, carries, rho=rho)
    sizes = []
    for seed in SEEDS:
        luck = Chance(seed)
        first = np.flatnonzero(luck.uniform("knows at the start", np.arange(N)) < rho)
        sizes.append(sum(map(len, cascade(luck, mixed_graph(seed), first, p, days))) / N)
    assert z_of(sizes, expected, known_to=0.003) < MANY


def test_simulated_stories_agree_with_simulated_epidemics() -> None:
    """The same cascade in EoN's own simulation, on the same graphs."""
    ours, theirs = [], []
    for seed in range(10):
        ties = stubs_joined(np.random.default_rng(seed), np.full(1_000, 4))
        heads, tails = ties.gather(np.arange(len(ties)))
        graph = networkx.Graph(zip(heads.tolist(), tails.tolist(), strict=True))
        graph.add_nodes_from(range(len(ties)))
        ours += [sum(map(len, cascade(Chance(100 * seed + k), ties, np.arange(20), 0.4))) for k in range(4)]
        for _ in range(4):
            _, _, _, recovered = EoN.basic_discrete_SIR(graph, 0.4, initial_infecteds=list(range(20)))
            theirs.append(int(recovered[-1]))
    assert z_between(ours, theirs) < MANY


# The pool of those concerned

PEAKS = {1.5: 0.063023, 2.0: 0.153426, 3.0: 0.300463}


def recursion(ratio: float, days: float, seeds: float, length: int) -> NDArray[np.float64]:
    """Share that talks on each morning, in full mixing."""
    silent, talking, path = 1.0 - seeds, seeds, []
    for _ in range(length):
        path.append(talking)
        new = silent * -math.expm1(-ratio / days * talking)
        silent, talking = silent - new, talking * (1.0 - 1.0 / days) + new
    return np.array(path)


@pytest.mark.parametrize("ratio", PEAKS)
def test_the_recursion_of_a_pool_is_the_classical_epidemic(ratio: float) -> None:
    """The peak of the recursion nears the published one as days become short against talking."""
    assert recursion(ratio, 4_000.0, 1e-6, 200_000).max() == pytest.approx(PEAKS[ratio], abs=2e-4)


@pytest.mark.parametrize("ratio", PEAKS)
def test_a_pool_without_ties_or_feeds_is_a_classical_epidemic(ratio: float) -> None:
    """Share talking on every day, its peak near the published one, and the final size."""
    n, days, length = 3_000, 20.0, 260
    expected = recursion(ratio, days, 0.01, length)
    paths, sizes = [], []
    for seed in SEEDS:
        people, told = crowd(seed, n, 0), stories(n, pool_per_day=ratio / days, talking_days=days, longest_weeks=100)
        begin(told, people, witnesses=0.01)
        path = []
        for _ in spread(told, people, length):
            path.append(len(told.live[0].talkers) / n)
            if path[-1] == 0.0:
                break
        paths.append(path + [0.0] * (length - len(path)))
        sizes.append(aware_share(told, people))
    mean = np.mean(paths, axis=0)
    assert np.abs(mean[:-1] - expected[1:]).max() < 0.012
    assert mean.max() == pytest.approx(expected.max(), abs=0.005)
    assert z_of(sizes, final_size(ratio, 0.01), known_to=0.02) < MANY


# Feeds


@pytest.mark.parametrize("half_life", [0.1, 1.5, 7.0])
def test_attention_halves_in_its_half_life(half_life: float) -> None:
    """Measured on a story that nobody reacts to."""
    feed = {"contacts_per_day": 0.2, "half_life_days": half_life, "engagement": 0.0}
    people, told = crowd(1, 500), stories(500, feed=feed)
    begin(told, people, attention=8.0, witnesses=0.0)
    heat = [8.0] + [told.live[0].heat[2] for _ in spread(told, people, 10)]
    slope = np.polyfit(np.arange(11), np.log2(heat), 1)[0]
    assert -1.0 / slope == pytest.approx(half_life, rel=1e-9)


def test_an_answer_after_six_days_finds_six_percent_of_the_attention() -> None:
    """The published figure at a half-life of 1.5 days; a single act leaves 65-87 % of it inside three days."""
    assert attention_step(1.0, 6.0, 1.5) == pytest.approx(0.0625)
    assert 0.65 < 1.0 - attention_step(1.0, 3.0, 1.5) < 0.87


def test_what_a_feed_shows_reaches_by_time_spent_and_interest() -> None:
    """The share of each profile and situation that hears on one day is 1 - exp(-contacts x use x interest)."""
    n, interest = 40_000, {"buyers": 0.9, "searching": 0.4, "others": 0.1}
    feed = Feed(contacts_per_day=2.0)
    shares = []
    for seed in SEEDS:
        people = crowd(seed, n, 0)
        told = stories(n, feed=feed, interest=interest)
        begin(told, people, attention=3.0, mix={"douyin": 1.0}, witnesses=0.0)
        next(spread(told, people, 1))
        aware, what = told.live[0].aware(), people.situation(np.arange(n), 1)
        shares.append([[aware[(people.profile == p) & (what == s)].mean() for s in range(3)] for p in range(2)])
    contacts = feed_contacts([3.0], feed)[0]
    expected = -np.expm1(-contacts * np.multiply.outer(people.use[:, 0], list(interest.values())))
    assert np.all(z_of(shares, expected) < MANY)


def test_feeds_amplify_what_is_hot_and_stories_compete() -> None:
    """Super-linear below saturation, linear with exponent 1, never above the feed, less beside another story."""
    plain, steep = Feed(exponent=1.0), Feed(exponent=2.0)
    for feed, power in ((plain, 1.0), (steep, 2.0)):
        small, double = feed_contacts([1e-6], feed)[0], feed_contacts([2e-6], feed)[0]
        assert double / small == pytest.approx(2.0**power, rel=1e-5)
        assert feed_contacts([1e9], feed)[0] == pytest.approx(feed.contacts_per_day)
        alone, beside = feed_contacts([2.0], feed)[0], feed_contacts([2.0, 5.0], feed)
        assert beside[0] < alone
        assert beside.sum() < feed.contacts_per_day


def test_reactions_add_heat_in_proportion_to_the_audience_that_is_new() -> None:
    """Heat after a day is what is left plus engagement times the share of the time at the place that just heard."""
    n, feed = 2_000, {"contacts_per_day": 3.0, "engagement": 5.0}
    people, told = crowd(2, n), stories(n, feed=feed)
    begin(told, people, attention=4.0, witnesses=0.0)
    heard = next(spread(told, people, 1))[0]
    time = people.weight[people.stratum, None] * people.use[people.profile]
    share = time[heard.first].sum(axis=0) / time.sum(axis=0)
    assert share.min() > 0.05
    assert told.live[0].heat == pytest.approx(attention_step([0, 0, 4.0], 1.0, 1.5) + 5.0 * share)
