"""The laboratory's own tools: sensitivity indices, boxes, intervals, shares of causes and tails with known answers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments import intervals
from experiments.compare import attribution
from experiments.designs import Design, Factor
from experiments.designs.samplers import Kind
from experiments.explain import explain, prim
from experiments.stress import risk
from experiments.verify.row import Finding, at_least, every, exact, means, none, row
from experiments.verify.small import small_case

Numbers = NDArray[np.float64]
DESIGN, EXPLAIN = "experiments.designs.Design", "experiments.explain.explain"
SOBOL = "experiments.explain.sensitivity.sobol"


def indices(
    kind: Kind, names: str, runs: int, rule: Callable[[Numbers], Numbers], low: float, width: float
) -> pd.DataFrame:
    """What an explanation says of a rule of factors between limits: a row for each factor and measure."""
    of = Design(small_case(), kind, tuple(Factor(name, "uniform", (low, width)) for name in names), runs)
    points = of.points()
    y = rule(points.to_numpy(np.float64))
    runs_table = points.assign(point=np.arange(len(points)), seed=1, y=y)
    return explain(of, runs_table, ("y",)).sensitivity.pivot_table("value", "measure", "factor")


def ishigami(x: Numbers) -> Numbers:
    """Ishigami & Homma (1990) with a = 7, b = .1."""
    return np.sin(x[:, 0]) + 7.0 * np.sin(x[:, 1]) ** 2 + 0.1 * x[:, 2] ** 4 * np.sin(x[:, 0])


def sobol_g(x: Numbers) -> Numbers:
    """Saltelli & Sobol (1995) with a = 0, 1, 4.5, 9, 99 x 4."""
    a = np.array([0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0])
    return np.prod((np.abs(4.0 * x - 2.0) + a) / (1.0 + a), axis=1)


@row(
    "laboratory.ishigami",
    "Ishigami: first-order, then total Sobol indices",
    "Ishigami 函数：一阶与总 Sobol 指数",
    "closed form",
    DESIGN,
    EXPLAIN,
    SOBOL,
    seconds=0.6,
)
def ishigami_indices() -> Finding:
    """A Sobol design of 4,096 base points through the design, the table of runs and the explanation."""
    found = indices("sobol", "abc", 4_096, ishigami, -math.pi, 2.0 * math.pi)
    got = [*found.loc["first"], *found.loc["total"]]
    return exact(got, [0.313905, 0.442411, 0.0, 0.557589, 0.442411, 0.243684], 0.03)


@row(
    "laboratory.sobol-g",
    "Sobol's G: first-order indices of eight factors",
    "Sobol-G 函数：八个因素的一阶指数",
    "closed form",
    DESIGN,
    EXPLAIN,
    SOBOL,
    seconds=0.9,
)
def sobol_g_indices() -> Finding:
    """The same with 2,048 base points."""
    found = indices("sobol", "abcdefgh", 2_048, sobol_g, 0.0, 1.0)
    return exact(found.loc["first"], [0.716192, 0.179048, 0.023676, 0.007162, *[0.0001] * 4], 0.03)


@row(
    "laboratory.morris",
    "Elementary effects of 3 a - b + 7 on (5, 7): mean, then mean size",
    "3a − b + 7 在 (5, 7) 上的初等效应：均值、平均大小",
    "slopes times widths",
    DESIGN,
    EXPLAIN,
)
def morris() -> Finding:
    """Ten trajectories."""
    found = indices("morris", "abc", 10, lambda x: 3.0 * x[:, 0] - x[:, 1] + 7.0, 5.0, 2.0)
    return exact([*found.loc["mu"], *found.loc["mu_star"]], [6.0, -2.0, 0.0, 6.0, 2.0, 0.0], 1e-9)


@row(
    "laboratory.swings",
    "One factor at a time, y = 3 a - 8 (b - b0)^2 and what a seed adds: changes at the low, then the high ends",
    "逐一变动因子，y = 3a − 8(b − b0)² 加种子效应：取低端、取高端时的变化",
    "differences of the rule",
    DESIGN,
    EXPLAIN,
    "experiments.explain.swings.swings",
)
def one_at_a_time() -> Finding:
    """Two factors of a case between 0 and 1, three seeds; what a seed does to all points drops out."""
    names = ("trust.loss_weight", "deferral.share")
    factors = tuple(Factor(name, "uniform", (0.0, 1.0)) for name in names)
    of = Design(small_case(), "one-at-a-time", factors, replicates=3)
    x = of.points().to_numpy(np.float64)
    a, b = x[0]
    y = 3.0 * x[:, 0] - 8.0 * (x[:, 1] - b) ** 2
    runs = pd.concat([pd.DataFrame({"point": np.arange(len(x)), "seed": seed, "y": y + seed}) for seed in of.seeds])
    found = explain(of, runs, ("y",)).sensitivity.pivot_table("value", "measure", "factor")[list(names)]
    due = [[3.0 * (end - a), -8.0 * (end - b) ** 2] for end in (0.05, 0.95)]
    return exact([*found.loc["at_low"], *found.loc["at_high"]], [*due[0], *due[1]], 1e-9)


@row(
    "laboratory.box",
    "A planted box a < .4, b > .6, c > .2 in six dimensions: limits; coverage and density",
    "六维中预设的盒子 a < 0.4、b > 0.6、c > 0.2：边界；覆盖率与密度",
    "planted",
    "experiments.explain.prim.boxes",
)
def box() -> Finding:
    """4,000 points, three samples; last: limits on factors that have none."""
    findings, others = [], 0
    for seed in range(3):
        x = np.random.default_rng(seed).random((4_000, 6))
        points = pd.DataFrame(x, columns=list("abcdef"))
        found = prim.boxes(points, (x[:, 0] < 0.4) & (x[:, 1] > 0.6) & (x[:, 2] > 0.2))[0]
        ranges = found.limits.ranges
        ends = [ranges.get(name, (math.nan, math.nan))[side] for name, side in (("a", 1), ("b", 0), ("c", 0))]
        others += len(set(ranges) - set("abc"))
        findings += [exact(ends, [0.4, 0.6, 0.2], 0.03), at_least([found.coverage, found.density], 0.9)]
    return every(*findings, none(others))


@row(
    "laboratory.student",
    "Coverage of the 95 % interval of paired differences, 8 and 30 pairs",
    "8 与 30 对配对差的 95 % 区间覆盖率",
    "Student (1908)",
    "experiments.intervals.student",
)
def student() -> Finding:
    """20,000 sets of normal differences each, in twenty parts."""
    draws = {pairs: np.random.default_rng(pairs).normal(0.3, 2.0, (pairs, 20, 1_000)) for pairs in (8, 30)}
    covered = []
    for pairs, table in draws.items():
        held = intervals.student(table.reshape(pairs, -1))
        covered.append(((held.low <= 0.3) & (held.high >= 0.3)).reshape(20, -1).mean(axis=1))
    return means(np.transpose(covered), [0.95, 0.95])


@row(
    "laboratory.shapley",
    "Shapley shares of three causes whose effects interact; sum",
    "三个相互作用原因的 Shapley 份额；总和",
    "1 + 3/2, 2 + 3/2, 4; 10",
    "experiments.compare.attribution.shapley",
)
def shapley() -> Finding:
    """Effects of 1, 2 and 4, and 3 more where the first two are both on: what they do together is divided evenly."""
    worlds = {
        code: float(sum(size for k, size in enumerate((1, 2, 4)) if code >> k & 1) + 3 * (code & 3 == 3))
        for code in range(8)
    }
    values = {code: np.array([value]) for code, value in worlds.items()}
    shares = np.ravel(attribution.shapley(values, 3))
    return exact(np.abs([*shares, shares.sum()]), [2.5, 3.5, 4.0, 10.0], 1e-12)


@row(
    "laboratory.shortfall",
    "Expected shortfall of exponential losses, worst 5 %; value at risk",
    "指数损失最差 5 % 的期望损失；风险价值",
    "1 - ln .05; -ln .05",
    "experiments.stress.risk.expected_shortfall",
    "experiments.stress.risk.value_at_risk",
)
def shortfall() -> Finding:
    """20,000 losses of twenty seeds."""
    found = []
    for seed in range(20):
        losses = np.random.default_rng(seed).exponential(size=20_000)
        found.append([float(risk.expected_shortfall(losses, 0.05)), float(risk.value_at_risk(losses, 0.05))])
    return means(found, [1.0 - math.log(0.05), -math.log(0.05)], known_to=1e-3)
