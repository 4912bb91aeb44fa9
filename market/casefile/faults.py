"""What is wrong with a case, said so that a reader can mend it: what was given, what is allowed, what to do."""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `str(fault)` is one line.

    Items of lists are named by their id; only an item whose id is missing or duplicate is named by its position,
    counted from 1.

    >>> str(Fault("cars.ut_super.roles.sales", "shares sum to 0.9", "they must sum to 1"))
    'cars.ut_super.roles.sales: shares sum to 0.9; they must sum to 1'
    """

    path: str
    """Full name of the field, or the file where no field can be named."""
    given: str
    """What was found there."""
    allowed: str = ""
    """What may stand there."""
    remedy: str = ""
    """What to do about it."""

    def __str__(self) -> str:
        message = "; ".join(part for part in (self.given, self.allowed, self.remedy) if part)
        return f"{self.path}: {message}".replace("\n", " ")


class CaseError(ValueError):
    """A case cannot be used as it stands: mend every fault it lists, one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__(self.faults)

    def __str__(self) -> str:
        return "\n".join(map(str, self.faults))


def show(value: Any, width: int = 60) -> str:
    """A value as it would be written in a file, shortened to about `width` characters."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dict):
        return "an empty table" if not value else f"a table ({listed(map(str, value), 4)})"
    if isinstance(value, list | tuple):
        return "an empty list" if not value else f"a list of {len(value)}"
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    if isinstance(value, int) or (isinstance(value, float) and math.isfinite(value)):
        return number(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
    return text if len(text) <= width else text[: width - 3] + "..."


def number(value: float) -> str:
    """A number with thousands set apart; very long ones are shortened."""
    if abs(value) >= 1e18:
        return f"{value:.3g}" if isinstance(value, float) else "a whole number above 10^18"
    whole = isinstance(value, int) or value == int(value)
    return f"{int(value):_}" if whole else f"{value:_}"


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words with commas between them, cut after `most`."""
    given = list(words)
    return ", ".join(given[:most]) + (", ..." if len(given) > most else "")


def nearest(word: str, known: Iterable[str], what: str = "known here") -> str:
    """'did you mean ...?' where something similar is known, else what is known."""
    names = list(known)
    similar = difflib.get_close_matches(word, names, n=3, cutoff=0.6)
    if similar:
        return f"did you mean {' or '.join(similar)}?"
    return f"{what}: {listed(names)}" if names else ""
