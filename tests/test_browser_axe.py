"""No page has a serious fault of accessibility that axe-core can find, in either language, light or dark, wide or narrow.

axe-core finds what can be found without judgement - names, roles, contrast, order of headings; the rest is in the other
browser tests: keyboard alone, focus, reduced motion.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from browsing import SHORT, WIDTHS, Visitor, playwright
from drawing import need

axe = need("axe_playwright_python.sync_playwright")

LONG = 6 * SHORT
PAGES = {
    "/": ".wc-answer",
    "/?shown=1": ".wc-headline",
    "/market?week=60&acts=1.price.40.10.ut_super": "#wc-share-title",
    "/lessons": "main h2",
    "/lessons?lesson=blame&step=3": "main h2",
    "/compare?b_own=1": "main h2",
    "/results": "main h2",
    "/life": ".wc-life-week, .wc-life, main h1",
}
"""Addresses, and what is there once they are drawn."""

LOOKS = {
    "English, light, wide": {"lang": "en", "scheme": "light", "width": 1440},
    "Chinese, dark, narrow": {"lang": "zh", "scheme": "dark", "width": 390},
}
SERIOUS = {"serious", "critical"}


def looks() -> list[Any]:
    """Every page in both looks; by day in one of them, in turn."""
    return [
        pytest.param(address, look, marks=[pytest.mark.slow] if (number + at) % 2 == 0 else [])
        for number, address in enumerate(PAGES)
        for at, look in enumerate(LOOKS)
    ]


@pytest.mark.parametrize(("address", "look"), looks())
def test_no_page_has_a_serious_fault(visit: Callable[..., Visitor], address: str, look: str) -> None:
    """Of all rules that axe-core has; what is less than serious is not asked for."""
    asked: dict[str, Any] = LOOKS[look]
    visitor = visit(color_scheme=asked["scheme"])
    page = visitor.page
    page.set_viewport_size({"width": asked["width"], "height": WIDTHS[asked["width"]]})
    page.goto(f"{visitor.address}{address}{'&' if '?' in address else '?'}lang={asked['lang']}")
    playwright.expect(page.locator(PAGES[address]).first).to_be_visible(timeout=LONG)
    page.wait_for_load_state("networkidle")
    found = axe.Axe().run(page).response["violations"]
    told = [
        f"{one['id']} ({one['impact']}): {node['html'][:160]} - {node['failureSummary']}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
    assert not told, "\n".join(told)


def test_axe_finds_a_fault_where_there_is_one(visit: Callable[..., Visitor]) -> None:
    """A button without a name, put into the page, is found."""
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.address}/results?lang=en")
    playwright.expect(page.locator("main h2").first).to_be_visible(timeout=LONG)
    page.evaluate("document.querySelector('main').append(document.createElement('button'))")
    found = {one["id"] for one in axe.Axe().run(page).response["violations"] if one["impact"] in SERIOUS}
    assert "button-name" in found
