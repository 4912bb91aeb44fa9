"""Blame: attribution at its limits, the odds of the distrusted, Shapley values of a noisy-OR, roles and friction."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np

from experiments.verify.crowds import Floats
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, every, exact, means, none, row
from market import roles
from market.chance import Chance
from market.stories import blame
from market.stories.blame_account import BlameAccount

ATTRIBUTION = "market.stories.blame.attribution"
MISATTRIBUTION = "market.stories.blame.misattribution"
CAUSE, FACE = np.array([0.1, 0.5, 0.4, 0.0]), np.array([0.1, 0.3, 0.0, 0.6])
CONTROL = np.array([0.2, 0.45, 0.05, 0.3])


@row(
    "blame.knows-all",
    "Blame of those who know all and trust as ever; misattribution",
    "完全知情且信任如常者的归责；误归责",
    "contribution; 0",
    ATTRIBUTION,
    MISATTRIBUTION,
)
def knows_all() -> Finding:
    """Knowledge 1, trust at its baseline, a sensitivity of 3."""
    fair = blame.attribution([1.0], CAUSE, FACE, np.zeros((1, 4), np.float32), 3.0)
    return exact([*fair[0], *blame.misattribution(fair, CAUSE)], [*CAUSE, 0.0], 1e-12)


@row(
    "blame.knows-nothing",
    "Blame of those who know nothing; misattribution",
    "一无所知者的归责；误归责",
    "face; half of |face - cause|",
    ATTRIBUTION,
    MISATTRIBUTION,
)
def knows_nothing() -> Finding:
    """Knowledge 0: who contributed nothing is blamed for the face on the car."""
    seen = blame.attribution([0.0], CAUSE, FACE, 0.0, 3.0)
    return exact([*seen[0], *blame.misattribution(seen, CAUSE)], [*FACE, 0.6], 1e-12)


@row("blame.mixture", "Blame at knowledge .25", "知情度 0.25 时的归责", ".25 cause + .75 face", ATTRIBUTION)
def mixture() -> Finding:
    """Trust at its baseline."""
    return exact(blame.attribution([0.25], CAUSE, FACE, 0.0, 3.0)[0], 0.25 * CAUSE + 0.75 * FACE, 1e-12)


@row(
    "blame.distrust",
    "Odds of blame when one is distrusted by .2 and another trusted by .1 more",
    "一方信任降 0.2、另一方升 0.1 时的归责比变化",
    "exp(2 x .3)",
    ATTRIBUTION,
)
def distrust() -> Finding:
    """The odds between the two against those of somebody who trusts as ever, at a sensitivity of 2."""
    deviation = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, -0.2, 0.1, 0.0]])
    usual, distrusting = blame.attribution([0.5, 0.5], CAUSE, FACE, deviation, 2.0)
    odds = (distrusting[1] / distrusting[2]) / (usual[1] / usual[2])
    return exact(odds, math.exp(0.6), 1e-12)


@row(
    "blame.sums",
    "Largest distance of a consumer's blame from 1; blame of the uninvolved; change under relabelling",
    "单人归责总和与 1 的最大差距；对无关者的归责；换名引起的变化",
    "each divides one blame",
    ATTRIBUTION,
)
def sums() -> Finding:
    """Two hundred random consumers, causes, faces and trusts of up to eight organisations, twenty seeds."""
    off, strangers, turned = 0.0, 0.0, 0.0
    for seed in SEEDS:
        states = np.random.default_rng(seed)
        size = int(states.integers(2, 9))
        cause, face = states.dirichlet(np.ones(size), 2) * (states.uniform(size=(2, size)) < 0.7)
        cause[0], face[-1] = cause[0] + 1.0 - cause.sum(), face[-1] + 1.0 - face.sum()
        knowledge, deviation = states.uniform(size=200), states.uniform(-1, 1, (200, size))
        given = blame.attribution(knowledge, cause, face, deviation, 2.0)
        off = max(off, float(np.abs(given.sum(axis=1) - 1.0).max()))
        strangers += float(given[:, (cause == 0.0) & (face == 0.0)].sum())
        order = states.permutation(size)
        again = blame.attribution(knowledge, cause[order], face[order], deviation[:, order], 2.0)
        turned = max(turned, float(np.abs(again - given[:, order]).max()))
    return exact([off, strangers, turned], 0.0 * np.ones(3), 1e-12)


@row(
    "blame.shapley",
    "Shapley blame of a noisy-OR (.05, .12, .08); sum",
    "noisy-OR (0.05, 0.12, 0.08) 的 Shapley 归责；总和",
    "published",
    "market.stories.blame.noisy_or_shapley",
)
def shapley() -> Finding:
    """The sum is the probability of a failure."""
    found = blame.noisy_or_shapley([0.05, 0.12, 0.08])
    return exact([*found, found.sum()], [0.045160, 0.112360, 0.073360, 0.23088], 1e-9)


@row(
    "blame.shapley-six",
    "Shapley blame of six causes",
    "六个原因的 Shapley 归责",
    "mean over all 720 orders",
    "market.stories.blame.noisy_or_shapley",
)
def shapley_six() -> Finding:
    """Enumerated here by the definition: the mean marginal contribution over the orders in which causes can come."""
    p = [0.9, 0.2, 0.0, 0.5, 0.7, 0.31]
    total, orders = np.zeros(6), list(permutations(range(6)))
    for order in orders:
        works = 1.0
        for i in order:
            total[i] += works * p[i]
            works *= 1.0 - p[i]
    return exact(blame.noisy_or_shapley(p), total / len(orders), 1e-12)


@row(
    "blame.answers",
    "Contribution after admitting all, denying all, blaming a partner for .6 of it",
    "全部承认、全部否认、六成推给伙伴之后的责任份额",
    "worked by hand",
    "market.stories.blame.admitted",
)
def answers() -> Finding:
    """Two of four answer; what moves is divided in proportion to contribution."""
    by = [False, True, False, True]
    found = [
        blame.admitted(CAUSE, by, 1.0), blame.admitted(CAUSE, by, -1.0),
        blame.admitted(CAUSE, by, 0.0, 2, shifted=0.6),
    ]  # fmt: skip
    return exact(np.ravel(found), [0, 1, 0, 0, 0.2, 0, 0.8, 0, 0.1, 0.2, 0.7, 0.0], 1e-12)


def heard(seed: int, n: int) -> tuple[BlameAccount, Floats]:
    """An account of one story heard by n consumers of unequal weight, and the households behind each."""
    rows = np.arange(n)
    households = np.where(rows % 2 == 0, 1.0, 9.0)
    given = blame.attribution(Chance(seed).uniform("knowledge", rows), CAUSE, FACE, 0.0, 2.0)
    account = BlameAccount(10, 2, 4, 2)
    account.record(3, 1, rows % 2, households, given, CAUSE, CONTROL)
    return account, households


@row(
    "blame.ratio",
    "Blame-to-control ratios of three organisations; their stated errors over the spread found",
    "三家机构的责备/控制比；所报标准误与实际离散之比",
    "(cause + face) / 2 control; 1",
    "market.stories.blame_account.BlameAccount",
)
def ratio() -> Finding:
    """400 samples of 150 weighted consumers: the mean ratio, and the stated error against the sd found."""
    worlds = [heard(seed, 150)[0].ratio_to_control(3) for seed in range(400)]
    found = np.array([world.value for world in worlds])[:, [1, 2, 3]]
    stated = np.array([world.error for world in worlds])[:, [1, 2, 3]].mean(axis=0)
    deviation = found.std(axis=0, ddof=1)
    expected = ((CAUSE + FACE) / 2.0 / CONTROL)[[1, 2, 3]]
    return every(means(found, expected), exact(stated / deviation, np.ones(3), 4.0 / math.sqrt(2 * 399)))


@row(
    "blame.friction",
    "Control, ambiguity and hand-offs of two organisations that split every row, and of one",
    "两家平分与一家独揽时的控制、模糊与交接",
    "worked by hand",
    "market.roles.control",
    "market.roles.ambiguity",
    "market.roles.hand_offs",
)
def friction() -> Finding:
    """Three functions; couplings 0-1 and 1-2 of weight one half. Split: 1/2 each; one: 0 each; in relay: 0 and 1."""
    weight, coupling = np.array([0.5, 0.3, 0.2]), np.array([[0.0, 0.5, 0.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.0]])
    split, alone = np.full((3, 2), 0.5), np.tile([1.0, 0.0], (3, 1))
    relay = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])
    tables = np.stack([split, alone, relay])
    control = roles.control(tables, weight)
    ambiguity, handed = roles.ambiguity(tables), roles.hand_offs(tables, coupling)
    return exact(
        [*control[:, 0], *ambiguity, *handed], [0.5, 1.0, 0.7, 0.5, 0.0, 0.0, 0.5, 0.0, 1.0], 1e-12
    )  # fmt: skip


@row(
    "blame.sole",
    "Ratios of an organisation that holds every row",
    "独揽各行的机构的比率",
    "exactly 1",
    "market.stories.blame_account.BlameAccount",
)
def sole() -> Finding:
    """Any households, seven stories, trust lost: both ratios, and how many others have one."""
    alone, account = np.array([0.0, 1.0, 0.0]), BlameAccount(5, 1, 3, 1)
    for story in range(7):
        n = 10 + story
        households = Chance(story).uniform("households", np.arange(n)).astype(float) * 977.0
        given = blame.attribution(np.full(n, 0.3), alone, alone, -0.2, 2.0)
        account.record(story % 5, 0, np.zeros(n, int), households, given, alone, alone)
    ratios = account.ratio_to_control(4), account.ratio_to_contribution(4)
    others = sum(int(np.isfinite(one.value[[0, 2]]).sum()) for one in ratios)
    return every(exact([one.value[1] for one in ratios], [1.0, 1.0], 1e-12), none(others))
