"""Say which blocks of the documents have drifted, or write them."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from experiments.documents.recipes import drifted

DOCUMENTS = Path(__file__).parents[2] / "docs"


def main() -> int:
    """0 if every block is what its recipe makes (or was written), else 1."""
    parser = argparse.ArgumentParser(prog="python -m experiments.documents", description=__doc__)
    parser.add_argument("files", nargs="*", type=Path, help="documents; all of docs/ if none is given")
    parser.add_argument("--write", action="store_true", help="write what has drifted")
    parser.add_argument("--only", default="", help="only recipes that begin so, such as `table`")
    asked = parser.parse_args()
    stale = 0
    for path in asked.files or sorted(DOCUMENTS.glob("*.md")):
        for recipe in drifted(path, write=asked.write, only=asked.only):
            stale += 1
            sys.stdout.write(f"{path.name}: {'written' if asked.write else 'drifted'}: {recipe}\n")
    return 0 if asked.write or not stale else 1


if __name__ == "__main__":
    sys.exit(main())
