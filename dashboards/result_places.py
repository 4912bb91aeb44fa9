"""Where results lie that visitors may open: one folder that the owner of the server named, and nothing outside it.

A visitor names a result by its path below that folder. What such a path leads to is resolved and compared; a link that
leads out, in the path or inside the result, is refused.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dashboards.server import ROOT_VARIABLE
from experiments.report.folder import Folder, Kind
from market import CaseError

DEEPEST = 3
"""Folders below the root in which results are looked for."""

MOST_LISTED = 200
MOST_FOLDERS = 2_000
MOST_FILES = 50_000
"""Limits of one look around, so that a root full of other things costs no visitor a wait."""

LONGEST_PATH = 400


@dataclass(frozen=True)
class Place:
    """A result that can be opened."""

    id: str
    """its path below the root, with slashes"""
    kind: Kind
    made: str
    """day on which its manifest was last written, ISO"""


def root() -> Path | None:
    """The folder of results of this server, or none where it has none."""
    named = os.environ.get(ROOT_VARIABLE, "")
    return Path(named).resolve() if named and Path(named).is_dir() else None


def listing(top: Path) -> list[Place]:
    """The results below a folder, the newest first; hidden folders, links and what cannot be read are passed over."""
    found: list[tuple[float, Place]] = []
    for folder in _folders(top):
        try:
            kind = Folder.open(folder).kind
            age = (folder / "manifest.json").stat().st_mtime
        except (CaseError, OSError):
            continue
        day = _day(age)
        found.append((age, Place(folder.relative_to(top).as_posix(), kind, day)))
        if len(found) == MOST_LISTED:
            break
    return [place for _, place in sorted(found, key=lambda pair: (-pair[0], pair[1].id))]


def place(top: Path, asked: str) -> Path | None:
    """The folder that a path below the root leads to, or none: it must lie inside, and so must all that is in it."""
    if not asked or len(asked) > LONGEST_PATH or "\0" in asked or asked.startswith(("/", "\\")):
        return None
    try:
        found = (top / asked).resolve(strict=True)
    except (OSError, RuntimeError, ValueError):
        return None
    inside = found != top and found.is_relative_to(top) and found.is_dir()
    return found if inside and not leads_out(found, top) else None


def leads_out(folder: Path, top: Path) -> bool:
    """Whether a link in a folder leads out of the root, or the folder holds too much to look."""
    seen = 0
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            seen += 1
            file = Path(parent, name)
            if seen > MOST_FILES or (file.is_symlink() and not file.resolve().is_relative_to(top)):
                return True
    return False


def _folders(top: Path) -> Iterator[Path]:
    looked = 0
    waiting = [(top, 0)]
    while waiting and looked < MOST_FOLDERS:
        folder, depth = waiting.pop(0)
        looked += 1
        if depth:
            yield folder
        if depth == DEEPEST or (depth and (folder / "manifest.json").is_file()):
            continue
        try:
            inside = sorted(Path(entry) for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False))
        except OSError:
            continue
        waiting += [(one, depth + 1) for one in inside if not one.name.startswith(".")]


def _day(seconds: float) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).date().isoformat()
