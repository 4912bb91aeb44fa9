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
def Masthead(words: str, lang: str, names: str, event_choose: Choose) -> None:
    """Title, language, real or fictional names, light or dark."""


@solara.component_vue("cases.vue", vuetify=True)
def Cases(words: str, cases: str, view: str, event_choose: Choose) -> None:
    """Which case, how many consumers, which luck."""


@solara.component_vue("tiles.vue", vuetify=True)
def Tiles(words: str, legend: str, view: str) -> None:
    """The few numbers of the week that is played."""


@solara.component_vue("share.vue", vuetify=True)
def Share(words: str, legend: str, view: str, progress: float, failed: bool, event_choose: Choose) -> None:
    """Market share over time: the chart, its legend, what happened, and the same as a table."""


@solara.component_vue("transport.vue", vuetify=True)
def Transport(words: str, legend: str, view: str, market: str) -> None:
    """Play, pause, step, reset and the time line; this is the piece that takes the market in."""
