"""The teacher's book: all lessons with what to expect, measured, as a page of Markdown in either language.

`python -m dashboards.teaching --out docs` simulates every market of every lesson with some lucks and writes
`TEACHING.md` and `TEACHING.zh.md`. Nothing in them is typed in: texts come from the lessons, numbers from the markets.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dashboards import address, first, history, lesson, lesson_figures, measures, panels, series, texts
from dashboards.lesson import Lesson, Step
from dashboards.measures import Measure
from market import Market

LUCKS = 3
FILES: dict[texts.Language, str] = {"en": "TEACHING.md", "zh": "TEACHING.zh.md"}

Content = Mapping[str, Any]
Simulate = Callable[[address.Market], Content]


def simulate(asked: address.Market) -> Content:
    """A whole market as the browser plays it."""
    case = history.case_of(asked)
    market = Market(case, rng=asked.seed)
    try:
        market.run()
        more = {"panels": panels.compact(case, panels.tables(market))}
        text = series.played(case, asked, market.ledger.sales(), market.ledger.market(), more)
    finally:
        market.close()
    content: Content = json.loads(text)
    return content


class Book:
    """All lessons, given with some lucks: their numbers, luck by luck; one luck's markets are held at a time."""

    def __init__(self, lucks: Sequence[int], consumers: int = 0, simulated: Simulate = simulate) -> None:
        """`consumers`: so many instead of those of each lesson, for a quick look."""
        self.lucks, self.consumers = tuple(lucks), consumers
        self._simulate = simulated
        self._made: dict[address.Market, Content] = {}
        self.levers: dict[str, list[float]] = {}
        """orders kept more than without, luck by luck: by the reports, and by each act of the first page"""
        self.numbers: dict[tuple[str, int, str], list[dict[str, Measure]]] = {}
        """by lesson, step and choice: the numbers of each luck by letter"""
        for luck in self.lucks:
            self._first_page(luck)
            for given in lesson.lessons().values():
                for place, step in enumerate(given.steps):
                    for choice in step.choices or ("",):
                        found = self._measured(given, step, choice, luck)
                        self.numbers.setdefault((given.id, place, choice), []).append(found)
            self._made.clear()

    def expected(self, given: Lesson, place: int, choice: str, language: texts.Language) -> str:
        """What a class will see, with the mean of all lucks and the lowest and highest of them."""
        step = given.steps[place]
        found = self.numbers[given.id, place, choice]
        told, middle = {}, {}
        for wanted in lesson.numbers(step):
            values = [one[wanted.letter].value for one in found]
            middle[wanted.letter] = Measure(_mean(values))
            unit = measures.kind(wanted.measure).unit
            told[wanted.letter] = spread(values, unit, len(wanted.markets) > 1, language)
        case = lesson.case_of(next(iter(given.markets.values())), "fictional")
        return lesson_figures.spoken(step, middle, {**lesson_figures.Names(case, language), **told}, language)

    def _content(self, asked: address.Market) -> Content:
        """A market, simulated once for a luck."""
        if asked not in self._made:
            self._made[asked] = self._simulate(asked)
        return self._made[asked]

    def _measured(self, given: Lesson, step: Step, choice: str, luck: int) -> dict[str, Measure]:
        listed = lesson.needed(given, step, choice) if step.show and step.show.numbers else []
        contents = {name: self._content(given.markets[name].market(luck, self.consumers)) for name in listed}
        return lesson_figures.measured(step, contents, choice)

    def _first_page(self, luck: int) -> None:
        size = self.consumers or first.CONSUMERS

        def kept(lever: str, event: bool = True) -> float:
            asked = first.market_of(lever, luck, event, size)
            return float(first.line(self._content(asked))["kept"][-1])

        self.levers.setdefault("event", []).append(kept("") - kept("", event=False))
        for lever in first.LEVERS:
            self.levers.setdefault(lever, []).append(kept(lever) - kept(""))


def spread(values: Sequence[float | None], unit: str, difference: bool, language: texts.Language) -> str:
    """A mean, and the lowest and highest in brackets.

    >>> spread([1.0, 3.0], "%", False, "en"), spread([5.0], "cars", True, "zh")
    ('2.0% [1.0% to 3.0%]', '+5')
    """
    middle = lesson_figures.written(_mean(values), unit, difference, language)
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return middle
    low, high = (lesson_figures.written(end, unit, difference, language) for end in (min(known), max(known)))
    return f"{middle} [{low} {'至' if language == 'zh' else 'to'} {high}]"


def written(book: Book, language: texts.Language) -> str:
    """The whole page."""
    lessons = (line for one in lesson.lessons().values() for line in _lesson(book, one, language))
    return "\n".join([*_preface(book, language), *lessons])


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate, and write both pages."""
    parsed = argparse.ArgumentParser(prog="python -m dashboards.teaching", description=__doc__)
    parsed.add_argument("--out", type=Path, default=Path(), help="folder to write to (default: this one)")
    parsed.add_argument("--lucks", type=int, default=LUCKS, help="how many lucks, from 1 on (default: %(default)s)")
    parsed.add_argument("--consumers", type=int, default=0, help="so many in every market, for a quick look")
    asked = parsed.parse_args(arguments)
    book = Book(range(1, asked.lucks + 1), asked.consumers)
    for language, name in FILES.items():
        (asked.out / name).write_text(written(book, language), encoding="utf-8")
    return 0


def _preface(book: Book, language: texts.Language) -> list[str]:
    lucks = len(book.lucks)

    def book_says(key: str, **values: object) -> str:
        return texts.say(f"book_{key}", language, **values)

    seller = first.story("fictional", language)["seller"]
    names = {
        "event": book_says("event"),
        **{lever: texts.say(f"lever_{lever}", language).format(seller=seller) for lever in first.LEVERS},
    }
    rows = [f"| {names[key]} | {spread(values, 'cars', True, language)} |" for key, values in book.levers.items()]
    return [
        f"# {book_says('title')}",
        "",
        book_says("intro", lucks=lucks),
        "",
        f"## {book_says('first')}",
        "",
        book_says("first_how", answer=texts.say("first_reveal", language)),
        "",
        f"| {book_says('act')} | {book_says('kept')} |",
        "|---|---|",
        *rows,
        "",
        book_says("first_end"),
        "",
    ]


def _lesson(book: Book, given: Lesson, language: texts.Language) -> list[str]:
    case = lesson.case_of(next(iter(given.markets.values())), "fictional")
    said = lesson_figures.Names(case, language)

    def book_says(key: str, **values: object) -> str:
        return texts.say(f"book_{key}", language, **values)

    lines = [f"## {given.title.of(language)}", "", lesson_figures.filled(given.summary, said, language), ""]
    for place, step in enumerate(given.steps):
        lasts = book_says("minutes", n=step.minutes)
        lines += [f"### {place + 1}. {lesson_figures.filled(step.title, said, language)} ({lasts})"]
        lines += ["", lesson_figures.filled(step.text, said, language), ""]
        if step.question is not None:
            asked = [name for _, name in lesson_figures.answers(step, case, said, language)]
            lines += [f"**{lesson_figures.filled(step.question, said, language)}** {' · '.join(asked)}", ""]
        for choice in step.choices or ("",):
            expected = book.expected(given, place, choice, language)
            act = f"{given.markets[choice].name.of(language)}: " if choice else ""
            lines += [f"{book_says('expect')} {act}{expected}", ""] if expected else []
        lines += [f"*{book_says('notes')}* {lesson_figures.filled(step.notes, said, language)}", ""]
    return lines


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


if __name__ == "__main__":
    sys.exit(main())
