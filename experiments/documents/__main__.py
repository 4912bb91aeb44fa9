"""Say which blocks of the documents have drifted, write them, or see that every command in them works."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from experiments.documents.blocks import remade
from experiments.documents.recipes import Bench, drifted

DOCUMENTS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """0 if every block is what its recipe makes (or was written), else 1."""
    parser = argparse.ArgumentParser(prog="python -m experiments.documents", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="documents; all of docs/ if none is given")
    parser.add_argument("--write", action="store_true", help="write what has drifted")
    parser.add_argument("--only", default="", help="only recipes that begin so, such as `table`")
    parser.add_argument("--small", action="store_true", help="run every command on few consumers; write nothing")
    asked = parser.parse_args()
    stale = 0
    for path in asked.files or sorted(DOCUMENTS.glob("*.md")):
        if asked.small:
            with Bench(small=True) as bench:
                remade(path.read_text("utf-8"), bench.make)
            continue
        for recipe in drifted(path, write=asked.write, only=asked.only):
            stale += 1
            sys.stdout.write(f"{path.name}: {'written' if asked.write else 'drifted'}: {recipe}\n")
    return 0 if asked.write or not stale else 1


if __name__ == "__main__":
    sys.exit(main())
