"""Dated events of a case: what they name, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from market.checks.common import ELSEWHERE, fault, known
from market.happenings import Promotion, RevealedTerm

if TYPE_CHECKING:
    from market.case import Case
    from market.casefile import Fault


def happenings(case: Case) -> Iterator[Fault]:
    """Faults of happenings."""
    last = date.fromordinal(min(case.calendar.start.toordinal() + case.calendar.days, date.max.toordinal()))
    if case.calendar.start.toordinal() + case.calendar.days > date.max.toordinal():
        yield fault(
            "calendar.weeks",
            case.calendar.weeks,
            f"a run from {case.calendar.start} would end after the year 9999",
            "start earlier or run fewer weeks",
        )
    for happening in case.happenings:
        at = f"happenings.{happening.id}"
        if (car := getattr(happening, "car", None)) is not None:
            yield from known(f"{at}.car", [car], case.cars, "car")
        if isinstance(happening, RevealedTerm):
            yield from known(f"{at}.plan", [happening.plan], case.plans, "plan")
        if (mix := getattr(happening, "mix", None)) is not None:
            yield from known(f"{at}.mix", mix, {*case.platforms, ELSEWHERE}, "platform (or elsewhere)")
        if isinstance(happening, Promotion) and happening.until <= happening.on:
            yield fault(f"{at}.until", happening.until, f"must be after on ({happening.on})", "give a later date")
        if happening.on < case.calendar.start:
            yield fault(
                f"{at}.on",
                happening.on,
                f"must not be before the run starts ({case.calendar.start}, ends {last})",
                "start earlier or remove it",
            )
