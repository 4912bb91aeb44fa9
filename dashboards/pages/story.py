"""A consumer's story: one life in the market that the visitor looks at, simulated in the queue of all markets."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

import solara

from dashboards import history, lives, texts, widgets
from dashboards.compute import QUEUE
from dashboards.pages.frame import PATHS, Sheet, leads, read_view
from dashboards.pages.market import Panel, case_named, preferred_language
from dashboards.reading import Reading
from dashboards.session import Session
from market import Case


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(preferred_language, [])
    Panel(texts.words(language), lambda: Story(language))


@solara.component
def Story(language: texts.Language) -> None:
    """Find somebody in the market of the address, and tell."""
    router = solara.use_router()
    known = Case.bundled()
    view, usual, refused = read_view(router.search, known, language)
    wish = lives.wish(router.search)
    names = view.names or case_named(view.case).display.names

    reading = solara.use_memo(lambda: Reading(lives.simulate, ()), [])
    session = solara.use_memo(lambda: Session(QUEUE), [])
    solara.use_effect(lambda: reading.close, [])
    solara.use_effect(lambda: session.close, [])
    solara.use_effect(lambda: session.want(view.market), [view.market])
    made, news = session.news.value, reading.news.value
    whole = made.market == view.market and made.whole
    solara.use_effect(lambda: reading.want(view.market if whole else None), [view.market, whole])
    current = news.key == view.market

    def choose(wanted: Any) -> None:
        changed, wishes = view.change(wanted, known), wish.change(wanted)
        if (changed, wishes) != (view, wish):
            router.push("&".join(filter(None, (f"{PATHS['life']}?{changed.query(usual)}", wishes.query()))))

    def shown() -> str:
        if not current or news.content is None:
            return ""
        case = history.case_of(view.market, names)
        return lives.text_of(lives.told(news.content, case, view.seed, wish, view.lang))

    told = solara.use_memo(shown, [current and news.content, view.case, names, view.lang, wish])
    words, go = texts.words(view.lang), leads(router.push, view, usual, known)
    market = json.dumps(asdict(view.market))
    with Sheet(page="life", view=view, names=names, banner=names == "real", refused=refused, choose=choose, go=go):
        Panel(
            words,
            lambda: widgets.Life(
                words=words,
                lang=view.lang,
                told=told,
                market=market,
                progress=round(made.part, 2) if made.market == view.market else 0.0,
                failed=(current and news.failed) or (made.market == view.market and made.failed),
                event_choose=choose,
                event_go=go,
            ),
        )
