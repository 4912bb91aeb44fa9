"""The command that puts a case under stress. Nothing heavy is imported before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from experiments.commandline import (
    LANGUAGES,
    STOPPED,
    DryRun,
    Lang,
    Quiet,
    Retry,
    Settings,
    Workers,
    changes_of,
    leave,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from experiments.stress.design import Plan
    from experiments.stress.worlds import Stress
    from experiments.sweep import Tally
    from market import Fault

MOST_DRAWS, MOST_SEEDS, MOST_WORKERS = 100_000, 10_000, 256
UNFINISHED = 1
"""Exit status where runs have failed or the test could not go on."""


def stress(
    context: typer.Context,
    test: Annotated[
        str | None, typer.Argument(metavar="TEST", help="A stress test of the library (see --list) or a TOML file.")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the runs and tables; given again, it goes on there.")
    ] = None,
    workers: Workers = None,
    draws: Annotated[
        str | None,
        typer.Option(metavar="D", help="Samples of the uncertain values; 0: none.", show_default="as the test says"),
    ] = None,
    seeds: Annotated[
        str | None, typer.Option(metavar="S", help="Runs of each sample.", show_default="as the test says")
    ] = None,
    consumers: Annotated[
        str | None, typer.Option(metavar="N", help="Simulated consumers of each run.", show_default="as the test says")
    ] = None,
    settings: Settings = None,
    listed: Annotated[bool, typer.Option("--list", help="List the stress tests of the library.")] = False,
    dry_run: DryRun = False,
    retry: Retry = False,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Put a case under stress: what each crisis costs whom, how long it lasts, and what one would regret least."""
    from experiments.run import memory_fault
    from experiments.stress import console as stress_console
    from experiments.stress.design import Plan
    from experiments.stress.worlds import Stress, library
    from experiments.sweep import dry_run as foreseeing
    from experiments.sweep import folder as sweep_folder
    from experiments.sweep.batch import code_version
    from experiments.workers import cores
    from market import CaseError, Fault

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    if listed and not faults:
        stress_console.show_library(library(), lang)
        return
    processes = whole("--workers", workers or str(cores()), 1, MOST_WORKERS, faults)
    if test is None:
        faults.append(Fault("TEST", "not given", "a test of the library or a TOML file", "see whosecar stress --list"))
    if out is None and not dry_run:
        faults.append(Fault("--out", "not given", "a stress test is written to a folder", "give one, or --dry-run"))
    given: dict[str, Any] = {}
    if draws is not None:
        given["draws"] = whole("--draws", draws, 0, MOST_DRAWS, faults)
    if seeds is not None:
        given["seeds"] = whole("--seeds", seeds, 1, MOST_SEEDS, faults)
    size = [] if consumers is None else [f"population.consumers={consumers}"]
    changes = changes_of([*size, *(settings or [])], faults)
    plan = None
    try:
        if test is not None:
            plan = Plan(_changed(Stress.load(test), given, changes))
            faults += memory_fault(plan.base, processes)
            if out is not None:
                sweep_folder.check(Path(out), plan.design(), code_version())
    except CaseError as error:
        faults += error.faults
    if faults or plan is None:
        raise CaseError(faults)
    if dry_run:
        stress_console.show_plan(plan, foreseeing.estimate(plan.design(), processes), lang)
        return
    _carry_out(plan, Path(str(out)), processes, context.obj, retry=retry, lang=lang, quiet=quiet, typed=str(out))


def _changed(test: Stress, given: Mapping[str, Any], changes: Mapping[str, Any]) -> Stress:
    """A test with other numbers of draws and seeds, and with more values set in all worlds; checked again."""
    changed = test.model_copy(update={**given, "settings": {**test.settings, **changes}})
    changed.check()
    return changed


def _carry_out(
    plan: Plan, place: Path, processes: int, command: list[str], *, retry: bool, lang: str, quiet: bool, typed: str
) -> None:
    """Run what is missing, write the tables, tell what was found; status 1 where runs have failed."""
    from experiments import progress, workers
    from experiments import sweep as sweeping
    from experiments.stress import console as stress_console
    from experiments.stress import folder as stress_folder
    from experiments.stress import tables as stress_tables

    tally: list[Tally] = []
    try:
        with progress.of_runs(lang, quiet) as show:

            def on_done(now: Tally) -> None:
                tally[:] = [now]
                stress_folder.begin(plan.stress, place)
                show(now)

            found = sweeping.sweep(
                plan.design(), place, workers.local(processes), on_done, retry=retry, command=command
            )
    except sweeping.Stopped as error:
        leave([str(error)], UNFINISHED)
    except KeyboardInterrupt:
        leave([f"stopped; what was finished is kept in {typed}: start it again to go on"], STOPPED)
    failed = tally[0].failed
    try:
        findings = stress_tables.findings(plan, found.runs(), found.series())
    except ValueError as error:
        leave([str(error)], UNFINISHED)
    stress_folder.write(plan.stress, plan.base, findings, place)
    if not quiet:
        values = len(plan.drawn[0]) if plan.stress.draws else 0
        stress_console.show(plan.stress, plan.base, findings, values, failed=failed, lang=lang, written=typed)
    if failed:
        again = f"{failed} runs failed; see the column error of runs/, and try them again with --retry"
        leave([again], UNFINISHED)
