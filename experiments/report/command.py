"""The command that writes one page from a result folder. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from experiments.commandline import LANGUAGES, Lang, one_of

if TYPE_CHECKING:
    from market import Fault

WRITTEN = ("Written to {file}; open it in any browser.", "已写入 {file}，可用任意浏览器打开。")


def report(
    folder: Annotated[
        str, typer.Argument(metavar="DIR", help="A folder that run, sweep, compare, stress, explain, calibrate wrote.")
    ],
    out: Annotated[
        str | None, typer.Option(metavar="FILE", help="The page to write.", show_default="DIR/report.html")
    ] = None,
    lang: Lang = "en",
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but faults.")] = False,
) -> None:
    """Write one HTML page about a result, which needs no network: inputs with sources, tables, figures, commands."""
    from experiments.report import document as reporting
    from market import CaseError

    faults: list[Fault] = []
    one_of("--lang", lang, LANGUAGES, faults)
    file = Path(folder) / "report.html" if out is None else Path(out)
    if Path(folder).is_dir():
        faults += reporting.faults_of(file)
    if faults:
        raise CaseError(faults)
    reporting.write(reporting.page(reporting.read(Path(folder), lang)), file)
    if not quiet:
        typer.echo(WRITTEN[lang == "zh"].format(file=file))
