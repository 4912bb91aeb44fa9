"""Acting in a real browser: the line moves and its ghost stays, files replay, Back undoes, nobody else sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browsing import SHORT, Visitor, playwright

from dashboards import texts
from market import Case, Market

LONG = 4 * SHORT
START = "lang=en&consumers=20000&week=52"


def ghosted(visitor: Visitor) -> None:
    """Wait until the acted market and its ghost are both there, whole."""
    visitor.page.wait_for_function(
        "() => window.whosecar.ghost() && window.whosecar.state.market.made === window.whosecar.state.weeks",
        timeout=LONG,
    )


def focal(visitor: Visitor, of: str) -> list[int]:
    """Hundredths of a percent of the focal car in the market or in its ghost, week by week."""
    row = {
        "market": "(m => m.groups.car.share[13][m.groups.car.ids.indexOf(m.focal.ids.car)])(window.whosecar.state.market)",
        "ghost": "window.whosecar.ghost().rows.car.share[13]",
    }[of]
    return list(visitor.page.evaluate(row))


def act(visitor: Visitor, kind: str, amount: int) -> None:
    """Choose what happens and how strong it is, and do it."""
    form = visitor.page.locator(".wc-acts form")
    form.get_by_label(texts.say("act_what", "en")).select_option(kind)
    form.get_by_label(texts.say("act_strength", "en")).fill(str(amount))
    visitor.button("act_do").click()


def test_an_act_moves_the_line_and_leaves_the_ghost_and_back_takes_it_back(visit: Callable[..., Visitor]) -> None:
    """A price cut at the play-head: weeks before it stay, weeks after it differ, the ghost is the market before."""
    visitor, other = visit().open(START), visit().open(START + "&names=fictional")
    visitor.page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    before = focal(visitor, "market")
    act(visitor, "price", 25)
    ghosted(visitor)
    page = visitor.page
    assert "acts=1.price.52.25.ut_super" in page.url
    assert visitor.week == 52
    acted = focal(visitor, "market")
    assert focal(visitor, "ghost") == before
    assert acted[:52] == before[:52]
    assert acted[60:] != before[60:]
    page.get_by_role("slider").fill("90")
    effect = page.locator(".wc-effect dd b")
    playwright.expect(effect).to_have_count(2)
    playwright.expect(effect.nth(1)).to_have_text(re.compile(r"^\+[\d,]+$"))
    playwright.expect(page.locator(".wc-effect")).to_contain_text(re.compile(r"[Bb]ased on [\d,]+ simulated buyers"))
    playwright.expect(page.locator(".wc-canvas")).to_have_attribute("aria-label", re.compile(texts.say("ghost", "en")))
    playwright.expect(page.locator(".wc-orders path")).to_have_count(2)
    playwright.expect(page.locator(".wc-badge.wc-act")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    over_pairs = re.compile(r"95% between \+[\d,]+ and \+[\d,]+, over [2-8] pairs")
    playwright.expect(page.locator(".wc-effect")).to_contain_text(over_pairs, timeout=2 * LONG)
    playwright.expect(effect.nth(1)).to_have_text(re.compile(r"^\+[\d,]+$"))
    other.page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    assert focal(other, "market") == before
    assert other.page.locator(".wc-acts li").count() == 0
    page.go_back()
    page.wait_for_function("window.whosecar.state.market.ghost === ''", timeout=LONG)
    playwright.expect(page.locator(".wc-acts li")).to_have_count(0)
    assert focal(visitor, "market") == before


def test_acts_are_changed_and_taken_back_on_their_list(visit: Callable[..., Visitor]) -> None:
    """A failure and what was said about it: another strength, another week, then both go together."""
    both = "1.failure.50.100.quality_defect~2.apology.51.30.act_1-gac"
    visitor = visit().open(f"{START}&acts={both}")
    page, listed = visitor.page, visitor.page.locator(".wc-acts li")
    playwright.expect(listed).to_have_count(2)
    listed.first.get_by_role("button").first.click()
    form = page.locator(".wc-acts form")
    form.get_by_label(texts.say("act_strength", "en")).fill("200")
    form.get_by_label(texts.say("act_week", "en"), exact=True).fill("50")
    visitor.button("act_keep").click()
    page.wait_for_url(re.compile(r"acts=1\.failure\.49\.200\.quality_defect"))
    listed.first.get_by_role("button").nth(1).click()
    playwright.expect(listed).to_have_count(0)
    assert "acts=" not in page.url


def test_the_file_that_is_carried_away_replays_to_the_same_shares(visit: Callable[..., Visitor]) -> None:
    """The case, run again elsewhere, gives the line that was shown; tables and pictures come too."""
    visitor = visit().open(f"{START}&acts=1.price.52.25.ut_super")
    visitor.page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    paths: dict[str, Path] = {}
    for kind in ("toml", "csv", "parquet", "png", "svg"):
        with visitor.page.expect_download(timeout=LONG) as coming:
            visitor.button(f"carry_{kind}").click()
        paths[kind] = Path(coming.value.path())
        assert coming.value.suggested_filename.endswith(f".{kind}")
    assert paths["csv"].read_bytes().startswith("﻿".encode())
    assert paths["parquet"].read_bytes().startswith(b"PAR1")
    assert paths["png"].read_bytes().startswith(b"\x89PNG")
    assert "<svg" in paths["svg"].read_text(encoding="utf-8")
    market = Market(Case.parse(paths["toml"].read_text(encoding="utf-8")), rng=1).run()
    sales = market.ledger.sales()
    sold = sales.groupby("week")["deliveries"].sum().rolling(13, min_periods=1).sum()
    own = sales[sales["car"] == "ut_super"].groupby("week")["deliveries"].sum().reindex(sold.index, fill_value=0.0)
    replayed = 100 * own.rolling(13, min_periods=1).sum() / sold
    assert focal(visitor, "market") == pytest.approx((100 * replayed).tolist(), abs=0.51)
    market.close()


def test_an_assumption_makes_another_market_and_can_be_taken_back(visit: Callable[..., Visitor]) -> None:
    """Folded away until it is wanted; a value out of range is not taken; the mark says what was changed."""
    visitor = visit().open(START)
    page = visitor.page
    visitor.page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    before = focal(visitor, "market")
    page.locator(".wc-controls summary").click()
    people = page.get_by_label(texts.say("control_people", "en", who="JD"), exact=True)
    people.fill("400")
    people.blur()
    playwright.expect(people).to_have_value("45")
    people.fill("80")
    people.blur()
    page.wait_for_url(re.compile("set=people.80"))
    page.wait_for_function("window.whosecar.state.market.key.includes('people.80')", timeout=LONG)
    assert visitor.week == 52
    playwright.expect(page.locator(".wc-count")).to_have_text(re.compile("1"))
    page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    assert focal(visitor, "market") != before
    page.locator(".wc-controls > .wc-tool").click()
    page.wait_for_function("!window.whosecar.state.market.key.includes('people.80')", timeout=LONG)
    assert "set=" not in page.url


def test_play_begins_before_the_market_is_whole(visit: Callable[..., Visitor]) -> None:
    """The first weeks come while the rest is simulated; nothing that was seen changes when the rest is there."""
    visitor = visit().open("lang=en&consumers=20000&seed=77")
    page = visitor.page
    seen: Any = page.evaluate("() => JSON.stringify(window.whosecar.state.market)")
    part = json.loads(seen)
    visitor.button("play").click()
    visitor.waits_for_week(">= 3")
    page.wait_for_function("window.whosecar.state.market.made === 104", timeout=LONG)
    assert visitor.week >= 3
    whole = json.loads(page.evaluate("() => JSON.stringify(window.whosecar.state.market)"))
    assert whole["totals"]["orders"][: part["made"]] == part["totals"]["orders"]
    assert part["made"] < 104


def test_what_a_widget_sends_is_checked_like_an_address(visit: Callable[..., Visitor]) -> None:
    """A link with impossible acts comes up politely, with what is possible."""
    visitor = visit().open(f"{START}&acts=1.price.52.25.ut_super~2.move.52.100.service-jd-nobody&set=people.999")
    playwright.expect(visitor.page.get_by_text(texts.say("link_fault", "en", fields="set, acts"))).to_be_visible()
    playwright.expect(visitor.page.locator(".wc-acts li")).to_have_count(1)
