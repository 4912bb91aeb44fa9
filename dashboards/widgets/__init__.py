"""The pieces that the browser draws: Vue templates that take words and data as JSON texts and give back choices.

Lists and tables travel as one text, since Solara walks whatever else it is given on every render. What changes many
times a second (the week that is played) never passes here: the pieces share it in the browser (`assets/custom.js`).
"""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

Choose = Callable[[dict[str, Any]], None]


@solara.component_vue("masthead.vue", vuetify=True)
def Masthead(
    words: str, lang: str, names: str, event_choose: Choose, page: str = "market", event_go: Choose | None = None
) -> None:
    """Title, the way to the other pages, language, real or fictional names (none: no choice), light or dark."""


@solara.component_vue("cases.vue", vuetify=True)
def Cases(words: str, cases: str, view: str, event_choose: Choose) -> None:
    """Which case, how many consumers, which luck."""


@solara.component_vue("tiles.vue", vuetify=True)
def Tiles(words: str, legend: str, view: str) -> None:
    """The few numbers of the week that is played."""


@solara.component_vue("share.vue", vuetify=True)
def Share(words: str, legend: str, view: str, progress: float, failed: bool, event_choose: Choose) -> None:
    """Market share over time: the chart, its legend, what happened, and the same as a table."""


@solara.component_vue("acts.vue", vuetify=True)
def Acts(
    words: str, legend: str, view: str, acts: str, event_choose: Choose, paired: str = "", trying: float = -1.0
) -> None:
    """Act at the play-head; what came of it; what was done, to be changed or taken back.

    `paired` is what came of it over paired seeds (`pairs.text_of`); `trying` the part of them that is done, -1: none.
    """


@solara.component_vue("controls.vue", vuetify=True)
def Controls(words: str, view: str, controls: str, event_choose: Choose) -> None:
    """The assumptions that matter, folded."""


@solara.component_vue("carry.vue", vuetify=True)
def Carry(words: str, view: str, parcel: str, event_pack: Choose, event_taken: Choose) -> None:
    """Files, pictures and a link."""


@solara.component_vue("flow.vue", vuetify=True)
def Flow(words: str, legend: str, view: str) -> None:
    """Which kind of consumer buys which brand, through which channel."""


@solara.component_vue("blame.vue", vuetify=True)
def Blame(words: str, legend: str, view: str) -> None:
    """Who is blamed, against contribution and control, and how far stories have spread."""


@solara.component_vue("earns.vue", vuetify=True)
def Earns(words: str, legend: str, view: str) -> None:
    """Profit by organisation and by what it is earned with."""


@solara.component_vue("custom.vue", vuetify=True)
def Custom(words: str, legend: str, view: str) -> None:
    """How customisation spreads, and what was bargained."""


@solara.component_vue("transport.vue", vuetify=True)
def Transport(words: str, legend: str, view: str, market: str, ghost: str = "") -> None:
    """Play, pause, step, reset and the time line; this is the piece that takes the market in."""


@solara.component_vue("results.vue", vuetify=True)
def Results(
    words: str, lang: str, places: str, chosen: str, own: bool, fault: str, event_choose: Choose, event_piece: Choose
) -> None:
    """Which result to open, and a way to bring one along."""


@solara.component_vue("report.vue", vuetify=True)
def Report(words: str, state: str, head: str, part: str, number: int, event_choose: Choose) -> None:
    """One part of a result; `state` says why there is none."""


@solara.component_vue("response.vue", vuetify=True)
def Response(words: str, shown: str, command: str, event_choose: Choose) -> None:
    """How an outcome answers to two factors, as a table of coloured cells."""


@solara.component_vue("compare.vue", vuetify=True)
def Compare(
    words: str,
    view: str,
    cases: str,
    sides: str,
    wish: str,
    state: str,
    part: float,
    pairs: int,
    stopped: bool,
    fault: str,
    event_choose: Choose,
) -> None:
    """Which two markets, over how many pairs, and how far they are."""


@solara.component_vue("compared.vue", vuetify=True)
def Compared(words: str, view: str, found: str, wish: str, state: str, event_choose: Choose) -> None:
    """What differs between two markets; `state` says why there is nothing."""


@solara.component_vue("vote.vue", vuetify=True)
def Vote(
    words: str, ballot: str, event_tap: Choose, event_count: Choose, event_clear: Choose, event_room: Choose
) -> None:
    """The answers to a question with their votes, and the class that votes."""


@solara.component_vue("first_head.vue", vuetify=True)
def FirstHead(words: str, lang: str, stage: str) -> None:
    """Who sells, builds and powers the car, and the question."""


@solara.component_vue("first_acts.vue", vuetify=True)
def FirstActs(words: str, lang: str, stage: str, piece: str, event_choose: Choose, event_go: Choose) -> None:
    """One of three pieces: `reveal`, the three acts (`levers`), and the ways on (`more`)."""


@solara.component_vue("first_bars.vue", vuetify=True)
def FirstBars(words: str, lang: str, bars: str) -> None:
    """Bars side by side, for each party."""


@solara.component_vue("first_line.vue", vuetify=True)
def FirstLine(words: str, lang: str, trace: str) -> None:
    """A line and the one beside it, and what differs, with its interval."""


@solara.component_vue("lesson_list.vue", vuetify=True)
def LessonList(words: str, lessons: str, event_choose: Choose) -> None:
    """All lessons."""


@solara.component_vue("lesson.vue", vuetify=True)
def Lesson(words: str, state: str, piece: str, event_choose: Choose, event_go: Choose) -> None:
    """One of four pieces of a step: `head`, `choices`, `said` (what the market says) and `foot`."""


@solara.component_vue("life.vue", vuetify=True)
def Life(
    words: str,
    lang: str,
    told: str,
    market: str,
    progress: float,
    failed: bool,
    event_choose: Choose,
    event_go: Choose,
) -> None:
    """One consumer's life in sentences, and whose else there is."""
