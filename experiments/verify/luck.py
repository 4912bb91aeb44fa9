"""Luck: numbers that are even, never 0 or 1, independent, and the same whoever asks and however many are asked."""

from __future__ import annotations

import numpy as np

from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, counts, exact, likely, means, none, row
from market.chance import Chance, words

CHANCE = "market.chance.Chance"
N = 200_000


@row(
    "luck.even", "Uniform draws in 100 equal cells", "均匀抽样落入 100 等分格", "equal frequencies", CHANCE, seconds=0.5
)
def even() -> Finding:
    """200,000 rows of twenty seeds."""
    seen = [np.bincount((Chance(s).uniform("even", np.arange(N)) * 100).astype(int), minlength=100) for s in SEEDS]
    found = counts(seen, np.full(100, 0.01))
    return Finding(found.expected[:3], found.got[:3], found.tolerance, found.miss)


@row(
    "luck.ends",
    "Draws at 0 or 1 among 16 million, and the least distance to them in cells of 2^-24",
    "1600 万次抽样中取到 0 或 1 的次数；与端点的最小距离",
    "centres of 2^23 cells",
    CHANCE,
)
def ends() -> Finding:
    """A logarithm of a draw must be finite: no clipping anywhere."""
    low, high, outside = 1.0, 0.0, 0
    for seed in range(16):
        draws = Chance(seed).uniform("ends", np.arange(1_000_000))
        low, high = min(low, float(draws.min())), max(high, float(draws.max()))
        outside += int(np.count_nonzero((draws <= 0.0) | (draws >= 1.0)))
    return exact([outside, min(low, 1.0 - high) * 2.0**24 >= 1.0], [0.0, 1.0], 0.0)


@row(
    "luck.independent",
    "Correlation of draws: rows beside each other, seeds, names, columns, keys beside each other",
    "抽样相关：相邻行、种子、名称、列、键",
    "0",
    CHANCE,
    seconds=0.4,
)
def independent() -> Finding:
    """200,000 draws each, twenty seeds."""
    rows, found, keys = np.arange(N), [], words(["a", "b"])
    for seed in SEEDS:
        luck, other = Chance(seed), Chance(seed + 1)
        one, pair = luck.uniform("one", rows), luck.uniform("pair", rows[:, None], keys)
        pairs = (
            (one, np.roll(one, 1)), (one, other.uniform("one", rows)), (one, luck.uniform("two", rows)),
            (pair[:, 0], pair[:, 1]), (luck.uniform("week", rows, 1), luck.uniform("week", rows, 2)),
        )  # fmt: skip
        found.append([float(np.atleast_2d(np.corrcoef(*both))[0, 1]) for both in pairs])
    return means(found, np.zeros(5))


@row(
    "luck.laws",
    "Exponential, normal and Gumbel draws (mean p-values)",
    "指数、正态与 Gumbel 抽样（平均 p 值）",
    "Kolmogorov-Smirnov test of scipy",
    CHANCE,
)
def laws() -> Finding:
    """20,000 rows of twenty seeds of each law, joined by Fisher's method."""
    from scipy import stats

    rows, p_values = np.arange(20_000), []
    for seed in SEEDS:
        luck = Chance(seed)
        for draws, law in (
            (luck.exponential("wait", rows), "expon"), (luck.normal("taste", rows), "norm"),
            (luck.gumbel("shock", rows), "gumbel_r"),
        ):  # fmt: skip
            p_values.append(float(stats.kstest(draws, law).pvalue))
    return likely(p_values)


@row(
    "luck.pure",
    "Numbers that change when fewer rows, another order, rare ones only or plain Python are asked",
    "少问几行、换序、只问罕见者、用纯 Python 时变化的数",
    "a pure function",
    CHANCE,
)
def pure() -> Finding:
    """To the last bit."""
    luck, rows = Chance(3), np.arange(50_000)
    whole, some = luck.uniform("pure", rows, 7), np.random.default_rng(1).permutation(rows)[:1_000]
    changed = int(np.count_nonzero(luck.uniform("pure", some, 7) != whole[some]))
    found, draws = luck.below("pure", rows, 0.01, 7)
    rare = np.flatnonzero(whole < np.float32(0.01))
    changed += 0 if np.array_equal(found, rare) and np.array_equal(draws, whole[rare]) else 1
    changed += sum(luck.one("pure", row_, 7) != float(whole[row_]) for row_ in some[:100].tolist())
    return none(changed)
