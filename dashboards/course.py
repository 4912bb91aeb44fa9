"""Which lesson a class is in, and at which step, as the address of the page says it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dashboards import address, lesson, lesson_figures, texts, votes


@dataclass(frozen=True)
class Wish:
    """One step of one lesson; no lesson: the list of them."""

    lesson: str = ""
    step: int = 0
    shown: int = 0
    """1: the figure is revealed"""
    choice: str = ""
    """the market that the class has chosen in this step"""
    luck: int = 1
    room: str = ""

    def change(self, asked: Any) -> Wish:
        """The same wish with what is allowed of what was asked; another step begins hidden and undecided."""
        if not isinstance(asked, Mapping):
            return self
        wish = replace(self, room=votes.code_of(asked["room"])) if "room" in asked else self
        known = lesson.lessons()
        if asked.get("lesson") in ("", *known):
            wish = replace(wish, lesson=str(asked["lesson"]))
            if wish.lesson != self.lesson:
                wish = replace(wish, step=0, shown=0, choice="")
        if not wish.lesson:
            return replace(Wish(), room=wish.room)
        steps = known[wish.lesson].steps
        if (step := _whole(asked.get("step"), len(steps) - 1)) is not None:
            wish = replace(wish, step=step)
        if (shown := _whole(asked.get("shown"), 1)) is not None:
            wish = replace(wish, shown=shown)
        if (luck := _whole(asked.get("luck"), address.MAX_SEED)) is not None:
            wish = replace(wish, luck=luck)
        choice = asked.get("choice", wish.choice)
        return replace(wish, choice=choice if choice in steps[wish.step].choices else "")

    def query(self) -> str:
        """The address of this wish, without what is as usual."""
        usual = asdict(Wish())
        return urlencode({key: value for key, value in asdict(self).items() if value != usual[key]})


def wish(search: str | None) -> Wish:
    """What an address wishes for.

    >>> wish("?lesson=blame&step=4&choice=fast&shown=1").choice, wish("lesson=x&step=3")
    ('fast', Wish(lesson='', step=0, shown=0, choice='', luck=1, room=''))
    """
    text = (search or "").lstrip("?")[: address.LONGEST_ADDRESS]
    return Wish().change(dict(parse_qsl(text, errors="replace")))


@lru_cache(maxsize=4)
def listed(language: texts.Language, shown: str) -> str:
    """All lessons with a sentence each, as JSON."""
    found = []
    for one in lesson.lessons().values():
        case = lesson.case_of(next(iter(one.markets.values())), shown)
        said = lesson_figures.Names(case, language)
        told = {"title": lesson_figures.filled(one.title, said, language)}
        told["summary"] = lesson_figures.filled(one.summary, said, language)
        found.append({"id": one.id, "minutes": one.minutes, "steps": len(one.steps), **told})
    return json.dumps(found, ensure_ascii=False)


def laboratory(wished: Wish) -> dict[str, Any]:
    """The market that a step shows first, as the laboratory's address names it."""
    if not wished.lesson:
        return {}
    given = lesson.lessons()[wished.lesson]
    needed = lesson.needed(given, given.steps[wished.step], wished.choice)
    name = wished.choice or (needed[0] if needed else next(iter(given.markets)))
    one = given.markets[name].market(wished.luck)
    return {"case": one.case, "consumers": one.consumers, "seed": one.seed, "set": one.set, "acts": one.acts}


def _whole(raw: Any, most: int) -> int | None:
    text = str(raw)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1
    return number if 0 <= number <= most else None
