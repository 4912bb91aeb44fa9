"""The command that scores forecasts on real sales. Nothing heavy is imported before it runs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from experiments.commandline import LANGUAGES, LARGEST_SEED, CaseName, Lang, Quiet, Seed, Workers, one_of, whole

if TYPE_CHECKING:
    from market import Fault

T = TypeVar("T")
FEWEST, MOST, MOST_DRAWS, MOST_WORKERS = 500, 5_000_000, 10_000, 256
LONGEST, MOST_ORIGINS = 24, 240


def backtest(
    context: typer.Context,
    case: CaseName,
    sales: Annotated[str, typer.Option(metavar="FILE", help="Sales by month: CSV with month, brand, model, units.")],
    train_until: Annotated[
        str, typer.Option(metavar="MONTH", help="The first origin: the last month that is known, as 2024-12.")
    ],
    cars: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="What is known of the models (CSV).", show_default="the bundled file"),
    ] = None,
    horizon: Annotated[str, typer.Option(metavar="H", help="Months ahead that are forecast.")] = "3",
    origins: Annotated[str, typer.Option(metavar="K", help="Origins, a month apart.")] = "8",
    totals: Annotated[
        str | None, typer.Option(metavar="FILE", help="The whole market by month: CSV with month, bev_total.")
    ] = None,
    consumers: Annotated[
        str | None, typer.Option(metavar="N", help="Simulated consumers of each run.", show_default="30,000")
    ] = None,
    draws: Annotated[str | None, typer.Option(metavar="R", help="Runs of each origin.", show_default="40")] = None,
    seed: Seed = "1",
    out: Annotated[str | None, typer.Option(metavar="DIR", help="New folder for the tables and a manifest.")] = None,
    workers: Workers = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Forecast real sales from rolling origins, and score it beside simple benchmarks."""
    from contextlib import nullcontext

    from experiments import console, folder
    from experiments.backtest import console as backtest_console
    from experiments.backtest import rolling as testing
    from experiments.run import memory_fault
    from experiments.sales import Cars, Sales
    from experiments.workers import cores
    from market import Case, CaseError, Fault
    from market.casefile.faults import show

    faults: list[Fault] = []
    size = whole("--consumers", consumers or str(testing.CONSUMERS), FEWEST, MOST, faults)
    runs = whole("--draws", draws or str(testing.DRAWS), 2, MOST_DRAWS, faults)
    ahead = whole("--horizon", horizon, 1, LONGEST, faults)
    times = whole("--origins", origins, 1, MOST_ORIGINS, faults)
    first_seed = whole("--seed", seed, 0, LARGEST_SEED, faults)
    processes = whole("--workers", workers or str(cores()), 1, MOST_WORKERS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    if not testing.is_month(train_until):
        allowed = "allowed: a month as 2024-12"
        faults.append(Fault("--train-until", f"given {show(train_until)}", allowed, "write one"))
    base = _read(lambda: Case.load(case), faults)
    real = _read(lambda: Sales.read(sales, totals), faults)
    known = _read(lambda: Cars.read(cars or testing.bundled_cars()), faults)
    faults += folder.faults_of(Path(out)) if out is not None else ()
    if base is None or real is None or known is None or faults:
        raise CaseError(faults)
    plan = testing.Plan(base, real, known, train_until, ahead, times, size, runs, first_seed)
    faults += plan.faults()
    faults += memory_fault(base.change({"population.consumers": size * processes}))
    if faults:
        raise CaseError(faults)
    with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
        with console.progress(testing.pieces(plan), lang, quiet, "progress_steps") as on_done:
            found = testing.backtest(plan, processes, on_done)
        if part is not None:
            backtest_console.write(found, part, name=case, command=context.obj)
    if not quiet:
        backtest_console.show(found, lang, out)


def _read(load: Callable[[], T], faults: list[Fault]) -> T | None:
    """What a file holds, or its faults more."""
    from market import CaseError

    try:
        return load()
    except CaseError as error:
        faults += error.faults
        return None
