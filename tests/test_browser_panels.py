"""What a visitor meets in the tiles and the panels under the chart: the real command, in Chromium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from xml.etree import ElementTree

from browsing import WIDTHS, Visitor, playwright

from dashboards import texts

if TYPE_CHECKING:
    from playwright.sync_api import Locator

PANELS = ("blame", "flow", "earns", "made")


def panel(visitor: Visitor, key: str) -> Locator:
    """The panel called so."""
    return visitor.page.get_by_role("region", name=visitor.said(key))


def unfold(visitor: Visitor, key: str) -> Locator:
    """Open a panel, once its market is whole, and wait for its chart."""
    visitor.page.wait_for_function("() => (window.whosecar.state.market || {}).panels", timeout=30_000)
    found = panel(visitor, key)
    button = found.get_by_role("heading", level=2).get_by_role("button")
    playwright.expect(button).to_have_attribute("aria-expanded", "false")
    button.focus()
    visitor.page.keyboard.press("Enter")
    playwright.expect(found.locator("canvas").first).to_be_visible()
    return found


def tile(visitor: Visitor, key: str) -> Locator:
    """One tile."""
    return visitor.page.locator(f".wc-tile-{key}")


def go(visitor: Visitor, week: int) -> None:
    """Move the play-head."""
    visitor.page.evaluate(f"window.whosecar.seek({week})")
    visitor.waits_for_week(f"== {week}")


def test_every_panel_opens_by_keyboard_and_fits(visit: Callable[..., Visitor]) -> None:
    """Folded at first; each shows a chart that says what it shows, and none makes the page scroll sideways."""
    visitor = visit(color_scheme="dark").open("lang=zh&consumers=20000&week=104")
    assert visitor.page.get_by_role("img").count() == 1, "everything but the chart of shares is folded away"
    for key in PANELS:
        chart = unfold(visitor, key).get_by_role("img").first
        assert re.search(r"\d", chart.get_attribute("aria-label") or ""), key
    assert visitor.page.get_by_role("img").count() == 1 + 3 + 1 + 1 + 1, "blame has one for each of the three parties"
    fits = "width => Math.max(...[...document.querySelectorAll('canvas')].map(one => one.clientWidth)) < width"
    for width, height in WIDTHS.items():
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.page.wait_for_function(fits, arg=width)
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width


def test_tiles_and_panels_follow_the_play_head(visit: Callable[..., Visitor]) -> None:
    """Nobody is blamed before anything went wrong; tiles explain themselves; scopes and pictures can be chosen."""
    visitor = visit().open("lang=en&consumers=20000&week=30")
    blame = unfold(visitor, "blame")
    quiet = re.compile(texts.say("blame_quiet", "en"))
    story = blame.get_by_role("rowheader", name=re.compile("cap reported as not displayed at purchase"))
    playwright.expect(blame.get_by_role("img").first).to_have_attribute("aria-label", quiet)
    playwright.expect(story).to_have_count(0)
    go(visitor, 55)
    playwright.expect(blame.get_by_role("img").first).not_to_have_attribute("aria-label", quiet)
    playwright.expect(story).to_have_count(1)
    blame.get_by_role("button", name=visitor.said("table_show")).click()
    playwright.expect(blame.get_by_role("table").last).to_contain_text(texts.say("blame_cause", "en"))
    tiles_explain_themselves(visitor)
    go(visitor, 104)
    scopes_can_be_chosen(visitor)


def tiles_explain_themselves(visitor: Visitor) -> None:
    """Six at first, ten when asked; what rests on few consumers says so."""
    assert visitor.page.locator(".wc-tile").count() == 6
    playwright.expect(tile(visitor, "definition")).to_contain_text(texts.say("thin", "en"))
    tile(visitor, "blame").get_by_role("button").click()
    playwright.expect(tile(visitor, "blame")).to_contain_text(texts.say("explain_blame", "en"))
    tile(visitor, "blame").get_by_role("button").click()
    playwright.expect(tile(visitor, "blame")).to_contain_text("JD")
    visitor.button("tiles_more").click()
    assert visitor.page.locator(".wc-tile").count() == 10
    playwright.expect(tile(visitor, "interface")).to_contain_text("13 weeks")


def scopes_can_be_chosen(visitor: Visitor) -> None:
    """The focal brand is bought in the platform's own shop; money has both scopes; a picture carries the banner."""
    flow, earns = unfold(visitor, "flow"), unfold(visitor, "earns")
    flow.get_by_text("Aion", exact=True).first.click()
    mostly_there = re.compile(r"Channels: JD store 9\d%.*Brands: Aion 100%")
    playwright.expect(flow.get_by_role("img")).to_have_attribute("aria-label", mostly_there)
    flow.get_by_role("button", name=visitor.said("table_show")).click()
    assert {name.strip() for name in flow.locator("tbody th:nth-child(3)").all_text_contents()} == {"Aion"}
    with visitor.page.expect_download() as taken:
        flow.get_by_role("button", name=visitor.said("carry_svg")).click()
    said = " ".join(ElementTree.parse(taken.value.path()).getroot().itertext())
    assert texts.say("banner", "en").split(".")[0] in said
    before = earns.get_by_role("img").get_attribute("aria-label") or ""
    earns.get_by_text(texts.say("earns_all", "en"), exact=True).click()
    playwright.expect(earns.get_by_role("img")).not_to_have_attribute("aria-label", before)
    earns.get_by_role("button", name=visitor.said("earns_everybody")).click()
    assert earns.locator("tbody tr").count() > 8
