"""The first five minutes: the weeks around one event, who is blamed for it, and what three acts would have changed.

What is simulated is a market like any other: the usual case cut to the weeks around what is reported, so that every
consumer is somebody who needs a car then and an act moves hundreds of simulated buyers. The laboratory opens the same
market with the same address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from itertools import accumulate
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dashboards import acts, address, controls, history, reports, texts, votes
from dashboards.names import Names, identities
from dashboards.panel_windows import parties
from market import Case

CASE = address.DEFAULT_CASE

CONSUMERS = 300_000
"""Some 18 households each: the event then changes what 600 to 1,200 simulated buyers do in the end, disclosing earlier
400 to 500, answering earlier 140 to 180, delivery by the platform 40 to 60 (two seeds): hundreds over eight pairs."""

FIRST_SHOWN = reports.WEEKS_BEFORE - 1
"""The page opens one week before the event; what lies before is simulated and not shown."""

LEVERS = ("disclose", "answer", "deliver")
"""The three acts: the term is displayed at purchase, the answer comes within 48 hours, the platform delivers."""

ANSWER_DAYS = 2

FEWEST = 30
"""Simulated consumers below which a figure is grey."""


@dataclass(frozen=True)
class Wish:
    """What the first page shows, beside language and names: all of it stands in the address."""

    shown: int = 0
    """1: the vote is over and the market is shown"""
    lever: str = ""
    luck: int = 1
    room: str = ""
    """code of the class"""

    def change(self, asked: Any) -> Wish:
        """The same wish with what is allowed of what was asked."""
        if not isinstance(asked, Mapping):
            return self
        given = {"lever": asked.get("lever"), "shown": asked.get("shown"), "luck": asked.get("luck")}
        wish = self
        if given["lever"] in ("", *LEVERS):
            wish = replace(wish, lever=str(given["lever"]))
        if str(given["shown"]) in ("0", "1"):
            wish = replace(wish, shown=int(str(given["shown"])))
        if (luck := _number(given["luck"])) is not None:
            wish = replace(wish, luck=luck)
        if "room" in asked:
            wish = replace(wish, room=votes.code_of(asked["room"]))
        return wish

    def query(self) -> str:
        """The address of this wish, without what is as usual."""
        usual = asdict(Wish())
        return urlencode({key: value for key, value in asdict(self).items() if value != usual[key]})


def wish(search: str | None) -> Wish:
    """What an address wishes for.

    >>> wish("?shown=1&lever=answer&luck=x&room=k3dx")
    Wish(shown=1, lever='answer', luck=1, room='K3DX')
    """
    text = (search or "").lstrip("?")[: address.LONGEST_ADDRESS]
    return Wish().change(dict(parse_qsl(text, errors="replace")))


def names_a_market(search: str | None) -> bool:
    """Whether an address asks for a market, as links to the laboratory did when it was the first page.

    >>> names_a_market("?case=full-stack&lang=zh"), names_a_market("lang=zh&lever=answer")
    (True, False)
    """
    own = {"lang", "names"}
    keys = {key for key, _ in parse_qsl((search or "").lstrip("?")[: address.LONGEST_ADDRESS], keep_blank_values=True)}
    return bool(keys & (set(address.View.__dataclass_fields__) - own))


def market_of(lever: str, luck: int, event: bool = True, consumers: int = CONSUMERS) -> address.Market:
    """The market in which one of the acts was done, or none; without the event: that in which nothing is reported."""
    values = {"window": 1}
    if not event:
        values["event"] = 0
    if lever == "disclose":
        values["term"] = 1
    if lever == "answer":
        values["delay"] = ANSWER_DAYS
    acted = ""
    if lever == "deliver":
        case = controls.apply(history.bundled(CASE), values)
        target = f"delivery-{case.cars[str(case.focal_car)].maker}-{controls.platform(case)}"
        acted = acts.write([acts.Act(FIRST_SHOWN, 1, "move", 100, target)])
    return address.Market(CASE, consumers, luck, controls.write(values), acted)


def beside(wished: Wish) -> address.Market:
    """What is drawn beside it: the market without the event, or, after an act, the market without the act."""
    return market_of("", wished.luck) if wished.lever else market_of("", wished.luck, event=False)


@lru_cache(maxsize=8)
def case_shown(names: str) -> Case:
    """The case of the first page, with real or fictional names."""
    return controls.apply(history.bundled(CASE), {"window": 1}).change({"display.names": names})


@lru_cache(maxsize=8)
def answers(names: str, language: texts.Language) -> tuple[tuple[str, str], ...]:
    """Who can be voted for: the organisations with a hand in the car, by id and name, and nobody."""
    case = case_shown(names)
    told = Names(case, language)
    listed = [(key, told.label("maker", key)) for key in parties(case)]
    return (*listed, ("nobody", texts.say("vote_nobody", language)))


def story(names: str, language: texts.Language) -> dict[str, str]:
    """Who sells, builds and powers the car, and what it is called."""
    case = case_shown(names)
    told, car = Names(case, language), case.cars[str(case.focal_car)]

    def holder(function: str) -> str:
        row = car.holders(function)
        return told.label("maker", max(sorted(row), key=lambda key: row[key]))

    return {
        "car": told.label("car", str(case.focal_car)),
        "seller": holder("sales"),
        "builder": holder("production"),
        "battery": holder("battery"),
    }


def line(content: Mapping[str, Any], since: int = FIRST_SHOWN) -> dict[str, Any]:
    """Orders kept of the focal car from a week on: cumulated, as a share of all orders kept, and what is behind them.

    Kept: ordered and not cancelled. Deliveries would hide the event: a line that is sold out for weeks delivers the
    same whoever leaves the queue. `behind` counts effective consumers (Kish 1965) behind the orders.
    """
    own = content["focal"]
    ordered, cancelled, squares, by_all = (
        own[name][since:] for name in ("orders", "cancelled", "squares", "kept_by_all")
    )
    kept = list(accumulate(a - b for a, b in zip(ordered, cancelled, strict=True)))
    behind = zip(accumulate(ordered), accumulate(squares), strict=True)
    return {
        "dates": content["dates"][since : since + len(kept)],
        "kept": kept,
        "cancelled": list(accumulate(cancelled)),
        "share": [
            100.0 * part / whole if whole > 0 else None for part, whole in zip(kept, accumulate(by_all), strict=True)
        ],
        "behind": [amount**2 / square if square else 0.0 for amount, square in behind],
    }


def blamed(content: Mapping[str, Any]) -> dict[str, list[float | None]]:
    """Who is blamed and who is assumed to have contributed and to control, in percent, over the last 13 weeks."""
    found = content["panels"]["blame"]
    return {
        name: [None if row[-1] is None else row[-1] / 10.0 for row in found["shares"][name]]
        for name in ("blame", "cause", "control")
    } | {"behind": [row[-1] for row in found["behind"]]}


def told(text: str, ghost: str) -> dict[str, Any]:
    """What the page draws of a market and of the one beside it; parts that are not there yet are left out."""
    shown: dict[str, Any] = {}
    content = json.loads(text) if text else {}
    without = json.loads(ghost) if ghost else {}
    if content.get("panels"):
        shown["line"] = line(content)
        shown["bars"] = blamed(content) | {"parties": content["panels"]["blame"]["parties"]}
        shown["car"] = content["focal"]["ids"]["car"]
        shown["marks"] = [one for one in content["happenings"] if one["week"] > FIRST_SHOWN]
        inks = identities(case_shown("real"))["maker"]
        shown["inks"] = {key: [inks[key].light, inks[key].dark] for key in shown["bars"]["parties"]}
    if content.get("panels") and without.get("panels"):
        shown["ghost"] = line(without)
    return shown


def percent(counts: Sequence[int]) -> list[float | None]:
    """Votes in percent; nothing where nobody voted.

    >>> percent([1, 3, 0])
    [25.0, 75.0, 0.0]
    """
    total = sum(counts)
    return [100.0 * count / total if total else None for count in counts]


def _number(raw: Any) -> int | None:
    text = str(raw)
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1
    return number if 0 <= number <= address.MAX_SEED else None
