"""Validation: a frozen market against what was reported of it, and of car markets. Nothing is fitted here.

Each figure gets a simulated median and 90 % interval over seeds and over the uncertain values of grade C and D
(`experiments.uncertainty`). Beside it stand the same market at its frozen values, without the event, with the event on
other days, and with one mechanism after the other switched off, each on the same luck.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments import uncertainty
from experiments.validate import evidence, stylised
from experiments.validate.evidence import Moments
from experiments.validate.reported import CRISIS, FACTS, SAFETY
from experiments.validate.tables import ablation_table, evidence_table, parameter_table, placebo_table
from experiments.workers import here, local, results
from market import Case
from market.happenings import Failure

CONSUMERS, RUNS, RUNS_PER_SEED = 30_000, 48, 4
"""By default: consumers of a run, draws of the uncertain values, and draws to a seed of the frozen market."""
FIRST_SEED = 1
PLACEBO_DAYS: Mapping[str, tuple[int, ...]] = {CRISIS: (28, 56), SAFETY: (-56, 56)}


class Task(NamedTuple):
    """One market to run: everything that a process of its own needs."""

    of: str
    kind: str
    """frozen, draw, placebo or ablation"""
    name: str
    """which placebo or ablation"""
    seed: int
    changes: Mapping[str, Any]
    consumers: int
    later_days: int = 0


@dataclass
class Validation:
    """All that was asked and found: tables, and what is needed to make them again."""

    evidence: pd.DataFrame
    placebo: pd.DataFrame
    ablations: pd.DataFrame
    parameters: pd.DataFrame
    runs: pd.DataFrame
    """every run with its moments and the values drawn for it"""
    fingerprints: Mapping[str, str]
    draws: int
    seeds: int
    consumers: int
    drawn: Mapping[str, int]
    held: Mapping[str, int]
    real: Moments = field(default_factory=dict)
    """stylised facts of the user's sales file"""


def ablations(case: Case) -> dict[str, dict[str, Any]]:
    """Changes that switch one mechanism off each, by its name.

    Without a face, the public sees who contributed; where nobody knows who did, there is nothing to see instead.
    """
    feeds = ["news.feed", *(f"news.feeds.{place}" for place in case.news.feeds)]
    found: dict[str, dict[str, Any]] = {
        "no network": {"news.talk_per_tie_per_day": 0.0, "news.pool_per_day": 0.0},
        "no feed": {f"{feed}.contacts_per_day": 0.0 for feed in feeds},
        "constant hazard": {
            "orders.late_per_week": 0.0, "orders.grievance_per_week": 0.0, "trust.cancelling_per_week": 0.0
        },
        "no trust": {"trust.loss_weight": 0.0, "trust.gain_weight": 0.0},
    }  # fmt: skip
    failures = [e for e in evidence.events_of(case) if isinstance(e, Failure) and e.contribution]
    if failures:
        keys = sorted({key for failure in failures for key in failure.contribution})
        mean = {key: float(np.mean([f.contribution.get(key, 0.0) for f in failures])) for key in keys}
        found = {"no face": {f"cars.{case.focal_car}.face": mean}} | found
    return found


def plan(consumers: int = CONSUMERS, runs: int = RUNS, seed: int = FIRST_SEED) -> list[Task]:
    """All markets to run. Draws have a seed each, so that their spread holds luck and ignorance."""
    seeds = range(seed, seed + seeds_of(runs))
    tasks = [Task(FACTS, "frozen", "", s, {}, consumers) for s in seeds]
    for of in (CRISIS, SAFETY):
        case = Case.load(of)
        factors = uncertainty.factors(case, [event.id for event in evidence.events_of(case)])
        drawn = uncertainty.draws(factors, runs, seed)
        tasks += [Task(of, "draw", "", seed + number, values, consumers) for number, values in enumerate(drawn)]
        tasks += [Task(of, "frozen", "", s, {}, consumers) for s in seeds]
        for days in PLACEBO_DAYS[of]:
            tasks += [Task(of, "placebo", f"{days:+d}", s, {}, consumers, days) for s in seeds]
        for name, changes in ablations(case).items():
            tasks += [Task(of, "ablation", name, s, changes, consumers) for s in seeds]
    return tasks


def seeds_of(runs: int) -> int:
    """Seeds of the frozen market, placebos and ablations; at least two, so that they have a spread."""
    return max(runs // RUNS_PER_SEED, 2)


def carry_out(task: Task) -> Moments:
    """Run one market and read its moments."""
    gc.collect()  # markets hold themselves in circles: let go of the last one before building the next
    case = Case.load(CRISIS if task.of == FACTS else task.of)
    case = case.change(task.changes) if task.changes else case
    if task.of == FACTS:
        return stylised.facts(case, task.seed, task.consumers)
    if task.of == CRISIS:
        return evidence.crisis(case, task.seed, task.later_days, task.consumers)
    return evidence.safety(case, task.seed, task.later_days, task.consumers, whole=task.kind != "placebo")


def _numbered(task: tuple[int, Task]) -> Moments:
    return carry_out(task[1])


def run_all(tasks: Sequence[Task], workers: int, on_done: Callable[[], None] = lambda: None) -> list[Moments]:
    """Moments of all tasks, in their order, whatever the number of processes. Raises what a task raised."""
    found: dict[int, Moments] = {}
    for (number, _), moments in results(_numbered, enumerate(tasks), here() if workers == 1 else local(workers)):
        if isinstance(moments, BaseException):
            raise moments
        found[number] = moments
        on_done()
    return [found[number] for number in range(len(tasks))]


def validate(
    tasks: Sequence[Task], workers: int = 1, sales: pd.DataFrame | None = None,
    on_done: Callable[[], None] = lambda: None,
) -> Validation:  # fmt: skip
    """Run a plan and set it beside what was reported; `sales` (month, brand, model, units) gives real facts."""
    moments = run_all(tasks, workers, on_done)
    table = pd.DataFrame(
        [
            {"of": t.of, "kind": t.kind, "name": t.name, "seed": t.seed, "later_days": t.later_days, **found}
            for t, found in zip(tasks, moments, strict=True)
        ]
    )
    drawn = pd.DataFrame(
        [{f"value:{key}": v for key, v in t.changes.items()} if t.kind == "draw" else {} for t in tasks]
    )
    cases = {of: Case.load(of) for of in (CRISIS, SAFETY)}
    uncertain = {of: len(uncertainty.uncertain(case)) for of, case in cases.items()}
    factors = {of: len(next(t for t in tasks if t.of == of and t.kind == "draw").changes) for of in cases}
    real = {} if sales is None else stylised.of_shares(stylised.shares_of_sales(sales))
    return Validation(
        evidence=evidence_table(table, real),
        placebo=placebo_table(table, cases, PLACEBO_DAYS),
        ablations=ablation_table(table),
        parameters=parameter_table(table, cases, factors),
        runs=pd.concat([table, drawn], axis=1),
        fingerprints={of: case.fingerprint for of, case in cases.items()},
        draws=sum(t.of == CRISIS and t.kind == "draw" for t in tasks),
        seeds=sum(t.of == FACTS for t in tasks),
        consumers=tasks[0].consumers,
        drawn=factors,
        held={of: uncertain[of] - factors[of] for of in cases},
        real=real,
    )
