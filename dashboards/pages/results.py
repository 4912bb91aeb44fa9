"""Results of the laboratory in the browser: those below the server's folder, and one that a visitor brings along."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import solara

from dashboards import result_places, result_uploads, results, texts, widgets
from dashboards.pages.frame import PATHS, Sheet, leads, read_view
from dashboards.pages.market import Panel, preferred_language
from dashboards.reading import Reading
from market import Case


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(preferred_language, [])
    Panel(texts.words(language), lambda: Results(language))


@solara.component
def Results(language: texts.Language) -> None:
    """The list, and the part of the result that is looked at."""
    router = solara.use_router()
    known = Case.bundled()
    view, usual, refused = read_view(router.search, known, language)
    wish = results.wish(router.search)
    own, set_own = solara.use_state(None)
    fault, set_fault = solara.use_state("")

    top = result_places.root()
    upload = solara.use_memo(result_uploads.Upload, [])
    reading = solara.use_memo(lambda: Reading(results.read, results.POLITE), [])
    solara.use_effect(lambda: upload.close, [])
    solara.use_effect(lambda: reading.close, [])
    places = solara.use_memo(lambda: result_places.listing(top) if top else [], [top, wish.folder])
    path = solara.use_memo(lambda: _path(top, wish.folder, own), [top, wish.folder, own])
    shown = f"{top.name}/{wish.folder}" if top and wish.folder != results.UPLOADED else "DIR"
    asked = results.Asked.of(path, view.lang, shown) if path else None
    solara.use_effect(lambda: reading.want(asked), [asked])

    def choose(wanted: Any) -> None:
        changed, wishes = view.change(wanted, known), wish.change(wanted)
        if (changed, wishes) != (view, wish):
            router.push("&".join(filter(None, (f"{PATHS['results']}?{changed.query(usual)}", wishes.query()))))

    def take(piece: Any) -> None:
        try:
            found = upload.take(piece)
        except result_uploads.RefusedError as refusal:
            set_fault(str(refusal))
            return
        set_fault("")
        if found is not None:
            set_own(found)
            choose({"folder": results.UPLOADED})

    news = reading.news.value
    opened = news.content if asked is not None and news.key == asked else None
    state = _state(bool(top), bool(places), wish.folder, path, news.failed and news.key == asked, opened is not None)
    words, go = texts.words(view.lang), leads(router.push, view, usual, known)
    listed = json.dumps([asdict(one) for one in places], ensure_ascii=False)
    with (
        Sheet(page="results", view=view, names="", banner=False, refused=refused, choose=choose, go=go),
        solara.Div(classes=["wc-body"]),
    ):
        Panel(
            words,
            lambda: widgets.Results(
                words=words,
                lang=view.lang,
                places=listed,
                chosen=wish.folder,
                own=own is not None,
                fault=fault,
                event_choose=choose,
                event_piece=take,
            ),
        )
        with solara.Div(classes=["wc-main"]):
            Panel(words, lambda: Opened(words, state, opened, wish, choose))


@solara.component
def Opened(words: str, state: str, opened: Any, wish: results.Wish, choose: widgets.Choose) -> None:
    """One part of a result, or why there is none."""
    part = solara.use_memo(lambda: results.part(opened, wish) if opened else "", [opened, wish])
    if opened is None:
        widgets.Report(words=words, state=state, head="", part="", number=0, event_choose=choose)
        return
    number = wish.part if wish.part < len(opened.parts) else 0
    two = part.startswith('{"map":')
    with solara.Div(classes=["wc-main"]):
        widgets.Report(
            words=words, state="", head=opened.head, part="" if two else part, number=number, event_choose=choose
        )
        if two:
            widgets.Response(words=words, shown=part, command=opened.rerun, event_choose=choose)


def _path(top: Path | None, folder: str, own: Path | None) -> Path | None:
    """The folder that is wished for, if this visitor may open it."""
    if folder == results.UPLOADED:
        return own
    return result_places.place(top, folder) if top and folder else None


def _state(root: bool, some: bool, folder: str, path: Path | None, failed: bool, there: bool) -> str:
    """What to say where no result is shown; the words are those of the table of texts."""
    if there:
        return ""
    if folder and path is None:
        return "refused"
    if path is not None:
        return "broken" if failed else "reading"
    if not root:
        return "none"
    return "choose" if some else "empty"
