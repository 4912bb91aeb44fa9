"""The first page: a question, a vote, and what the market says; everything else is one click away."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import solara

from dashboards import compute, first, first_figures, history, names, pairs, reports, texts, widgets
from dashboards.colours import Ink
from dashboards.first import Wish
from dashboards.pages import market, voting
from dashboards.pages.frame import PATHS, Sheet, leads, read_view
from dashboards.session import Session
from dashboards.several import Ahead
from market import Case


def shown_by(wanted: Any) -> dict[str, Any]:
    """How a visitor wants to see a page, of all that was asked: the language and the names."""
    return {key: wanted[key] for key in ("lang", "names") if key in wanted} if isinstance(wanted, Mapping) else {}


def join(query: str, wishes: str) -> str:
    """An address of a page that is no market: the case is left out, what is wished for stands behind the rest."""
    kept = [pair for pair in query.split("&") if not pair.startswith("case=")]
    return "&".join([*kept, *filter(None, [wishes])])


QUESTION = "first"
"""What the vote of this page is called in a class."""


@solara.component
def Home() -> None:
    """The first page; an address that names a market opens the laboratory, as it did before there was a first page."""
    router = solara.use_router()
    if first.names_a_market(router.search):
        market.Page()
    else:
        Page()


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(market.preferred_language, [])
    market.Panel(texts.words(language), lambda: First(language))


@solara.component
def First(language: texts.Language) -> None:
    """Read the address, simulate what it asks for while the class votes, and draw it."""
    router = solara.use_router()
    known = Case.bundled()
    view, usual, refused = read_view(router.search, known, language)
    wished = first.wish(router.search)
    shown_names = view.names or "fictional"

    asked, beside = first.market_of(wished.lever, wished.luck), first.beside(wished)
    session = solara.use_memo(lambda: Session(compute.QUEUE), [])
    other = solara.use_memo(lambda: Session(compute.QUEUE), [])
    pairing = solara.use_memo(lambda: pairs.Pairing(pairs.BENCH), [])
    ahead = solara.use_memo(lambda: Ahead(compute.QUEUE), [])
    solara.use_effect(lambda: ahead.close, [])
    solara.use_effect(lambda: session.close, [])
    solara.use_effect(lambda: other.close, [])
    solara.use_effect(lambda: pairing.close, [])
    solara.use_effect(lambda: session.want(asked), [asked])
    solara.use_effect(lambda: other.want(beside), [beside])
    news, without = session.news.value, other.news.value
    done = news.market == asked and news.whole
    ghost = without.text if without.market == beside and without.whole else ""
    compared = solara.use_memo(
        lambda: pairs.Asked.of(history.case_of(beside), history.case_of(asked), wished.luck), [asked, beside]
    )
    solara.use_effect(lambda: pairing.want(compared if wished.shown and done else None), [compared, wished.shown, done])

    next_ones = [first.market_of(lever, wished.luck) for lever in ("", *first.LEVERS)] if wished.shown and ghost else []
    solara.use_effect(lambda: ahead.want(next_ones), [next_ones])

    def choose(wanted: Any) -> None:
        changed, wishes = view.change(shown_by(wanted), known), wished.change(wanted)
        if (changed, wishes) != (view, wished):
            router.push(f"{PATHS['first']}?{join(changed.query(usual), wishes.query())}")

    def go(wanted: Any) -> None:
        page = wanted.get("page") if isinstance(wanted, Mapping) else None
        state: dict[str, Any] = {"case": asked.case, "consumers": asked.consumers, "seed": asked.seed, "set": asked.set}
        state |= {"acts": asked.acts, "by": "car", "shape": "focal", "week": first.FIRST_SHOWN + 1}
        leading: dict[str, dict[str, Any]] = {
            "market": {"names": shown_names, **state},
            "lessons": {"names": shown_names},
        }
        leads(router.push, view, usual, known)({"page": page, **leading.get(str(page), {})})

    words = texts.words(view.lang)
    answers = first.answers(shown_names, view.lang)
    inks = inks_of(shown_names)
    voting.use_listening(wished.room)
    tally = voting.tally(wished.room, QUESTION, len(answers))
    _, moved = solara.use_state(0)
    stage = _stage(wished, shown_names, view.lang, news.failed, news.part if news.market == asked else 0.0, done)
    drawn = solara.use_memo(lambda: first.told(news.text if done else "", ghost), [asked, done, ghost])

    def again() -> None:
        moved(lambda votes_so_far: votes_so_far + 1)

    def acts(piece: str) -> None:
        market.Panel(
            words,
            lambda: widgets.FirstActs(
                words=words, lang=view.lang, stage=stage, piece=piece, event_choose=choose, event_go=go
            ),
        )

    real = shown_names == "real"
    with (
        Sheet(page="first", view=view, names=shown_names, banner=real, refused=refused, choose=choose, go=go),
        solara.Div(classes=["wc-first"]),
    ):
        market.Panel(words, lambda: widgets.FirstHead(words=words, lang=view.lang, stage=stage))
        if wished.shown:
            with solara.Div(classes=["wc-first-shown"]):
                with solara.Div(classes=["wc-first-left"]):
                    if "bars" in drawn:
                        bars = first_figures.bars(drawn, answers, tally.counts, view.lang)
                        market.Panel(words, lambda: widgets.FirstBars(words=words, lang=view.lang, bars=bars))
                    acts("levers")
                if "line" in drawn:
                    tried = pairing.news.value if pairing.news.value.asked == compared else pairs.News()
                    trace = first_figures.trace(drawn, wished, tried, shown_names, view.lang)
                    market.Panel(words, lambda: widgets.FirstLine(words=words, lang=view.lang, trace=trace))
            acts("more")
        else:
            title = texts.say("first_term", view.lang)
            market.Panel(
                words, lambda: voting.Vote(words, title, QUESTION, answers, inks, tally, wished.room, again, choose)
            )
            acts("reveal")


@lru_cache(maxsize=4)
def inks_of(shown: str) -> Mapping[str, Ink]:
    """Colours of the organisations of the first page."""
    return names.identities(first.case_shown(shown))["maker"]


def _stage(wished: Wish, shown: str, language: texts.Language, failed: bool, part: float, done: bool) -> str:
    """Where the class stands, for the pieces of the page."""
    case = first.case_shown(shown)
    content = {
        **first.story(shown, language),
        "date": min(failure.on for failure in reports.reported(case)).isoformat(),
        "shown": wished.shown,
        "lever": wished.lever,
        "luck": wished.luck,
        "levers": first.LEVERS,
        "part": 1.0 if done else round(part, 1),
        "failed": failed,
        "consumers": first.CONSUMERS,
        "weeks": case.calendar.weeks,
    }
    return json.dumps(content, ensure_ascii=False)
