"""All rows together: which there are, and what became of each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from experiments import workers
from experiments.pools import Pool
from experiments.verify import (
    blame,
    choice,
    crises,
    design,
    diffusion,
    epidemics,
    industry,
    laboratory,
    libraries,
    luck,
    markets,
    metamorphic,
    networks,
    pricing,
    simulated,
    stories,
    supply,
    trust,
    worlds,
)
from experiments.verify.row import Finding, Row
from market import CaseError, Fault
from market.casefile.faults import nearest, show

NOUNS = (
    choice, simulated, pricing, libraries, epidemics, diffusion, networks, stories, trust, blame, supply, design,
    industry, laboratory, luck, metamorphic, markets, crises, worlds,
)  # fmt: skip
VERDICTS = ("holds", "missed", "failed", "not run")


@dataclass(frozen=True)
class Result:
    """What became of a row."""

    key: str
    finding: Finding | None
    """none: it could not be run, or ended in an error"""
    missing: tuple[str, ...] = ()
    """libraries that it needs"""
    error: str = ""
    seconds: float = 0.0

    @property
    def verdict(self) -> str:
        """holds, missed (a number is off), failed (an error) or not run."""
        if self.finding is None:
            return "not run" if self.missing else "failed"
        return "holds" if self.finding.ok else "missed"

    @property
    def red(self) -> bool:
        """Whether it speaks against the market."""
        return self.verdict in ("missed", "failed")


@cache
def table() -> dict[str, Row]:
    """Every row by its key, in order. Raises ValueError if two have the same."""
    listed = [value for noun in NOUNS for value in vars(noun).values() if isinstance(value, Row)]
    found = {row.key: row for row in listed}
    if len(found) != len(listed):
        raise ValueError(f"{len(listed) - len(found)} keys of rows occur twice; give each row a key of its own")
    return found


def rows(only: Sequence[str] = ()) -> list[Row]:
    """All rows, or those of some nouns (`choice`) or with some keys (`choice.logit`), in the order of the table.

    Capitals do not count. Raises CaseError for a name that is neither.
    """
    known = table()
    names = [*dict.fromkeys(key.partition(".")[0] for key in known), *known]
    asked = {name.casefold(): name for name in only}
    wrong = [name for low, name in asked.items() if low not in names]
    if wrong:
        raise CaseError([Fault("--only", f"no row {show(name)}", remedy=nearest(name, names)) for name in wrong])
    return [row for key, row in known.items() if not only or key in asked or key.partition(".")[0] in asked]


def result(key: str) -> Result:
    """Run one row; whatever goes wrong is in the result."""
    row = table()[key]
    if row.missing:
        return Result(key, None, row.missing)
    began = time.perf_counter()
    try:
        finding, error = row.check(), ""
    except Exception as raised:  # a row that ends in an error is shown as failing, never dropped
        finding, error = None, f"{type(raised).__name__}: {raised}"
    return Result(key, finding, error=error, seconds=time.perf_counter() - began)


def verify(
    only: Sequence[str] = (), pool: Pool | None = None, on_done: Callable[[], None] = lambda: None
) -> list[Result]:
    """Run all rows, or some, in the order of the table; `on_done` is called after each.

    Raises CaseError for a name of `only` that no row and no noun has.
    """
    keys = [row.key for row in rows(only)]
    found: dict[str, Result] = {}
    for one in _results(keys, pool or workers.here()):
        found[one.key] = one
        on_done()
    return [found[key] for key in keys]


def _results(keys: Sequence[str], pool: Pool) -> Iterator[Result]:
    longest_first = sorted(keys, key=lambda key: -table()[key].seconds)
    for key, one in workers.results(result, longest_first, pool):
        yield one if isinstance(one, Result) else Result(key, None, error=f"{type(one).__name__}: {one}")
