"""The page, drawn without a browser: banner, choices, links, panels that fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from drawing import everything, need, notes, piece, solara

from dashboards import texts


@pytest.fixture
def draw() -> Iterator[Callable[[str], Any]]:
    """The page at an address, as Solara draws it."""
    from dashboards import pages

    drawn: list[Any] = []

    def at(search: str) -> Any:
        page = solara.RoutingProvider(
            children=[pages.market.Frame(children=[pages.market.Page()])], routes=pages.routes, pathname=f"/?{search}"
        )
        _, context = solara.render(page, handle_error=False)
        drawn.append(context)
        return context

    yield at
    for context in drawn:
        context.close()


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_banner_stands_wherever_real_names_do(draw: Callable[[str], Any], language: texts.Language) -> None:
    """Real names never without the sentence that says what they are; fictional ones need none."""
    assert texts.say("banner", language) in notes(draw(f"lang={language}&names=real"))
    assert texts.say("banner", language) not in notes(draw(f"lang={language}&names=fictional"))


def test_a_choice_moves_the_address_and_the_page_follows(draw: Callable[[str], Any]) -> None:
    """A click is a new address, so Back undoes it; what is not allowed changes nothing."""
    context = draw("lang=en")
    chart = piece(context, "progress", "view")
    chart.vue_choose({"by": "maker", "seed": "nonsense"})
    assert json.loads(chart.view)["by"] == "maker"
    assert json.loads(chart.view)["seed"] == 1
    masthead = piece(context, "lang", "names")
    masthead.vue_choose({"lang": "zh"})
    assert json.loads(masthead.words)["title"] == texts.say("title", "zh")
    assert json.loads(chart.view)["by"] == "maker"


def test_a_link_that_asks_for_the_impossible_is_answered_politely(draw: Callable[[str], Any]) -> None:
    """The page comes up with the usual values and says which part was left out."""
    context = draw("case=nowhere&seed=1e9&lang=en")
    assert texts.say("link_fault", "en", fields="case, seed") in notes(context)
    assert json.loads(piece(context, "progress", "view").view)["case"] == "jd-gac-catl"


def test_a_panel_that_fails_takes_nothing_else_down() -> None:
    """Visitors see a polite sentence instead of a traceback, and the other panels."""
    from dashboards.pages.market import Panel

    @solara.component
    def Broken() -> None:
        raise ValueError("a secret of the server")

    @solara.component
    def Both() -> None:
        with solara.Div():
            Panel(texts.words("en"), lambda: Broken())
            Panel(texts.words("en"), lambda: solara.Text("still here"))

    _, context = solara.render(Both(), handle_error=False)
    shown = notes(context)
    assert texts.say("panel_fault", "en") in shown
    assert "still here" in shown
    assert "secret" not in shown
    context.close()


@pytest.mark.filterwarnings("ignore")
def test_mesa_s_own_page_shows_the_same_market() -> None:
    """In stock SolaraViz the market draws, steps and resets without an error."""
    need("altair")
    import ipyvuetify
    import ipywidgets

    from dashboards import mesa_view

    _, context = solara.render(solara.AppLayout(children=[mesa_view.Page()]), handle_error=False)
    button = {part.children[0]: part for part in everything(context.container) if isinstance(part, ipyvuetify.Btn)}
    assert not context.find(ipywidgets.Image).widgets
    button["Step"].click()
    assert len(context.find(ipywidgets.Image).widgets) == 1
    button["Reset"].click()
    assert not context.find(ipywidgets.Image).widgets
    context.close()
