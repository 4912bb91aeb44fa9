"""Mutants: the market with one formula made wrong, to show that the verification would notice.

A mutant replaces one public function by a wrong one wherever the market and the verification have it by name, runs rows
and puts it back. A row that misses, or ends in an error, has noticed.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from experiments import workers
from experiments.pools import Pool
from experiments.verify.formulas import MUTANTS, Mutant
from experiments.verify.public import found
from experiments.verify.row import QUICK
from experiments.verify.verification import result, rows

PACKAGES = ("market", "experiments")

__all__ = ["MUTANTS", "Mutant", "candidates", "made", "noticed", "surviving"]


@contextmanager
def made(mutant: Mutant) -> Iterator[None]:
    """The formula is wrong inside the block, wherever the market and its laboratory have it by name.

    Raises LookupError if the name leads nowhere.
    """
    place_of_it, _, name = mutant.at.rpartition(".")
    right = found(mutant.at)
    wrong = mutant.wrong(right)
    ours = [one for one in list(sys.modules.values()) if getattr(one, "__name__", "").startswith(PACKAGES)]
    held = {(id(found(place_of_it)), name): (found(place_of_it), name)} | {
        (id(one), known): (one, known) for one in ours for known, value in list(vars(one).items()) if value is right
    }
    try:
        for place, known in held.values():
            setattr(place, known, wrong)
        yield
    finally:
        for place, known in held.values():
            setattr(place, known, right)


def noticed(key: str, keys: Sequence[str]) -> tuple[str, ...]:
    """Rows that a mutant turns red, of some."""
    mutant = next(mutant for mutant in MUTANTS if mutant.key == key)
    with made(mutant):
        return tuple(row for row in keys if result(row).red)


def candidates(mutant: Mutant, only: Sequence[str] = ()) -> list[str]:
    """Keys of the rows that are asked about a mutant: all that are quick, and longer ones that go through its formula.

    Of the nouns and rows in `only`, all. Raises CaseError for a name there that no row and no noun has.
    """
    asked = [row for row in rows(only) if not row.missing]
    return [row.key for row in asked if only or row.seconds <= QUICK or mutant.at in row.through]


def _noticed(task: tuple[str, tuple[str, ...]]) -> tuple[str, ...]:
    return noticed(*task)


def surviving(
    only: Sequence[str] = (), pool: Pool | None = None, on_done: Callable[[], None] = lambda: None,
    mutants: Sequence[Mutant] = MUTANTS,
) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """The rows, of its `candidates`, that each mutant turns red, by its key: a mutant without any has survived.

    That no row is red without a mutant is for `verify` to say. `on_done` is called after each mutant.
    """
    tasks = [(mutant.key, tuple(candidates(mutant, only))) for mutant in mutants]
    red_by: dict[str, tuple[str, ...]] = {}
    for (key, _), red in workers.results(_noticed, tasks, pool or workers.here()):
        if isinstance(red, BaseException):
            raise red
        red_by[key] = red
        on_done()
    return {mutant.key: red_by[mutant.key] for mutant in mutants}
