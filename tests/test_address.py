"""Addresses: whatever one holds, the page that follows is one that exists."""

from __future__ import annotations

import random
from dataclasses import asdict
from typing import Any

import pytest
from drawing import CASES, USUAL

from dashboards import address, texts


def test_a_thousand_wild_addresses_all_give_an_allowed_view() -> None:
    """Whatever an address holds, the page that follows is one that exists."""
    wild = random.Random(7)
    keys = [*asdict(USUAL), "x", "__class__", ""]
    values = [
        "jd-gac-catl",
        "1",
        "-1",
        "1e9",
        "NaN",
        "٣",
        "9" * 40,
        "../../etc/passwd",
        "<script>",
        "%00",
        "real",
        "zh",
        "\ud800",
        "car",
        "lines",
    ]
    for _ in range(1_000):
        pairs = [f"{wild.choice(keys)}={wild.choice(values)}" for _ in range(wild.randint(0, 8))]
        text = wild.choice(["?", ""]) + "&".join(pairs) + wild.choice(["", "&&&", "=", "%", "x" * 3_000])
        view, refused = address.read(text, USUAL, CASES)
        assert view.case in CASES
        assert view.lang in texts.LANGUAGES
        assert view.consumers in address.CONSUMERS
        assert (view.by, view.shape, view.mean) in [
            (b, s, m) for b in address.GROUPS for s in address.SHAPES for m in address.MEANS
        ]
        assert 0 <= view.seed <= address.MAX_SEED
        assert isinstance(refused, tuple)


def test_an_address_leads_back_to_its_view() -> None:
    """A link restores what was shown; the usual view has a short one."""
    view = address.View("dealer-baseline", 20_000, 42, "zh", "fictional", "car", "lines", 13, 60)
    assert address.read(view.query(USUAL), USUAL, CASES) == (view, ())
    assert USUAL.query(USUAL) == "case=jd-gac-catl"


def test_what_cannot_be_used_is_named() -> None:
    """A visitor learns which part of a link was left out."""
    view, refused = address.read("seed=minus&lang=zh&week=999999", USUAL, CASES)
    assert (view.lang, view.seed, view.week) == ("zh", 1, 0)
    assert refused == ("seed", "week")
    assert address.read("x" * 5_000, USUAL, CASES) == (USUAL, ("address",))


@pytest.mark.parametrize(
    "asked",
    [None, 3, "lang=zh", [1], {"seed": 1e9}, {"seed": True}, {"seed": {}}, {1: 2}, {"case": "../x"}, {"mean": 5}],
)
def test_a_widget_can_ask_for_nothing_that_an_address_cannot(asked: Any) -> None:
    """Browsers can send anything in the name of a widget; the same check stands before it."""
    assert USUAL.change(asked, CASES) == USUAL
