"""The command that sets the market beside what was reported. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, Lang, Quiet, Workers, one_of, whole

if TYPE_CHECKING:
    import pandas as pd

    from market import Fault

FEWEST, MOST, MOST_RUNS, MOST_WORKERS = 1_000, 5_000_000, 10_000, 256
COLUMNS = ("month", "brand", "model", "units")


def validate(
    context: typer.Context,
    consumers: Annotated[
        str | None, typer.Option(metavar="N", help="Simulated consumers of each run.", show_default="30,000")
    ] = None,
    runs: Annotated[
        str | None, typer.Option(metavar="R", help="Draws of the uncertain values.", show_default="48")
    ] = None,
    sales: Annotated[
        str | None, typer.Option(metavar="FILE", help="Real sales (CSV: month, brand, model, units), for the facts.")
    ] = None,
    out: Annotated[str | None, typer.Option(metavar="DIR", help="New folder for the tables and a manifest.")] = None,
    workers: Workers = None,
    lang: Lang = "en",
    quiet: Quiet = False,
) -> None:
    """Set the market beside what was reported of it: evidence, placebos, ablations, stylised facts."""
    from contextlib import nullcontext

    from experiments import console, folder
    from experiments.run import memory_fault
    from experiments.validate import console as validation_console
    from experiments.validate import validation as validating
    from experiments.workers import cores
    from market import Case, CaseError

    faults: list[Fault] = []
    size = whole("--consumers", consumers or str(validating.CONSUMERS), FEWEST, MOST, faults)
    draws = whole("--runs", runs or str(validating.RUNS), 2, MOST_RUNS, faults)
    processes = whole("--workers", workers or str(cores()), 1, MOST_WORKERS, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    if not faults:
        at_once = Case.load("jd-gac-catl").change({"population.consumers": size * processes})
        faults += memory_fault(at_once)
    faults += folder.faults_of(Path(out)) if out is not None else ()
    real = None if sales is None else _sales(sales, faults)
    if faults:
        raise CaseError(faults)
    with folder.new_folder(Path(out)) if out is not None else nullcontext() as part:
        tasks = validating.plan(size, draws)
        with console.progress(len(tasks), lang, quiet, "progress_runs") as on_done:
            found = validating.validate(tasks, processes, real, on_done)
        if part is not None:
            validation_console.write(found, part, context.obj)
    if not quiet:
        validation_console.show(found, lang, out)


def _sales(file: str, faults: list[Fault]) -> pd.DataFrame | None:
    """Real sales, or a fault more."""
    import pandas as pd

    from market import Fault
    from market.casefile.faults import show

    allowed, remedy = f"allowed: a CSV file with the columns {', '.join(COLUMNS)}", "see --help"
    try:
        table = pd.read_csv(file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "is no table"
        faults.append(Fault("--sales", f"{show(file)}: {reason.lower()}", allowed, remedy))
        return None
    missing = [name for name in COLUMNS if name not in table]
    if missing:
        faults.append(Fault("--sales", f"{show(file)}: no column {', '.join(missing)}", allowed, remedy))
    elif not pd.api.types.is_numeric_dtype(table["units"]):
        faults.append(Fault("--sales", f"{show(file)}: units are not numbers", allowed, remedy))
    return table if not missing else None
