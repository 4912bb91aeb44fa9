"""What a visitor meets on the pages of results and lives: the real command, in Chromium."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import result_folders
from browsing import WIDTHS, Server, Visitor, playwright, serving
from drawing import need
from test_hostile_server import attack
from test_results import files_of, packed

from dashboards import texts
from dashboards.server import ROOT_VARIABLE


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one result, and beside it a link that leads out and a folder that is broken."""
    outside, top = tmp_path_factory.mktemp("outside"), tmp_path_factory.mktemp("results")
    result_folders.make("run", top)
    (top / "out").symlink_to(outside)
    (top / "broken").mkdir()
    (top / "broken" / "sales.parquet").write_bytes(b"no table")
    (top / "broken" / "manifest.json").write_text("{}")
    return top


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Iterator[Server]:
    """One server with a root; it must end well and have logged no traceback."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(os.environ, ROOT_VARIABLE, str(root))
        yield from serving(tmp_path_factory.mktemp("server"))


def fits(visitor: Visitor) -> None:
    """No sideways scroll at three widths."""
    for width, height in WIDTHS.items():
        visitor.page.set_viewport_size({"width": width, "height": height})
        visitor.page.wait_for_function(f"document.documentElement.clientWidth <= {width}")
        assert visitor.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width


@pytest.mark.parametrize("language", ["en", pytest.param("zh", marks=pytest.mark.slow)])
def test_a_result_is_opened_and_its_parts_are_read(visit: Callable[..., Visitor], language: texts.Language) -> None:
    """From the list to figures with words and the command that makes it again; Back leads back; refusals are kind."""
    visitor = visit(color_scheme="dark" if language == "zh" else "light")
    page = visitor.page
    page.goto(f"{visitor.address}/results?lang={language}")
    page.get_by_role("radio", name="run", exact=True).check(force=True)
    parts = page.get_by_role("navigation", name=visitor.said("result_parts")).get_by_role("button")
    playwright.expect(parts.first).to_be_visible(timeout=30_000)
    playwright.expect(page.get_by_role("img").first).to_be_visible()
    playwright.expect(page.get_by_role("note")).to_have_text(texts.say("banner", language))
    fits(visitor)
    again = parts.nth(parts.count() - 2)
    again.click()
    playwright.expect(page.locator("pre").first).to_contain_text("whosecar run")
    page.go_back()
    playwright.expect(page.get_by_role("img").first).to_be_visible()
    for folder, said in (("broken", "result_broken"), ("out", "result_refused")):
        page.goto(f"{visitor.address}/results?lang={language}&folder={folder}")
        playwright.expect(page.get_by_text(texts.say(said, language))).to_be_visible()


@pytest.mark.slow
def test_a_result_that_is_brought_along_is_seen_by_nobody_else(
    visit: Callable[..., Visitor], root: Path, tmp_path: Path
) -> None:
    """A zip file is opened for who sent it; one that is none is refused."""
    visitor, other = visit(), visit()
    page = visitor.page
    page.goto(f"{visitor.address}/results?lang=en")
    (tmp_path / "bad.zip").write_bytes(packed({"run.py": b"import os"}))
    (tmp_path / "good.zip").write_bytes(packed(files_of(root / "run", "run/")))
    page.locator("input[type=file]").set_input_files(tmp_path / "bad.zip")
    playwright.expect(page.get_by_role("alert")).to_have_text(texts.say("upload_unknown", "en"))
    page.locator("input[type=file]").set_input_files(tmp_path / "good.zip")
    playwright.expect(page.get_by_role("radio", name=texts.say("uploaded", "en"))).to_be_checked(timeout=30_000)
    playwright.expect(page.get_by_role("img").first).to_be_visible(timeout=30_000)
    other.page.goto(page.url)
    playwright.expect(other.page.get_by_text(texts.say("result_refused", "en"))).to_be_visible()


def test_a_life_is_told_and_leads_back_to_its_market(visit: Callable[..., Visitor]) -> None:
    """From the market that is played to a JD-like buyer who cancelled, and back to the week in which it happened."""
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.address}/?lang=en&consumers=20000&seed=3&week=50")
    page.get_by_role("link", name=texts.say("page_life", "en"), exact=True).click()
    page.get_by_label(texts.say("life_profile", "en")).select_option("jd_like")
    weeks = page.get_by_role("button", name=re.compile("^See the market in week"))
    playwright.expect(weeks.first).to_be_visible(timeout=30_000)
    assert "Cancels" in page.locator(".wc-life-line").inner_text()
    assert "seed=3" in page.url
    fits(visitor)
    page.set_viewport_size({"width": 1440, "height": WIDTHS[1440]})
    page.get_by_role("switch").click()
    playwright.expect(page.get_by_role("note")).to_have_count(0)
    playwright.expect(page.locator("main")).not_to_contain_text("JD")
    found = re.search(r"week (\d+),", weeks.first.get_attribute("aria-label") or "")
    assert found
    weeks.first.click()
    playwright.expect(visitor.button("play", "replay", "pause")).to_be_enabled(timeout=30_000)
    visitor.waits_for_week(f"== {found.group(1)}")
    page.go_back()
    playwright.expect(weeks.first).to_be_visible(timeout=30_000)


@pytest.mark.slow
def test_who_reads_lives_of_nobody_is_told_so(visit: Callable[..., Visitor]) -> None:
    """Somebody who was not followed, and a wild address: kind words and no fault."""
    visitor = visit()
    visitor.page.goto(f"{visitor.address}/life?lang=en&consumer=19999&profile=%3Cscript%3E&seed=x")
    playwright.expect(visitor.page.get_by_text(texts.say("life_unfollowed", "en"))).to_be_visible(timeout=30_000)
    playwright.expect(visitor.page.get_by_text(texts.say("link_fault", "en", fields="seed"))).to_be_visible()


def test_whatever_one_visitor_asks_for_nobody_else_notices(server: Server) -> None:
    """Fifty wild addresses and a wild value into every piece of the market's page; the night asks for more."""
    need("websockets")
    with ThreadPoolExecutor(1) as apart:  # a browser that is driven from this thread has its own event loop here
        apart.submit(asyncio.run, attack(server, 50, ["/market", "/results"])).result()
    assert server.log.read_text() == ""
