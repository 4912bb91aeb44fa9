"""The command that compares a case with a what-if. Nothing heavy is imported before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from experiments.commandline import (
    DEFAULT_CASE,
    LANGUAGES,
    LARGEST_SEED,
    STOPPED,
    Consumers,
    Lang,
    Quiet,
    Seed,
    Weeks,
    Workers,
    changes_of,
    chosen_case,
    leave,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from experiments.compare.what_if import WhatIf
    from experiments.intervals import Precision
    from experiments.manifest import Format
    from market import Fault

FEWEST_PAIRS, MOST_PAIRS, MOST_WORKERS = 2, 5_000, 256
PAIRS, PAIRS_FOR_PRECISION = 20, 1_000
UNFINISHED = 1
"""Exit status where runs have failed."""


def compare(
    context: typer.Context,
    case: Annotated[
        str | None,
        typer.Argument(
            metavar="CASE",
            help="The base: a bundled case or a TOML file.",
            show_default=f"that of the what-if file, or {DEFAULT_CASE}",
        ),
    ] = None,
    what_if: Annotated[
        str | None,
        typer.Option("--with", metavar="FILE", help="A what-if: a TOML file, or one that comes along (jd-causes)."),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="KEY=VALUE",
            help="What is different in the what-if, by full name: cars.ut_super.price_cny=87_200; repeatable.",
        ),
    ] = None,
    pairs: Annotated[
        str | None,
        typer.Option(
            metavar="P",
            help="Pairs of runs, with the seeds S to S+P-1; the most of them where --precision is given.",
            show_default=f"{PAIRS}; with --precision {PAIRS_FOR_PRECISION:,}",
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(
            metavar="5%|X",
            help="Add pairs until half the interval of the outcome is at most 5 % of its effect, or X in its unit.",
        ),
    ] = None,
    outcome: Annotated[
        str, typer.Option(metavar="NAME", help="Outcome that --precision and the causes are told for.")
    ] = "share",
    consumers: Consumers = None,
    weeks: Weeks = None,
    seed: Seed = "1",
    workers: Workers = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="New folder for both cases, manifest.json and the tables.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="parquet|csv", help="Form of the tables.")] = "parquet",
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Compare a case with a what-if on the same luck, and attribute the effect to its causes."""
    from contextlib import nullcontext

    from experiments import folder, progress
    from experiments import workers as working
    from experiments.compare import comparison as comparing
    from experiments.compare import console as compare_console
    from experiments.compare import folder as compare_folder
    from experiments.manifest import FORMATS
    from experiments.run import memory_fault
    from market import CaseError

    faults: list[Fault] = []
    first = whole("--seed", seed, 0, LARGEST_SEED - MOST_PAIRS, faults)
    usual = PAIRS if precision is None else PAIRS_FOR_PRECISION
    most = whole("--pairs", str(usual) if pairs is None else pairs, FEWEST_PAIRS, MOST_PAIRS, faults)
    processes = whole("--workers", str(working.cores()) if workers is None else workers, 1, MOST_WORKERS, faults)
    one_of("--format", form, FORMATS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    rule = _precision(precision, faults)
    asked, name = _what_if(what_if, settings or [], faults), case
    name = case or (asked.case if asked is not None else None) or DEFAULT_CASE
    try:
        base = chosen_case(name, consumers, weeks, [])
        faults += memory_fault(base, processes)
        if asked is not None:
            comparing.check(base, asked, outcome)
    except CaseError as error:
        faults += error.faults
    faults += folder.faults_of(Path(out)) if out is not None else ()
    if faults or asked is None:
        raise CaseError(dict.fromkeys(faults))
    pool = working.here() if processes == 1 else working.local(processes)
    found, written = None, None
    try:
        with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
            with progress.of_runs(lang, quiet) as on_run:
                try:
                    found = comparing.compare(
                        base,
                        asked,
                        most,
                        precision=rule,
                        outcome=outcome,
                        first_seed=first,
                        pool=pool,
                        on_run=on_run,
                        keep_finished=True,
                    )
                except comparing.NothingToCompare as error:
                    leave([str(error)], UNFINISHED)
            if part is not None:
                compare_folder.write(found, part, name=name, command=context.obj, form=cast("Format", form))
        written = out
    finally:  # what was found is told even if it cannot be written
        if found is not None and not quiet:
            compare_console.show(found, lang, written)
    if found.stopped:
        leave([compare_console.say("stopped", lang, count=len(found.seeds))], STOPPED)
    if found.failed:
        leave(compare_console.failures(found, lang), UNFINISHED)


def _precision(given: str | None, faults: list[Fault]) -> Precision | None:
    """How narrow the interval must be, or a fault more."""
    from experiments.intervals import Precision
    from market import CaseError

    try:
        return None if given is None else Precision.parse(given)
    except CaseError as error:
        faults += error.faults
        return None


def _what_if(file: str | None, settings: Sequence[str], faults: list[Fault]) -> WhatIf | None:
    """What is different, or faults more."""
    from experiments.compare.what_if import WhatIf
    from market import CaseError, Fault

    if file is None and not settings:
        faults.append(
            Fault("--with", "not given", "a comparison needs a difference", "give a file, or --set KEY=VALUE")
        )
        return None
    before = len(faults)
    changes = changes_of(settings, faults)
    try:
        asked = WhatIf() if file is None else WhatIf.load(file)
        asked = asked.and_set(changes)
    except CaseError as error:
        faults += error.faults
    return asked if len(faults) == before else None
