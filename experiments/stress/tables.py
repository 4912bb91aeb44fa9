"""What a stress test found, as tables: losses, risk, recovery, who bears it, blame, regret and the Pareto front.

Every future of a world (a draw under a seed) is set beside the same future of the world without the crisis in which the
same answer, decision and contract were chosen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from experiments.stress import regret, risk
from experiments.stress.worlds import NONE, WORLD, World
from experiments.sweep.parts import DONE

if TYPE_CHECKING:
    from experiments.stress.design import Plan
    from experiments.stress.regret import Sense

Floats = NDArray[np.float64]
Weekly = Mapping[str, Floats]
WHOLE_RUN = 0
"""Stands among the horizons for the run from its first to its last week."""
STRATEGY = list(regret.STRATEGY)
OVER_ALL = "all"
"""Crisis under which the mean over all crises stands."""
HOUSEHOLDS = {"cancelled": "cancellations", "lost": "lost", "deferred": "deferred"}
"""What households bear, by measure, and the outcome: orders cancelled, choices lost to lost trust, choices put off."""
BLAME = ("blamed", "blame_to_control", "blame_to_contribution")
FRONT: Mapping[str, Sense] = {"share": "most", "profit": "most", "blame": "least"}
"""What strategies are compared in: share of deliveries, profit of all parties, largest ratio of blame to control."""


class Future(NamedTuple):
    """A run: a world under a draw and a seed."""

    world: World
    draw: int
    seed: int


@dataclass(frozen=True)
class Findings:
    """The tables; `experiments.stress.folder` writes each as a file of its name."""

    losses: pd.DataFrame
    """every future: WORLD, draw, seed, horizon_weeks, measure, loss (without the crisis less with it)"""
    risk: pd.DataFrame
    """WORLD, horizon_weeks, measure, futures, tail_futures, mean, worst, shortfall, each with _low and _high"""
    recovery: pd.DataFrame
    """WORLD, series, median, never_fell, not_back, followed, futures"""
    bearers: pd.DataFrame
    """WORLD, horizon_weeks, party, measure, unit, mean, mean_low, mean_high, part (of what the losers lose)"""
    blame: pd.DataFrame
    """WORLD, measure, futures, mean, mean_low, mean_high; NaN where nobody was blamed"""
    regret: pd.DataFrame
    """strategy, measure, party, mean_payoff, mean_regret, ..., max_regret, worst_crisis, minimax"""
    regret_by_crisis: pd.DataFrame
    """strategy, measure, party, crisis, mean_regret, max_regret"""
    pareto: pd.DataFrame
    """strategy, crisis (or all), share, profit, blame, front"""
    worlds: pd.DataFrame
    """WORLD, draw, point: which point of the design each world is"""

    def tables(self) -> dict[str, pd.DataFrame]:
        """All of them by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Evidence:
    """The runs of a plan, to be asked for single futures; runs that failed are not there."""

    plan: Plan
    runs: pd.DataFrame
    """as `Sweep.runs`"""
    series: pd.DataFrame
    """as `Sweep.series`: point, seed, week, and a column for each weekly outcome"""

    @cached_property
    def futures(self) -> pd.DataFrame:
        """Outcomes of every world under every draw and seed, with a column `key` of its weekly series."""
        good = self.runs[self.runs["status"] == DONE]
        kept = [name for name in good if name not in set(self.plan.design().names)]
        return self.plan.worlds().merge(good[kept], on="point", how="inner")

    @cached_property
    def complete(self) -> pd.DataFrame:
        """Those of `futures` that were lived in every world, so that strategies are compared on the same luck."""
        lived = self.futures.groupby(["draw", "seed"])["point"].transform("size")
        return self.futures[lived == len(self.plan.stress.worlds())]

    @cached_property
    def weekly(self) -> dict[tuple[int, int], Weekly]:
        """Weekly outcomes by point and seed: (weeks,) each."""
        ordered = self.series.sort_values(["point", "seed", "week"], kind="stable")
        names = [str(n) for n in ordered if n not in ("point", "seed", "week", "run_id", "date")]
        found: dict[tuple[int, int], Weekly] = {}
        values = {name: ordered[name].to_numpy(float) for name in names}
        keys = ordered[["point", "seed"]].to_numpy()
        starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)]) if len(keys) else np.array([], int)
        for first, end in zip(starts, [*starts[1:], len(keys)], strict=True):
            point, seed = keys[first]
            found[int(point), int(seed)] = {name: column[first:end] for name, column in values.items()}
        return found

    def pairs(self) -> Iterator[tuple[Future, Weekly, Weekly]]:
        """Each future with a crisis, its weeks, and the weeks of the same future without it."""
        points = {(world, draw): point for world, draw, point in self.plan.places}
        for (world, draw), point in points.items():
            if world.crisis == NONE:
                continue
            other = points[World(NONE, *world.strategy), draw]
            for seed in self.plan.design().seeds:
                with_it, without = self.weekly.get((point, seed)), self.weekly.get((other, seed))
                if with_it is not None and without is not None:
                    yield Future(world, draw, seed), with_it, without

    @property
    def parties(self) -> list[str]:
        """Organisations whose profit was kept, in alphabetical order."""
        return sorted(str(name).partition(".")[2] for name in self.runs if str(name).startswith("profit."))


def findings(plan: Plan, runs: pd.DataFrame, series: pd.DataFrame, resamples: int = regret.RESAMPLES) -> Findings:
    """All tables of a stress test from what its sweep kept. Raises ValueError if too few have run."""
    evidence = Evidence(plan, runs, series)
    losses = loss_table(evidence)
    if losses.empty:
        raise ValueError("stress: no world has run both with and without a crisis; run the test to its end")
    at_risk = risk.at_risk(losses, [*WORLD, "horizon_weeks", "measure"])
    if evidence.complete.empty:
        raise ValueError("stress: no future has run in every world; try those that failed again with --retry")
    payoffs = payoff_table(evidence)
    return Findings(
        losses, at_risk, recovery_table(evidence), bearer_table(plan, at_risk), blame_table(evidence),
        regret_tables(payoffs, resamples), regret_by_crisis(payoffs), pareto_table(evidence), plan.worlds(),
    )  # fmt: skip


def loss_table(evidence: Evidence) -> pd.DataFrame:
    """What every future lost by each horizon, in the long form that `risk.at_risk` reads."""
    horizons = evidence.plan.stress.horizons_weeks
    rows = []
    for future, with_it, without in evidence.pairs():
        head = (*future.world, future.draw, future.seed)
        begins = evidence.plan.begins(future.world.crisis)
        for horizon in horizons:
            lost = risk.lost_within(with_it, without, begins, horizon)
            lost["profit.all"] = sum(value for name, value in lost.items() if name.startswith("profit."))
            rows += [(*head, horizon, measure, value) for measure, value in lost.items()]
    table = pd.DataFrame(rows, columns=[*WORLD, "draw", "seed", "horizon_weeks", "measure", "loss"])
    return pd.concat([table, _of_whole_runs(evidence)], ignore_index=True)


def _of_whole_runs(evidence: Evidence) -> pd.DataFrame:
    """What households bore over whole runs, more than without the crisis: measures of HOUSEHOLDS, loss above 0."""
    futures = evidence.futures
    keys = [*STRATEGY, "draw", "seed"]
    names = [name for name in HOUSEHOLDS.values() if name in futures]
    quiet = futures.loc[futures["crisis"] == NONE, [*keys, *names]]
    both = futures.loc[futures["crisis"] != NONE, ["crisis", *keys, *names]].merge(
        quiet, on=keys, suffixes=("", "_none")
    )
    parts = [
        both[[*WORLD, "draw", "seed"]].assign(
            horizon_weeks=WHOLE_RUN, measure=measure, loss=both[n] - both[f"{n}_none"]
        )
        for measure, n in HOUSEHOLDS.items()
        if n in names
    ]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def recovery_table(evidence: Evidence) -> pd.DataFrame:
    """How long each world's share of deliveries and of orders takes to be back; see `risk.recovery_weeks`."""
    times: dict[tuple[World, str], list[float]] = {}
    weeks = evidence.plan.base.calendar.weeks
    for future, with_it, without in evidence.pairs():
        begins = evidence.plan.begins(future.world.crisis)
        for name in ("share", "order_share"):
            back = risk.recovery_weeks(with_it[name], without[name], begins)
            times.setdefault((future.world, name), []).append(back)
    rows = [
        {**world._asdict(), "series": name, **risk.recoveries(found, weeks - evidence.plan.begins(world.crisis))}
        for (world, name), found in times.items()
    ]
    return pd.DataFrame(rows)


def bearer_table(plan: Plan, at_risk: pd.DataFrame) -> pd.DataFrame:
    """Who bears a crisis after the longest horizon: profit by party, and what households bear over the run.

    `part` is a party's loss as a part of what all losing parties lose; 0 for those that gain, NaN for households.
    """
    longest = plan.stress.horizons_weeks[-1]
    kept = ["futures", "mean", "mean_low", "mean_high"]
    profits = at_risk[(at_risk["horizon_weeks"] == longest) & at_risk["measure"].str.startswith("profit.")]
    profits = profits[profits["measure"] != "profit.all"]
    profits = profits[[*WORLD, "horizon_weeks", "measure", *kept]].assign(unit="CNY")
    profits["party"] = profits["measure"].str.removeprefix("profit.")
    losing = profits["mean"].clip(lower=0.0)
    total = losing.groupby([profits[name] for name in WORLD]).transform("sum")
    profits["part"] = np.where(total > 0.0, losing / total.where(total > 0.0, 1.0), np.nan)
    people = at_risk[at_risk["measure"].isin(list(HOUSEHOLDS)) & (at_risk["horizon_weeks"] == WHOLE_RUN)]
    people = people[[*WORLD, "horizon_weeks", "measure", *kept]].assign(
        unit="households", party="households", part=np.nan
    )
    table = pd.concat([profits.assign(measure="profit"), people], ignore_index=True)
    return table[[*WORLD, "horizon_weeks", "party", "measure", "unit", *kept, "part"]]


def blame_table(evidence: Evidence) -> pd.DataFrame:
    """Blame of each party in every world: share of all blame, and against control and contribution."""
    names = [f"{kind}.{party}" for kind in BLAME for party in evidence.parties if f"{kind}.{party}" in evidence.futures]
    names += [name for name in ("misattribution",) if name in evidence.futures]
    long = evidence.futures.melt([*WORLD, "draw", "seed"], names, "measure", "value")
    return risk.means(long, [*WORLD, "measure"])


def payoff_table(evidence: Evidence) -> pd.DataFrame:
    """What each party earns in each whole run, and the car's share: STRATEGY, STATE, seed, measure, party, payoff."""
    names = [f"profit.{party}" for party in evidence.parties]
    profits = evidence.complete.melt([*WORLD, "draw", "seed"], names, "party", "payoff")
    profits = regret.with_all(profits.assign(party=profits["party"].str.removeprefix("profit.")))
    share = evidence.complete[[*WORLD, "draw", "seed", "share"]].rename(columns={"share": "payoff"}).assign(party="car")
    return pd.concat([profits.assign(measure="profit"), share.assign(measure="share")], ignore_index=True)


def regret_tables(payoffs: pd.DataFrame, resamples: int = regret.RESAMPLES) -> pd.DataFrame:
    """Regret in profit, by party and in all, and in share; see `regret.regret_table`."""
    parts = [
        regret.regret_table(own, resamples=resamples).assign(measure=measure)
        for measure, own in payoffs.groupby("measure", sort=False)
    ]
    return pd.concat(parts, ignore_index=True)


def regret_by_crisis(payoffs: pd.DataFrame) -> pd.DataFrame:
    """The same for each crisis by itself: mean and largest regret over draws."""
    parts = [
        regret.regret_table(own, resamples=0).assign(measure=own["measure"].iloc[0], crisis=own["crisis"].iloc[0])
        for _, own in payoffs.groupby(["measure", "crisis"], sort=False)
    ]
    columns = [*STRATEGY, "measure", "party", "crisis", "mean_regret", "max_regret"]
    return pd.concat(parts, ignore_index=True)[columns]


def pareto_table(evidence: Evidence) -> pd.DataFrame:
    """Strategies by share, profit of all and the largest blame-to-control, in each crisis and over all; see FRONT."""
    futures = evidence.complete[evidence.complete["crisis"] != NONE]
    ratios = [name for name in (f"blame_to_control.{party}" for party in evidence.parties) if name in futures]
    profit = futures[[f"profit.{party}" for party in evidence.parties]].sum(axis=1, min_count=1)
    columns = futures[["crisis", *STRATEGY, "share", *ratios]].assign(profit=profit)
    mean = columns.groupby(["crisis", *STRATEGY], sort=False).mean()
    mean = mean.assign(blame=mean[ratios].max(axis=1))[list(FRONT)].reset_index()
    whole = mean.groupby(STRATEGY, sort=False)[list(FRONT)].mean().reset_index().assign(crisis=OVER_ALL)
    both = pd.concat([mean, whole], ignore_index=True)
    parts = [regret.pareto(own, FRONT) for _, own in both.groupby("crisis", sort=False)]
    return pd.concat(parts, ignore_index=True)[["crisis", *STRATEGY, *FRONT, "front"]]


def at(table: pd.DataFrame, keys: Mapping[str, str]) -> pd.DataFrame:
    """The rows of a table in which the given columns have the given values."""
    chosen = pd.Series(data=True, index=table.index)
    for name, value in keys.items():
        chosen &= table[name] == value
    return table[chosen]


def row_of(table: pd.DataFrame, weeks: int, measure: str) -> dict[str, float] | None:
    """The numbers of a measure at a horizon in a table of risk; None where nothing is known of it."""
    rows = table[(table["horizon_weeks"] == weeks) & (table["measure"] == measure)]
    if rows.empty or np.isnan(rows["mean"].iloc[0]):
        return None
    return {name: float(rows[name].iloc[0]) for name in ("mean", "mean_low", "mean_high", "shortfall")}
