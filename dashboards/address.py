"""What a visitor looks at, as the address of the page says it, and the one place where that is checked.

An address, a widget and a link all may hold anything. `read` and `View.change` take what is allowed and leave the
rest at its usual value; nothing else in the dashboard checks a visitor's choice again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dashboards import history
from dashboards.texts import LANGUAGES, Language

LONGEST_ADDRESS = 2_000
MAX_SEED = 2**31 - 1
MAX_WEEK = 5_200

CONSUMERS = (20_000, 100_000, 300_000)
"""How many consumers a visitor may simulate: a draft, what most figures need to rest on enough of them, a fair copy."""

USUAL_CONSUMERS = 20_000

WRITTEN = re.compile(r"[a-z0-9._~-]{0,1500}", re.ASCII)
"""Signs of which assumptions and acts are made; what they mean is checked against the case."""

GROUPS = ("brand", "car", "maker", "definer", "channel", "mode")
SHAPES = ("areas", "lines", "focal")
MEANS = (1, 4, 13)
NAMES = ("real", "fictional")

DEFAULT_CASE = "jd-gac-catl"


@dataclass(frozen=True)
class Market:
    """What is simulated: two equal ones are the same market."""

    case: str
    consumers: int
    seed: int
    set: str = ""
    """assumptions that differ from the case's, as `controls` writes them"""
    acts: str = ""
    """what was done to it, as `acts` writes it"""


@dataclass(frozen=True)
class View:
    """One state of the page: which market, and how it is shown."""

    case: str
    consumers: int = USUAL_CONSUMERS
    seed: int = 1
    lang: Language = "en"
    names: str = ""
    """real or fictional; empty: as the case has them"""
    by: str = "brand"
    shape: str = "areas"
    mean: int = 13
    """weeks; with the usual number of consumers a shorter mean of most brands rests on too few of them"""
    week: int = 0
    set: str = ""
    acts: str = ""

    @property
    def market(self) -> Market:
        """The part that is simulated; the rest is only how it is shown."""
        return Market(self.case, self.consumers, self.seed, self.set, self.acts)

    def change(self, asked: Any, cases: Sequence[str]) -> View:
        """The same view with what is allowed of what was asked; anything else is left as it is."""
        if not isinstance(asked, Mapping):
            return self
        allowed = {key: found for key, raw in asked.items() if (found := _checked(key, raw, cases)) is not None}
        if allowed.get("case", self.case) != self.case:
            allowed = {"set": "", "acts": ""} | allowed
        return _fitting(replace(self, **allowed))[0]

    def query(self, usual: View) -> str:
        """The address of this view, naming only what differs from the usual one, in a fixed order."""
        named = {f.name: getattr(self, f.name) for f in fields(self)}
        return urlencode({k: v for k, v in named.items() if k == "case" or v != getattr(usual, k)})


def usual(cases: Sequence[str], language: Language = "en") -> View:
    """The view of a visitor who asked for nothing."""
    case = DEFAULT_CASE if DEFAULT_CASE in cases else cases[0]
    return View(case=case, lang=language)


def read(search: str | None, view: View, cases: Sequence[str]) -> tuple[View, tuple[str, ...]]:
    """The view that an address asks for, starting from the usual one, and the fields that could not be used.

    >>> view, refused = read("lang=zh&seed=minus", View(case="a"), ["a"])
    >>> view.lang, view.seed, refused
    ('zh', 1, ('seed',))
    """
    text = (search or "").lstrip("?")
    if len(text) > LONGEST_ADDRESS:
        return view, ("address",)
    known = {f.name for f in fields(View)}
    refused: list[str] = []
    for key, raw in parse_qsl(text, keep_blank_values=True, max_num_fields=None, errors="replace"):
        if key not in known:
            continue
        checked = _checked(key, raw, cases)
        if checked is None:
            refused.append(key)
        else:
            view = replace(view, **{key: checked})
    view, cut = _fitting(view)
    return view, tuple(dict.fromkeys([*refused, *cut]))


def _fitting(view: View) -> tuple[View, tuple[str, ...]]:
    """The view with what its case allows of assumptions and acts, and the fields that were cut."""
    if not view.set and not view.acts:
        return view, ()
    found = history.allowed(view.case, view.set, view.acts)
    return replace(view, set=found.set, acts=found.acts), found.refused


def _checked(key: Any, raw: Any, cases: Sequence[str]) -> Any:
    """The value that a field takes for what was given, or none where it is not allowed."""
    choices: dict[str, Sequence[str | int]] = {
        "case": cases,
        "lang": LANGUAGES,
        "names": NAMES,
        "by": GROUPS,
        "shape": SHAPES,
        "consumers": CONSUMERS,
        "mean": MEANS,
    }
    limits = {"seed": MAX_SEED, "week": MAX_WEEK}
    if not isinstance(key, str) or isinstance(raw, bool) or not isinstance(raw, (str, int)):
        return None
    if key in choices:
        return next((choice for choice in choices[key] if str(choice) == str(raw)), None)
    if key in ("set", "acts"):
        return str(raw) if WRITTEN.fullmatch(str(raw)) else None
    if key in limits:
        text = str(raw)
        number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else -1
        return number if 0 <= number <= limits[key] else None
    return None
