"""The two sides of a comparison: which market each is, as the address says it, or a case file that a visitor brings.

The first side is the market of the page's own address (`address.View`); what it is compared with stands beside it in
fields that begin with `b_`. A case file never stands in an address: it is kept for its visitor alone.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal
from urllib.parse import parse_qsl, urlencode, urlsplit

from dashboards import address, history
from dashboards.pair_runs import PAIRS
from market import Case, CaseError

Letter = Literal["a", "b"]
LETTERS: tuple[Letter, ...] = ("a", "b")

PAIRS_OFFERED = (4, PAIRS, 20)

LARGEST_FILE = 190_000
"""Characters of a case file: an exported case has some 120,000, and a message of a browser holds 256 kB."""

LONGEST_RUN = 260
"""Weeks of a case that a visitor brings: five years."""

MOST_CARS = 48

OWN = "1"
LONGEST_SHOWN = 80


class RefusedError(Exception):
    """A case file that is not taken; the word ends a key of the table of texts, `said` is what is wrong with it."""

    def __init__(self, word: str, said: str = "") -> None:
        """The word, and the first faults of the case if that is what is wrong."""
        super().__init__(word)
        self.word, self.said = word, said


@dataclass(frozen=True)
class Wish:
    """What this market is compared with, over how many pairs, and what of it is shown."""

    b_case: str = ""
    """empty: what suits the first side, see `against`"""
    b_set: str = ""
    b_acts: str = ""
    a_own: str = ""
    b_own: str = ""
    """`1`: the case file that the visitor has brought for this side"""
    pairs: int = PAIRS
    shown: str = ""
    """brand whose share is drawn; empty: the focal car"""

    def change(self, asked: Any, cases: Sequence[str]) -> Wish:
        """The same wish with what is allowed of what was asked."""
        if not isinstance(asked, Mapping):
            return self
        found: dict[str, Any] = {}
        if asked.get("b_case") in cases:
            found = {"b_case": asked["b_case"]}
            if asked["b_case"] != self.b_case:
                found |= {"b_set": "", "b_acts": ""}
        for key in ("b_set", "b_acts"):
            if isinstance(asked.get(key), str) and address.WRITTEN.fullmatch(asked[key]):
                found[key] = asked[key]
        found |= {key: asked[key] for key in ("a_own", "b_own") if asked.get(key) in ("", OWN)}
        pairs = next((n for n in PAIRS_OFFERED if str(n) == str(asked.get("pairs"))), None)
        found |= {} if pairs is None else {"pairs": pairs}
        shown = asked.get("shown")
        if isinstance(shown, str) and len(shown) <= LONGEST_SHOWN and shown.isprintable():
            found["shown"] = shown
        wish = replace(self, **found)
        if wish.b_case and (wish.b_set or wish.b_acts):
            fitting = history.allowed(wish.b_case, wish.b_set, wish.b_acts)
            wish = replace(wish, b_set=fitting.set, b_acts=fitting.acts)
        return wish

    def query(self) -> str:
        """The address of this wish, without what is as usual."""
        usual = asdict(Wish())
        return urlencode({key: value for key, value in asdict(self).items() if value != usual[key]})

    def against(self, view: address.View, cases: Sequence[str]) -> address.Market:
        """The second side: what was wished for, or the market that tells most about the first.

        That is the market without what was done to it, or else with the assumptions of its case, or else the same
        market without a platform.
        """
        if self.b_case:
            return replace(view.market, case=self.b_case, set=self.b_set, acts=self.b_acts)
        if view.acts or view.set:
            return replace(view.market, set=view.set if view.acts else "", acts="")
        plain = ("dealer-baseline", address.DEFAULT_CASE, *cases)
        return replace(view.market, case=next((key for key in plain if key in cases and key != view.case), view.case))


def wish(search: str | None, cases: Sequence[str]) -> Wish:
    """What an address wishes for.

    >>> wish("?b_case=dealer-baseline&pairs=20", ["dealer-baseline"]).query()
    'b_case=dealer-baseline&pairs=20'
    """
    text = (search or "").lstrip("?")
    if len(text) > address.LONGEST_ADDRESS:
        return Wish()
    return Wish().change(dict(parse_qsl(text, errors="replace")), cases)


def of_link(link: Any, cases: Sequence[str]) -> dict[str, str] | None:
    """Case, assumptions and acts that a link to a market holds; none where it is no such link.

    >>> of_link("http://host/?case=a&lang=zh&week=3", ["a"])
    {'case': 'a', 'set': '', 'acts': ''}
    """
    if not isinstance(link, str) or len(link) > address.LONGEST_ADDRESS:
        return None
    try:
        query = urlsplit(link.strip()).query
    except ValueError:
        return None
    if dict(parse_qsl(query)).get("case") not in cases:
        return None
    view, _ = address.read(query, address.usual(cases), cases)
    return {"case": view.case, "set": view.set, "acts": view.acts}


def own_case(text: Any) -> Case:
    """The case that a visitor brings, read and checked. Raises RefusedError; nothing of this computer is opened."""
    if not isinstance(text, str) or len(text) > LARGEST_FILE:
        raise RefusedError("large")
    try:
        base = tomllib.loads(text).get("base")
        if base is not None and base not in Case.bundled():
            raise RefusedError("base")
        case = Case.parse(text)
    except CaseError as fault:
        raise RefusedError("fault", " · ".join(map(str, fault.faults[:3]))) from fault
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as fault:
        raise RefusedError("no_case") from fault
    if case.calendar.weeks > LONGEST_RUN or len(case.cars) > MOST_CARS:
        raise RefusedError("long")
    return case
