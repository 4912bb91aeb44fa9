"""The command that holds the market against known answers. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, Lang, Quiet, Workers, one_of, whole

if TYPE_CHECKING:
    from market import Fault

MISSED, MOST_WORKERS = 1, 256


def verify(
    context: typer.Context,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Rows of one kind (choice) or one row (choice.logit); repeatable."),
    ] = None,
    mutants: Annotated[
        bool, typer.Option("--mutants", help="Make one formula wrong at a time and say which rows notice it.")
    ] = False,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="New folder for the table and a manifest.")] = None,
    workers: Workers = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Hold the market's own functions against known answers; ends with status 1 if one is missed."""
    from contextlib import nullcontext

    from experiments import console, folder
    from experiments.verify import console as verification_console
    from experiments.verify.mutants import MUTANTS, surviving
    from experiments.verify.verification import rows
    from experiments.verify.verification import verify as verified
    from experiments.workers import cores, here, local
    from market import CaseError

    faults: list[Fault] = []
    asked = only or []
    processes = whole("--workers", workers or str(cores()), 1, MOST_WORKERS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    number = 0
    try:
        number = len(rows(asked))
    except CaseError as error:
        faults += error.faults
    faults += folder.faults_of(Path(out)) if out is not None else ()
    if faults:
        raise CaseError(faults)
    what = "progress_mutants" if mutants else "progress_rows"
    pool = here() if processes == 1 or number == 1 else local(min(processes, number))
    with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
        with console.progress(len(MUTANTS) if mutants else number, lang, quiet, what) as on_done:
            noticed = surviving(asked, pool, on_done) if mutants else None
            results = [] if mutants else verified(asked, pool, on_done)
        if part is not None:
            verification_console.write(results, noticed, part, context.obj)
    if not quiet:
        if noticed is None:
            verification_console.show(results, lang)
        else:
            verification_console.show_mutants(noticed, lang)
        if out is not None:
            verification_console.written(out, lang)
    survived = noticed is not None and not all(noticed.values())
    if survived or any(one.red for one in results):
        raise typer.Exit(MISSED)
