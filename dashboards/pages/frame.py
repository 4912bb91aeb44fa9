"""What the pages share: how one leads to another, and what stands around those that play no market."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import solara

from dashboards import address, texts, widgets
from dashboards.address import View

PATHS = {
    "first": "/",
    "lessons": "/lessons",
    "market": "/market",
    "compare": "/compare",
    "results": "/results",
    "life": "/life",
}
"""Address of each page."""


def leads(
    push: Callable[[str], None], view: View, usual: View, cases: Sequence[str]
) -> Callable[[dict[str, Any]], None]:
    """What happens when a visitor goes to another page: the same market in the same week, and Back leads back."""

    def go(asked: Any) -> None:
        page = asked.get("page") if isinstance(asked, dict) else None
        if isinstance(page, str) and page in PATHS:
            push(f"{PATHS[page]}?{view.change(asked, cases).query(usual)}")

    return go


@solara.component
def Sheet(
    page: str,
    view: View,
    names: str,
    banner: bool,
    refused: Sequence[str],
    choose: Callable[[dict[str, Any]], None],
    go: Callable[[dict[str, Any]], None],
    children: list[solara.Element] = [],  # noqa: B006 - Solara's way of declaring children
) -> None:
    """Masthead, banner and what could not be used of the address, above the content of a page."""
    solara.Title(f"{texts.say(f'page_{page}', view.lang)} · {texts.say('title', view.lang)}")
    with solara.Div(classes=["wc-page", "wc-sheet"]):
        widgets.Masthead(
            words=texts.words(view.lang), lang=view.lang, names=names, page=page, event_choose=choose, event_go=go
        )
        with solara.v.Html(tag="main", class_="wc-all"):
            if banner:
                solara.Div(
                    classes=["wc-banner"], attributes={"role": "note"}, children=[texts.say("banner", view.lang)]
                )
            if refused:
                message = texts.say("link_fault", view.lang, fields=", ".join(refused))
                solara.Div(classes=["wc-banner"], attributes={"role": "status"}, children=[message])
            solara.Div(children=children)


def read_view(search: str | None, cases: Sequence[str], language: texts.Language) -> tuple[View, View, tuple[str, ...]]:
    """The view of an address, the usual one, and what could not be used."""
    usual = address.usual(cases, language)
    view, refused = address.read(search, usual, cases)
    return view, usual, refused
