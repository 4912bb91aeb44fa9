"""The command that explains a sweep: which assumptions decide. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, Lang, Quiet, one_of

if TYPE_CHECKING:
    from market import Fault


def explain(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a sweep.")],
    outcomes: Annotated[
        list[str] | None,
        typer.Option("--outcome", metavar="NAME", help="A column of the sweep to explain; repeatable."),
    ] = None,
    bad: Annotated[
        list[str] | None,
        typer.Option("--bad", metavar="QUESTION", help="When it goes wrong: share_end<0.02; else the worst quarter."),
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="New folder for the tables and the page.")] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Say which assumptions decide the outcomes of a sweep, how sure that is, and when it goes wrong."""
    from contextlib import nullcontext

    from experiments import console
    from experiments import folder as places
    from experiments.explain import console as explain_console
    from experiments.explain import explanation as explaining
    from experiments.explain import folder as explain_folder
    from experiments.sweep import Sweep
    from market import CaseError

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    faults += places.faults_of(Path(out)) if out is not None else ()
    asked = tuple(outcomes or ()), tuple(bad or ())
    try:
        sweep = Sweep.open(folder)
        runs = sweep.runs()
        count = explaining.number_of_outcomes(sweep.design, runs, *asked)
    except CaseError as error:
        faults += error.faults
    if faults:
        raise CaseError(faults)
    with places.new_folder(Path(out)) if out is not None else nullcontext() as part:
        with console.progress(count, lang, quiet, "progress_outcomes") as on_done:
            found = explaining.explain(sweep.design, runs, *asked, on_done)
        if part is not None:
            explain_folder.write(found, part, context.obj, lang)
    if not quiet:
        explain_console.show(found, lang, out)
