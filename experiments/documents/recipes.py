"""How a block is made: from a table of the project, or by a command run in a folder of the document's own."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from experiments.documents.blocks import blocks, remade
from experiments.documents.tables import TABLES

WIDTH = 110
"""Columns of a terminal in a document."""
_TIMES = re.compile(r"\b\d+(?:\.\d+)?(?: ?ms| s|s)\b(?! later)")
_SIZES = {"--consumers": 300, "--pairs": 2, "--runs": 2, "--simulations": 8, "--draws": 2}
"""What a small run gives in place of what the document asks for."""


class Bench:
    """A place to make the blocks of one document: its commands run one after the other in one folder.

    `small` runs every command on few consumers, to see that it works; what it prints is then not the document's.
    """

    def __init__(self, *, small: bool = False) -> None:
        self.small = small
        self._folder = tempfile.TemporaryDirectory(prefix="whosecar-documents-")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._folder.cleanup()

    def make(self, recipe: str, content: str = "") -> str:
        """The content of a block that had `content` before.

        Raises ValueError for a recipe nobody knows, RuntimeError if a command fails.
        """
        kind, *words = shlex.split(recipe)
        if kind == "file" and len(words) == 1:
            self._put(words[0], content)
            return content
        if kind == "table" and words and words[0] in TABLES:
            return TABLES[words[0]](*words[1:]) + "\n"
        if kind == "whosecar" and self.small and _left_to_the_night(words):
            return content
        if kind == "whosecar":
            return f"```console\n$ {recipe}\n{self.run(words)}```\n"
        tables = ", ".join(TABLES)
        raise ValueError(f"{recipe}: no such recipe; allowed: `whosecar ...`, `file NAME`, `table` and one of {tables}")

    def _put(self, name: str, content: str) -> None:
        """Write the fenced text of a block to a file beside the commands; of few consumers where all is small."""
        text = re.sub(r"^```.*\n", "", content, flags=re.MULTILINE)
        if self.small:
            text = re.sub(r'("population\.consumers" = )[\d_]+', rf"\g<1>{_SIZES['--consumers']}", text)
            text = re.sub(r"^(runs|replicates|draws|seeds) = \d+", r"\1 = 2", text, flags=re.MULTILINE)
        (Path(self._folder.name) / name).write_text(text, "utf-8")

    def run(self, words: list[str]) -> str:
        """What `whosecar WORDS` prints, without the times that differ from run to run."""
        line = [sys.executable, "-m", "experiments.cli", *(_smaller(words) if self.small else words)]
        place = os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
        surroundings = os.environ | {"COLUMNS": str(WIDTH), "PYTHONPATH": place, "NO_COLOR": "1", "TERM": "dumb"}
        done = subprocess.run(
            line, cwd=self._folder.name, env=surroundings, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(
                f"whosecar {shlex.join(words)} ended with status {done.returncode}: {done.stderr[-2000:]}"
            )
        lines = (_TIMES.sub("... s", line).rstrip() for line in done.stdout.splitlines())
        return "\n".join(lines).strip("\n") + "\n" if done.stdout.strip() else ""


def _left_to_the_night(words: list[str]) -> bool:
    """Whether a command has no small form: the whole verification, which has tests of its own."""
    return words[0] == "verify" and "--only" not in words


def _smaller(words: list[str]) -> list[str]:
    """The same command on few consumers and runs."""
    small = list(words)
    for at, word in enumerate(words[:-1]):
        if word in _SIZES:
            small[at + 1] = str(min(int(words[at + 1]), _SIZES[word]))
    return small


def drifted(path: Path, *, write: bool = False, only: str = "") -> list[str]:
    """Recipes of a document whose block is no longer what they make; `only` those that begin so. `write` mends it.

    Raises ValueError for a recipe nobody knows, RuntimeError if a command fails.
    """
    text, stale = path.read_text("utf-8"), list[str]()
    blocks(text)

    def again(recipe: str, content: str) -> str:
        new = bench.make(recipe, content) if recipe.startswith((only, "file")) else content
        if new != content:
            stale.append(recipe)
        return new

    with Bench() as bench:
        made = remade(text, again)
    if write and stale:
        path.write_text(made, "utf-8")
    return stale
