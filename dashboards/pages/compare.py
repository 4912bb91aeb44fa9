"""Compare: any two cases, histories or case files, side by side and as a difference with an interval."""

# ruff: noqa: N802 - components are named like classes, as Solara does
from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import solara

from dashboards import address, compared, history, pairs, sides, texts, widgets
from dashboards.address import View
from dashboards.pages.frame import PATHS, Sheet, leads, read_view
from dashboards.pages.market import Panel, case_named, choices, preferred_language
from dashboards.sides import Letter, Wish
from market import Case


@dataclass(frozen=True)
class Own:
    """The case files that a visitor has brought, and why the last one was not taken."""

    a: Case | None = None
    b: Case | None = None
    fault: tuple[str, str, str] = ("", "", "")
    """side, word and what is wrong"""

    def take(self, side: Letter, text: Any) -> Own:
        """These files with one more, or with the reason why it is not taken."""
        try:
            case = sides.own_case(text)
        except sides.RefusedError as refusal:
            return Own(self.a, self.b, (side, refusal.word, refusal.said))
        return Own(case, self.b) if side == "a" else Own(self.a, case)


@solara.component
def Page() -> None:
    """The page, or a polite sentence in its place."""
    language = solara.use_memo(preferred_language, [])
    Panel(texts.words(language), lambda: Compare(language))


@solara.component
def Compare(language: texts.Language) -> None:
    """Read both sides from the address, ask for their pairs, and hand both to the pieces."""
    router = solara.use_router()
    known = Case.bundled()
    view, usual, refused = read_view(router.search, known, language)
    wish = sides.wish(router.search, known)
    names = view.names or case_named(view.case).display.names
    own, set_own = solara.use_state(Own())
    stopped, set_stopped = solara.use_state(False)

    pairing = solara.use_memo(lambda: pairs.Pairing(pairs.BENCH), [])
    solara.use_effect(lambda: pairing.close, [])
    against = wish.against(view, known)
    two = solara.use_memo(lambda: both(view, wish, own, names), [view.market, wish, own, names])
    asked, why = solara.use_memo(lambda: asked_of(two, view.seed, wish.pairs), [two, view.seed, wish.pairs])
    solara.use_effect(lambda: pairing.want(asked), [asked])
    solara.use_effect(lambda: pairing.rest() if stopped else pairing.go_on(), [stopped, asked])
    news = pairing.news.value
    current = asked is not None and news.asked == asked

    def show(changed: View, wishes: Wish) -> None:
        if (changed, wishes) != (view, wish):
            set_stopped(False)
            router.push("&".join(filter(None, (f"{PATHS['compare']}?{changed.query(usual)}", wishes.query()))))

    def choose(wanted: Any) -> None:
        if not isinstance(wanted, Mapping):
            return
        if isinstance(wanted.get("stop"), bool):
            set_stopped(wanted["stop"])
            return
        side = wanted.get("side")
        if wanted.get("swap") is True:
            set_own(Own(own.b, own.a))
            show(*swapped(view, wish, against, known))
        elif side in sides.LETTERS and "file" in wanted:
            taken = own.take(side, wanted["file"])
            set_own(taken)
            if not taken.fault[0]:
                show(view, wish.change({f"{side}_own": sides.OWN, **_stays(side, against)}, known))
        elif side in sides.LETTERS and "link" in wanted:
            found = sides.of_link(wanted["link"], known)
            set_own(Own(own.a, own.b, ("", "", "") if found else (side, "link", "")))
            if found:
                show(*placed(view, wish, against, side, found, known))
        elif side in sides.LETTERS and wanted.get("case") in known:
            there = {"case": wanted["case"], "set": "", "acts": ""}
            show(*placed(view, wish, against, side, there, known))
        else:
            show(view.change(wanted, known), wish.change(wanted, known))

    def found() -> str:
        if not current or news.tally is None or asked is None:
            return ""
        return compared.found(asked, news.tally, view.mean, view.lang)

    text = solara.use_memo(found, [news.text if current else "", asked, view.mean, view.lang])
    words, go = texts.words(view.lang), leads(router.push, view, usual, known)
    told = json.dumps(
        [_told(letter, two[i], own_of(own, wish, letter), m, view.lang)
         for i, (letter, m) in enumerate(zip(sides.LETTERS, (view.market, against), strict=True))],
        ensure_ascii=False,
    )  # fmt: skip
    state = "fault" if current and news.failed else why
    shown = json.dumps(asdict(view))
    banner = names == "real"
    with (
        Sheet(page="compare", view=view, names=names, banner=banner, refused=refused, choose=choose, go=go),
        solara.Div(classes=["wc-main"]),
    ):
        Panel(
            words,
            lambda: widgets.Compare(
                words=words,
                view=shown,
                cases=choices(names, view.lang),
                sides=told,
                wish=json.dumps(asdict(wish)),
                state=state,
                part=round(news.part, 2) if current else 0.0,
                pairs=news.pairs if current else 0,
                stopped=stopped,
                fault=json.dumps(own.fault, ensure_ascii=False),
                event_choose=choose,
            ),
        )
        Panel(
            words,
            lambda: widgets.Compared(
                words=words, view=shown, found=text, wish=json.dumps(asdict(wish)), state=state, event_choose=choose
            ),
        )


def own_of(own: Own, wish: Wish, side: Letter) -> bool:
    """Whether a side is the case file that its visitor has brought."""
    return bool(getattr(wish, f"{side}_own"))


def both(view: View, wish: Wish, own: Own, names: str) -> tuple[Case | None, Case | None]:
    """The cases of both sides; none where the case file of a link is not here."""
    found: list[Case | None] = []
    for side, market in zip(sides.LETTERS, (view.market, wish.against(view, Case.bundled())), strict=True):
        if own_of(own, wish, side):
            brought = own.a if side == "a" else own.b
            changes = {"population.consumers": view.consumers, "display.names": names}
            found.append(None if brought is None else brought.change(changes))
        else:
            found.append(history.case_of(market, names))
    return found[0], found[1]


def asked_of(two: tuple[Case | None, Case | None], seed: int, most: int) -> tuple[pairs.Asked | None, str]:
    """What to run, or a word that says why nothing can be."""
    this, that = two
    if this is None or that is None:
        return None, "gone"
    try:
        asked = pairs.Asked.of(that, this, seed, most)
    except pairs.NotComparableError:
        return None, "apart"
    return asked, "same" if this.fingerprint == that.fingerprint else ""


def placed(
    view: View, wish: Wish, against: address.Market, side: Letter, there: dict[str, str], known: list[str]
) -> tuple[View, Wish]:
    """View and wish with another market on one side; the other side stays what it is."""
    if side == "a":
        return view.change(there, known), wish.change({"a_own": "", **_stays("a", against)}, known)
    named = {f"b_{key}": value for key, value in there.items()}
    return view, wish.change({**named, "b_own": ""}, known)


def swapped(view: View, wish: Wish, against: address.Market, known: list[str]) -> tuple[View, Wish]:
    """View and wish with both sides exchanged."""
    there = {"case": against.case, "set": against.set, "acts": against.acts}
    here = {"b_case": view.case, "b_set": view.set, "b_acts": view.acts}
    changed = wish.change(here, known)
    return view.change(there, known), changed.change({"a_own": wish.b_own, "b_own": wish.a_own}, known)


def _stays(side: Letter, against: address.Market) -> dict[str, str]:
    """The second side by name, so that another first one does not change it."""
    return {} if side == "b" else {"b_case": against.case, "b_set": against.set, "b_acts": against.acts}


def _told(
    side: Letter, case: Case | None, own: bool, market: address.Market, language: texts.Language
) -> dict[str, Any]:
    """One side for the browser."""
    about = {} if case is None else compared.described(case, None if own else market, language)
    return {"side": side, "own": own, "case": market.case, "there": case is not None, **about}
