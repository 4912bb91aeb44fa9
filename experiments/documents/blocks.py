"""Blocks of a document that a recipe makes."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

_BLOCK = re.compile(r"<!-- made by: (?P<recipe>[^\n]+?) -->\n(?P<content>.*?)<!-- end -->", re.DOTALL)
_BEGUN = re.compile(r"<!-- made by: ")


@dataclass(frozen=True)
class Block:
    """What stands between the marks, and the recipe that makes it."""

    recipe: str
    content: str


def blocks(text: str) -> list[Block]:
    """The blocks of a document in order. Raises ValueError for one that is never ended."""
    found = [Block(match["recipe"], match["content"]) for match in _BLOCK.finditer(text)]
    if len(found) != len(_BEGUN.findall(text)):
        raise ValueError("a block begins with `<!-- made by: RECIPE -->` and never ends; add `<!-- end -->`")
    return found


def remade(text: str, make: Callable[[str, str], str]) -> str:
    """The document with every block made again: `make` is given its recipe and what stands there."""

    def again(match: re.Match[str]) -> str:
        return f"<!-- made by: {match['recipe']} -->\n{make(match['recipe'], match['content'])}<!-- end -->"

    return _BLOCK.sub(again, text)
