"""The four steps of an answer, each a result folder of its own: case, causes, alternatives, assumptions.

A step whose folder is whole is not done again; a sweep in it goes on where it stopped.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from experiments import folder
from experiments.answer.assumptions import Assumptions
from experiments.compare.what_if import WhatIf
from experiments.stress.design import Plan
from experiments.stress.worlds import Stress
from experiments.workers import Pool
from market import Case, CaseError, Fault, __version__
from market.happenings import Failure

if TYPE_CHECKING:
    import pandas as pd

    from experiments.sweep import Tally

RUN, CAUSES, DIVISION, ASSUMPTIONS = "run", "causes", "division", "assumptions"
STEPS = (RUN, CAUSES, DIVISION, ASSUMPTIONS)
PAGE = "answer.html"
EFFECTS = "effects_of_groups.parquet"
OUTCOME = "order_share"
"""What the page says the causes of; the folder has them for every outcome."""


@dataclass(frozen=True)
class Size:
    """How much is run. The defaults take about a quarter of an hour on two cores."""

    consumers: int = 10_000
    runs: int = 10
    """seeds of the case as it is"""
    pairs: int = 10
    """seeds in which every combination of causes is switched off"""
    draws: int = 4
    """samples of the uncertain values in which every division of roles and contract is run"""
    trajectories: int = 10
    """through all uncertain values, in groups"""


@dataclass(frozen=True)
class Question:
    """What is asked: a case, the causes that can be switched off in it, and its alternatives."""

    case: Case
    name: str
    """of the case, as it was typed"""
    causes: WhatIf
    division: Stress
    size: Size

    @classmethod
    def of(cls, name: str, causes: str, division: str, size: Size) -> Question:
        """A question from names of the library, or files. Raises CaseError for what is wrong with these; see `plan`.

        What the test of divisions sets in all its worlds, such as how densely the focal segment is sampled, is set in
        the other steps too.
        """
        faults: list[Fault] = []
        case = Case.load(name)
        what_if, stress = WhatIf.load(causes), Stress.load(division)
        everywhere = {**stress.settings, "population.consumers": size.consumers}
        for option, asked in (("--causes", what_if.case), ("--division", stress.case)):
            if asked != name:
                faults.append(Fault(option, f"is about the case {asked}", f"allowed: one about {name}", "give another"))
        if faults:
            raise CaseError(faults)
        stress = stress.model_copy(update={"draws": size.draws, "settings": everywhere})
        return cls(case.change(everywhere), name, what_if, stress, size)

    @cached_property
    def plan(self) -> Plan:
        """The test of divisions, with every world tried as a case. Raises CaseError naming every fault."""
        return Plan(self.division)

    def try_worlds(self) -> None:
        """Try every world of the test of divisions, which takes seconds. Raises CaseError naming every fault."""
        _ = self.plan

    @property
    def events(self) -> tuple[str, ...]:
        """Failures of the case, whose grades are drawn too."""
        return tuple(happening.id for happening in self.case.happenings if isinstance(happening, Failure))

    @property
    def assumptions(self) -> Assumptions:
        """All uncertain numbers of the case."""
        return Assumptions(self.case, self.events, self.size.trajectories)


def faults_of(place: Path) -> list[Fault]:
    """What speaks against a place: anything there but nothing, or the steps of an answer to go on with."""
    try:
        names = {one.name for one in place.iterdir() if not one.name.startswith(".")} if place.is_dir() else set()
    except OSError as error:
        return [folder.unwritable(place, error)]
    ours = bool(names & set(STEPS)) and names <= {*STEPS, PAGE}
    return [] if ours else list(folder.faults_of(place))


def others_in(place: Path, question: Question) -> Iterator[Fault]:
    """What speaks against going on with the answer in a folder: its steps are about something else."""
    size, asked = question.size, question.case.fingerprint
    for step, counted, number in ((RUN, "replicates", size.runs), (CAUSES, "pairs", size.pairs)):
        try:
            manifest = json.loads((place / step / "manifest.json").read_text(encoding="utf-8"))
            found = manifest["fingerprint"], manifest[counted], manifest["whosecar"]
        except (OSError, ValueError, KeyError, TypeError):
            continue  # not there yet; what is there and cannot be read is told by the page
        if found != (asked, number, __version__):
            given = f"{place / step} holds {counted} {found[1]} of {found[0]} by version {found[2]}"
            allowed = f"asked: {number} of {asked} by version {__version__}"
            yield Fault("--out", given, allowed, "ask the same again, or give a new folder")


def carry_out(
    question: Question, place: Path, pool: Pool, command: Sequence[str], lang: str = "en",
    on_step: Callable[[str], None] = lambda step: None, on_run: Callable[[Tally], None] = lambda tally: None,
) -> int:  # fmt: skip
    """Do what is missing in a folder; returns how many runs of the sweeps have failed. Raises CaseError, Stopped."""
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CaseError([folder.unwritable(place, error)]) from error
    steps = {RUN: _run, CAUSES: _causes}
    for key, step in steps.items():
        if not (place / key).exists():
            on_step(key)
            step(question, place / key, pool, command, lang, on_run)
    on_step(DIVISION)
    failed = _division(question, place / DIVISION, pool, command, on_run)
    on_step(ASSUMPTIONS)
    return failed + _assumptions(question, place / ASSUMPTIONS, pool, command, on_run)


Progress = Callable[["Tally"], None]


def _run(question: Question, place: Path, _: Pool, command: Sequence[str], lang: str, __: Progress) -> None:
    """The case as it is, on several seeds."""
    from experiments import run as running

    outcome = running.simulate(question.case, 1, question.size.runs, tables=running.TABLES)
    with folder.new_folder(place) as part:
        running.write(outcome, part, name=question.name, command=command, lang=lang)


def _causes(question: Question, place: Path, pool: Pool, command: Sequence[str], _: str, on_run: Progress) -> None:
    """The causes switched off, alone and in every combination."""
    from experiments.compare import comparison
    from experiments.compare import folder as compare_folder

    found = comparison.compare(
        question.case, question.causes, question.size.pairs, outcome=OUTCOME, pool=pool, on_run=on_run
    )
    with folder.new_folder(place) as part:
        compare_folder.write(found, part, name=question.name, command=command)


def _division(question: Question, place: Path, pool: Pool, command: Sequence[str], on_run: Progress) -> int:
    """Every division of roles under every contract, in every crisis and draw."""
    from experiments import sweep as sweeping
    from experiments.stress import folder as stress_folder
    from experiments.stress import tables as stress_tables

    plan = question.plan
    found = sweeping.sweep(plan.design(), place, pool, on_run, command=list(command))
    stress_folder.write(plan.stress, plan.base, stress_tables.findings(plan, found.runs(), found.series()), place)
    return found.tally().failed


def _assumptions(question: Question, place: Path, pool: Pool, command: Sequence[str], on_run: Progress) -> int:
    """Every uncertain number of the case moved, in groups."""
    from experiments import sweep as sweeping

    assumptions = question.assumptions
    found = sweeping.sweep(assumptions.design(1), place, pool, on_run, command=list(command))
    effects_table(assumptions, found.runs()).to_parquet(place / EFFECTS)
    return found.tally().failed


def effects_table(assumptions: Assumptions, runs: pd.DataFrame) -> pd.DataFrame:
    """How far each group moves each outcome of the runs; see `Assumptions.effects`."""
    from experiments import outcomes

    return assumptions.effects(runs, outcomes.names(assumptions.case))


def smaller(size: Size, **given: int | None) -> Size:
    """A size with what was given in place of its defaults."""
    return replace(size, **{name: value for name, value in given.items() if value is not None})
