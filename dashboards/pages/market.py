"""The laboratory: one market over time, played in the visitor's browser."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from dataclasses import asdict
from functools import lru_cache, partial
from typing import Any

import solara
import solara.lab

from dashboards import address, history, names, texts, widgets
from dashboards.compute import QUEUE
from dashboards.pages import acting
from dashboards.pages.frame import PATHS, leads
from dashboards.server import LANGUAGE_VARIABLE
from dashboards.session import Session
from market import Case

logger = logging.getLogger(__name__)


@lru_cache(maxsize=64)
def case_named(name: str, shown: str | None = None) -> Case:
    """A bundled case, with real or fictional names shown; none: as the case has them."""
    case = Case.load(name)
    return case if shown is None else case.change({"display.names": shown})


@lru_cache(maxsize=64)
def legend_of(market: address.Market, shown: str, language: texts.Language) -> str:
    """Names and colours of a market's case, made once for all visitors."""
    return names.legend(market.case, history.case_of(market, shown), language)


@lru_cache(maxsize=8)
def choices(shown: str, language: texts.Language) -> str:
    """What a visitor can choose to simulate, as JSON; the usual case first."""
    listed = []
    for key in sorted(Case.bundled(), key=lambda key: key != address.DEFAULT_CASE):
        case = names.Names(case_named(key, shown), language)
        listed.append({"id": key, "title": case.title(), "summary": case.summary()})
    return json.dumps({"cases": listed, "consumers": address.CONSUMERS}, ensure_ascii=False)


def preferred_language() -> texts.Language:
    """The language of a visitor who has not chosen: the server's, or else the browser's first of ours."""
    asked = os.environ.get(LANGUAGE_VARIABLE)
    if asked in texts.LANGUAGES:
        return asked
    headers = solara.lab.headers.value or {}
    for wanted in ",".join(headers.get("accept-language", [])).lower().split(","):
        for language in texts.LANGUAGES:
            if wanted.strip().startswith(language):
                return language
    return "en"


@solara.component
def Frame(children: list[solara.Element] = []) -> None:  # noqa: B006 - Solara's way of declaring children
    """What stands around every page."""
    solara.Div(classes=["wc"], children=children)


@solara.component
def Panel(words: str, content: Callable[[], solara.Element]) -> None:
    """One part of a page; when it fails, it says so politely, the log says why, and the other parts go on."""
    fault, _ = solara.use_exception()
    reported = solara.use_ref(None)
    if fault is None:
        content()
        return
    if reported.current is not fault:
        reported.current = fault
        logger.error("a panel failed", exc_info=fault)
    solara.Div(
        classes=["wc-card", "wc-fault"], attributes={"role": "alert"}, children=[json.loads(words)["panel_fault"]]
    )


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(preferred_language, [])
    Panel(texts.words(language), lambda: Stage(language))


@solara.component
def Stage(language: texts.Language) -> None:
    """Read the address, ask for its market, and hand both to the pieces."""
    router = solara.use_router()
    known = Case.bundled()
    usual = address.usual(known, language)
    view, refused = address.read(router.search, usual, known)
    names_shown = view.names or case_named(view.case).display.names

    session = solara.use_memo(lambda: Session(QUEUE), [])
    solara.use_effect(lambda: session.close, [])
    solara.use_effect(lambda: session.want(view.market, view.week), [view.market])
    news = session.news.value
    current = news.market == view.market

    def choose(wanted: Any) -> None:
        changed = view.change(wanted, known)
        if changed != view:
            router.push(f"{PATHS['market']}?{changed.query(usual)}")

    words, shown = texts.words(view.lang), json.dumps(asdict(view))
    legend = legend_of(view.market, names_shown, view.lang)
    solara.Title(texts.say("title", view.lang))
    with solara.Div(classes=["wc-page"]):
        go = leads(router.push, view, usual, known)
        Panel(
            words,
            lambda: widgets.Masthead(
                words=words, lang=view.lang, names=names_shown, page="market", event_choose=choose, event_go=go
            ),
        )
        with solara.v.Html(tag="main", class_="wc-all"):
            if names_shown == "real":
                solara.Div(
                    classes=["wc-banner"], attributes={"role": "note"}, children=[texts.say("banner", view.lang)]
                )
            if refused:
                message = texts.say("link_fault", view.lang, fields=", ".join(refused))
                solara.Div(classes=["wc-banner"], attributes={"role": "status"}, children=[message])
            with solara.Div(classes=["wc-body"]):
                cases = choices(names_shown, view.lang)
                Panel(words, lambda: widgets.Cases(words=words, cases=cases, view=shown, event_choose=choose))
                with solara.Div(classes=["wc-main"]):
                    Panel(words, lambda: widgets.Tiles(words=words, legend=legend, view=shown))
                    Panel(
                        words,
                        lambda: widgets.Share(
                            words=words,
                            legend=legend,
                            view=shown,
                            progress=round(news.part, 2) if current else 0.0,
                            failed=current and news.failed,
                            event_choose=choose,
                        ),
                    )
                    asked = view.market
                    Panel(words, lambda: acting.Acts(words, legend, shown, asked, names_shown, choose))
                    for piece in (widgets.Blame, widgets.Flow, widgets.Earns, widgets.Custom):
                        Panel(words, partial(piece, words=words, legend=legend, view=shown))
                    Panel(words, lambda: acting.Controls(words, shown, asked, names_shown, choose))
                    Panel(words, lambda: acting.Carry(words, shown, asked, names_shown))
        market, ghost = (news.text, news.ghost) if current else ("", "")
        Panel(words, lambda: widgets.Transport(words=words, legend=legend, view=shown, market=market, ghost=ghost))
