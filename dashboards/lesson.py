"""Lessons: what a class is told, asked, lets happen and is shown, step by step, as data (`lessons/*.toml`).

A lesson names the markets that it needs; a step asks, offers answers to vote on and markets to choose between, and
shows a figure and a sentence whose numbers are measured in those markets. No number stands in a lesson.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from dashboards import address, history, measures, texts
from market import Case

FOLDER = Path(__file__).parent / "lessons"

PARTIES = "parties"
"""Answers of a vote: the organisations with a hand in the car, and nobody."""

CHOSEN = "chosen"
"""The market that the class has chosen, wherever a lesson names a market."""

Comparison = Literal["<", ">"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Text(_Strict):
    """A text in both languages; names of organisations and cars stand in it as `{jd}`, numbers as `{a}`."""

    en: str = Field(min_length=1)
    zh: str = Field(min_length=1)

    def of(self, language: texts.Language) -> str:
        """In one language."""
        return self.zh if language == "zh" else self.en


class Setting(_Strict):
    """A market of a lesson, as an address names it."""

    name: Text
    case: str = address.DEFAULT_CASE
    consumers: int = 100_000
    set: str = ""
    acts: str = ""

    def market(self, luck: int, consumers: int = 0) -> address.Market:
        """The market that is simulated; `consumers`: so many instead, for a quick look."""
        return address.Market(self.case, consumers or self.consumers, luck, self.set, self.acts)


class Saying(_Strict):
    """A sentence, and when it is the one to say: `a > b` compares two of the numbers; empty: always."""

    text: Text
    when: str = ""

    def terms(self) -> tuple[str, Comparison, str] | None:
        """What is compared, and how."""
        if not self.when:
            return None
        left, sign, right = self.when.split()
        return left, ("<" if sign == "<" else ">"), right


class Show(_Strict):
    """A figure and what it says.

    `parties`: bars for each organisation, one for each measure, in the first market. `markets`: one bar for each
    market. `line`: the measure week by week, one line for each market. `roles`: who holds what of the focal car in the
    first market's case. `week` counts from 0; -1: the last.
    """

    figure: Literal["parties", "markets", "line", "roles"]
    title: Text
    markets: tuple[str, ...] = Field(min_length=1)
    measures: tuple[str, ...] = ()
    week: int = -1
    since: int = 0
    numbers: dict[str, str] = {}
    """by letter: `base blame.jd`, or what one market has more than another: `base - other kept`"""
    say: tuple[Saying, ...] = Field(min_length=1)


class Step(_Strict):
    """One step of a lesson."""

    title: Text
    text: Text
    minutes: int = Field(ge=1, le=30)
    question: Text | None = None
    answers: tuple[Text, ...] | Literal["parties"] = ()
    choices: tuple[str, ...] = ()
    show: Show | None = None
    notes: Text


class Lesson(_Strict):
    """A lesson of 45 minutes."""

    id: Annotated[str, Field(pattern="[a-z-]{1,20}")]
    title: Text
    summary: Text
    markets: dict[str, Setting]
    steps: tuple[Step, ...] = Field(min_length=6, max_length=10)

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(step.minutes for step in self.steps)

    @model_validator(mode="after")
    def _hangs_together(self) -> Lesson:
        for step in self.steps:
            for market in (*step.choices, *((*step.show.markets,) if step.show else ())):
                if market != CHOSEN and market not in self.markets:
                    raise ValueError(f"{step.title.en}: no market {market!r}; there are {', '.join(self.markets)}")
            for wanted in numbers(step):
                for market in wanted.markets:
                    if market != CHOSEN and market not in self.markets:
                        raise ValueError(f"{step.title.en}: no market {market!r} for a number")
                measures.kind(wanted.measure)
        return self


class Wanted(NamedTuple):
    """A number of a step: which measure, in which market, less that in another one where there are two."""

    letter: str
    markets: tuple[str, ...]
    measure: str


def numbers(step: Step) -> list[Wanted]:
    """The numbers that a step says."""
    found = []
    for letter, told in step.show.numbers.items() if step.show else ():
        *names, measure = told.replace(" - ", " ").split()
        found.append(Wanted(letter, tuple(names), measure))
    return found


def needed(lesson: Lesson, step: Step, choice: str) -> list[str]:
    """The markets that a step's figure and numbers are taken from, the first one shown first; `choice`: the chosen."""
    listed = [*(step.show.markets if step.show else ()), *(name for one in numbers(step) for name in one.markets)]
    chosen = choice or (step.choices[0] if step.choices else "")
    return list(dict.fromkeys(chosen if name == CHOSEN else name for name in listed if name != CHOSEN or chosen))


@lru_cache(maxsize=1)
def lessons() -> dict[str, Lesson]:
    """All lessons, in order of their files."""
    return {lesson.id: lesson for lesson in _read()}


def _read() -> Iterator[Lesson]:
    for path in sorted(FOLDER.glob("*.toml")):
        yield Lesson.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))


def case_of(setting: Setting, names: str = "") -> Case:
    """The case of a market of a lesson."""
    return history.case_of(setting.market(1), names)
