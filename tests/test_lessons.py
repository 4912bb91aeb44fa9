"""Lessons: each hangs together, says nothing that was not measured, and the teacher's book is what they give."""

from __future__ import annotations

import json
import random
import re
import string
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from drawing import need
from test_first import told

need("starlette")
from dashboards import (  # noqa: E402 - the extra comes first
    address,
    course,
    history,
    lesson,
    lesson_figures,
    measures,
    teaching,
    texts,
)
from market import Case  # noqa: E402 - the extra comes first

LESSONS = lesson.lessons()
STEPS = [(one, step) for one in LESSONS.values() for step in one.steps]
NAMES = [f"{one.id}.{number}" for one in LESSONS.values() for number in range(len(one.steps))]
DOCS = Path(__file__).parent.parent / "docs"


@lru_cache(maxsize=1)
def small() -> dict[str, Any]:
    """A small market, as the browser plays it."""
    content: dict[str, Any] = json.loads(told(address.Market("jd-gac-catl", 2_000, 1)))
    return content


def stand_in(_: address.Market) -> dict[str, Any]:
    """Any market is the small one: what is said matters here, not how much."""
    return small()


def test_there_are_three_lessons_of_forty_five_minutes() -> None:
    """Six to ten steps each, with something to ask, to do and to reveal."""
    assert list(LESSONS) == ["definition", "blame", "ecosystem"]
    for one in LESSONS.values():
        assert one.minutes == 45
        assert any(step.choices for step in one.steps)
        assert sum(step.show is not None for step in one.steps) >= 5
        assert sum(step.question is not None for step in one.steps) >= 5


@pytest.mark.parametrize("one", LESSONS.values(), ids=LESSONS)
def test_every_market_of_a_lesson_is_one_that_an_address_names(one: lesson.Lesson) -> None:
    """Nothing of its assumptions and acts is refused, so that the laboratory opens what the class has seen."""
    for setting in one.markets.values():
        assert setting.case in Case.bundled()
        assert setting.consumers in address.CONSUMERS
        assert history.allowed(setting.case, setting.set, setting.acts) == (setting.set, setting.acts, ())


@pytest.mark.parametrize("language", texts.LANGUAGES)
@pytest.mark.parametrize(("one", "step"), STEPS, ids=NAMES)
def test_every_text_can_be_said_and_names_nobody_real(
    one: lesson.Lesson, step: lesson.Step, language: texts.Language
) -> None:
    """Names and numbers that stand in a text exist; fictional names let no real one through; no digit is typed in."""
    case = lesson.case_of(next(iter(one.markets.values())), "fictional")
    names = lesson_figures.Names(case, language)
    letters = dict.fromkeys(step.show.numbers if step.show else {}, "#")
    sayings = [saying.text for saying in step.show.say] if step.show else []
    title = [step.show.title] if step.show else []
    plain = [step.title, step.text, step.notes, *title, *([step.question] if step.question else [])]
    spoken = [lesson_figures.filled(text, names, language) for text in plain]
    spoken += [lesson_figures.filled(text, {**names, **letters}, language) for text in sayings]
    real = {getattr(o.name, language) for o in case.organisations.values() if o.name != o.fictional}
    assert not [name for name in real for text in spoken if re.search(rf"\b{re.escape(name)}\b", text)]
    for text in sayings:
        assert not re.search(r"\d[.,]?\d*%|\d{3}", text.of(language)), "numbers are measured, not typed in"
        used = {name for _, name, _, _ in string.Formatter().parse(text.of(language)) if name}
        assert used <= {*names, *letters}


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_every_step_draws_its_figure_and_speaks(language: texts.Language) -> None:
    """On small markets: all steps of all lessons give a figure that the browser can draw, and a whole sentence."""
    for one, step in STEPS:
        if step.show is None:
            continue
        for choice in step.choices or ("",):
            needed = lesson.needed(one, step, choice)
            contents = {name: stand_in(one.markets[name].market(1)) for name in needed}
            case = lesson.case_of(one.markets[needed[0]], "fictional")
            said = lesson_figures.Names(case, language)
            drawn = lesson_figures.line if step.show.figure == "line" else lesson_figures.bars
            shown = json.loads(drawn(step, one, contents, choice, case, said, language))
            assert shown["lines"][0]["values"] if step.show.figure == "line" else shown["rows"]
            spoken = lesson_figures.sentence(step, contents, choice, said, language)
            assert spoken, step.title.en
            assert not re.search(r"[{}#]", spoken)


def test_measures_are_those_of_the_panels() -> None:
    """A lesson reads what the page shows: the last week of the market's own series, in the same units."""
    content = small()
    blame = content["panels"]["blame"]
    place = blame["parties"].index("jd")
    assert measures.read(content, "blame.jd", -1).value == blame["shares"]["blame"][place][-1] / 10.0
    assert measures.read(content, "times.jd", -1).behind == blame["behind"][place][-1]
    own = content["focal"]
    kept = sum(own["orders"][5:]) - sum(own["cancelled"][5:])
    assert measures.read(content, "kept", -1).value == kept
    assert measures.read(content, "cancelled", 5).value == own["cancelled"][5]
    assert measures.read(content, "blame.nobody", -1).value is None
    with pytest.raises(KeyError):
        measures.kind("hope.jd")


def test_a_lesson_that_names_an_unknown_market_or_measure_is_refused() -> None:
    """A slip of the pen is found when the lesson is read, not in front of a class."""
    good = next(iter(LESSONS.values())).model_dump()
    for part in ({"markets": ("nowhere",)}, {"numbers": {"a": "nowhere blame.jd"}}):
        steps = [dict(step) for step in good["steps"]]
        place = next(i for i, step in enumerate(steps) if step["show"])
        steps[place]["show"] = {**steps[place]["show"], **part}
        with pytest.raises(ValueError, match="no market"):
            lesson.Lesson.model_validate({**good, "steps": steps})


def test_a_thousand_wild_addresses_give_a_step_that_exists() -> None:
    """Whatever stands in the address."""
    wild = random.Random(5)
    values = ["blame", "definition", "x", "0", "3", "99", "-1", "fast", "virtual", "K3DX", "<i>", "\ud800", ""]
    for _ in range(1_000):
        keys = ("lesson", "step", "shown", "choice", "luck", "room", "y")
        wished = course.wish("&".join(f"{wild.choice(keys)}={wild.choice(values)}" for _ in range(6)))
        if wished.lesson:
            step = LESSONS[wished.lesson].steps[wished.step]
            assert wished.choice in ("", *step.choices)
        else:
            assert (wished.step, wished.choice) == (0, "")
        assert course.wish(wished.query()) == wished


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_teacher_s_book_is_that_of_the_lessons(language: texts.Language) -> None:
    """Every line of `docs/TEACHING.md` but its numbers is what the command writes."""
    book = teaching.Book((1, 2), 2_000, stand_in)

    def bare(text: str) -> list[str]:
        return [re.sub(r"[+−]?[\d,]*\d(\.\d+)?%?|–", "#", line) for line in text.splitlines()]

    made = bare(teaching.written(book, language))
    kept = bare((DOCS / teaching.FILES[language]).read_text(encoding="utf-8"))
    assert len(made) == len(kept)
    expects = texts.say("book_expect", language)
    rows = [(a, b) for a, b in zip(made, kept, strict=True) if not a.startswith((expects, "| "))]
    assert [a for a, _ in rows] == [b for _, b in rows]


@pytest.mark.slow
def test_a_class_sees_what_the_book_tells_it_to_expect() -> None:
    """The blame of the first luck lies within what the book gives for all of them."""
    text = (DOCS / "TEACHING.md").read_text(encoding="utf-8")
    given, step = LESSONS["blame"], LESSONS["blame"].steps[0]
    contents = {"base": teaching.simulate(given.markets["base"].market(1))}
    found = [one.value for one in lesson_figures.measured(step, contents, "").values()]
    section = text.split(f"### 1. {step.title.en}")[1].split("###")[0]
    ranges = [tuple(map(float, pair)) for pair in re.findall(r"\[([\d.]+)% to ([\d.]+)%\]", section)]
    assert len(ranges) == len(found)
    for value, (low, high) in zip(found, ranges, strict=True):
        assert value is not None
        assert low - 0.1 <= value <= high + 0.1
