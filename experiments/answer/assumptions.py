"""Which of all the assumptions decide: every number of grade C or D, moved together in groups (grouped Morris).

Several hundred numbers are judgements. One at a time they would ask for tens of thousands of runs; moved in groups by
the noun that owns them, a trajectory asks for one run a group (Campolongo, Cariboni & Saltelli 2007: the mean size of
the effect of a group of factors).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from experiments import uncertainty
from experiments.designs import Design
from experiments.uncertainty import Factor
from market import Case, CaseError

if TYPE_CHECKING:
    from numpy.typing import NDArray

LEVELS = 4
SAMPLING_SEED = 1
COLUMNS = ("outcome", "group", "factors", "mu_star", "low", "high", "runs")
FOCAL, OTHERS = "focal car", "other cars"
MOST_TRIALS = 40


@dataclass(frozen=True)
class Assumptions:
    """Every uncertain number of a case with the range it is drawn from, and trajectories through all of them.

    `events` are the ids of the happenings that are looked at; `trajectories` times (groups + 1) cases are run.
    """

    case: Case
    events: tuple[str, ...]
    trajectories: int

    @cached_property
    def factors(self) -> tuple[Factor, ...]:
        """What is drawn, by name; without values that no case may have at one of the levels."""
        found = {factor.name: factor for factor in uncertainty.every(self.case, self.events)}
        for level in range(LEVELS):
            part = level / (LEVELS - 1)
            for _ in range(MOST_TRIALS):
                refused = self._refused({name: self._value(factor, part) for name, factor in found.items()})
                if not refused:
                    break
                found = {name: factor for name, factor in found.items() if not _inside(name, refused)}
        return tuple(found.values())

    def _refused(self, values: Mapping[str, Any]) -> list[str]:
        try:
            self.case.change(values)
        except CaseError as error:
            return [fault.path for fault in error.faults]
        return []

    def _value(self, factor: Factor, part: float) -> float | int:
        value = factor.at(part)
        return round(value) if factor.name in self._whole else value

    @cached_property
    def _whole(self) -> frozenset[str]:
        """Values that are whole numbers."""
        return frozenset(name for name, value in self.case.fields().items() if isinstance(value, int))

    @cached_property
    def groups(self) -> dict[str, list[str]]:
        """Names of the factors by group, in the order of the case: the section; cars apart, the focal one first."""
        found: dict[str, list[str]] = {}
        for factor in self.factors:
            found.setdefault(group_of(factor.name, self.case.focal_car), []).append(factor.name)
        return found

    @cached_property
    def parts(self) -> NDArray[np.float64]:
        """(points, factors) where in its range each factor lies, 0-1: whole trajectories of groups + 1 points."""
        from SALib.sample import morris as sampler

        return np.asarray(sampler.sample(self._problem, self.trajectories, num_levels=LEVELS, seed=SAMPLING_SEED))

    @property
    def _problem(self) -> dict[str, Any]:
        names = [factor.name for factor in self.factors]
        of = {name: group for group, listed in self.groups.items() for name in listed}
        return {
            "num_vars": len(names), "names": names, "bounds": [[0.0, 1.0]] * len(names),
            "groups": [of[name] for name in names],
        }  # fmt: skip

    def design(self, seeds: int) -> Design:
        """The runs: every point with the same seeds."""
        points = [
            {factor.name: self._value(factor, part) for factor, part in zip(self.factors, row, strict=True)}
            for row in self.parts.tolist()
        ]
        return Design.of_list(self.case, points, range(1, 1 + seeds))

    def effects(self, runs: pd.DataFrame, outcomes: Sequence[str]) -> pd.DataFrame:
        """How far each group moves each outcome over its range: COLUMNS, in the unit of the outcome.

        `runs` is the table of the sweep. An outcome is the mean over the seeds of a point; a trajectory with a point
        that has no value is left out. Intervals (95 %) from resampled trajectories.
        """
        rows: list[tuple[Any, ...]] = []
        means = runs.groupby("point")[[name for name in outcomes if name in runs]].mean()
        for outcome in means:
            values = means[outcome].reindex(range(len(self.parts))).to_numpy(np.float64)
            rows += self._of_outcome(str(outcome), values)
        return pd.DataFrame(rows, columns=list(COLUMNS))

    def _of_outcome(self, outcome: str, values: NDArray[np.float64]) -> list[tuple[Any, ...]]:
        from SALib.analyze import morris as analyze

        length = len(self.groups) + 1
        whole = np.isfinite(values).reshape(-1, length).all(axis=1)
        kept = np.repeat(whole, length)
        if whole.sum() < 2:
            return []
        found = analyze.analyze(self._problem, self.parts[kept], values[kept], num_levels=LEVELS, seed=SAMPLING_SEED)
        return [
            (outcome, name, len(self.groups[name]), mean, max(mean - wide, 0.0), mean + wide, int(kept.sum()))
            for name, mean, wide in zip(
                found["names"], map(float, found["mu_star"]), map(float, found["mu_star_conf"]), strict=True
            )
        ]


def group_of(name: str, focal: str | None) -> str:
    """The group of a value: the section of the case, and of cars whether it is the focal one.

    >>> group_of("cars.ut_super.face.jd", "ut_super"), group_of("news.interest.buyers", "ut_super")
    ('focal car', 'news')
    """
    first, *rest = name.split(".")
    if first == "cars":
        return FOCAL if rest[0] == focal else OTHERS
    return first


def _inside(name: str, refused: Sequence[str]) -> bool:
    """Whether a fault is about a value, or about what it is in."""
    return any(name == path or name.startswith(f"{path}.") or path.startswith(f"{name}.") for path in refused)
