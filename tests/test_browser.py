"""What a visitor meets: the real command, in Chromium, with nothing reachable but the page's own server."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browsing import WIDTHS, Server, Visitor, playwright

from dashboards import texts

if TYPE_CHECKING:
    from playwright.sync_api import Browser


def test_the_server_counts_its_visitors_and_lets_go_of_them(server: Server, chromium: Browser) -> None:
    """A closed tab frees its seat at once. The first of all tests with a browser: nobody else is on the way out."""

    def taken() -> int:
        return int(json.loads(server.get("/healthz")[1])["taken"])

    before = taken()
    context = chromium.new_context()
    visitor = Visitor(context, server.address).open()
    assert taken() == before + 1
    visitor.page.close(run_before_unload=True)
    other = Visitor(context, server.address)
    other.page.goto(server.address + "/healthz")
    other.page.wait_for_function(f"async () => (await (await fetch('/healthz')).json()).taken === {before}")
    context.close()


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_page_comes_up_and_fits(visit: Callable[..., Visitor], language: texts.Language) -> None:
    """Both languages at three widths: title, banner, chart, no fault, nothing from outside, no sideways scroll."""
    visitor = visit(color_scheme="dark" if language == "zh" else "light").open(
        f"lang={language}&consumers=20000&week=30"
    )
    page = visitor.page
    playwright.expect(page.get_by_role("heading", level=1)).to_have_text(texts.say("title", language))
    playwright.expect(page.get_by_role("note")).to_have_text(texts.say("banner", language))
    playwright.expect(page).to_have_title(texts.say("title", language))
    playwright.expect(page.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"30"))
    playwright.expect(page.locator("canvas").first).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == texts.HTML_LANGUAGE[language]
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if language == "zh" else "light")
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"(w => w < {width} && w > {width} / 2)(document.querySelector('canvas').clientWidth)")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
        box = visitor.button("play").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= height, "play is in reach without scrolling"


def test_play_advances_pause_holds_step_adds_one_reset_returns(visit: Callable[..., Visitor]) -> None:
    """The four things one does with a market."""
    visitor = visit().open()
    assert visitor.week == 0
    visitor.button("play").click()
    visitor.waits_for_week(">= 5")
    visitor.button("pause").click()
    held = visitor.week
    assert held >= 5
    playwright.expect(visitor.button("play")).to_be_visible()
    visitor.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert visitor.week == held
    visitor.button("step").click()
    visitor.waits_for_week(f"== {held + 1}")
    assert f"{held + 1}" in visitor.chart()
    visitor.button("reset").click()
    visitor.waits_for_week("== 0")
    playwright.expect(visitor.button("poster")).to_be_visible()


def test_the_whole_run_plays_to_its_end_and_again(visit: Callable[..., Visitor]) -> None:
    """At the horizon it stops by itself and can be played again."""
    visitor = visit().open("lang=en&consumers=20000&week=102")
    visitor.button("play").click()
    visitor.waits_for_week("== 104")
    playwright.expect(visitor.button("replay")).to_be_visible()
    visitor.button("replay").click()
    visitor.waits_for_week("< 50")


def test_two_visitors_do_not_see_each_others_market(visit: Callable[..., Visitor]) -> None:
    """One plays and chooses; the other's market stays where and what it was."""
    first, second = (
        visit().open("lang=en&consumers=20000&seed=1&week=40"),
        visit().open("lang=zh&consumers=20000&seed=2&week=20"),
    )
    before = second.chart()
    first.button("play").click()
    first.waits_for_week(">= 45")
    first.page.get_by_role("radio", name=texts.say("by_maker", "en"), exact=True).check(force=True)
    assert second.chart() == before
    assert second.week == 20
    second.page.get_by_role("slider").fill("40")
    first.page.get_by_role("slider").fill("40")
    assert [re.findall(r"[\d.]+%", one.chart()) for one in (first, second)] == [
        re.findall(r"[\d.]+%", one.chart()) for one in (first, second)
    ]
    assert re.findall(r"[\d.]+%", first.chart()) != re.findall(r"[\d.]+%", second.chart())


def test_choices_stand_in_the_address_and_back_undoes_them(visit: Callable[..., Visitor]) -> None:
    """A link leads to what one sees; Back restores what one saw before."""
    visitor = visit().open()
    page = visitor.page
    page.get_by_role("button", name=texts.say("language_label", "en")).click()
    playwright.expect(page.get_by_role("heading", level=1)).to_have_text(texts.say("title", "zh"))
    assert "lang=zh" in page.url
    page.get_by_role("switch").click()
    playwright.expect(page.get_by_role("note")).to_have_count(0)
    assert "names=fictional" in page.url
    page.go_back()
    playwright.expect(page.get_by_role("note")).to_be_visible()
    page.go_back()
    playwright.expect(page.get_by_role("heading", level=1)).to_have_text(texts.say("title", "en"))


def test_another_case_is_another_market_and_starts_at_its_beginning(visit: Callable[..., Visitor]) -> None:
    """Choosing a case asks the server for its market, and the chart is the new one's."""
    visitor = visit().open("lang=en&consumers=20000&case=jd-gac-catl&week=80")
    before = visitor.chart()
    visitor.page.get_by_role("radio", name=re.compile("Dealer")).check(force=True)
    visitor.waits_for_week("== 0")
    playwright.expect(visitor.button("play")).to_be_enabled()
    visitor.page.get_by_role("slider").fill("80")
    playwright.expect(visitor.page.get_by_role("img")).not_to_have_attribute("aria-label", before)


def test_the_chart_can_be_read_without_eyes_and_without_a_mouse(visit: Callable[..., Visitor]) -> None:
    """A sentence, a table of the same numbers, and keys for play, step and reset."""
    visitor = visit().open("lang=en&consumers=20000&week=12")
    page = visitor.page
    shares = re.findall(r"[\d.]+(?=%)", visitor.chart())
    assert len(shares) == 5
    visitor.button("table_show").click()
    table = page.get_by_role("table")
    playwright.expect(table.get_by_role("row")).to_have_count(13)
    newest = table.get_by_role("row").nth(1).get_by_role("cell").all_inner_texts()
    assert set(shares) <= set(newest)
    page.locator("body").press("ArrowRight")
    visitor.waits_for_week("== 13")
    page.locator("body").press("Home")
    visitor.waits_for_week("== 0")
    page.locator("body").press(" ")
    visitor.waits_for_week("> 0")


def test_the_legend_keeps_what_was_highlighted(visit: Callable[..., Visitor]) -> None:
    """Neither playing nor another language takes the highlight away."""
    visitor = visit().open("lang=en&consumers=20000&week=50")
    page = visitor.page
    page.get_by_role("button", name=re.compile("^Wuling ")).click()
    visitor.button("play").click()
    visitor.waits_for_week(">= 52")
    visitor.button("pause").click()
    page.get_by_role("button", name=texts.say("language_label", "en")).click()
    playwright.expect(page.locator(".wc-ends button[aria-pressed=true]")).to_have_count(1)


def test_who_wants_no_motion_gets_whole_weeks(visit: Callable[..., Visitor]) -> None:
    """With reduced motion the play-head never stands between two weeks."""
    visitor = visit(reduced_motion="reduce").open()
    visitor.page.evaluate(
        "() => { window.between = 0; window.whosecar.watch((head) => { if (head % 1) window.between += 1; }); }"
    )
    visitor.button("play").click()
    visitor.waits_for_week(">= 2")
    assert visitor.page.evaluate("window.between") == 0


def test_colours_change_and_stay_changed(visit: Callable[..., Visitor]) -> None:
    """Light or dark is the visitor's choice, kept when the page is loaded again."""
    visitor = visit(color_scheme="light").open()
    visitor.page.get_by_role("button", name=texts.say("to_dark_label", "en")).click()
    assert visitor.page.evaluate("document.documentElement.dataset.theme") == "dark"
    visitor.page.reload()
    playwright.expect(visitor.page.get_by_role("button", name=texts.say("to_light_label", "en"))).to_be_visible()


def test_every_file_that_the_page_names_is_there(server: Server) -> None:
    """The page of the application asks for nothing that is missing or elsewhere; cut off, it speaks both languages."""
    status, page = server.get("/")
    assert status == 200
    named = set(re.findall(r"""(?:src|href)="([^"]+)\"""", page)) | set(
        re.findall(r'"(/static/[^"]+\.css\?v=\w+)"', page)
    )
    assert len(named) >= 8
    for url in named:
        assert url.startswith("/"), url
        assert server.get(url)[0] == 200, url
    assert server.get("/static/assets/cdn/echarts@5.4.0/dist/echarts.min.js")[0] == 200
    assert '<html lang="en">' in page
    assert "user-scalable=no" not in page
    assert "连接已断开" in page


def test_one_more_than_the_seats_sees_a_polite_page_and_ctrl_c_ends_it_well(chromium: Browser, tmp_path: Path) -> None:
    """With one seat the second visitor is told so in both languages; the command then stops with status 0."""
    server = Server(tmp_path, "--max-sessions", "1", "--lang", "zh")
    context = chromium.new_context(locale="en-GB")
    first = Visitor(context, server.address)
    first.open("consumers=20000")
    playwright.expect(first.page.get_by_role("heading", level=1)).to_have_text(texts.say("title", "zh"))
    other = chromium.new_context()
    page = other.new_page()
    answer = page.goto(server.address)
    assert answer is not None
    assert answer.status == 503
    playwright.expect(page.get_by_role("heading", name=texts.say("full_title", "en"))).to_be_visible()
    playwright.expect(page.get_by_role("heading", name=texts.say("full_title", "zh"))).to_be_visible()
    assert first.faults == []
    assert server.interrupt() == 0
    assert "Traceback" not in server.log.read_text()
    context.close()
    other.close()
