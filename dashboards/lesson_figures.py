"""What a lesson's step shows: bars or lines and a sentence, from the markets that were simulated for it."""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from dashboards import lesson, measures, names, texts
from dashboards.lesson import Lesson, Show, Step
from dashboards.measures import Measure
from dashboards.panel_windows import parties
from market import Case

Contents = Mapping[str, Mapping[str, Any]]
"""Whole markets by their names in the lesson, as the browser plays them."""

KINDS = {"cause": "cause", "control": "cause", "blame": "blame", "earned": "one"}
"""How the bar of a measure of organisations is drawn: hatched for what is assumed, full for what is measured."""


class Names(dict[str, str]):
    """What stands in the texts of a lesson: names of organisations and cars; an unknown one is a fault of it."""

    def __init__(self, case: Case, language: texts.Language) -> None:
        """Of one case in one language, real or fictional as the case says."""
        told = names.Names(case, language)
        super().__init__({key: told.label("maker", key) for key in case.organisations})
        self.update({key: told.label("car", key) for key in case.cars})


def filled(text: lesson.Text, said: Mapping[str, str], language: texts.Language) -> str:
    """A text with its names and numbers."""
    return text.of(language).format_map(said)


def resolved(show: Show, step: Step, choice: str) -> list[str]:
    """The markets of a figure, the chosen one in its place, none twice."""
    chosen = choice or (step.choices[0] if step.choices else "")
    return list(dict.fromkeys(chosen if name == lesson.CHOSEN else name for name in show.markets))


def measured(step: Step, contents: Contents, choice: str) -> dict[str, Measure]:
    """The numbers of a step by letter; a difference is thin where either market is."""
    chosen = choice or (step.choices[0] if step.choices else "")
    week = step.show.week if step.show else -1
    found: dict[str, Measure] = {}
    for wanted in lesson.numbers(step):
        read = [
            measures.read(contents[chosen if name == lesson.CHOSEN else name], wanted.measure, week)
            for name in wanted.markets
        ]
        values = [one.value for one in read]
        behind = [one.behind for one in read if one.behind is not None]
        known = [value for value in values if value is not None]
        value = None if len(known) < len(values) else known[0] - sum(known[1:])
        found[wanted.letter] = Measure(value, min(behind) if behind else None)
    return found


def written(value: float | None, unit: str, difference: bool, language: texts.Language) -> str:
    """A number in words: percent with one decimal, ratios with two, everything else whole.

    >>> written(43.44, "%", False, "en"), written(-1234.5, "cars", True, "en"), written(None, "%", False, "en")
    ('43.4%', '−1,234', '–')
    """
    if value is None:
        return texts.say("none_yet", language)
    digits = {"%": 1, "ratio": 2}.get(unit, 0)
    text = (f"{value:+,.{digits}f}" if difference else f"{value:,.{digits}f}").replace("-", "−")
    if unit != "%":
        return text
    joint = "" if language == "zh" else " "
    return f"{text}{joint}{texts.say('unit_points', language)}" if difference else f"{text}%"


def sentence(step: Step, contents: Contents, choice: str, said: Mapping[str, str], language: texts.Language) -> str:
    """The first sentence of a step whose condition holds, with its numbers."""
    if step.show is None:
        return ""
    found = measured(step, contents, choice)
    wanted = {one.letter: one for one in lesson.numbers(step)}
    numbers = {
        letter: written(
            one.value, measures.kind(wanted[letter].measure).unit, len(wanted[letter].markets) > 1, language
        )
        for letter, one in found.items()
    }
    return spoken(step, found, {**said, **numbers}, language)


def spoken(step: Step, found: Mapping[str, Measure], said: Mapping[str, str], language: texts.Language) -> str:
    """The first sentence of a step that holds for the numbers found, filled in with how they are said."""
    for saying in step.show.say if step.show else ():
        if _holds(saying, found):
            return filled(saying.text, said, language)
    return ""


def thin(step: Step, contents: Contents, choice: str) -> bool:
    """Whether a number of the step rests on so few consumers that it is shown grey."""
    return any(one.thin for one in measured(step, contents, choice).values())


def bars(
    step: Step, course: Lesson, contents: Contents, choice: str, case: Case, said: Mapping[str, str],
    language: texts.Language,
) -> str:  # fmt: skip
    """Bars of a step as JSON: for each organisation, or one for each market."""
    show = step.show
    assert show is not None
    drawn = {"parties": _by_party, "roles": _by_role}.get(show.figure)
    if drawn is not None:
        rows, kinds = drawn(show, contents, case, language)
    else:
        rows, kinds = _by_market(step, course, contents, choice, language), []
    unit = measures.kind(show.measures[0]).unit if show.measures else "%"
    content = {
        "title": filled(show.title, said, language),
        "sub": "",
        "none": texts.say("bars_none", language),
        "rows": rows,
        "kinds": kinds,
        "single": not kinds,
        "unit": unit,
        "note": "",
    }
    return json.dumps(content, ensure_ascii=False)


def line(
    step: Step, course: Lesson, contents: Contents, choice: str, case: Case, said: Mapping[str, str],
    language: texts.Language,
) -> str:  # fmt: skip
    """Lines of a step as JSON: one measure week by week, a line for each market; the first one wears the car's ink."""
    show = step.show
    assert show is not None
    unit = measures.kind(show.measures[0]).unit
    inks = names.identities(case)["car"]
    own = inks[str(case.focal_car)]
    listed = resolved(show, step, choice)
    weeks = min(len(contents[name]["totals"]["orders"]) for name in listed)
    lines = []
    for place, name in enumerate(listed):
        values = measures.path(contents[name], show.measures[0], show.since)[: weeks - show.since]
        lines.append(
            {
                "id": name,
                "name": course.markets[name].name.of(language),
                "ink": [own.light, own.dark] if place == 0 else None,
                "dashed": place > 0,
                "values": [one.value for one in values],
                "thin": values[-1].thin,
            }
        )
    content = {
        "title": filled(show.title, said, language),
        "sub": "",
        "unit": unit,
        "dates": contents[listed[0]]["dates"][show.since : weeks],
        "lines": lines,
        "marks": [],
        "effect": None,
        "moved": None,
        "note": "",
    }
    return json.dumps(content, ensure_ascii=False)


def _by_party(
    show: Show, contents: Contents, case: Case, language: texts.Language
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    content, told = contents[show.markets[0]], names.Names(case, language)
    inks = names.identities(case)["maker"]
    rows = []
    for party in parties(case):
        found = [measures.read(content, f"{name}.{party}", show.week) for name in show.measures]
        ink = inks[party]
        rows.append(
            {"id": party, "name": told.label("maker", party), "ink": [ink.light, ink.dark],
             "values": [one.value for one in found], "thin": any(one.thin for one in found)}
        )  # fmt: skip
    kinds = [{"key": KINDS[name], "label": texts.say(f"bars_{name}", language)} for name in show.measures]
    return rows, kinds


def _by_role(
    show: Show, contents: Contents, case: Case, language: texts.Language
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Face, control and the part in the definition: assumptions of the case, not results."""
    car, told = case.cars[str(case.focal_car)], names.Names(case, language)
    weight = dict(zip(case.functions, case.responsibility.control_weights(case.functions).tolist(), strict=True))
    inks = names.identities(case)["maker"]
    rows = []
    for party in parties(case):
        control = sum(weight[function] * car.holders(function).get(party, 0.0) for function in case.functions)
        held = (car.public_face().get(party, 0.0), control, car.holders("definition").get(party, 0.0))
        ink = inks[party]
        rows.append(
            {"id": party, "name": told.label("maker", party), "ink": [ink.light, ink.dark],
             "values": [100.0 * part for part in held], "thin": False}
        )  # fmt: skip
    kinds = [
        {"key": key, "label": texts.say(f"roles_{name}", language)}
        for key, name in (("blame", "face"), ("cause", "control"), ("vote", "definition"))
    ]
    return rows, kinds


def _by_market(
    step: Step, course: Lesson, contents: Contents, choice: str, language: texts.Language
) -> list[dict[str, Any]]:
    show = step.show
    assert show is not None
    rows = []
    for name in resolved(show, step, choice):
        found = measures.read(contents[name], show.measures[0], show.week)
        rows.append(
            {"id": name, "name": course.markets[name].name.of(language), "ink": None, "values": [found.value],
             "thin": found.thin, "chosen": name == choice}
        )  # fmt: skip
    return rows


def _holds(saying: lesson.Saying, found: Mapping[str, Measure]) -> bool:
    terms = saying.terms()
    if terms is None:
        return True
    left, sign, right = terms
    one, other = found[left].value, found[right].value
    return one is not None and other is not None and {"<": operator.lt, ">": operator.gt}[sign](one, other)


def answers(step: Step, case: Case, said: Mapping[str, str], language: texts.Language) -> Sequence[tuple[str, str]]:
    """What can be voted for in a step: by id and name."""
    if isinstance(step.answers, str):
        told = names.Names(case, language)
        listed = [(key, told.label("maker", key)) for key in parties(case)]
        return [*listed, ("nobody", texts.say("vote_nobody", language))]
    return [(str(place), filled(answer, said, language)) for place, answer in enumerate(step.answers)]
