"""The `whosecar` command. Nothing heavy is imported before a command needs it, so that help comes at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn, cast

import typer
from typer.main import get_command

from experiments.answer.command import answer
from experiments.backtest.command import backtest
from experiments.calibrate.command import calibrate
from experiments.commandline import (
    DEFAULT_CASE,
    LANGUAGES,
    LARGEST_SEED,
    STOPPED,
    CaseName,
    Commands,
    Consumers,
    Lang,
    Quiet,
    Seed,
    Settings,
    Weeks,
    chosen_case,
    leave,
    one_of,
    whole,
)
from experiments.compare.command import compare
from experiments.explain.command import explain
from experiments.report.command import report
from experiments.story.command import story
from experiments.stress.command import stress
from experiments.sweep.command import rerun, sweep
from experiments.validate.command import validate
from experiments.verify.command import verify

if TYPE_CHECKING:
    from experiments.manifest import Format
    from market import Fault

MOST_REPLICATES = 1_000
MOST_SESSIONS = 10_000
INSTALL = "the dashboard needs more packages: in the project's folder, pip install '.[dashboard]'"


app = typer.Typer(
    cls=Commands,
    name="whosecar",
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback(invoke_without_command=True)
def whosecar(
    context: typer.Context, version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False
) -> None:
    """Whose car is it? A laboratory of the Chinese new-energy car market, with one agent per consumer."""
    if version:
        from market import __version__

        typer.echo(f"whosecar {__version__}")
    elif context.invoked_subcommand is None:
        typer.echo(context.get_help())


@app.command()
def run(
    context: typer.Context,
    case: CaseName = DEFAULT_CASE,
    consumers: Consumers = None,
    weeks: Weeks = None,
    seed: Seed = "1",
    replicates: Annotated[str, typer.Option(metavar="R", help="Runs, with the seeds S to S+R-1.")] = "1",
    settings: Settings = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="New folder for case.toml, manifest.json, tables and share.png.")
    ] = None,
    form: Annotated[str, typer.Option("--format", metavar="parquet|csv", help="Form of the tables.")] = "parquet",
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Run a case and print shares and headline figures; with --out, keep the tables."""
    from contextlib import nullcontext

    from experiments import console, folder
    from experiments import run as running
    from experiments.manifest import FORMATS
    from market import CaseError

    faults: list[Fault] = []
    first = whole("--seed", seed, 0, LARGEST_SEED, faults)
    runs = whole("--replicates", replicates, 1, MOST_REPLICATES, faults)
    one_of("--format", form, FORMATS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    try:
        chosen = chosen_case(case, consumers, weeks, settings or [])
        faults += running.memory_fault(chosen)
    except CaseError as error:
        faults += error.faults
    faults += folder.faults_of(Path(out)) if out is not None else ()
    if faults:
        raise CaseError(faults)
    outcome, written = None, None
    try:
        with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
            with console.progress(chosen.calendar.weeks * runs, lang, quiet) as on_week:
                tables = running.TABLES if part is not None else ()
                outcome = running.simulate(chosen, first, runs, on_week, tables, keep_finished=True)
            if part is not None:
                running.write(outcome, part, name=case, command=context.obj, form=cast("Format", form), lang=lang)
        written = out
    finally:  # what was found is told even if it cannot be written
        if outcome is not None and not quiet:
            console.show_outcome(outcome, lang, written)
    if len(outcome.seeds) < runs:
        leave([console.say("stopped", lang, done=len(outcome.seeds), total=runs)], STOPPED)


@app.command()
def cases(lang: Annotated[str | None, typer.Option(metavar="en|zh", help="One language only.")] = None) -> None:
    """List the bundled cases."""
    from experiments import console
    from market import Case, CaseError

    faults: list[Fault] = []
    if lang is not None:
        one_of("--lang", lang, LANGUAGES, faults)
    if faults:
        raise CaseError(faults)
    console.show_cases({name: Case.load(name) for name in Case.bundled()}, DEFAULT_CASE, lang)


@app.command()
def show(case: CaseName) -> None:
    """Print a whole case as TOML, with unit and source beside each value."""
    from market import Case

    sys.stdout.write(Case.load(case).to_toml())


@app.command()
def schema() -> None:
    """Print the JSON Schema of a case."""
    import json

    from market import Case

    sys.stdout.write(json.dumps(Case.schema(), indent=2, ensure_ascii=False) + "\n")


@app.command()
def check(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The path of a TOML file, or a bundled case.")],
    lang: Lang = "en",
) -> None:
    """Say that a case is sound, or name every fault in it."""
    from experiments import console
    from market import Case, CaseError

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    try:
        found = Case.load(Path(file)) if file else Case.load(file)
    except CaseError as error:
        faults += error.faults
    if faults:
        raise CaseError(faults)
    typer.echo(console.say("ok", lang, name=file, fingerprint=found.fingerprint))


app.command()(answer)
app.command()(story)
app.command()(validate)
app.command()(backtest)
app.command()(verify)
app.command()(calibrate)
app.command()(sweep)
app.command()(rerun)
app.command()(compare)
app.command()(stress)
app.command()(explain)
app.command()(report)


@app.command()
def benchmark(
    quick: Annotated[bool, typer.Option("--quick", help="Fewer consumers and weeks: some 20 seconds.")] = False,
    full: Annotated[bool, typer.Option("--full", help="Also ten million consumers, and the laboratory.")] = False,
) -> None:
    """Measure speed and memory against the targets and against plain Mesa agents."""
    from experiments import benchmark as measuring

    if quick and full:
        raise typer.BadParameter("give --quick or --full, not both")
    measuring.report(quick=quick, full=full)


@app.command()
def dashboard(
    host: Annotated[
        str, typer.Option(metavar="H", help="Address to listen on; 0.0.0.0 lets the local network in.")
    ] = "127.0.0.1",
    port: Annotated[str, typer.Option(metavar="P", help="Port to listen on; 0 takes any free one.")] = "8765",
    lang: Annotated[
        str | None, typer.Option(metavar="en|zh", help="Language of a visitor who has not chosen one.")
    ] = None,
    max_sessions: Annotated[str, typer.Option(metavar="N", help="Visitors at once.")] = "50",
    results: Annotated[
        str | None,
        typer.Option(metavar="ROOT", help="Folder whose results visitors may open; none: no results."),
    ] = None,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in this computer's browser.")] = False,
) -> None:
    """Watch the market in a browser; works without internet."""
    from importlib.util import find_spec

    from market import CaseError, Fault

    faults: list[Fault] = []
    whole("--port", port, 0, 65_535, faults)
    whole("--max-sessions", max_sessions, 1, MOST_SESSIONS, faults)
    if lang is not None:
        one_of("--lang", lang, LANGUAGES, faults)
    if results is not None and not Path(results).is_dir():
        faults.append(Fault("--results", f"given {results!r}", "allowed: a folder that exists", "give one of results"))
    if faults:
        raise CaseError(faults)
    if find_spec("solara") is None:
        leave([INSTALL])
    options = ["--host", host, "--port", port, "--max-sessions", max_sessions]
    options += [word for name, value in (("--lang", lang), ("--results", results)) if value for word in (name, value)]
    options += ["--open"] if open_browser else []
    raise typer.Exit(serve([sys.executable, "-P", "-m", "dashboards.server", *options]))


def serve(command: Sequence[str]) -> int:
    """Run the page as a process of its own until it ends; what tells this process to stop tells that one."""
    import subprocess

    with subprocess.Popen(command) as server:
        told = signal.signal(signal.SIGTERM, lambda *_: server.terminate())
        try:
            while True:
                try:
                    return server.wait()
                except KeyboardInterrupt:
                    continue  # Ctrl-C reaches both; the server says goodbye first
        finally:
            signal.signal(signal.SIGTERM, told)


def _stop(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def main() -> None:
    """The console script."""
    if os.name == "posix":
        signal.signal(signal.SIGTERM, _stop)
    get_command(app).main()


if __name__ == "__main__":
    main()
