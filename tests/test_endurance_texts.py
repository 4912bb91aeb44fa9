"""Endurance: whatever a file holds, it is read or refused by name, at once and without a traceback."""

from __future__ import annotations

import copy
import random
import signal
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from random_texts import damaged, other_value

from experiments.compare import WhatIf
from experiments.designs import Design
from experiments.stress import Stress
from market import Case, CaseError, Market

pytestmark = pytest.mark.slow

LONGEST_SECONDS = 30
"""A sound file takes a twentieth of a second; designs try their points as cases."""

LIBRARY = resources.files("experiments") / "library"
READERS: dict[str, Callable[[Path], Any]] = {
    "case": Case.load, "design": Design.load, "stress test": Stress.load, "what-if": WhatIf.load,
}  # fmt: skip


@cache
def files(kind: str) -> list[Traversable]:
    """The bundled files of a kind."""
    if kind == "case":
        return [Case.folder() / f"{name}.toml" for name in Case.bundled()]
    return [file for file in sorted(LIBRARY.iterdir(), key=str) if file.name.endswith(".toml") and is_a(kind, file)]


def is_a(kind: str, file: Traversable) -> bool:
    """Whether a file of the library is of a kind."""
    with resources.as_file(file) as path:
        try:
            READERS[kind](path)
        except CaseError:
            return False
    return True


@contextmanager
def at_once(what: str) -> Iterator[None]:
    """Fails when what is inside works for too long, instead of for ever. Its own time counts, whatever else runs."""

    def too_long(number: int, frame: FrameType | None) -> None:
        pytest.fail(f"{what} took longer than {LONGEST_SECONDS} s")

    before = signal.signal(signal.SIGPROF, too_long)
    signal.setitimer(signal.ITIMER_PROF, LONGEST_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def refusal(read: Callable[[], Any], what: str) -> list[str]:
    """The lines with which something is refused; none where it is read, and where a case then runs."""
    with at_once(what):
        try:
            found = read()
            if isinstance(found, Case):
                Market(small(found), rng=1).run().close()
        except CaseError as error:
            return [str(fault) for fault in error.faults]
    return []


def small(case: Case) -> Case:
    """The case with few consumers and weeks."""
    return case.change({"population.consumers": 50, "calendar.weeks": 2, "population.history_weeks": 10})


@pytest.mark.parametrize("first", range(0, 300, 100))
@pytest.mark.parametrize("kind", READERS)
def test_a_damaged_file_is_read_or_refused(kind: str, first: int, tmp_path: Path) -> None:
    """Never another exception than CaseError, each fault one line that begins with a name; an accepted case runs."""
    place, known = tmp_path / "given.toml", files(kind)
    assert known, kind
    refused = []
    for seed in range(first, first + 100):
        luck = random.Random(f"{kind} {seed}")
        place.write_bytes(damaged(luck, luck.choice(known).read_bytes()))
        refused.append(refusal(partial(READERS[kind], place), f"{kind} {seed}"))
    assert all(": " in line and "\n" not in line for lines in refused for line in lines)
    assert sum(map(bool, refused)) > 20, "too little was damaged for the test to mean anything"


@pytest.mark.parametrize("first", range(0, 450, 150))
def test_a_wrong_value_anywhere_in_a_case_is_read_or_refused(first: int) -> None:
    """In a whole case with all its defaults written out; what is accepted runs."""
    written = {name: tomllib.loads(Case.load(name).to_toml()) for name in Case.bundled()}
    refused = []
    for seed in range(first, first + 150):
        luck = random.Random(f"value {seed}")
        tables = other_value(luck, copy.deepcopy(written[luck.choice(sorted(written))]))
        refused.append(refusal(partial(Case.parse, tables), f"value {seed}"))
    assert all(": " in line and "\n" not in line for lines in refused for line in lines)
    assert 75 < sum(map(bool, refused)) < 150
