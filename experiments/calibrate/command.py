"""The command that fits a case to real sales. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, LARGEST_SEED, CaseName, Lang, Quiet, Seed, Workers, one_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from market import Fault

    T = TypeVar("T")

FEWEST_CONSUMERS, MOST_CONSUMERS = 1_000, 1_000_000
FEWEST_SIMULATIONS, MOST_SIMULATIONS = 60, 100_000
LONGEST_MONTHS, MOST_WORKERS = 120, 256


def calibrate(
    context: typer.Context,
    case: CaseName,
    sales: Annotated[str, typer.Option(metavar="FILE", help="Real sales (CSV: month, brand, model, units).")],
    cars: Annotated[
        str,
        typer.Option(
            metavar="FILE", help="Attributes, prices and launch months by model (CSV); see docs/CALIBRATION.md."
        ),
    ],
    until: Annotated[str, typer.Option(metavar="MONTH", help="Last month that is used, such as 2024-12.")],
    totals: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Whole market by month (CSV: month, bev_total), if the sales omit a part."),
    ] = None,
    months: Annotated[str | None, typer.Option(metavar="M", help="Months that are used.", show_default="24")] = None,
    consumers: Annotated[
        str | None, typer.Option(metavar="N", help="Consumers of the fitted case.", show_default="50,000")
    ] = None,
    simulations: Annotated[
        str | None, typer.Option(metavar="K", help="Simulations to learn from.", show_default="400")
    ] = None,
    out: Annotated[
        str | None, typer.Option(metavar="DIR", help="New folder for the fitted case, tables and report.")
    ] = None,
    seed: Seed = "1",
    workers: Workers = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Fit a case to real sales: constants, dynamic parameters, intervals, a report, and a test of recovery."""
    from contextlib import nullcontext
    from datetime import UTC, datetime

    from experiments import console, folder
    from experiments.calibrate import calibration, words
    from experiments.calibrate import folder as folders
    from experiments.run import memory_fault
    from experiments.sales import Cars, Sales
    from experiments.sales.tables import month
    from experiments.workers import cores
    from market import Case, CaseError, Fault
    from market.casefile.faults import show

    faults: list[Fault] = []
    size = whole("--consumers", consumers or str(calibration.CONSUMERS), FEWEST_CONSUMERS, MOST_CONSUMERS, faults)
    count = whole(
        "--simulations", simulations or str(calibration.SIMULATIONS), FEWEST_SIMULATIONS, MOST_SIMULATIONS, faults
    )
    length = whole("--months", months or str(calibration.MONTHS), calibration.FEWEST_MONTHS, LONGEST_MONTHS, faults)
    first = whole("--seed", seed, 0, LARGEST_SEED, faults)
    processes = whole("--workers", workers or str(cores()), 1, MOST_WORKERS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    base = _unless(lambda: Case.load(case), faults)
    real = _unless(lambda: Sales.read(Path(sales), None if totals is None else Path(totals)), faults)
    rows = _unless(lambda: Cars.read(Path(cars)), faults)
    try:
        month(until)
    except ValueError as error:
        faults.append(Fault("--until", f"given {show(until)}", remedy=str(error)))
    faults += folder.faults_of(Path(out)) if out is not None else ()
    if base is not None and not faults:
        faults += memory_fault(base.change({"population.consumers": size}))
    if faults or base is None or real is None or rows is None:
        raise CaseError(faults)
    calibration.window(real, until, length)
    started = datetime.now(UTC)
    with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
        with console.progress(count, lang, quiet, "progress_runs") as on_done:
            found = calibration.calibrate(
                base, real, rows, until, months=length, consumers=size, count=count, workers=processes, seed=first,
                on_done=on_done,
            )  # fmt: skip
        if part is not None:
            files = [Path(name).name for name in (sales, cars, totals) if name is not None]
            folders.write(found, part, context.obj, case, files, started)
            _report(part, lang)
    if not quiet:
        words.show(found, lang, out)


def _report(part: Path, lang: str) -> None:
    """The page of the fit, beside the tables it is made from."""
    from experiments.report import document

    document.write(document.page(document.read(part, lang)), part / "report.html")


def _unless(read: Callable[[], T], faults: list[Fault]) -> T | None:
    """What is read, or faults more."""
    from market import CaseError

    try:
        return read()
    except CaseError as error:
        faults += error.faults
        return None
