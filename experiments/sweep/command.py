"""The commands that run a design and that run one of its runs again. Nothing heavy is imported before they run."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, STOPPED, DryRun, Lang, Quiet, Retry, Workers, leave, one_of, whole

if TYPE_CHECKING:
    from experiments.designs import Design
    from experiments.sweep.running import Sweep, Tally
    from experiments.workers import Pool
    from market import Case, Fault

MOST_WORKERS = 256
EXECUTORS = ("local", "dask")
UNFINISHED = 1
"""Exit status where runs have failed or the sweep could not go on."""
CLUSTER = "--executor dask needs one more package: in the project's folder, pip install '.[cluster]'"

TEXTS = {
    "nobody": (
        "No worker has joined {scheduler} yet: the sweep begins when the first does.",
        "尚无工作进程加入 {scheduler}：首个加入后即开始。",
    ),
    "nothing": ("All runs were done before.", "所有运行此前均已完成。"),
    "done": (
        "{finished:,} of {total:,} runs are done, {failed:,} failed.",
        "{total:,} 次运行中已完成 {finished:,} 次，失败 {failed:,} 次。",
    ),
    "failed": ("{id}: {error}", "{id}：{error}"),
    "again": (
        "See one with: whosecar rerun {out} {id}; try those that failed again with --retry.",
        "单独重现一次：whosecar rerun {out} {id}；用 --retry 重试失败的运行。",
    ),
    "stopped": (
        "stopped; what was finished is kept in {out}: start it again to go on",
        "已停止；已完成的保存在 {out}：再次启动即可继续",
    ),
    "written": ("Written to {out}", "结果已写入 {out}"),
    "run": ("Run {id}: point {point}, seed {seed}", "运行 {id}：设计点 {point}，种子 {seed}"),
    "changes": ("Changes: {changes}", "改动：{changes}"),
    "version": (
        "The sweep was made by {other}, this is {code}: numbers may differ.",
        "该批运行由 {other} 生成，当前为 {code}：数值可能不同。",
    ),
}
MOST_SHOWN = 5
"""Failed runs that are named."""


def sweep(
    context: typer.Context,
    file: Annotated[str, typer.Argument(metavar="FILE", help="A design: a TOML file, or one that comes along.")],
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the runs; given again, the sweep goes on there.")
    ] = None,
    workers: Workers = None,
    executor: Annotated[str, typer.Option(metavar="local|dask", help="Who does the runs.")] = "local",
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of a Dask cluster: tcp://host:8786; see docs/CLUSTER.md.")
    ] = None,
    dry_run: DryRun = False,
    retry: Retry = False,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Run a design: many changed cases with many seeds, into a folder; start it again to go on."""
    from experiments import progress
    from experiments.designs import Design
    from experiments.sweep import folder as sweep_folder
    from experiments.sweep import running as sweeping
    from experiments.sweep.batch import code_version
    from market import CaseError, Fault

    faults: list[Fault] = []
    processes = _workers(workers, faults)
    one_of("--executor", executor, EXECUTORS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    if executor == "dask" and not scheduler:
        faults.append(
            Fault("--scheduler", "not given", "--executor dask needs it", "give its address: tcp://host:8786")
        )
    if executor == "local" and scheduler is not None:
        faults.append(Fault("--scheduler", "given without a cluster", remedy="add --executor dask, or leave it out"))
    if out is None and not dry_run:
        faults.append(Fault("--out", "not given", "a sweep is written to a folder", "give one, or --dry-run"))
    design = None
    try:
        design = Design.load(file)
        faults += _memory(design.base, processes if executor == "local" else 1)
        if out is not None:
            sweep_folder.check(Path(out), design, code_version())
    except CaseError as error:
        faults += error.faults
    if faults or design is None:
        raise CaseError(faults)
    if dry_run:
        _foresee(design, processes, lang)
        return
    place = Path(str(out))
    pool = _pool(executor, processes, scheduler)
    if not quiet and pool.workers() == 0:
        typer.echo(_say("nobody", lang, scheduler=scheduler), err=True)
    tally: list[Tally] = []
    try:
        with progress.of_runs(lang, quiet) as show:

            def on_done(now: Tally) -> None:
                tally[:] = [now]
                show(now)

            found = sweeping.sweep(design, place, pool, on_done, retry=retry, command=context.obj)
    except sweeping.Stopped as error:
        leave([str(error)], UNFINISHED)
    except KeyboardInterrupt:
        leave([_say("stopped", lang, out=out)], STOPPED)
    _tell(found, tally[0], lang, quiet, str(out))


def _workers(given: str | None, faults: list[Fault]) -> int:
    from experiments.workers import cores

    return whole("--workers", given or str(cores()), 1, MOST_WORKERS, faults)


def _memory(case: Case, at_once: int) -> list[Fault]:
    """A fault where the runs at once do not fit into this machine."""
    from experiments.run import memory_fault

    return list(memory_fault(case, at_once))


def _pool(executor: str, processes: int, scheduler: str | None) -> Pool:
    """Who does the runs. Raises CaseError if a cluster does not answer."""
    from experiments import workers
    from market import CaseError, Fault
    from market.casefile.faults import show

    if executor == "local":
        return workers.local(processes)
    try:
        return workers.dask(str(scheduler))
    except ImportError:
        leave([CLUSTER])
    except (OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        fault = Fault("--scheduler", f"{show(scheduler)} does not answer: {reason}", remedy="start it, or correct it")
        raise CaseError([fault]) from error


def _foresee(design: Design, processes: int, lang: str) -> None:
    from experiments.sweep import dry_run

    dry_run.show(design, processes, lang)


def _say(key: str, lang: str, **words: object) -> str:
    return TEXTS[key][lang == "zh"].format(**words)


def _tell(found: Sweep, tally: Tally, lang: str, quiet: bool, out: str) -> None:
    """Counts, what was put right and which runs have failed; these end the command with status 1."""
    from experiments.console import console
    from experiments.manifest import banner

    shown = console()
    failed = found.failures(MOST_SHOWN) if tally.failed else []
    lines = [*found.notes, *(_say("failed", lang, id=one, error=error) for one, error in failed)]
    lines += [_say("done", lang, **tally._asdict())] if failed else []
    lines += [_say("again", lang, out=shlex.quote(out), id=failed[0][0])] if failed else []
    if not quiet:
        if tally.before == tally.total and not failed:
            shown.print(_say("nothing", lang), soft_wrap=True)
        if not failed:
            shown.print(_say("done", lang, **tally._asdict()), soft_wrap=True)
        if said := banner(found.case, lang):
            shown.print(said, style="italic")
        shown.print(_say("written", lang, out=out), soft_wrap=True)
    if failed:
        leave(lines, UNFINISHED)
    typer.echo("".join(f"{line}\n" for line in lines), err=True, nl=False)


def rerun(
    context: typer.Context,
    folder: Annotated[str, typer.Argument(metavar="DIR", help="The folder of a sweep.")],
    run_id: Annotated[str, typer.Argument(metavar="RUN_ID", help="From the column run_id; its beginning is enough.")],
    out: Annotated[
        str | None, typer.Option(metavar="OUT", help="New folder for case.toml, manifest.json, tables and share.png.")
    ] = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Do one run of a sweep again and print what `run` prints; with --out, keep its tables."""
    from contextlib import nullcontext

    from experiments import console
    from experiments import folder as places
    from experiments import run as running
    from experiments.sweep.batch import code_version
    from experiments.sweep.running import Sweep
    from market import CaseError

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    try:
        found = Sweep.open(folder)
        point, seed = found.find(run_id)
        case = found.design.case_at(point)
        faults += running.memory_fault(case)
    except CaseError as error:
        faults += error.faults
    faults += places.faults_of(Path(out)) if out is not None else ()
    if faults:
        raise CaseError(faults)
    with places.new_folder(Path(out)) if out is not None else nullcontext() as part:
        with console.progress(case.calendar.weeks, lang, quiet) as on_week:
            outcome = running.simulate(case, seed, 1, on_week, running.TABLES if part is not None else ())
        if part is not None:
            running.write(outcome, part, name=found.design.origin, command=context.obj, lang=lang)
    if quiet:
        return
    shown = console.console()
    shown.print(_say("run", lang, id=run_id, point=point, seed=seed), style="bold")
    if changes := found.design.changes(point):
        said = ", ".join(f"{name} = {value}" for name, value in changes.items())
        shown.print(_say("changes", lang, changes=said), soft_wrap=True)
    if found.code != code_version():
        shown.print(_say("version", lang, other=found.code or "?", code=code_version()), soft_wrap=True)
    console.show_outcome(outcome, lang, out)
