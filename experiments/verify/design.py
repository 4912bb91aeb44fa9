"""Design: picking from noisy scores, the winner's curse, and demand that is predicted as the market will choose."""

from __future__ import annotations

import numpy as np

from experiments.verify.row import Finding, exact, means, row
from market.chance import Chance
from market.industry import audience, design
from market.industry.audience import Audience
from market.people import choice

SELECT = "market.industry.design.select"
NOISES = (0.0, 0.5, 1.0, 2.0)
TRUE = (1.53875, 1.37630, 1.08806, 0.68815)
CURSE = (0.0, 0.34408, 1.08806, 2.75260)
ROUNDS = 10_000


def picked(seed: int, noise: float) -> tuple[float, float]:
    """Mean true score of the best of ten designs seen with noise, and by how much it was seen too high."""
    rounds, chance = np.arange(ROUNDS), Chance(seed)
    true = chance.normal("true", rounds[:, None], np.arange(10)).astype(float)
    luck = noise * chance.normal("seen", rounds[:, None], np.arange(10)).astype(float)
    pick = design.select(true, luck)
    return float(true[rounds, pick].mean()), float(luck[rounds, pick].mean())


@row(
    "design.selection",
    "True score of the best of ten designs at noise 0, .5, 1, 2; then the winner's curse",
    "十选一在噪声 0、0.5、1、2 下的真实得分；随后为赢家诅咒",
    "1.53875 / sqrt(1 + noise^2); noise^2 x that",
    SELECT,
    seconds=0.5,
)
def selection() -> Finding:
    """10,000 rounds of ten standard normal designs, twenty seeds."""
    found = [np.transpose([picked(seed, noise) for noise in NOISES]).ravel() for seed in range(20)]
    return means(found, [*TRUE, *CURSE], known_to=1e-5)


def people(number: int, seed: int, nest: tuple[int, int], lam: float) -> Audience:
    """An audience of three rivals in nests of their own, some of them unknown, and two planned cars."""
    luck = np.random.default_rng(seed)
    rivals = np.array([1.0, 0.5, -0.5]) + luck.normal(size=(number, 3))
    rivals[luck.random((number, 3)) < 0.3] = -np.inf
    return Audience(
        np.full(number, 50.0), -0.6 * np.ones(number), luck.normal(size=(number, 3)), np.zeros((number, 2)), rivals,
        0.0, np.array(nest), np.arange(3), lam,
    )  # fmt: skip


@row(
    "design.contest",
    "Predicted shares of two planned cars and three rivals v nested logit (largest difference)",
    "两款规划车与三款对手的预测份额与嵌套 logit 的最大差",
    "McFadden (1978) by `probabilities`, which the rows of choice verify",
    "market.industry.design.contest",
    "market.people.choice.probabilities",
)
def contest() -> Finding:
    """Five ways to share bases, lambda = 1, .6, .2, fifty people each."""
    worst = 0.0
    for lam in (1.0, 0.6, 0.2):
        for nest in ((3, 3), (1, 1), (0, 2), (3, 4), (3, 0)):
            heard, value = people(50, 1, nest, lam), np.random.default_rng(3).normal(size=(50, 2))
            met = design.contest(heard, 1, value[:, 1:], [design.Placed(0, 0, value[:, 0])])
            others = met.kin_share * met.kin + met.away_share * met.away
            ours = np.column_stack([others[:, 0], met.buys[:, 0], others[:, 1:]])
            both = np.column_stack([value, heard.rivals])
            theirs = choice.probabilities(both, np.append(nest, heard.rival_nest), lam)
            worst = max(worst, float(np.abs(ours - theirs).max()))
    return exact(worst, 0.0, 1e-12)


@row(
    "design.stated",
    "Price taste as stated at a share of .25 and 1; noise that is left at 0, 50,000, 450,000 data",
    "陈述份额 0.25 与 1 时的价格偏好；数据 0、5 万、45 万时剩余噪声",
    "share x taste; 1 / sqrt(1 + data / 50,000)",
    "market.industry.audience.stated",
    "market.industry.audience.shrinking",
)
def stated() -> Finding:
    """One person with a price taste of -.8."""
    tastes = np.array([[1.0, 2.0, 3.0]])
    money = [float(audience.stated(np.array([-0.8]), tastes, share, np.zeros((1, 3)))[0][0]) for share in (0.25, 1.0)]
    noise = [float(audience.shrinking(data, 50_000.0)) for data in (0.0, 50_000.0, 450_000.0)]
    return exact([*money, *noise], [-0.2, -0.8, 1.0, 0.5**0.5, 0.1**0.5], 1e-12)


@row(
    "design.audience",
    "Share of heavy users in a sample of a platform's own audience",
    "平台自有受众样本中重度用户的占比",
    "time spent: 2 / (2 + .5) = .8",
    "market.industry.audience.audience_sample",
)
def own_audience() -> Finding:
    """Half use it four times as much as the others; 2,000 of 100,000 are asked, twenty seeds; 2 % are drawn: .003."""
    use = np.tile([2.0, 0.5], 50_000)
    drawn = [audience.audience_sample(Chance(seed), "jd", use, 2_000) for seed in range(20)]
    return means([float((rows % 2 == 0).mean()) for rows in drawn], 0.8, known_to=0.006)
