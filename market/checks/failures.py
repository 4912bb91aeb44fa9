"""Failures of a case: the functions in which they arise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from market.cars import FUNCTIONS
from market.checks.common import known
from market.happenings import FAILURES

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def failures(case: Case) -> Iterator[Fault]:
    """Faults of the kinds of failure: a function is one of the case, or a usual one that the case goes without."""
    functions = {*FUNCTIONS, *case.functions}
    for kind in FAILURES:
        section = case.failures.of(kind)
        yield from known(f"failures.{kind}.causal", section.causal, functions, "function")
        yield from known(f"failures.{kind}.function", [section.function], functions, "function")
