"""The runs of a comparison: which worlds on which seeds, in which order, and when there are enough of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from experiments import intervals, outcome_names, trial
from experiments.compare import attribution
from experiments.compare.tables import Values
from experiments.compare.what_if import Cause, without
from experiments.intervals import Precision, Running
from experiments.trial import Trial
from market import Case, CaseError, Fault
from market.casefile.faults import nearest

if TYPE_CHECKING:
    from experiments.sweep import Tally


class Task(NamedTuple):
    """One run: everything that a process of its own needs."""

    world: int
    """causes that are off, as `attribution` counts; without causes 0 is the base and 1 the what-if"""
    seed: int
    case: Case
    organisations: tuple[str, ...]
    series: bool


class Failed(NamedTuple):
    """A run that came to nothing."""

    seed: int
    world: int
    error: str


def run(task: Task) -> Trial:
    """Run one market; done by a worker."""
    return trial.perform(task.case, task.seed, series=task.series, organisations=task.organisations)


def looking_at(case: Case, focal: str | None) -> Case:
    """The case with outcomes of a given car."""
    return case if case.focal_car == focal else case.change({"display.focal_car": focal})


@dataclass
class Work:
    """What has to be run, in which order, and what has come of it so far."""

    base: Case
    what_if: Case
    parts: tuple[Cause, ...]
    most: int
    precision: Precision | None
    outcome: str
    first_seed: int
    found: dict[tuple[int, int], dict[str, float]] = field(default_factory=dict)
    """outcomes by seed and world"""
    series: dict[tuple[int, int], Trial] = field(default_factory=dict)
    """trials whose weeks have not been added yet"""
    running: dict[str, tuple[Running, Running, Running]] = field(default_factory=dict)
    """weekly outcomes of base, what-if and difference by name"""
    failed: dict[tuple[int, int], str] = field(default_factory=dict)
    seen: int = 0
    """seeds, from the first one, of which both worlds are back"""
    decided: int | None = None
    """seeds that are needed, once that is known"""
    stopped: bool = False
    """whether it was ended before it was done"""

    def __post_init__(self) -> None:
        """Where to look first, and what there is to see."""
        self.next_look = self.most if self.precision is None else min(intervals.FIRST_BATCH, self.most)
        self.decided = self.most if self.precision is None else None
        self.other = attribution.every_off(len(self.parts)) if self.parts else 1
        self.worlds: dict[int, Case] = {0: self.base, self.other: self.what_if}
        parties = {key for case in (self.base, self.what_if) for key in outcome_names.involved(case)}
        self.organisations = tuple(sorted(parties))
        self.names = outcome_names.names(self.base, self.organisations)
        if self.outcome not in self.names:
            raise CaseError(
                [Fault("--outcome", f"no outcome {self.outcome}", remedy=nearest(self.outcome, self.names))]
            )
        for world in attribution.worlds_for(len(self.parts), self.first_seed):
            self._case(world)  # so that a combination that cannot be is told at once

    # -------------------------------------------------------------------------------------------- what to run

    def tasks(self) -> Iterator[Task]:
        """Pairs as long as it is not known how many are needed, then the other worlds of the seeds that are."""
        for number in range(self.most):
            if number >= self._needed():
                break
            seed = self.first_seed + number
            for world in (0, self.other):
                yield Task(world, seed, self.worlds[world], self.organisations, True)
        for number in range(self.most if self.parts else 0):
            for world in self._rest(self.first_seed + number):
                if number >= self._needed():
                    return
                yield Task(world, self.first_seed + number, self._case(world), self.organisations, False)

    def _needed(self) -> int:
        return self.most if self.decided is None else self.decided

    def _rest(self, seed: int) -> list[int]:
        """Worlds of a seed beside base and what-if."""
        return [w for w in attribution.worlds_for(len(self.parts), seed) if w not in (0, self.other)]

    def _case(self, world: int) -> Case:
        if world in self.worlds:
            return self.worlds[world]
        off = [cause for c, cause in enumerate(self.parts) if world >> c & 1]
        made = looking_at(without(self.base, off), self.base.focal_car)
        if attribution.exact(len(self.parts)) or len(off) in (1, len(self.parts) - 1):
            self.worlds[world] = made
        return made

    # ------------------------------------------------------------------------------------------- what came of it

    def receive(self, task: Task, found: Trial | BaseException) -> int:
        """Take in a run; returns how many pairs, or rests of seeds, it completed."""
        at = task.seed, task.world
        if isinstance(found, BaseException):
            self.failed[at] = f"{type(found).__name__}: {found}"
        else:
            self.found[at] = found.outcomes
            if task.series:
                self.series[at] = found
        if not task.series:
            return int(self._back(task.seed, self._rest(task.seed)))
        before = self.seen
        while self.decided != self.seen and self._back(self.first_seed + self.seen, (0, self.other)):
            self._add_weeks(self.first_seed + self.seen)
            self.seen += 1
            if self.decided is None and self.seen == self.next_look:
                self._look()
        return self.seen - before

    def _back(self, seed: int, worlds: Sequence[int]) -> bool:
        return all((seed, world) in self.found or (seed, world) in self.failed for world in worlds)

    def _add_weeks(self, seed: int) -> None:
        two = [self.series.pop((seed, world), None) for world in (0, self.other)]
        base, other = (None if one is None else one.weeks for one in two)
        if base is not None and other is not None:
            for name, values in base.items():
                kept = self.running.setdefault(name, (Running(), Running(), Running()))
                beside = other.get(name, np.full_like(values, np.nan))
                gone = np.isnan(difference := beside - values)
                both = (np.where(gone, np.nan, numbers) for numbers in (values, beside, difference))
                for running, numbers in zip(kept, both, strict=True):
                    running.add(numbers)

    def _look(self) -> None:
        """Decide whether there are enough pairs, and if not when to look again."""
        if self.precision is not None:
            seeds = range(self.first_seed, self.first_seed + self.seen)
            differences = [self._difference(seed) for seed in seeds]
            self.next_look = intervals.next_size(differences, self.precision, self.most)
        if self.next_look == self.seen:
            self.decided = self.seen

    def _difference(self, seed: int) -> float:
        """What-if less base in a seed; NaN where a run failed."""
        base, other = (self.found.get((seed, world), {}).get(self.outcome, float("nan")) for world in (0, self.other))
        return other - base

    def stop(self) -> bool:
        """Make do with what is back; returns whether that is enough for an interval."""
        self.stopped, self.decided = True, self.seen
        return len(self.values().seeds) > 1

    @property
    def complete(self) -> bool:
        """Whether nothing more is needed, so that runs under way can be stopped."""
        return not self.parts and self.decided == self.seen

    def values(self) -> Values:
        """Outcomes of the seeds that are needed and whose base and what-if both succeeded."""
        seeds = range(self.first_seed, self.first_seed + self._needed())
        good = [s for s in seeds if (s, 0) in self.found and (s, self.other) in self.found]
        return Values(self.names, tuple(good), self.found, self.other)

    def failures(self) -> tuple[Failed, ...]:
        """Runs that came to nothing among the seeds that are needed, in order."""
        limit = self.first_seed + self._needed()
        return tuple(Failed(*at, error) for at, error in sorted(self.failed.items()) if at[0] < limit)

    def whole(self) -> list[int]:
        """Seeds of which every world was run."""
        bad = {failed.seed for failed in self.failures()}
        return [s for s in self.values().seeds if s not in bad and self._back(s, self._rest(s))]

    def tally(self) -> Tally:
        """How far it is, in runs; as many are expected as the next look needs."""
        from experiments.sweep import Tally

        seeds = self.next_look if self.decided is None else self.decided
        total = seeds * (2 + len(self._rest(self.first_seed)))
        return Tally(max(total, len(self.found) + len(self.failed)), len(self.found), len(self.failed), 0)
