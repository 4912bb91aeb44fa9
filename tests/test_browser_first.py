"""The first five minutes and a lesson in a real browser: vote, reveal, act, by touch and by keyboard alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from browsing import SHORT, WIDTHS, Visitor, playwright

from dashboards import texts

if TYPE_CHECKING:
    from playwright.sync_api import Locator

LONG = 6 * SHORT
"""A market of the first page takes some seconds, and more on a busy machine."""


def answer(visitor: Visitor, name: str) -> Locator:
    """The button of an answer, whatever its votes."""
    return visitor.page.get_by_role("button", name=re.compile(f"^{re.escape(name)}[:：]"))


def first_page(visitor: Visitor, search: str = "lang=en") -> Visitor:
    """Open the first page."""
    visitor.page.goto(f"{visitor.address}/?{search}")
    playwright.expect(visitor.page.locator(".wc-answer").first).to_be_visible(timeout=LONG)
    return visitor


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_the_first_page_asks_reveals_and_fits(visit: Callable[..., Visitor], language: texts.Language) -> None:
    """Question, vote, bars, line and a number with what it rests on; fictional names, no banner, no sideways scroll."""
    visitor = first_page(visit(), f"lang={language}")
    page = visitor.page
    playwright.expect(page.get_by_role("heading", level=1)).to_have_text(texts.say("title", language))
    playwright.expect(page.get_by_role("note")).to_have_count(0)
    assert not re.search(r"\bJD\b|京东", page.locator("main").inner_text())
    nobody = answer(visitor, texts.say("vote_nobody", language))
    nobody.click()
    playwright.expect(nobody).to_have_attribute("aria-pressed", "true")
    visitor.button("first_reveal").click()
    headline = page.locator(".wc-headline")
    playwright.expect(headline).to_be_visible(timeout=LONG)
    assert re.search(r"[+−][\d,]+", headline.locator("strong").inner_text())
    playwright.expect(headline).to_contain_text(re.compile(r"[\d,]{3,}"))
    playwright.expect(page.locator(".wc-bars-rows > li")).to_have_count(3)
    playwright.expect(page.get_by_role("img")).to_have_attribute("aria-label", re.compile(r"\d%"))
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(f"document.querySelector('.wc-trace svg').clientWidth < {width}")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), width
    page.get_by_role("switch").click()
    playwright.expect(page.get_by_role("note")).to_have_text(texts.say("banner", language))


def test_an_act_is_one_click_and_the_laboratory_opens_the_same_market(visit: Callable[..., Visitor]) -> None:
    """After an act the line beside it is the market without the act; the laboratory has both; Back leads back."""
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.address}/?lang=en&shown=1")
    playwright.expect(page.locator(".wc-headline")).to_contain_text(texts.say("line_effect_event", "en"), timeout=LONG)
    lever = page.locator(".wc-lever", has_text="takes over delivery")
    lever.click()
    playwright.expect(lever).to_have_attribute("aria-pressed", "true")
    playwright.expect(page.locator(".wc-headline")).to_contain_text(texts.say("line_effect_act", "en"), timeout=LONG)
    assert parse_qs(urlsplit(page.url).query)["lever"] == ["deliver"]
    visitor.button("first_laboratory").click()
    playwright.expect(visitor.button("play", "replay")).to_be_enabled(timeout=LONG)
    parts = urlsplit(page.url)
    asked = parse_qs(parts.query)
    assert parts.path == "/market"
    assert asked["set"] == ["window.1"]
    assert asked["acts"] == ["1.move.5.100.delivery-gac-jd"]
    assert asked["names"] == ["fictional"]
    playwright.expect(page.locator(".wc-acts li")).to_have_count(1)
    page.go_back()
    playwright.expect(page.locator(".wc-headline")).to_be_visible(timeout=LONG)


def test_an_address_that_names_a_market_still_opens_it(visit: Callable[..., Visitor]) -> None:
    """Links from before there was a first page live on."""
    visitor = visit()
    visitor.page.goto(f"{visitor.address}/?lang=en&case=jd-gac-catl&consumers=20000&week=30")
    playwright.expect(visitor.button("play", "replay")).to_be_enabled(timeout=LONG)
    assert visitor.week == 30


def test_a_class_votes_from_its_own_phones(visit: Callable[..., Visitor]) -> None:
    """The teacher opens a class; a pupil joins by the code; each sees the other's vote; only the teacher counts hands."""
    teacher, pupil = first_page(visit()), first_page(visit(), "lang=zh")
    teacher.button("room_open").click()
    playwright.expect(teacher.page.locator(".wc-room strong")).to_be_visible()
    code = parse_qs(urlsplit(teacher.page.url).query)["room"][0]
    pupil.button("room_join").click()
    pupil.page.get_by_label(texts.say("room_code", "zh")).fill(code.lower())
    pupil.button("room_go").click()
    playwright.expect(pupil.page.locator(".wc-room")).to_contain_text(code)
    playwright.expect(pupil.button("vote_hands")).to_have_count(0)
    pupil.page.locator(".wc-answer").first.click()
    playwright.expect(teacher.page.locator(".wc-answer b").first).to_have_text("1")
    teacher.button("vote_hands").click()
    more = teacher.page.get_by_role("button", name=re.compile("^One hand more"))
    more.first.click()
    more.first.click()
    playwright.expect(pupil.page.locator(".wc-answer b").first).to_have_text("3")
    other = first_page(visit())
    playwright.expect(other.page.locator(".wc-answer b").first).to_have_text("0")


def test_phones_follow_the_teacher_through_a_lesson(visit: Callable[..., Visitor]) -> None:
    """The address on the wall leads to the step at which the class is; when the teacher goes on, so do the phones."""
    teacher, pupil = visit(), visit()
    teacher.page.goto(f"{teacher.address}/lessons?lang=en&lesson=blame&step=2")
    teacher.button("room_open").click()
    playwright.expect(teacher.page.locator(".wc-room strong")).to_be_visible(timeout=LONG)
    code = parse_qs(urlsplit(teacher.page.url).query)["room"][0]
    pupil.page.goto(f"{pupil.address}/lessons?room={code}&lang=en")
    title = teacher.page.locator("#wc-content").inner_text()
    playwright.expect(pupil.page.locator("#wc-content")).to_have_text(title, timeout=LONG)
    playwright.expect(pupil.page).to_have_url(re.compile("lesson=blame&step=2"))
    playwright.expect(pupil.page.locator(".wc-room")).to_contain_text(code)
    pupil.page.locator(".wc-answer").first.click()
    playwright.expect(pupil.page.locator(".wc-answer").first).to_have_attribute("aria-pressed", "true")
    playwright.expect(teacher.page.locator(".wc-answer b").first).to_have_text("1")
    teacher.page.keyboard.press("ArrowRight")
    playwright.expect(teacher.page.locator("#wc-content")).not_to_have_text(title)
    after = teacher.page.locator("#wc-content").inner_text()
    playwright.expect(pupil.page.locator("#wc-content")).to_have_text(after)


def test_a_lesson_is_given_by_keyboard_alone(visit: Callable[..., Visitor]) -> None:
    """Arrow keys turn pages, R reveals, T shows the notes; the address leads back to the step."""
    visitor = visit()
    page = visitor.page
    page.goto(f"{visitor.address}/lessons?lang=en")
    card = page.get_by_role("button", name=re.compile("^Who defines"))
    playwright.expect(card).to_be_visible(timeout=LONG)
    card.focus()
    page.keyboard.press("Enter")
    title = page.locator("#wc-content")
    playwright.expect(title).to_have_text("Whose car is it?")
    page.keyboard.press("ArrowRight")
    playwright.expect(title).to_have_text("Look inside")
    page.keyboard.press("r")
    playwright.expect(page.locator(".wc-bars-rows > li")).to_have_count(3, timeout=LONG)
    playwright.expect(page.locator(".wc-lesson-sentence")).to_be_visible()
    page.keyboard.press("t")
    playwright.expect(page.locator(".wc-lesson-notes p")).to_be_visible()
    assert {"lesson": ["definition"], "step": ["1"], "shown": ["1"]}.items() <= parse_qs(
        urlsplit(page.url).query
    ).items()
    page.keyboard.press("ArrowLeft")
    playwright.expect(title).to_have_text("Whose car is it?")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
