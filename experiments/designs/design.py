"""Designs: which changed cases are run, how often and with which luck.

A design is a base case, points (each a set of changes by full name) and seeds, the same at every point, so that points
differ by their changes only. `Design.load` reads a file; `Design.of_list` takes points that a program has made.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from numpy.typing import NDArray

from experiments.designs import samplers
from experiments.designs.factors import Factor
from experiments.designs.samplers import Cube, Kind
from market import Case, CaseError, Fault
from market.casefile import tree
from market.casefile.faults import number
from market.casefile.toml import key, literal

if TYPE_CHECKING:
    import pandas as pd

MOST_RUNS = 10_000_000
DESIGN_FILE, CASE_FILE, POINTS_FILE = "design.toml", "case.toml", "points.json"
"""What `write_to` writes: the design, its base case, and the points of a list."""


@dataclass(frozen=True)
class Design:
    """What a sweep runs: every point with every seed.

    Points are numbered from 0 in a fixed order, runs are point by point. Points may repeat (a Sobol design over levels
    does repeat them): the same changes with the same seed are the same run.
    """

    base: Case
    """the case with what `[set]` fixes for every run"""
    kind: Kind
    factors: tuple[Factor, ...] = ()
    """empty for a list"""
    runs: int = 0
    """base sample N of a sampled design; else the number of points"""
    replicates: int = 1
    first_seed: int = 1
    series: bool = False
    """True if weekly series are kept too"""
    seconds: float | None = None
    """a run that takes longer has failed; None: no limit"""
    sampling_seed: int = 1
    listed: tuple[Mapping[str, Any], ...] = ()
    """the points of a list"""
    origin: str = "case.toml"
    """what the design file called its case"""
    fixed: tuple[str, ...] = ()
    """full names in `[set]`"""

    @classmethod
    def load(cls, path_or_library_name: str | PathLike[str], *, tried: bool = True) -> Self:
        """A design from a TOML file, or from one of those that come with the package, by its name.

        Points are tried as cases unless they are known, as in the folder of a sweep. Raises CaseError naming every
        fault.
        """
        from experiments.designs import file as design_file

        return design_file.load(cls, path_or_library_name, tried=tried)

    @classmethod
    def of_list(
        cls, base: Case, points: Iterable[Mapping[str, Any]], seeds: range | Sequence[int] = range(1, 2), *,
        series: bool = False, seconds: float | None = None,
    ) -> Self:  # fmt: skip
        """A design of given points: each maps full names to what `Case.change` takes; what it leaves out stays.

        An item of a list is added whole: `happenings.delay` to a table. `seeds` are consecutive. Raises CaseError if
        there are too many runs, or none.
        """
        given = list(seeds)
        if not given or given != list(range(given[0], given[0] + len(given))):
            raise CaseError([Fault("seeds", "not consecutive", "allowed: range(first, last + 1)", "give a range")])
        held = tuple(tree.canonical(tree.plain(dict(point)), []) for point in points)
        if faults := cls.size_faults("list", len(held), len(given)):
            raise CaseError(faults)
        return cls(
            base, "list", (), len(held), len(given), given[0], series=series, seconds=seconds, listed=held
        )  # fmt: skip

    @staticmethod
    def size_faults(kind: Kind, points: int, replicates: int) -> list[Fault]:
        """What is wrong with so many points and replicates."""
        asked = points * replicates
        if asked > MOST_RUNS:
            return [
                Fault(
                    "runs" if kind in samplers.SAMPLED else kind,
                    f"{number(points)} points x {replicates} replicates are {number(asked)} runs",
                    f"allowed: at most {number(MOST_RUNS)}",
                    "take fewer runs, levels or replicates",
                )
            ]
        return [] if asked else [Fault(kind, "no point at all", "allowed: at least 1", "add one")]

    @property
    def number_of_points(self) -> int:
        """Design points."""
        if self.kind == "list":
            return len(self.listed)
        if self.kind == "grid":
            return math.prod(len(factor.levels) for factor in self.factors)
        if self.kind == "one-at-a-time":
            return 1 + 2 * len(self.factors)
        return samplers.points_of(self.kind, self.runs, len(self.factors))

    @property
    def number_of_runs(self) -> int:
        """Points times replicates."""
        return self.number_of_points * self.replicates

    @property
    def seeds(self) -> range:
        """The seeds of all luck, the same at every point."""
        return range(self.first_seed, self.first_seed + self.replicates)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Full names of all that varies, in the order of the columns of `points()`."""
        if self.kind != "list":
            return tuple(factor.name for factor in self.factors)
        return tuple(dict.fromkeys(name for point in self.listed for name in point))

    @cached_property
    def cube(self) -> Cube:
        """The points as parts of the range of each factor, (points, factors) float64; a list has none (0 columns).

        NaN where a factor stays as it is in the base case, in a design of one at a time.
        """
        if self.kind == "list":
            return np.empty((len(self.listed), 0))
        if self.kind == "grid":
            return samplers.grid([len(factor.levels) for factor in self.factors])
        if self.kind == "one-at-a-time":
            return samplers.one_at_a_time(len(self.factors))
        return samplers.sample(self.kind, self.runs, len(self.factors), self.sampling_seed)

    @cached_property
    def _columns(self) -> dict[str, NDArray[Any]]:
        """Values of every factor by name, (points,); any where it stays as it is."""
        cube = np.nan_to_num(self.cube, nan=0.5) if self.kind == "one-at-a-time" else self.cube
        return {factor.name: factor.at(cube[:, n]) for n, factor in enumerate(self.factors)}

    def changes(self, point: int) -> dict[str, Any]:
        """What the point with this number changes, as `Case.change` takes it."""
        if self.kind == "list":
            return dict(self.listed[point])
        moved = np.isfinite(self.cube[point]).tolist()
        found = {
            name: column[point] for (name, column), moves in zip(self._columns.items(), moved, strict=True) if moves
        }
        return {name: value.item() if isinstance(value, np.generic) else value for name, value in found.items()}

    def case_at(self, point: int) -> Case:
        """The case of the point with this number. Raises CaseError if its values do not fit together."""
        changes = self.changes(point)
        return self.base.change(changes) if changes else self.base

    def points(self) -> pd.DataFrame:
        """One row per design point in order, one column per full name.

        A table or list is shown as the TOML it would be written as. What a point leaves out is shown as it is in the
        base case (nothing where it is not there).
        """
        import pandas as pd

        if self.kind in ("list", "one-at-a-time"):
            base = {name: self._of_base(name) for name in self.names}
            points = map(self.changes, range(self.number_of_points))
            rows = [[shown(point.get(name, base[name])) for name in self.names] for point in points]
            return pd.DataFrame(rows, columns=list(self.names)).infer_objects()
        columns = {
            name: column if column.dtype != object else pd.Series([shown(value) for value in column]).infer_objects()
            for name, column in self._columns.items()
        }
        return pd.DataFrame(columns, columns=list(self.names))

    def _of_base(self, name: str) -> Any:
        """What the base case has at a full name; None if nothing."""
        try:
            return self.base.get(name)
        except CaseError:
            return None

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of all that decides which runs there are and what is kept of them.

        The time limit is left out: a sweep may be resumed with a longer one.
        """
        content = {
            "base": self.base.fingerprint, "kind": self.kind, "factors": [factor.tables() for factor in self.factors],
            "runs": self.runs, "seeds": [self.first_seed, self.replicates], "series": self.series,
            "sampling_seed": self.sampling_seed if self.kind in samplers.SAMPLED else 0, "points": list(self.listed),
        }  # fmt: skip
        text = json.dumps(tree.canonical(tree.plain(content), []), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def to_toml(self) -> str:
        """The design as a file that stands beside its base case, `case.toml`; see `write_to`."""
        lines = ["# What was run. case.toml beside it is the base case, with all that was set for every run."]
        if self.origin != CASE_FILE:
            lines.append(f"# It was made from {literal(self.origin)}.")
        if self.fixed:
            lines.append(f"# Set for every run: {', '.join(self.fixed)}.")
        values: dict[str, Any] = {"case": CASE_FILE, "design": self.kind}
        values |= {"runs": self.runs, "sampling_seed": self.sampling_seed} if self.kind in samplers.SAMPLED else {}
        values |= {"replicates": self.replicates, "first_seed": self.first_seed, "series": self.series}
        values |= {} if self.seconds is None else {"time_limit_s": self.seconds}
        values |= {"list": POINTS_FILE} if self.kind == "list" else {}
        lines += [f"{key(name)} = {literal(value)}" for name, value in values.items()]
        for factor in self.factors:
            lines += ["", "[[factors]]", *(f"{key(n)} = {literal(tree.plain(v))}" for n, v in factor.tables().items())]
        return "\n".join(lines) + "\n"

    def write_to(self, folder: Path) -> None:
        """Write `design.toml`, its `case.toml` and, for a list, `points.json`: `Design.load` reads them back equal."""
        (folder / CASE_FILE).write_text(self.base.to_toml(), encoding="utf-8")
        if self.kind == "list":
            points = json.dumps(tree.plain(list(self.listed)), ensure_ascii=False, default=_as_json)
            (folder / POINTS_FILE).write_text(points, encoding="utf-8")
        (folder / DESIGN_FILE).write_text(self.to_toml(), encoding="utf-8")

    def __getstate__(self) -> dict[str, Any]:
        """What a process of its own needs; samples are drawn again there rather than sent."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)


def shown(value: Any) -> Any:
    """A value as one cell of a table: numbers, words and truth values as they are, all else as TOML."""
    value = value.item() if isinstance(value, np.generic) else tree.plain(value)
    return value if value is None or isinstance(value, bool | int | float | str) else literal(value)


def _as_json(value: Any) -> Any:
    """Dates as text and numbers of numpy as numbers; a case takes both."""
    return value.item() if isinstance(value, np.generic) else value.isoformat()
