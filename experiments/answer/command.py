"""The command that answers the article's question for one case. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import (
    DEFAULT_CASE,
    LANGUAGES,
    STOPPED,
    CaseName,
    Lang,
    Quiet,
    Workers,
    leave,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from market import Fault

UNFINISHED = 1
MOST, MOST_CONSUMERS, MOST_WORKERS = 10_000, 10_000_000, 256
LEAST = {"consumers": 100, "runs": 2, "pairs": 2, "draws": 1, "trajectories": 2}


def answer(
    context: typer.Context,
    case: CaseName = DEFAULT_CASE,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the steps and the page; given again, it goes on there.")
    ] = None,
    causes: Annotated[str, typer.Option(metavar="FILE", help="Causes that can be switched off.")] = "jd-causes",
    division: Annotated[
        str, typer.Option(metavar="TEST", help="Stress test over divisions of roles and contracts.")
    ] = "jd-division",
    consumers: Annotated[
        str | None, typer.Option(metavar="N", help="Simulated consumers of each run.", show_default="10,000")
    ] = None,
    runs: Annotated[
        str | None, typer.Option(metavar="R", help="Seeds of the case as it is.", show_default="10")
    ] = None,
    pairs: Annotated[
        str | None, typer.Option(metavar="P", help="Seeds on which causes are switched off.", show_default="10")
    ] = None,
    draws: Annotated[
        str | None, typer.Option(metavar="D", help="Samples of the uncertain values in each world.", show_default="4")
    ] = None,
    trajectories: Annotated[
        str | None,
        typer.Option(metavar="T", help="Trajectories through all uncertain values.", show_default="10"),
    ] = None,
    workers: Workers = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Whose car is it? Who defined it, who was blamed, what cost it, who earned, what one would regret least."""
    from experiments import progress
    from experiments import workers as working
    from experiments.answer import steps
    from experiments.answer.words import TEXTS
    from experiments.run import memory_fault
    from experiments.sweep import Stopped
    from market import CaseError, Fault

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    processes = whole("--workers", workers or str(working.cores()), 1, MOST_WORKERS, faults)
    typed = {"consumers": consumers, "runs": runs, "pairs": pairs, "draws": draws, "trajectories": trajectories}
    given = {
        name: whole(f"--{name}", text, LEAST[name], MOST_CONSUMERS if name == "consumers" else MOST, faults)
        for name, text in typed.items()
        if text is not None
    }
    if out is None:
        faults.append(Fault("--out", "not given", "an answer is written to a folder", "give one"))
    else:
        faults += steps.faults_of(Path(out))
    question = None
    try:
        question = steps.Question.of(case, causes, division, steps.smaller(steps.Size(), **given))
        faults += memory_fault(question.case, processes)
        faults += () if out is None else steps.others_in(Path(out), question)
        if not faults:
            question.try_worlds()
    except CaseError as error:
        faults += error.faults
    if faults or question is None:
        raise CaseError(faults)
    place = Path(str(out))

    def say(step: str) -> None:
        if not quiet:
            typer.echo(TEXTS[f"step_{step}"][lang == "zh"].format(runs=question.size.runs))

    try:
        with progress.of_runs(lang, quiet) as on_run:
            failed = steps.carry_out(question, place, working.local(processes), context.obj, lang, say, on_run)
    except Stopped as error:
        leave([str(error)], UNFINISHED)
    except KeyboardInterrupt:
        leave([f"stopped; what was finished is kept in {out}: start it again to go on"], STOPPED)
    from experiments.answer import page  # with all that draws figures, which no fault needs
    from experiments.report import document

    report = page.read(place, lang)
    document.write(document.page(report), place / steps.PAGE)
    if not quiet:
        for sentence in report.sections[0].sentences:
            typer.echo(sentence)
        typer.echo(TEXTS["written"][lang == "zh"].format(file=place / steps.PAGE))
        typer.echo(report.banner)
    if failed:
        leave([f"{failed} runs failed; see the column error of the runs"], UNFINISHED)
