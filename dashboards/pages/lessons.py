"""Lessons: the list of them, and one step at a time with its vote, its acts and what the market says."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import solara

from dashboards import compute, course, history, lesson, lesson_figures, names, texts, widgets
from dashboards.address import View
from dashboards.pages import market, voting
from dashboards.pages.first import join, shown_by
from dashboards.pages.frame import PATHS, Sheet, leads, read_view
from dashboards.several import News, Several
from market import Case


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(market.preferred_language, [])
    market.Panel(texts.words(language), lambda: Lessons(language))


@solara.component
def Lessons(language: texts.Language) -> None:
    """Read the address; the list, or the step that it names."""
    router = solara.use_router()
    known = Case.bundled()
    view, usual, refused = read_view(router.search, known, language)
    wished = course.wish(router.search)
    shown_names = view.names or "fictional"
    words = texts.words(view.lang)
    again = solara.use_state(0)[1]

    def choose(wanted: Any) -> None:
        changed, wishes = view.change(shown_by(wanted), known), wished.change(wanted)
        if (changed, wishes) != (view, wished):
            router.push(f"{PATHS['lessons']}?{join(changed.query(usual), wishes.query())}")

    def go(wanted: Any) -> None:
        page = wanted.get("page") if isinstance(wanted, Mapping) else None
        state = course.laboratory(wished) if page == "market" else {}
        leads(router.push, view, usual, known)({"page": page, "names": shown_names, **state})

    def voted() -> None:
        again(lambda count: count + 1)

    def follow(there: str) -> None:
        given, _, step = there.rpartition(".")
        choose({"lesson": given, "step": int(step), "shown": 0, "choice": ""})

    voting.use_listening(wished.room)
    voting.use_same_place(wished.room, f"{wished.lesson}.{wished.step}" if wished.lesson else "", follow)

    banner = shown_names == "real"
    with (
        Sheet(page="lessons", view=view, names=shown_names, banner=banner, refused=refused, choose=choose, go=go),
        solara.Div(classes=["wc-first"]),
    ):
        if wished.lesson:
            Given(words, view, wished, shown_names, choose, go, voted).key(f"{wished.lesson} {wished.step}")
        else:
            listed = course.listed(view.lang, shown_names)
            market.Panel(words, lambda: widgets.LessonList(words=words, lessons=listed, event_choose=choose))


@solara.component
def Given(
    words: str,
    view: View,
    wished: course.Wish,
    shown_names: str,
    choose: widgets.Choose,
    go: widgets.Choose,
    voted: Callable[[], None],
) -> None:
    """One step of a lesson."""
    given = lesson.lessons()[wished.lesson]
    step = given.steps[wished.step]
    several = solara.use_memo(lambda: Several(compute.QUEUE), [])
    solara.use_effect(lambda: several.close, [])
    needed = {name: given.markets[name].market(wished.luck) for name in lesson.needed(given, step, wished.choice)}
    solara.use_effect(lambda: several.want(list(needed.values())), [needed])
    news = several.news.value
    case = lesson.case_of(given.markets[next(iter(given.markets))], shown_names)
    said = lesson_figures.Names(case, view.lang)
    answers = lesson_figures.answers(step, case, said, view.lang)
    question = f"{wished.lesson}.{wished.step}"
    tally = voting.tally(wished.room, question, len(answers))
    contents = {name: news.texts[one] for name, one in needed.items() if one in news.texts}
    whole = len(contents) == len(needed)
    state = _state(given, step, wished, view.lang, said, contents if whole else None, news)

    def piece(name: str) -> None:
        market.Panel(
            words, lambda: widgets.Lesson(words=words, state=state, piece=name, event_choose=choose, event_go=go)
        )

    piece("head")
    if step.question is not None:
        title = lesson_figures.filled(step.question, said, view.lang)
        inks = names.identities(case)["maker"] if step.answers == lesson.PARTIES else {}
        market.Panel(
            words, lambda: voting.Vote(words, title, question, answers, inks, tally, wished.room, voted, choose)
        )
    if step.choices:
        piece("choices")
    if wished.shown and step.show is not None:
        if whole:
            shown_case = history.case_of(next(iter(needed.values())), shown_names)
            drawn = lesson_figures.line if step.show.figure == "line" else lesson_figures.bars
            data = drawn(step, given, contents, wished.choice, shown_case, said, view.lang)
            if step.show.figure == "line":
                market.Panel(words, lambda: widgets.FirstLine(words=words, lang=view.lang, trace=data))
            else:
                market.Panel(words, lambda: widgets.FirstBars(words=words, lang=view.lang, bars=data))
        piece("said")
    piece("foot")


def _state(
    given: lesson.Lesson,
    step: lesson.Step,
    wished: course.Wish,
    lang: texts.Language,
    said: Mapping[str, str],
    contents: lesson_figures.Contents | None,
    news: News,
) -> str:
    """The step in words, for its pieces."""
    told = contents is not None and step.show is not None
    content = {
        "lesson": given.title.of(lang),
        "title": lesson_figures.filled(step.title, said, lang),
        "text": lesson_figures.filled(step.text, said, lang),
        "question": lesson_figures.filled(step.question, said, lang) if step.question else "",
        "notes": lesson_figures.filled(step.notes, said, lang),
        "minutes": step.minutes,
        "step": wished.step,
        "steps": len(given.steps),
        "shown": wished.shown,
        "show": step.show is not None,
        "choice": wished.choice,
        "choices": [{"id": key, "name": given.markets[key].name.of(lang)} for key in step.choices],
        "waiting": contents is None,
        "part": round(news.part, 1),
        "failed": news.failed,
        "luck": wished.luck,
        "sampled": step.show is not None and step.show.figure != "roles",
        "sentence": lesson_figures.sentence(step, contents, wished.choice, said, lang) if contents and told else "",
        "thin": lesson_figures.thin(step, contents, wished.choice) if contents and told else False,
    }
    return json.dumps(content, ensure_ascii=False)
