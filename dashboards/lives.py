"""Lives of single consumers in the market that a visitor looks at: found, and told in sentences.

Who was followed, and what happened to them, is the panel of the ledger. It is kept for the markets
that were played last; one of before is simulated once more.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qsl, urlencode

from dashboards import address, history
from dashboards.history import Shelf
from dashboards.names import Names
from dashboards.texts import Language
from experiments import story
from experiments.story import lives
from experiments.story.lives import WHO, Lives, Who
from market import Case, CaseError, Market
from market.chronicle import PANEL_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

    from dashboards.reading import GoesOn

in_story = story.say

MOST_FOUND = 8
"""Consumers offered at once."""

MOST_RETOLD = 60
"""Rows of a life that is told row by row to see which sentence comes from which."""

LARGEST_NUMBER = 10**9
WORDS = ("profile", "event", "car", "channel", "organisation")


@dataclass(frozen=True)
class Wish:
    """Whose life a visitor wants to read: somebody of a profile to whom something happened, or one by number."""

    who: Who = "cancelled"
    profile: str = ""
    """id, or empty for any"""
    consumer: int = -1
    """-1: whose life shows it best"""

    def change(self, asked: Any) -> Wish:
        """The same wish with what is allowed of what was asked; another search starts at its first consumer."""
        if not isinstance(asked, Mapping):
            return self
        wish = self
        if asked.get("who") in WHO:
            wish = replace(wish, who=cast("Who", asked["who"]), consumer=-1)
        profile = asked.get("profile")
        if isinstance(profile, str) and len(profile) <= 60 and profile.replace("_", "").isalnum() | (profile == ""):
            wish = replace(wish, profile=profile, consumer=-1)
        number = str(asked.get("consumer", ""))
        if number.isascii() and number.isdigit() and len(number) <= 10 and int(number) < LARGEST_NUMBER:
            wish = replace(wish, consumer=int(number))
        return wish

    def query(self) -> str:
        """The address of this wish, without what is as usual."""
        usual = asdict(Wish())
        return urlencode({key: value for key, value in asdict(self).items() if value != usual[key]})


def wish(search: str | None) -> Wish:
    """What an address wishes for.

    >>> wish("?who=heard&consumer=12")
    Wish(who='heard', profile='', consumer=12)
    """
    text = (search or "").lstrip("?")
    return Wish().change(dict(parse_qsl(text, errors="replace"))) if len(text) <= 2_000 else Wish()


PANELS: Shelf[address.Market, str] = Shelf(32)
"""Panels of the markets that were simulated last."""


def keep(asked: address.Market, panel: str) -> None:
    """Keep the panel of a simulated market, as `written`, for whoever wants to read lives in it."""
    PANELS.put(asked, panel)


def simulate(asked: address.Market, goes_on: GoesOn) -> str | None:
    """The panel of a market that has been played, run again where it is no longer kept; None when nobody waits."""
    there = PANELS.get(asked)
    if there is not None:
        return there
    case = history.case_of(asked)
    market = Market(case, rng=asked.seed)
    try:
        while market.week < case.calendar.weeks:
            if not goes_on(market.week / case.calendar.weeks):
                return None
            market.step()
        return written(market.ledger.panel())
    finally:
        market.close()


def written(panel: pd.DataFrame) -> str:
    """The panel as text: everybody reads the same and nobody can change it."""
    whole = panel[list(PANEL_COLUMNS)]
    return str(whole.astype(dict.fromkeys(WORDS, object)).to_json(orient="split", index=False))


@lru_cache(maxsize=8)
def panel_of(text: str) -> pd.DataFrame:
    """The panel of a text, shared by all who read in it."""
    import pandas as pd

    found = pd.read_json(io.StringIO(text), orient="split", dtype=False)
    words = {name: found[name].astype(object).where(found[name].notna(), "") for name in WORDS}
    return found.assign(**words, value=found["value"].astype(float))


def told(text: str, case: Case, seed: int, asked: Wish, language: Language) -> dict[str, Any]:
    """What the page shows: whom one can choose, and the life of the one who is chosen."""
    panel = panel_of(text)
    everybody = Lives(case, seed, panel)
    own = panel[panel["profile"] == asked.profile] if asked.profile else panel
    found = offered(Lives(case, seed, own.reset_index(drop=True)), asked.who)
    chosen = asked.consumer if asked.consumer >= 0 else found[0] if found else -1
    names = Names(case, language)
    profiles = sorted({str(key) for key in panel["profile"]})
    return {
        "who": asked.who,
        "profile": asked.profile,
        "profiles": [{"id": key, "label": _capital(case.label("profiles", key, language))} for key in profiles],
        "found": found,
        "title": names.title(),
        "life": life(everybody, chosen, language) if chosen >= 0 else None,
        "consumer": chosen,
    }


def offered(among: Lives, who: Who) -> list[int]:
    """Consumers whose lives show it, the best first; none where it happened to nobody."""
    found: list[int] = []
    panel = among.panel
    while len(found) < MOST_FOUND:
        try:
            best = lives.Lives(among.case, among.seed, panel).find(who)
        except CaseError:
            break
        found.append(int(best))
        panel = panel[panel["consumer"] != best].reset_index(drop=True)
    return found


def life(everybody: Lives, consumer: int, language: Language) -> dict[str, Any] | None:
    """One life: who it is, what happened week by week, how it ends; none for somebody who was not followed."""
    try:
        rows = everybody.of(consumer)
        sentences = list(story.sentences(everybody, consumer, language))
    except CaseError:
        return None
    case, start = everybody.case, everybody.case.calendar.start
    if len(rows) == 0:
        who = in_story("unprofiled", language, consumer=f"{consumer:,}")
        return {"who": who, "sentences": [], "ending": in_story("nothing", language), "heard": False}
    profile = case.label("profiles", str(rows["profile"].iloc[0]), language)
    events = _events(everybody, rows, consumer, len(sentences))
    return {
        "who": in_story("who", language, consumer=f"{consumer:,}", profile=profile),
        "sentences": [
            {
                "date": one.week.isoformat(),
                "week": (one.week - start).days // 7 + 1,
                "words": one.words,
                "event": event,
            }
            for one, event in zip(sentences, events, strict=True)
        ],
        "ending": story.ending(everybody, consumer, language),
        "heard": bool((rows["event"] == "heard").any()),
    }


def _events(everybody: Lives, rows: pd.DataFrame, consumer: int, sentences: int) -> list[str]:
    """What each sentence is about; where some things needed no second sentence, by telling the life row by row."""
    events = [str(event) for event in rows["event"]]
    if len(events) == sentences:
        return events
    if len(events) > MOST_RETOLD:
        return [""] * sentences
    found: list[str] = []
    for row, event in enumerate(events):
        so_far = replace(everybody, panel=rows.head(row + 1))
        found += [event] * (sum(1 for _ in story.sentences(so_far, consumer)) - len(found))
    return found if len(found) == sentences else [""] * sentences


def text_of(shown: dict[str, Any]) -> str:
    """What is shown as one JSON text, for the widget."""
    return json.dumps(shown, ensure_ascii=False, separators=(",", ":"))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
