"""The two figures of the first page, as data for the browser: who is blamed, and how many orders are kept."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dashboards import first, history, names, texts
from dashboards.first import Wish

if TYPE_CHECKING:
    from dashboards.pairs import News

KINDS = ("vote", "cause", "blame")
"""Bars of each party: the votes of the class, the assumed contribution, the blame given in the market."""


def bars(
    drawn: Mapping[str, Any], answers: Sequence[tuple[str, str]], counts: Sequence[int], lang: texts.Language
) -> str:
    """The class, the assumed contribution and the blame side by side, for each party to the car, as JSON.

    `counts` are votes in the order of `answers`, whose last one is nobody. Without votes there are two bars.
    """
    voted = dict(zip([key for key, _ in answers], first.percent(counts), strict=True))
    name, found = dict(answers), drawn["bars"]
    rows = [
        {
            "id": party,
            "name": name[party],
            "ink": drawn["inks"][party],
            "values": [voted[party], found["cause"][place], found["blame"][place]],
            "thin": (found["behind"][place] or 0) < first.FEWEST,
        }
        for place, party in enumerate(found["parties"])
    ]
    nobody = voted["nobody"]
    if nobody is None:
        rows = [{**row, "values": row["values"][1:]} for row in rows]
    quiet = all(value is None for value in found["blame"])
    content = {
        "title": texts.say("bars_title", lang),
        "sub": texts.say("bars_sub", lang),
        "none": texts.say("bars_none", lang),
        "rows": [] if quiet else rows,
        "kinds": [
            {"key": kind, "label": texts.say(f"bars_{kind}", lang)} for kind in KINDS[0 if nobody is not None else 1 :]
        ],
        "note": texts.say("bars_nobody", lang, part=f"{nobody:.0f}%") if nobody else "",
    }
    return json.dumps(content, ensure_ascii=False)


def trace(drawn: Mapping[str, Any], wished: Wish, tried: News, shown: str, lang: texts.Language) -> str:
    """The share of orders kept, the line beside it, and what differs with its interval over paired seeds, as JSON."""
    case = history.case_of(first.market_of(wished.lever, wished.luck), shown)
    told, line, ghost = names.Names(case, lang), drawn["line"], drawn.get("ghost")
    ink = names.identities(case)["car"][drawn["car"]]
    lines = [_line("this", texts.say("line_this", lang), [ink.light, ink.dark], line)]
    effect = moved = None
    if ghost:
        beside = texts.say("line_no_act", lang) if wished.lever else texts.say("line_no_event", lang)
        lines.append(_line("ghost", beside, None, ghost))
        effect = difference(line, ghost, wished, tried, lang)
        moved = {"now": line["kept"][-1], "without": ghost["kept"][-1]}
        moved |= {"gone": line["cancelled"][-1], "stayed": ghost["cancelled"][-1]}
    happenings = {happening.id: happening for happening in case.happenings}
    marks = [(mark["date"], told.happening(happenings[mark["id"]])) for mark in drawn["marks"]]
    content = {
        "title": texts.say("line_title", lang, car=told.label("car", drawn["car"])),
        "sub": texts.say("line_sub", lang),
        "unit": "%",
        "dates": line["dates"],
        "lines": lines,
        "marks": [{"date": day, "text": text} for day, text in by_day(marks, lang)],
        "effect": effect,
        "moved": moved,
        "note": texts.say("line_why", lang),
    }
    return json.dumps(content, ensure_ascii=False)


def difference(
    line: Mapping[str, Any], ghost: Mapping[str, Any], wished: Wish, tried: News, lang: texts.Language
) -> dict[str, Any]:
    """Orders kept more than in the market beside, with the interval over the pairs of markets that are done.

    Before the second pair there is no interval: then it is the difference in the one luck that is shown.
    """
    act = bool(wished.lever)
    label = texts.say("line_effect_act", lang) if act else texts.say("line_effect_event", lang)
    content: dict[str, Any] = {
        "label": label, "change": line["kept"][-1] - ghost["kept"][-1], "low": None, "high": None, "pairs": tried.pairs,
        "part": -1.0 if tried.failed else round(tried.part, 2), "buyers": min(line["behind"][-1], ghost["behind"][-1]),
    }  # fmt: skip
    if tried.tally is not None and tried.pairs >= FEWEST_PAIRS:
        found = tried.tally.kept(tried.tally.weeks)
        content |= {"change": found.mean, "low": found.low, "high": found.high, "buyers": found.buyers}
    return content


FEWEST_PAIRS = 2


def by_day(marks: Sequence[tuple[str, str]], lang: texts.Language) -> list[tuple[str, str]]:
    """What happened, one entry a day.

    >>> by_day([("2025-11-25", "a"), ("2025-11-25", "b"), ("2025-12-01", "c")], "en")
    [('2025-11-25', 'a; b'), ('2025-12-01', 'c')]
    """
    joint = "；" if lang == "zh" else "; "
    days: dict[str, list[str]] = {}
    for day, text in marks:
        days.setdefault(day, []).append(text)
    return [(day, joint.join(listed)) for day, listed in days.items()]


def _line(key: str, name: str, ink: list[str] | None, found: Mapping[str, Any]) -> dict[str, Any]:
    thin = found["behind"][-1] < first.FEWEST
    return {"id": key, "name": name, "ink": ink, "dashed": ink is None, "values": found["share"], "thin": thin}
