"""Simulated choices through the market's own shocks, against the closed forms that they must obey."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from experiments.verify.choice import CONSIDERATION, DIVERSION, ELASTICITIES, PROBABILITIES
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, Row, counts, every, exact, likely, means, row
from experiments.verify.toy import (
    LAWS,
    PEOPLE,
    PRICE,
    chosen,
    count,
    drawn,
    names,
    with_outside,
)
from market.chance import Chance
from market.people import awareness, choice

SHOCKS, BEST = "market.people.choice.shocks", "market.people.choice.best"
STABLE = "market.people.choice.positive_stable_log"
THRESHOLDS = "market.people.awareness.thresholds"
WORDS = {
    "plain": ("plain logit", "普通 logit"),
    "nested": ("nested logit", "嵌套 logit"),
    "mixed": ("mixed logit", "混合 logit"),
    "mixed-nested": ("mixed nested logit", "混合嵌套 logit"),
}


def _of_law(law: str) -> tuple[Row, Row]:
    """Rows about shares and about who leaves a dearer offer, for one population."""
    en, zh = WORDS[law]
    source = "quadrature, 25 points a taste" if LAWS[law].tastes_vary else "McFadden (1978), eq. 17"

    @row(
        f"choice.simulated-{law}",
        f"Simulated shares: {en}",
        f"模拟份额：{zh}",
        source,
        SHOCKS,
        BEST,
        PROBABILITIES,
        seconds=0.5,
    )
    def shares() -> Finding:
        """A million people choose once: Gumbel and stable shocks keyed by person and offer, twenty seeds pooled."""
        seen = [count(LAWS[law].people(seed)(PRICE), 5) for seed in SEEDS]
        return counts(seen, with_outside(LAWS[law].closed()[0]))

    @row(
        f"choice.diverted-{law}",
        f"Simulated diversion from offer 3, and who moves elsewhere: {en}",
        f"选项 3 的模拟转移率及其他移动人数：{zh}",
        source,
        SHOCKS,
        BEST,
        DIVERSION,
        seconds=0.5,
    )
    def diverted() -> Finding:
        """The same people choose before and after a rise by 1; last: how many moved between two untouched offers."""
        dearer, others = PRICE + np.eye(5)[3], [0, 1, 2, 4, 5]
        closed = with_outside(LAWS[law].closed(dearer)[0]) - with_outside(LAWS[law].closed()[0])
        parts, strangers = [], 0
        for seed in SEEDS:
            choose = LAWS[law].people(seed)
            before, after = choose(PRICE), choose(dearer)
            moved = before != after
            strangers += int((moved & (before != 3) & (after != 3)).sum())
            gained = count(after[moved], 5) - count(before[moved], 5)
            parts.append(gained[others] / -gained[3])
        return every(means(parts, closed[others] / -closed[3]), exact(strangers, 0.0, 0.0))

    return shares, diverted


simulated_plain, diverted_plain = _of_law("plain")
simulated_nested, diverted_nested = _of_law("nested")
simulated_mixed, diverted_mixed = _of_law("mixed")
simulated_both, diverted_both = _of_law("mixed-nested")


@row(
    "choice.arcs",
    "Simulated own elasticities of a mixed nested logit, arcs of 2 %",
    "模拟自价格弹性（2 % 弧，混合嵌套 logit）",
    "quadrature, 25 points a taste",
    SHOCKS,
    BEST,
    ELASTICITIES,
    seconds=2.3,
)
def arcs() -> Finding:
    """The same people choose at prices 1 % below and above, for every offer in turn."""
    step, law = 0.01, LAWS["mixed-nested"]
    pairs = [(PRICE * (1.0 - step * one), PRICE * (1.0 + step * one)) for one in np.eye(5)]
    share = law.closed()[0]
    found = []
    for seed in SEEDS:
        choose = law.people(seed)
        bought = [[count(choose(price), 5)[k] / PEOPLE for price in pair] for k, pair in enumerate(pairs)]
        found.append([(high - low) / (2 * step) / share[k] for k, (low, high) in enumerate(bought)])
    ends = [[law.closed(price)[0][k] for price in pair] for k, pair in enumerate(pairs)]
    return means(found, [(high - low) / (2 * step) / share[k] for k, (low, high) in enumerate(ends)])


@row(
    "choice.known-by-chance",
    "Simulated shares under independent consideration, outside last",
    "独立知晓下的模拟份额（末项为外部选项）",
    "sum over all subsets",
    THRESHOLDS,
    SHOCKS,
    BEST,
    CONSIDERATION,
)
def known_by_chance() -> Finding:
    """Contacts -ln(1 - q) against each person's thresholds of awareness decide what is considered."""
    v, known = np.array([1.0, 0.5, 0.0, -0.5]), np.array([0.9, 0.6, 0.5, 0.3])
    contacts, seen = -np.log1p(-known), []
    for seed in SEEDS:
        limits = awareness.thresholds(Chance(seed), np.arange(PEOPLE), names("car", 4))
        seen.append(count(chosen(seed, np.where(contacts >= limits, v, -np.inf)), 4))
    return counts(seen, with_outside([0.471060, 0.179114, 0.095318, 0.035615]))


@row(
    "choice.double-jeopardy",
    "Repeat rates of large and small brands: (1 + S m) / (1 + S)",
    "大小品牌的重复购买率：(1 + S m) / (1 + S)",
    "Dirichlet-multinomial (Goodhardt, Ehrenberg & Chatfield 1984)",
    SHOCKS,
    BEST,
    seconds=0.4,
)
def double_jeopardy() -> Finding:
    """Lasting intercepts ln Gamma(S m, 1), S = 1.5: the second need of a household must draw shocks of its own."""
    strength, size = 1.5, np.array([0.5, 0.3, 0.15, 0.05])
    again = []
    for seed in SEEDS:
        liking = np.log(np.maximum(np.random.default_rng(seed).gamma(strength * size, size=(PEOPLE, 4)), 1e-30))
        first, second = (chosen(seed, liking, outside=-np.inf, spell=spell) for spell in (0, 1))
        again.append(np.bincount(first[first == second], minlength=4) / np.bincount(first, minlength=4))
    return means(again, (1.0 + strength * size) / (1.0 + strength))


@row(
    "choice.gumbel",
    "Every shock is standard Gumbel, lambda = 1, .6, .2 (mean p-value)",
    "每个冲击均为标准 Gumbel（λ = 1, 0.6, 0.2；平均 p 值）",
    "Kolmogorov-Smirnov test of scipy",
    SHOCKS,
    seconds=1.5,
)
def gumbel() -> Finding:
    """Two nests and the outside good, twenty seeds of 50,000 people for each lambda."""
    from scipy import stats

    def p_values(lam: float) -> list[float]:
        shocks = [drawn(seed, [0, 0, 1], lam) for seed in SEEDS]
        return [float(stats.kstest(one[:, k], "gumbel_r").pvalue) for one in shocks for k in (0, 2, 3)]

    return every(*(likely(p_values(lam)) for lam in (1.0, 0.6, 0.2)))


@row(
    "choice.shock-correlation",
    "Correlation of shocks in a nest, lambda = .8, .4; across nests; with the outside good",
    "巢内冲击相关（λ = 0.8, 0.4）、跨巢、与外部选项",
    "1 - lambda^2 (Tiago de Oliveira 1958)",
    SHOCKS,
)
def shock_correlation() -> Finding:
    """For each lambda: two offers of one nest, offers of two nests, an offer and the outside good."""
    found, expected = [], []
    for lam in (0.8, 0.4):
        found.append([np.atleast_2d(np.corrcoef(drawn(seed, [0, 0, 1], lam).T))[0, 1:] for seed in SEEDS])
        expected += [1.0 - lam**2, 0.0, 0.0]
    return means(np.concatenate(found, axis=1), expected)


@row(
    "choice.stable",
    "Laplace transform of the positive stable law, lambda = .9, .6, .4 at t = .1, 1, 5",
    "正稳定分布的拉普拉斯变换（λ = 0.9, 0.6, 0.4；t = 0.1, 1, 5）",
    "exp(-t^lambda)",
    STABLE,
)
def stable() -> Finding:
    """The mean of exp(-t S) over 50,000 draws a seed."""
    cells = [(lam, t) for lam in (0.9, 0.6, 0.4) for t in (0.1, 1.0, 5.0)]

    def transformed(seed: int) -> list[float]:
        logs = {lam: _stable_log(seed, lam) for lam in (0.9, 0.6, 0.4)}
        return [float(np.exp(-t * np.exp(np.minimum(logs[lam], 700.0))).mean()) for lam, t in cells]

    return means([transformed(seed) for seed in SEEDS], [np.exp(-(t**lam)) for lam, t in cells])


def _stable_log(seed: int, lam: float) -> NDArray[np.float64]:
    rows = np.arange(PEOPLE)
    turn = Chance(seed).uniform("angle", rows)
    return choice.positive_stable_log(turn, Chance(seed).exponential("wait", rows), lam).astype(float)
