"""Acts: what a visitor does to the market at the play-head, as data that fits into an address.

An act names its week, a whole number that says how strong it is, and whom it concerns. `apply` turns acts into the
happenings of a case (`act_1`, ...), so that an acted market is again a pure function of a case and exports as one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from dashboards import texts
from dashboards.possible import KINDS, Target, target_of, targets
from market import Case

MOST_ACTS = 12

_FORM = re.compile(r"([1-9][0-9]?)\.([a-z]{1,12})\.([0-9]{1,4})\.([0-9]{1,7})\.([a-z0-9_-]{1,160})", re.ASCII)

SETUP_CNY = 20_000_000
UNIT_COST_CNY = 300
LEARNING_WEEKS = 26
"""What it costs to move a whole role: judgements, shown with the act."""

PUBLIC = 20.0
"""Mass attention to a failure that the whole country hears of, in usual topics: a judgement, as in a case of a car that
had one."""


@dataclass(frozen=True, order=True)
class Act:
    """One act: in which week (0: the first of the run), which of the visitor's, what, how strong, upon whom."""

    week: int
    number: int
    kind: str
    amount: int
    target: str

    @property
    def id(self) -> str:
        """What its happening is called."""
        return f"act_{self.number}"

    def __str__(self) -> str:
        """As it stands in an address."""
        return f"{self.number}.{self.kind}.{self.week}.{self.amount}.{self.target}"


class Found(NamedTuple):
    """The acts of an address that can be done, in order, and whether all of it could be used."""

    acts: tuple[Act, ...]
    all_used: bool


def parse(text: str) -> Found:
    """The acts that a text names, by form alone.

    >>> [str(act) for act in parse("2.price.60.10.ut~1.price.50.5.ut").acts]
    ['1.price.50.5.ut', '2.price.60.10.ut']
    """
    if not text:
        return Found((), True)
    parts = text.split("~")
    read = [_FORM.fullmatch(part) for part in parts[:MOST_ACTS]]
    made = {
        int(found[1]): Act(int(found[3]), int(found[1]), found[2], int(found[4]), found[5]) for found in read if found
    }
    return Found(tuple(sorted(made.values())), len(made) == len(parts))


def write(acts: Iterable[Act]) -> str:
    """Acts as they stand in an address, in order."""
    return "~".join(map(str, sorted(acts)))


def first_day(case: Case, week: int) -> date:
    """The day on which an act of that week happens."""
    return case.calendar.start + timedelta(weeks=week)


def fitting(case: Case, text: str) -> Found:
    """The acts of a text that this case allows, each given those before it."""
    found = parse(text)
    kept: list[Act] = []
    for act in found.acts:
        kind = KINDS.get(act.kind)
        if kind is None or act.week >= case.calendar.weeks or not kind.least <= act.amount <= kind.most:
            continue
        if target_of(case, kept, act) is not None:
            kept.append(act)
    return Found(tuple(kept), found.all_used and len(kept) == len(found.acts))


def apply(case: Case, acts: Iterable[Act]) -> Case:
    """The case with the acts among its happenings. Raises CaseError where the case cannot take one."""
    changes: dict[str, Any] = {}
    listed = tuple(acts)
    for place, act in enumerate(listed):
        target = target_of(case, listed[:place], act)
        if target is None:
            continue
        for name, content in _happenings(case, act, target, listed[:place]).items():
            dated = {"on": first_day(case, act.week), "title": _title(act), **content}
            changes[f"happenings.{name}"] = dated
    return case.change(changes) if changes else case


def price_before(case: Case, car: str, on: date, before: Iterable[Act]) -> float:
    """The list price of a car on a day, after the changes of its case and of the acts before."""
    steps = [(h.on, 0, h.price_cny) for h in case.happenings if h.kind == "price_change" and h.car == car and h.on < on]
    price = max(steps)[2] if steps else float(case.cars[car].price_cny)
    for act in before:
        if act.kind in ("price", "rival") and act.target == car:
            price *= 1.0 - act.amount / 100.0
    return price


def _happenings(case: Case, act: Act, target: Target, before: tuple[Act, ...]) -> dict[str, dict[str, Any]]:
    """What an act adds to the happenings of a case, by id."""
    focal, ids = str(case.focal_car), target.id.split("-")
    part = act.amount / 100.0
    match act.kind:
        case "failure":
            return {act.id: {"kind": ids[0], "car": focal, "severity": part, "attention": PUBLIC}}
        case "recall":
            maker = case.cars[focal].maker
            failure = {"kind": "quality_defect", "car": focal, "severity": 1.0, "attention": PUBLIC}
            answer = {"kind": "answer", "to": act.id, "by": [maker], "remedy_cny": float(act.amount), "directly": 1.0,
                      "information": True}  # fmt: skip
            return {act.id: failure, f"{act.id}_answer": answer}
        case "price" | "rival":
            now = price_before(case, ids[0], first_day(case, act.week), before)
            return {act.id: {"kind": "price_change", "car": ids[0], "price_cny": round(now * (1.0 - part), 2)}}
        case "term":
            story = {"kind": "undisclosed_term", "car": focal, "plan": ids[0], "severity": part}
            return {act.id: story | {"attention": PUBLIC}}
        case "apology":
            return {act.id: {"kind": "answer", "to": ids[0], "by": [ids[1]], "admission": part}}
        case "remedy":
            promise = {"remedy_cny": float(act.amount), "refund": True, "information": True}
            return {act.id: {"kind": "answer", "to": ids[0], "by": ids[1:], **promise}}
        case "blame":
            return {act.id: {"kind": "answer", "to": ids[0], "by": [ids[1]], "admission": -part, "shift_to": ids[2]}}
        case "burst":
            return {act.id: {"kind": "media_burst", "car": ids[0], "contacts": part, "excitement": 1.0}}
        case "launch":
            return {act.id: {"kind": "launch", "car": ids[0], "contacts": part, "excitement": 1.0}}
        case _:
            cost = {"setup_cny": SETUP_CNY * part, "unit_cost_cny": UNIT_COST_CNY * part}
            move = {"function": ids[0], "from": ids[1], "to": ids[2], "share": part, "learning_weeks": LEARNING_WEEKS}
            return {act.id: {"kind": "decision", "car": focal, **move, **cost}}


def _title(act: Act) -> dict[str, str]:
    """What an act is called on the time line and in an exported case: no name stands in it."""
    return {
        language: texts.say(f"act_done_{act.kind}", language, amount=_amount(act.amount, act.kind))
        for language in texts.LANGUAGES
    }


def _amount(amount: int, kind: str) -> str:
    """The strength of an act in its unit."""
    return f"{amount:,}" if KINDS[kind].unit == "cny" else f"{amount}%"


def offered(case: Case, acts: tuple[Act, ...], language: texts.Language) -> dict[str, Any]:
    """What can be done to this market and what has been done, for the widgets."""
    kinds = []
    for key, kind in KINDS.items():
        listed = targets(case, acts, key)
        if listed:
            told = [[one.id, one.label(case, acts, language), one.first, one.last] for one in listed]
            limits = {"least": kind.least, "most": kind.most, "usual": kind.usual, "step": kind.step}
            kinds.append({"kind": key, "unit": kind.unit, "targets": told, **limits})
    done = [
        {"number": a.number, "kind": a.kind, "week": a.week, "amount": a.amount, "target": a.target, "id": a.id}
        for a in acts
    ]
    return {"kinds": kinds, "done": done, "most": MOST_ACTS, "weeks": case.calendar.weeks}
