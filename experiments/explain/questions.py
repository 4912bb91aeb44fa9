"""Questions for scenario discovery: when is an outcome bad? As the user asks it, or its worst quarter."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market import CaseError, Fault
from market.casefile.faults import nearest, show

COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "<=": operator.le, ">=": operator.ge, "<": operator.lt, ">": operator.gt,
}  # fmt: skip
WORST = 0.25
"""Without a question, this part of the design points is called bad."""
HIGH_IS_BAD = (
    "cancellations", "cancelled_share", "backlog_end", "lost", "deferred", "misattribution", "stories",
    "outside_share", "blamed", "blame_to_control", "blame_to_contribution",
)  # fmt: skip
"""Outcomes of which more is worse; of all others less is."""


@dataclass(frozen=True)
class Question:
    """What is called bad: an outcome below or above a threshold."""

    outcome: str
    sign: str
    threshold: float
    asked: bool = True
    """False for the worst quarter, which nobody asked for"""

    def __str__(self) -> str:
        return f"{self.outcome} {self.sign} {limit(self.threshold)}"

    def bad(self, values: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Which values are bad, (n,) bool."""
        return np.asarray(COMPARE[self.sign](values, self.threshold), bool)


def parse(text: str, known: Iterable[str]) -> Question:
    """A question such as `share_end<0.02`. Raises CaseError if it is none, or of an outcome that is not there."""
    found = re.fullmatch(r"\s*([a-z0-9_.]+)\s*(<=|>=|<|>)\s*([^\s<>=]+)\s*", text)
    names = list(known)
    try:
        threshold = math.nan if found is None else float(re.sub(r"(?<=\d),(?=\d{3})", "", found[3]))
    except ValueError:
        threshold = math.nan
    if found is None or not math.isfinite(threshold):
        fault = Fault("--bad", f"given {show(text)}", "allowed: OUTCOME<NUMBER or OUTCOME>NUMBER", "share_end<0.02")
        raise CaseError([fault])
    if found[1] not in names:
        raise CaseError([Fault("--bad", f"no outcome {show(found[1])}", remedy=nearest(found[1], names))])
    return Question(found[1], found[2], threshold)


def worst_quarter(outcome: str, values: NDArray[np.float64]) -> Question:
    """The worst quarter of an outcome; which end is worse follows from what it is."""
    high = outcome.partition(".")[0] in HIGH_IS_BAD
    threshold = float(np.quantile(values, 1.0 - WORST if high else WORST))
    return Question(outcome, ">" if high else "<", threshold, asked=False)


def limit(value: float) -> str:
    """A limit as a reader meets it: four digits, thousands set apart.

    >>> limit(71_523.4), limit(0.30000001)
    ('71,520', '0.3')
    """
    rounded = float(f"{value:.4g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1_000 else f"{rounded:g}"
