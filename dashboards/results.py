"""A result folder as the page shows it: the laboratory's own report in parts, a response map, and its runs.

The report is read and drawn once for all visitors who open the same folder in the same language; a browser gets the
part that it shows.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode

from dashboards import response
from dashboards.reading import GoesOn
from dashboards.texts import Language
from experiments import report
from experiments.report import parts as report_parts
from experiments.report.folder import Folder
from market import CaseError

if TYPE_CHECKING:
    import pandas as pd

    from market import Case

MOST_RUNS = 100
"""Runs that are listed; the laboratory's tables have all."""

MOST_PARTS = 99
SHORT_ID = 8
"""Letters of a run's id that tell it from all others of its folder."""

UPLOADED = "*"
"""Stands in an address for the result that this visitor has brought along; no path below the root is called so."""

POLITE: tuple[type[Exception], ...] = (CaseError,)
LONGEST_NAME = 200


@dataclass(frozen=True)
class Wish:
    """What a visitor wants to see of which result; whatever else an address or a widget holds is left out."""

    folder: str = ""
    part: int = 0
    across: str = ""
    """factor along the response map; empty: the usual one"""
    down: str = ""
    outcome: str = ""

    def change(self, asked: Any) -> Wish:
        """The same wish with what is allowed of what was asked; another folder is opened at its beginning."""
        if not isinstance(asked, Mapping):
            return self
        texts = {
            key: asked[key]
            for key in ("folder", "across", "down", "outcome")
            if isinstance(asked.get(key), str) and len(asked[key]) <= LONGEST_NAME and asked[key].isprintable()
        }
        part = str(asked.get("part", ""))
        known = int(part) if part.isascii() and part.isdigit() and len(part) <= 2 else None
        opened = Wish() if "folder" in texts and texts["folder"] != self.folder else self
        wish = replace(opened, **texts)
        return wish if known is None else replace(wish, part=known)

    def query(self) -> str:
        """The address of this wish, without what is as usual."""
        return urlencode({key: value for key, value in vars(self).items() if value})


def wish(search: str | None) -> Wish:
    """What an address wishes for.

    >>> wish("?folder=a/b&part=2&lang=zh")
    Wish(folder='a/b', part=2, across='', down='', outcome='')
    """
    text = (search or "").lstrip("?")
    return Wish().change(dict(parse_qsl(text, errors="replace"))) if len(text) <= 2_000 else Wish()


@dataclass(frozen=True)
class Asked:
    """One result in one language; `made` changes when the folder is written again."""

    path: Path
    language: Language
    made: float
    shown: str
    """what commands call the folder"""

    @classmethod
    def of(cls, path: Path, language: Language, shown: str) -> Asked:
        """The result as it lies there now."""
        try:
            made = (path / "manifest.json").stat().st_mtime
        except OSError:
            made = 0.0
        return cls(path, language, made, shown)


@dataclass(frozen=True, eq=False)
class Opened:
    """A result that has been read."""

    head: str
    """title, facts and headings as JSON"""
    parts: tuple[str, ...]
    """what stands under each heading, as JSON"""
    runs: pd.DataFrame | None
    factors: tuple[str, ...]
    case: Case
    language: Language
    rerun: str
    """command that makes a run again, up to the run's id"""


def read(asked: Asked, goes_on: GoesOn = lambda part: True) -> Opened:
    """Read a result. Raises CaseError where the folder is none, or anything else where its files are broken."""
    told = report.read(asked.path, asked.language)
    folder = Folder.open(asked.path)
    runs, factors = _runs(folder)
    headings = [section.heading for section in told.sections]
    extra = {"response": runs is not None and response.possible(runs, factors), "runs": runs is not None}
    head = {
        "title": told.title,
        "kind": told.kind,
        "summary": told.summary,
        "facts": told.facts,
        "banner": told.banner,
        "notes": told.notes,
        "headings": headings,
        "extra": [name for name, there in extra.items() if there],
    }
    parts = [_section(section) for section in told.sections]
    if extra["response"]:
        parts.append("")
    if runs is not None:
        parts.append(_listed(runs, asked))
    again = shlex.join(["whosecar", "rerun", asked.shown])
    return Opened(_text(head), tuple(parts), runs, factors, folder.case, asked.language, again)


def part(opened: Opened, wanted: Wish) -> str:
    """The part that a visitor looks at, as JSON; the first where there is no such part."""
    number = wanted.part if wanted.part < len(opened.parts) else 0
    if opened.parts[number] or opened.runs is None:
        return opened.parts[number]
    asked = (wanted.across, wanted.down, wanted.outcome)
    return _text(response.mapped(opened.runs, opened.factors, opened.case, opened.language, asked))


def _runs(folder: Folder) -> tuple[pd.DataFrame | None, tuple[str, ...]]:
    """The runs of a sweep or a stress test, and what varied in them; nothing where there are none."""
    if folder.kind not in ("sweep", "stress"):
        return None, ()
    from experiments.sweep import Sweep

    try:
        found = Sweep.open(folder.path)
        runs = found.runs()
    except CaseError:
        return None, ()
    return (runs, tuple(found.design.names)) if len(runs) else (None, ())


def _listed(runs: pd.DataFrame, asked: Asked) -> str:
    """The first runs, with the command that makes each again."""
    rows = [
        {
            "id": str(row["run_id"])[:SHORT_ID],
            "point": int(row["point"]),
            "seed": int(row["seed"]),
            "done": row["status"] == "done",
            "command": shlex.join(["whosecar", "rerun", asked.shown, str(row["run_id"])[:SHORT_ID]]),
        }
        for row in runs.head(MOST_RUNS).to_dict("records")
    ]
    return _text({"runs": rows, "all": len(runs)})


def _section(section: report_parts.Section) -> str:
    """One part of the report: sentences, pictures and tables, commands."""
    parts = [
        {"picture": one.address, "alt": one.alt, "numbers": _table(one.numbers) if one.numbers else None}
        if isinstance(one, report_parts.Picture)
        else {"table": _table(one)}
        for one in section.parts
    ]
    return _text({"sentences": section.sentences, "parts": parts, "commands": section.commands})


def _table(table: report_parts.Table) -> dict[str, Any]:
    return {
        "caption": table.caption,
        "headings": table.headings,
        "rows": table.rows,
        "right": table.right,
        "note": table.note,
        "folded": table.folded,
    }


def _text(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"))
