"""An answer as Markdown: `python -m experiments.answer.told DIR [--lang zh]` prints what its page says, but figures."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from experiments.answer.page import read
from experiments.commandline import LANGUAGES
from experiments.documents.tables import markdown
from experiments.report.parts import Picture, Report, Table

MOST = 40
"""Rows of a table that are told."""


def told(report: Report) -> str:
    """Headings, sentences and tables of a report, one after the other."""
    return "\n\n".join(_said(report)) + "\n"


def _said(report: Report) -> Iterator[str]:
    yield f"> {report.banner}"
    yield ", ".join(f"{name}: {value}" for name, value in report.facts)
    for section in report.sections:
        yield f"## {section.heading}"
        yield from section.sentences
        for part in section.parts:
            table = part.numbers if isinstance(part, Picture) else part
            if table is not None:
                yield _table(table)
        for command in section.commands:
            yield f"    {command}"


def _table(table: Table) -> str:
    numbers = [at for at, right in enumerate(table.right) if right]
    made = markdown(table.headings, table.rows[:MOST], numbers)
    return "\n\n".join(filter(None, (f"**{table.caption}**", made, table.note)))


def main() -> None:
    """Print the answer of a folder."""
    parser = argparse.ArgumentParser(prog="python -m experiments.answer.told", description=__doc__)
    parser.add_argument("folder", type=Path, help="a folder that `whosecar answer` filled")
    parser.add_argument("--lang", choices=LANGUAGES, default="en")
    asked = parser.parse_args()
    sys.stdout.write(told(read(asked.folder, asked.lang)))


if __name__ == "__main__":
    main()
