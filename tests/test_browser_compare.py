"""Comparing in a real browser: numbers with intervals come, stop and go on; sides are exchanged, pasted and brought."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from browsing import SHORT, WIDTHS, Visitor, playwright

from dashboards import texts
from market import Case

LONG = 6 * SHORT
CUT = "1.price.52.25.ut_super"


def test_two_markets_are_compared_pair_by_pair(visit: Callable[..., Visitor], tmp_path: Path) -> None:
    """A price cut beside the market without it: more orders, with an interval; what a visitor changes is in the link."""
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.address}/compare?lang=en&case=jd-gac-catl&acts={CUT}&pairs=4&shown=~orders", timeout=LONG)
    sides = page.locator(".wc-side")
    playwright.expect(sides).to_have_count(2, timeout=LONG)
    playwright.expect(sides.first.locator("li")).to_contain_text("25%", timeout=LONG)
    playwright.expect(sides.nth(1)).to_contain_text(texts.say("compare_as_case", "en"), timeout=LONG)
    playwright.expect(page.locator(".wc-compared-now")).to_contain_text(re.compile(r"between [+−]\d"), timeout=LONG)
    playwright.expect(page.locator(".wc-compared-now b")).to_have_text(re.compile(r"^\+[\d,]+$"), timeout=LONG)
    assert page.locator(".wc-canvas-compared canvas").count() == 1
    assert page.locator(".wc-canvas-areas canvas").count() == 2
    assert page.locator(".wc-forest > div").count() == 1 + len(
        {c.brand for c in Case.load("jd-gac-catl").cars.values()}
    )
    visitor.button("compare_stop").click()
    playwright.expect(page.locator(".wc-compare-going")).to_contain_text(
        re.compile("Stopped after [23] of 4 pairs"), timeout=LONG
    )
    playwright.expect(visitor.button("compare_go_on")).to_be_enabled(timeout=LONG)

    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    page.set_viewport_size({"width": 1440, "height": 900})
    visitor.button("table_show").click()
    assert page.locator(".wc-table tbody tr").count() == 104

    visitor.button("compare_swap").click()
    page.wait_for_url(re.compile("b_acts=1.price.52.25.ut_super"), timeout=LONG)
    playwright.expect(sides.nth(1).locator("li")).to_contain_text("25%", timeout=LONG)
    page.go_back()
    page.wait_for_url(re.compile("[?&]acts=1.price"), timeout=LONG)
    playwright.expect(sides.first.locator("li")).to_contain_text("25%", timeout=LONG)

    sides.nth(1).locator("summary").click()
    sides.nth(1).locator("input[type=url]").fill("https://elsewhere.example/")
    visitor.button("compare_link_take").last.click()
    playwright.expect(sides.nth(1).get_by_role("alert")).to_have_text(
        texts.say("compare_link_fault", "en"), timeout=LONG
    )
    bad = tmp_path / "bad.toml"
    bad.write_text('base = "/etc/passwd"', encoding="utf-8")
    sides.nth(1).locator("input[type=file]").set_input_files(bad)
    playwright.expect(sides.nth(1).get_by_role("alert")).to_have_text(
        texts.say("compare_file_base", "en"), timeout=LONG
    )
    good = tmp_path / "good.toml"
    good.write_text(Case.load("dealer-baseline").to_toml(), encoding="utf-8")
    sides.nth(1).locator("input[type=file]").set_input_files(good)
    page.wait_for_url(re.compile("b_own=1"), timeout=LONG)
    playwright.expect(sides.nth(1).locator("option").first).to_contain_text("Dealer baseline", timeout=LONG)

    page.set_viewport_size({"width": 390, "height": WIDTHS[390]})
    page.goto(f"{visitor.address}/compare?lang=zh&case=virtual-maker&names=fictional&b_own=1")
    playwright.expect(sides.nth(1).get_by_role("alert")).to_have_text(texts.say("compare_own_gone", "zh"), timeout=LONG)
    playwright.expect(page.get_by_role("note")).to_have_count(0, timeout=LONG)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
