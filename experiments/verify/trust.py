"""Trust: the beta posterior, hits and recovery, the half-life, and the hazard of cancelling that lost trust adds."""

from __future__ import annotations

import math

import numpy as np

from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, every, exact, means, none, row
from market.chance import Chance
from market.people import trust as rules
from market.people.trust import Trust, TrustSection

TRUST, UPDATED = "market.people.trust.Trust", "market.people.trust.updated"
PLAIN = TrustSection(floor=0.0, loss_weight=1.0, gain_weight=1.0, half_life_days=0.0)
"""Equal weights, no floor, no recovery: what a Bayesian does."""


def someone(section: TrustSection, baseline: float) -> Trust:
    """One consumer, one organisation."""
    return Trust(section, [baseline], 1, [1.0])


def see(trust: Trust, evidence: float, day: int, weight: float = 1.0) -> None:
    """The one consumer makes an observation."""
    trust.move(np.array([0]), evidence, weight, day, np.array([0]), np.array([1.0]))


def now(trust: Trust, day: float) -> float:
    """Trust of the one consumer."""
    return float(trust.baseline[0] + trust.deviation(np.array([0]), day)[0, 0])


@row(
    "trust.beta",
    "beta(8, 2) after 11 of 20: mean and variance",
    "beta(8, 2) 见 20 次中 11 次之后：均值与方差",
    "beta-binomial posterior",
    UPDATED,
)
def beta() -> Finding:
    """The rule on numbers; the variance from the mean and the evidence that it has counted."""
    trust, so_far = np.array([0.8]), np.array([0.0])
    for success in 11 * [1.0] + 9 * [0.0]:
        trust, so_far = rules.updated(trust, so_far, success, 1.0, PLAIN)
    variance = float(trust[0] * (1 - trust[0]) / (10 + so_far[0] + 1))
    return every(exact(trust[0], 19 / 30, 1e-12), exact(variance, 0.00749104, 5e-9))


@row(
    "trust.posterior",
    "Largest distance to the beta posterior after each of 20 observations",
    "20 次观察后与 beta 后验均值的最大差距",
    "scipy.stats.beta",
    TRUST,
    seconds=0.8,
)
def posterior() -> Finding:
    """Three priors and five orders of successes and failures, through the class that the market runs."""
    from scipy import stats

    off = []
    for a, b in ((8, 2), (1, 1), (30, 2)):
        for seed in range(5):
            trust = someone(PLAIN.model_copy(update={"prior_weight": float(a + b)}), a / (a + b))
            good = 0
            for seen, success in enumerate(Chance(seed).bernoulli("success", np.arange(20), 0.55).tolist(), start=1):
                see(trust, float(success), day=seen)
                good += success
                off.append(abs(now(trust, seen) - stats.beta(a + good, b + seen - good).mean()))
    return exact(max(off), 0.0, 1e-6)


@row(
    "trust.hits",
    "Hit to .6 T with probability .01, recovering by .02 of the way: mean and sd",
    "以 0.01 概率降至 0.6 T、每步恢复 0.02：均值与标准差",
    "moments of the stationary law: .836120, .152473",
    TRUST,
    seconds=1.8,
)
def hits() -> Finding:
    """2,000 consumers over 600 days, twenty seeds; the published sd is known to .0001."""
    half_life = math.log(2.0) / -math.log(0.98)
    section = TrustSection(floor=0.4, loss_weight=1.0, prior_weight=1e6, half_life_days=half_life)
    n, days = 2_000, 600
    profile, one, found = np.zeros(n, np.int8), np.ones(n), []
    for seed in SEEDS:
        trust, chance = Trust(section, [1.0], n, [n]), Chance(seed)
        for day in range(days):
            hit = np.flatnonzero(chance.bernoulli("hit", np.arange(n), 0.01, day))
            trust.move(hit, 0.0, 1.0, day, profile[hit], one[hit])
        left = 1.0 + trust.deviation(np.arange(n), days)[:, 0]
        found.append([left.mean(), left.std()])
    return means(found, [0.836120, 0.152473], known_to=1e-4)


@row(
    "trust.half-life",
    "Steps until half of a hit is left when each restores .02; part left after one and two half-lives",
    "每步恢复 0.02 时损失减半的步数；一个与两个半衰期后的剩余比例",
    "ln 2 / -ln .98 = 34.310; 1/2; 1/4",
    TRUST,
    "market.people.trust.recovered",
)
def half_life() -> Finding:
    """A hit on day 10, looked at on the days after; the half-life is read off the decay of the class itself."""
    days = math.log(2.0) / -math.log(0.98)
    trust = someone(TrustSection(half_life_days=days), 0.6)
    see(trust, 0.0, 10)
    lost = [0.6 - now(trust, 10 + after) for after in (0.0, days, 2.0 * days, 1.0, 101.0)]
    measured = -100.0 / math.log2(lost[4] / lost[3])
    return exact([measured, lost[1] / lost[0], lost[2] / lost[0]], [34.310, 0.5, 0.25], 5e-4)


@row(
    "trust.asymmetric",
    "A loss of weight 2 and a gain of weight 1 from .6 with k = 10; an observation of weight 3",
    "k = 10、自 0.6 起：权重 2 的损失、权重 1 的收益、权重 3 的观察",
    "k + n observations: 6 / 12, .6 + .4 / 11, 6 / 13",
    TRUST,
)
def asymmetric() -> Finding:
    """What the case calls loss_weight and gain_weight, and whether observations add up."""
    section = PLAIN.model_copy(update={"loss_weight": 2.0})
    lost, gained, thrice = someone(section, 0.6), someone(section, 0.6), someone(PLAIN, 0.6)
    see(lost, 0.0, 0)
    see(gained, 1.0, 0)
    see(thrice, 0.0, 0, weight=3.0)
    return exact([now(lost, 0), now(gained, 0), now(thrice, 0)], [0.5, 0.6 + 0.4 / 11, 6 / 13], 1e-6)


@row(
    "trust.cancelling",
    "Hazard of cancelling that lost trust adds over weeks 2-9, half-life 20 days and none",
    "失去信任在第 2-9 周增加的取消风险（半衰期 20 天与无）",
    "numerical integral of rate x lost trust",
    TRUST,
)
def cancelling() -> Finding:
    """A hit on day 14; 4,000 small steps of what the class says is lost."""
    found, expected = [], []
    for days in (20.0, 0.0):
        trust = someone(TrustSection(half_life_days=days, cancelling_per_week=0.4), 0.6)
        see(trust, 0.0, 14)
        ends = np.array([2.0], np.float32), np.array([9.0], np.float32)
        found.append(float(trust.cancelling(np.array([0]), np.ones((1, 1)), *ends)[0]))
        lost = 0.6 - now(trust, 14)
        steps = np.linspace(2.0, 9.0, 4_001)
        at = 7.0 * ((steps[1:] + steps[:-1]) / 2 - 2.0)
        kept = 0.5 ** (at / days) if days else np.ones_like(at)
        expected.append(0.4 * lost * float(kept.mean()) * 7.0)
    return exact(found, expected, 1e-5)


@row(
    "trust.at-rest",
    "Deviations that moved where nothing weighs",
    "权重为零时发生变化的偏差数",
    "nothing moves trust",
    TRUST,
)
def at_rest() -> Finding:
    """An observation of weight 0, a market without trust, a loss weight of 0."""
    rows_, profile, one = np.arange(5), np.zeros(5, np.int8), np.ones(5)
    idle, absent = Trust(TrustSection(), [0.6, 0.5], 5, [5.0]), Trust(TrustSection(), [0.6, 0.5], 5, [5.0], on=False)
    careless = Trust(TrustSection(loss_weight=0.0), [0.6, 0.5], 5, [5.0])
    idle.move(rows_, 0.0, np.zeros((5, 2)), 3, profile, one)
    absent.move(rows_, 0.0, 1.0, 3, profile, one)
    careless.move(rows_, 0.0, 1.0, 3, profile, one)
    return none(sum(int(np.count_nonzero(each.deviation(rows_, 5))) for each in (idle, absent, careless)))
