"""Comparison: the same people and the same luck in two worlds with one difference, and what comes of it.

Both worlds of a pair have the same seed (common random numbers), so that what differs is due to the difference alone: a
comparison of a case with itself is exactly zero. With causes, the worlds in which some of them are switched off are run
too, and the effect is attributed to them (`experiments.compare.attribution`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from experiments import intervals, workers
from experiments.compare.tables import causes_table, effects_table, pairs_table, weeks_table, worlds_table
from experiments.compare.what_if import Cause, WhatIf
from experiments.compare.work import Failed, Work, looking_at, run
from experiments.intervals import Precision
from experiments.workers import Pool
from market import Case, CaseError, Fault

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep import Tally

PAIRS = 20
OUTCOME = "share"
"""By default: pairs, and the outcome whose interval decides how many there are."""


class NothingToCompare(RuntimeError):  # noqa: N818 - it says what happened
    """Every pair failed: mend the case, whose error the message tells."""


@dataclass(frozen=True)
class Comparison:
    """Two worlds on the same luck: what came of each, what differs, and why."""

    base: Case
    what_if: Case
    changes: WhatIf
    seeds: tuple[int, ...]
    """of the pairs whose runs both succeeded"""
    outcome: str
    precision: Precision | None
    pairs: pd.DataFrame
    """seed, outcome, base, what_if, difference"""
    effects: pd.DataFrame
    """outcome, base, what_if, difference, t_low, t_high, bootstrap_low, bootstrap_high, relative, pairs"""
    weeks: pd.DataFrame
    """week, date, series, base, what_if, difference, low, high"""
    causes: pd.DataFrame
    """outcome, cause, title_en, title_zh; alone, last, shapley, each with limits; whole, part, seeds"""
    worlds: pd.DataFrame
    """seed, world (names of the causes that are off), outcome, value; no rows without causes"""
    failed: tuple[Failed, ...]
    stopped: bool
    """whether Ctrl-C ended it before all pairs were run"""
    started: datetime
    finished: datetime

    @property
    def precise(self) -> bool | None:
        """Whether the precision asked for was reached; None where none was asked for."""
        if self.precision is None:
            return None
        of = self.pairs.loc[self.pairs["outcome"] == self.outcome, "difference"]
        return intervals.enough(of, self.precision)

    def _repr_html_(self) -> str:
        """What it looks like in a notebook; see `experiments.notebook`."""
        from experiments import notebook

        return notebook.of_comparison(self)

    def effect(self, outcome: str) -> dict[str, float]:
        """The row of an outcome in `effects`, by column."""
        rows = self.effects[self.effects["outcome"] == outcome].drop(columns="outcome")
        return {str(name): float(value) for name, value in rows.to_dict("records")[0].items()}


def compare(
    base: Case, what_if: Case | WhatIf | Mapping[str, Any], pairs: int = PAIRS, *, causes: Sequence[Cause] = (),
    precision: Precision | float | None = None, outcome: str = OUTCOME, first_seed: int = 1, pool: Pool | None = None,
    on_pair: Callable[[], None] = lambda: None, on_run: Callable[[Tally], None] = lambda tally: None,
    keep_finished: bool = False,
) -> Comparison:  # fmt: skip
    """Run a case and its what-if on the seeds first_seed, first_seed + 1, ... and compare them.

    `what_if` is another case, changes by full name, or a what-if with causes; `causes` come on top of its own. With a
    `precision` (0.05: half the interval of `outcome` is at most 5 % of its effect), pairs are added until it is
    reached, `pairs` being the most. `pool` does the runs (this process by default; the numbers are the same wherever
    they are done). `on_pair` is called after each pair, and after the other worlds of each seed where there are causes;
    `on_run` after each run. With `keep_finished`, Ctrl-C ends it with the pairs that are finished, if there are two.
    Raises CaseError for what cannot be compared, NothingToCompare if every pair failed.
    """
    started = datetime.now(UTC)
    rule = Precision(precision) if isinstance(precision, float | int) else precision
    asked = _asked(what_if, causes)
    work = Work(*_two_worlds(base, what_if, asked), asked.parts, pairs, rule, outcome, first_seed)
    try:
        for task, found in workers.results(run, work.tasks(), pool or workers.here()):
            for _ in range(work.receive(task, found)):
                on_pair()
            on_run(work.tally())
            if work.complete:
                break
    except KeyboardInterrupt:
        if not (keep_finished and work.stop()):
            raise
    return _comparison(work, asked, started)


def _comparison(work: Work, asked: WhatIf, started: datetime) -> Comparison:
    values, sequential = work.values(), work.precision is not None
    failed, whole = work.failures(), work.whole()
    if not values.seeds:
        raise NothingToCompare(f"every pair failed; the first, seed {failed[0].seed}: {failed[0].error}")
    return Comparison(
        work.base, work.what_if, asked, values.seeds, work.outcome, work.precision,
        pairs_table(values), effects_table(values, sequential=sequential),
        weeks_table(work.running, work.base.calendar, sequential=sequential),
        causes_table(values, work.parts, whole, work.base), worlds_table(values, work.parts, whole),
        failed, work.stopped, started, datetime.now(UTC),
    )  # fmt: skip


def check(base: Case, what_if: Case | WhatIf | Mapping[str, Any], outcome: str = OUTCOME) -> None:
    """Raise CaseError, naming every fault, if these cannot be compared. Nothing is run."""
    asked = _asked(what_if, ())
    Work(*_two_worlds(base, what_if, asked), asked.parts, 1, None, outcome, 1)


def _asked(what_if: Case | WhatIf | Mapping[str, Any], causes: Sequence[Cause]) -> WhatIf:
    if isinstance(what_if, Case):
        if causes:
            raise CaseError([Fault("causes", "given with a whole case", remedy="give changes by full name instead")])
        return WhatIf()
    asked = what_if if isinstance(what_if, WhatIf) else WhatIf(dict(what_if))
    return WhatIf(asked.changes, (*asked.causes, *causes), asked.title, asked.case).and_set({})


def _two_worlds(base: Case, what_if: Case | WhatIf | Mapping[str, Any], asked: WhatIf) -> tuple[Case, Case]:
    """Base and what-if, looking at the same car. Raises CaseError if their weeks do not match."""
    other = what_if if isinstance(what_if, Case) else asked.world(base)
    faults = [
        Fault(f"calendar.{name}", "differs between the two worlds", remedy="change it in both: in the case itself")
        for name in ("start", "weeks")
        if getattr(base.calendar, name) != getattr(other.calendar, name)
    ]
    if base.population.consumers != other.population.consumers:
        remedy = "change it in both: --consumers, or in the case itself"
        faults.append(Fault("population.consumers", "differs between the two worlds", "not the same people", remedy))
    if faults:
        raise CaseError(faults)
    focal = base.focal_car or other.focal_car
    if focal is not None and (focal not in base.cars or focal not in other.cars):
        raise CaseError([Fault(f"cars.{focal}", "is in one world only", remedy="compare worlds that both have it")])
    return looking_at(base, focal), looking_at(other, focal)
