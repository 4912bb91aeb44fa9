"""Dated events of a case: what they name, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

from market.checks.common import ELSEWHERE, fault, known
from market.happenings import Answer, Exit, Failure, Move, Promotion, RevealedTerm

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
        if isinstance(happening, Failure):
            yield from known(f"{at}.contribution", happening.contribution, case.organisations, "organisation")
            yield from known(f"{at}.plan", [happening.plan], case.plans, "plan")
        if isinstance(happening, Answer):
            yield from _answer(case, at, happening)
        if isinstance(happening, Exit):
            yield from _parties(case, at, {"leaver": happening.leaver, "heir": happening.heir})
        if isinstance(happening, Move):
            yield from _move(case, at, happening)
        if happening.on < case.calendar.start:
            yield fault(
                f"{at}.on",
                happening.on,
                f"must not be before the run starts ({case.calendar.start}, ends {last})",
                "start earlier or remove it",
            )
    for decision in case.decisions:
        at = f"decisions.{decision.id}"
        yield from known(f"{at}.car", [decision.car], case.cars, "car")
        yield from _move(case, at, decision)


def _answer(case: Case, at: str, answer: Answer) -> Iterator[Fault]:
    """An answer is given by organisations to a failure that came before it."""
    failures = {h.id: h for h in case.happenings if isinstance(h, Failure)}
    yield from known(f"{at}.to", [answer.to], failures, "failure among the happenings")
    yield from known(f"{at}.by", answer.by, case.organisations, "organisation")
    yield from known(f"{at}.shift_to", [answer.shift_to], case.organisations, "organisation")
    if answer.shift_to in answer.by:
        yield fault(f"{at}.shift_to", answer.shift_to, "must be somebody who does not answer", "name another partner")
    if answer.to in failures and answer.on < failures[answer.to].on:
        begins = failures[answer.to].on
        yield fault(f"{at}.on", answer.on, f"must not be before the failure ({begins})", "answer on that day or later")


def _parties(case: Case, at: str, parties: dict[str, str]) -> Iterator[Fault]:
    """Two different organisations of the case."""
    for name, key in parties.items():
        yield from known(f"{at}.{name}", [key], case.organisations, "organisation")
    first, second = parties
    if parties[first] == parties[second]:
        yield fault(f"{at}.{second}", parties[second], f"must differ from {first}", "name two organisations")


def _move(case: Case, at: str, move: Move) -> Iterator[Fault]:
    """A role moves from one organisation to another."""
    yield from known(f"{at}.function", [move.function], case.functions, "function")
    yield from _parties(case, at, {"from": move.giver, "to": move.taker})
