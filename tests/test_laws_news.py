"""What news does beside what the verification says of cascades, epidemics and attention: growth, feeds, reactions."""

from __future__ import annotations

import EoN
import networkx
import numpy as np
import pytest
from evidence import MANY, SEEDS, z_between, z_of

from experiments.verify.crowds import begin, cascade, crowd, spread, stories, stubs_joined
from experiments.verify.epidemics import DEGREES, N, first_to_know, mixed_graph
from market.chance import Chance
from market.stories.feeds import Feed, attention_step, feed_contacts

# Talk along ties


def test_early_growth_is_what_one_more_friend_tells() -> None:
    """New ones per new one: p E[k (k - 1)] / E[k] a day while few know; friends have more friends than people have."""
    p, rho = 0.1, 0.001
    mean = sum(k * s for k, s in DEGREES.items())
    growth = p * sum(k * (k - 1) * s for k, s in DEGREES.items()) / mean
    ratios = []
    for seed in SEEDS:
        luck = Chance(seed)
        first = first_to_know(luck, rho)
        told = cascade(luck, mixed_graph(seed), first, p, longest=3)
        ratios.append([len(told[1]) - p * mean * len(first), len(told[2]) - growth * len(told[1])])
    scale = np.mean([growth * p * mean * rho * N])
    assert np.all(z_of(ratios, 0.0, known_to=0.03 * scale) < MANY)


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


# Feeds


def test_an_answer_after_six_days_finds_six_percent_of_the_attention() -> None:
    """The published figure at a half-life of 1.5 days; a single act leaves 65-87 % of it inside three days."""
    assert attention_step(1.0, 6.0, 1.5) == pytest.approx(0.0625)
    assert 0.65 < 1.0 - attention_step(1.0, 3.0, 1.5) < 0.87


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
