"""Measures: numbers that a lesson takes out of a simulated market by name, each with the consumers behind it.

Pure functions of the text that the browser plays (`series.played`), so that what a teacher is told to expect and what
a class sees are the same numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from dashboards import first

NAME = re.compile(r"([a-z_]+)(?:\.([a-z0-9_]+))?")

Content = Mapping[str, Any]


class Measure(NamedTuple):
    """A number, and how many effective consumers are behind it (none where it is no figure of a sample)."""

    value: float | None
    behind: float | None = None

    @property
    def thin(self) -> bool:
        """Whether it is shown grey."""
        return self.behind is not None and self.behind < first.FEWEST


class Kind(NamedTuple):
    """How a measure is read at a week (0: the first), whose it is, and its unit: %, cars, households, ratio, makers."""

    read: Callable[[Content, str, int], Measure]
    unit: str
    of: str = ""
    """`party` where it is of one organisation"""


def kind(name: str) -> Kind:
    """The kind of a measure, by name such as `blame.jd`. Raises KeyError where there is none."""
    found = NAME.fullmatch(name)
    return KINDS[found[1] if found else name]


def read(content: Content, name: str, week: int) -> Measure:
    """A measure of a market at a week (0: the first; -1: the last)."""
    found = NAME.fullmatch(name)
    assert found is not None, name
    weeks = len(content["totals"]["orders"])
    return KINDS[found[1]].read(content, found[2] or "", week % weeks)


def path(content: Content, name: str, since: int = 0) -> list[Measure]:
    """A measure week by week from a week on."""
    return [read(content, name, week) for week in range(since, len(content["totals"]["orders"]))]


def _at(row: Sequence[Any], week: int, scale: float) -> float | None:
    value = row[week] if week < len(row) else None
    return None if value is None else value / scale


def _tile(name: str, scale: float = 100.0) -> Callable[[Content, str, int], Measure]:
    def found(content: Content, _: str, week: int) -> Measure:
        tiles = content["panels"]["tiles"]
        return Measure(_at(tiles[name], week, scale), _at(tiles["behind"].get(name, []), week, 1.0))

    return found


def _blame(name: str) -> Callable[[Content, str, int], Measure]:
    def found(content: Content, who: str, week: int) -> Measure:
        panel = content["panels"]["blame"]
        if who not in panel["parties"]:
            return Measure(None)
        place = panel["parties"].index(who)
        return Measure(_at(panel["shares"][name][place], week, 10.0), _at(panel["behind"][place], week, 1.0))

    return found


def _times_control(content: Content, who: str, week: int) -> Measure:
    panel = content["panels"]["blame"]
    if who not in panel["parties"]:
        return Measure(None)
    place = panel["parties"].index(who)
    return Measure(_at(panel["ratio"][place], week, 100.0), _at(panel["behind"][place], week, 1.0))


def _told(content: Content, _: str, week: int) -> Measure:
    """Households that knew of the story about the focal car that reached most, at its last act until the week."""
    known = [
        act[3]
        for story in content["panels"]["blame"]["stories"]
        if story["focal"]
        for act in story["acts"]
        if act[0] <= week + 1
    ]
    return Measure(float(max(known, default=0)))


def _group(by: str) -> Callable[[Content, str, int], Measure]:
    """Share of deliveries of 13 weeks, in percent; grey stretches count as no consumers."""

    def found(content: Content, who: str, week: int) -> Measure:
        group = content["groups"][by]
        who = who or content["focal"]["ids"][by]
        if who not in group["ids"]:
            return Measure(0.0)
        place = group["ids"].index(who)
        thin = any(first_ <= week <= last for first_, last in group["thin"]["13"][place])
        return Measure(group["share"]["13"][place][week] / 100.0, 0.0 if thin else None)

    return found


def _line(name: str) -> Callable[[Content, str, int], Measure]:
    """Orders kept, cancelled or their share since the week before the reports; from the start in a longer run."""

    def found(content: Content, _: str, week: int) -> Measure:
        since = min(first.FIRST_SHOWN, week)
        line = first.line(content, since)
        value = line[name][week - since]
        return Measure(None if value is None else float(value), line["behind"][week - since])

    return found


def _customised(content: Content, _: str, week: int) -> Measure:
    panel = content["panels"]["customising"]
    return Measure(_at(panel["share"], week, 100.0), _at(panel["behind"], week, 1.0))


def _earned(content: Content, who: str, week: int) -> Measure:
    """Profit with the focal car since the start, million CNY."""
    money = content["panels"]["money"]
    if who not in money["parties"]:
        return Measure(None)
    rows = money["focal"][money["parties"].index(who)]
    return Measure(float(sum(sum(row[: week + 1]) for row in rows)), _at(money["behind"], week, 1.0))


KINDS: dict[str, Kind] = {
    "definition": Kind(_tile("definition"), "%"),
    "defined": Kind(_group("definer"), "%", "party"),
    "interface": Kind(_tile("interface"), "%"),
    "loop": Kind(_tile("loop"), "%"),
    "share": Kind(_group("car"), "%"),
    "customised": Kind(_customised, "%"),
    "makers": Kind(lambda content, _, week: Measure(float(content["panels"]["customising"]["makers"][week])), "makers"),
    "blame": Kind(_blame("blame"), "%", "party"),
    "cause": Kind(_blame("cause"), "%", "party"),
    "control": Kind(_blame("control"), "%", "party"),
    "times": Kind(_times_control, "ratio", "party"),
    "wrong": Kind(lambda content, _, week: Measure(_at(content["panels"]["blame"]["wrong"], week, 10.0)), "%"),
    "told": Kind(_told, "households"),
    "kept": Kind(_line("kept"), "cars"),
    "kept_share": Kind(_line("share"), "%"),
    "cancelled": Kind(_line("cancelled"), "cars"),
    "backlog": Kind(lambda content, _, week: Measure(float(content["totals"]["backlog"][week])), "cars"),
    "earned": Kind(_earned, "million", "party"),
}
