"""Which acts a case allows, and upon whom: kinds with their limits, and targets with the weeks in which they are there.

A target is one text: ids joined by `-`, such as a story and who answers it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from dashboards import texts
from dashboards.names import Names, stands_for_many
from market import Case
from market.happenings import FAILURES, Failure

STORY_WEEKS = 13
"""An answer can be given for a quarter after a failure; later hardly anybody speaks of it."""

RIVALS = 6


@dataclass(frozen=True)
class Kind:
    """How strong an act can be, in whole numbers of its unit: percent, or CNY."""

    unit: str
    least: int
    most: int
    usual: int
    step: int


KINDS = {
    "failure": Kind("percent", 25, 300, 100, 25),
    "recall": Kind("cny", 0, 20_000, 1_000, 500),
    "price": Kind("percent", 1, 30, 10, 1),
    "term": Kind("percent", 25, 300, 100, 25),
    "apology": Kind("percent", 5, 100, 30, 5),
    "remedy": Kind("cny", 100, 20_000, 2_600, 100),
    "blame": Kind("percent", 5, 100, 50, 5),
    "burst": Kind("percent", 10, 500, 100, 10),
    "rival": Kind("percent", 1, 30, 10, 1),
    "launch": Kind("percent", 0, 500, 50, 10),
    "move": Kind("percent", 10, 100, 100, 10),
}


class Done(Protocol):
    """An act as far as later acts need to know it."""

    @property
    def id(self) -> str:
        """What its happening is called."""

    @property
    def kind(self) -> str:
        """What it is."""

    @property
    def week(self) -> int:
        """When it happens."""

    @property
    def target(self) -> str:
        """Whom it concerns."""


@dataclass(frozen=True)
class Target:
    """Whom an act concerns, and from which week to which (not with it) that can be chosen."""

    kind: str
    id: str
    first: int
    last: int

    def label(self, case: Case, acts: Iterable[Done], language: texts.Language) -> str:
        """What it is called on the page."""
        names, ids = Names(case, language), self.id.split("-")
        who = [names.label("maker", key) for key in ids[1:] if key in case.organisations]
        match self.kind:
            case "failure" | "recall":
                return texts.say(f"failure_{ids[0]}", language)
            case "price" | "rival" | "burst" | "launch":
                return names.label("car", ids[0])
            case "term":
                return case.label("plans", ids[0], language)
            case "move":
                key = f"function_{ids[0]}"
                what = texts.say(key, language) if key in texts.TEXTS else ids[0]
                return texts.say("act_moves", language, what=what, giver=who[0], taker=who[1])
        told = _story(names, ids[0], acts)
        if self.kind == "blame":
            return texts.say("act_blames", language, story=told, by=who[0], other=who[1])
        by = texts.say("act_all", language) if len(who) > 2 else who[0]
        return texts.say("act_answers", language, story=told, by=by)


def _story(names: Names, key: str, acts: Iterable[Done]) -> str:
    act = next((act for act in acts if act.id == key), None)
    if act is not None:
        return texts.say(f"act_{act.kind}", names.language)
    return names.happening(next(h for h in names.case.happenings if h.id == key))


def partners(case: Case) -> list[str]:
    """Organisations that hold part of the focal car, those with most first."""
    car = case.cars[str(case.focal_car)]
    parts: dict[str, float] = {}
    for function in case.functions:
        for organisation, part in car.holders(function).items():
            parts[organisation] = parts.get(organisation, 0.0) + part
    return sorted((key for key, part in parts.items() if part > 0.0), key=lambda key: (-parts[key], key))


def rivals(case: Case) -> list[str]:
    """Listed cars nearest in price to the focal one."""
    focal = case.cars[str(case.focal_car)]
    others = [key for key in case.cars if key != case.focal_car and not stands_for_many(key)]
    return sorted(others, key=lambda key: (abs(math.log(case.cars[key].price_cny / focal.price_cny)), key))[:RIVALS]


def stories(case: Case, acts: Iterable[Done]) -> Iterator[tuple[str, int]]:
    """Failures that can be answered, of the case and of acts, with the first week in which they are known."""
    for happening in case.happenings:
        if isinstance(happening, Failure) and happening.severity > 0.0 and happening.car == case.focal_car:
            yield happening.id, max(0, math.ceil((happening.on - case.calendar.start).days / 7))
    for act in acts:
        if act.kind in ("failure", "recall", "term"):
            yield act.id, act.week


def targets(case: Case, acts: Sequence[Done], kind: str) -> list[Target]:
    """Everybody upon whom an act of this kind is possible at some time of the run."""
    if case.focal_car is None:
        return []
    focal, weeks = case.cars[case.focal_car], case.calendar.weeks
    who = partners(case)
    always: list[str] = []
    match kind:
        case "failure":
            skipped = {"undisclosed_term", *(() if focal.swap else ("swap_trouble",))}
            skipped |= {"partners_disagree"} if len(who) < 2 else set()
            always = [name for name in FAILURES if name not in skipped]
        case "recall":
            always = ["quality_defect"]
        case "price":
            always = [case.focal_car]
        case "rival":
            always = rivals(case)
        case "burst":
            always = [case.focal_car, *rivals(case)]
        case "term":
            plans = case.plans.items()
            always = [key for key, p in plans if p.undisclosed and (p.cars is None or case.focal_car in p.cars)]
        case "launch":
            ahead = [(key, car.launch) for key, car in case.cars.items() if car.launch is not None]
            opening = {key: math.ceil((day - case.calendar.start).days / 7) for key, day in ahead if day is not None}
            return [Target(kind, key, 0, min(week, weeks)) for key, week in opening.items() if week > 0]
        case "move":
            held = [(f, giver) for f in case.functions for giver, part in focal.holders(f).items() if part > 0.0]
            always = [f"{f}-{giver}-{taker}" for f, giver in held for taker in who if taker != giver]
        case _:
            return [
                Target(kind, f"{story}-{by}", week, min(week + STORY_WEEKS, weeks))
                for story, week in stories(case, acts)
                for by in _voices(kind, who)
            ]
    return [Target(kind, key, 0, weeks) for key in always]


def _voices(kind: str, who: Sequence[str]) -> list[str]:
    """Who can answer: each alone; a remedy also all with one voice; blame needs somebody who is blamed."""
    if kind == "blame":
        return [f"{by}-{other}" for by in who for other in who if by != other]
    return ["-".join(sorted(who)), *who] if kind == "remedy" and len(who) > 1 else list(who)


def target_of(case: Case, before: Sequence[Done], act: Done) -> Target | None:
    """The target that an act names, if it is there in the week of the act."""
    listed = targets(case, before, act.kind)
    return next((one for one in listed if one.id == act.target and one.first <= act.week < one.last), None)
