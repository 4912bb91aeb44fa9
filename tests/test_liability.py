"""Remedies are paid as agreed, from budgets, also by who has left."""

from __future__ import annotations

import pytest
from ledgers import accounts, gained


def test_remedies_are_split_as_agreed_while_budgets_last() -> None:
    """1,000 x 1,000 due, .5 .3 .2: the platform has 400,000 and nobody steps in for it; what is paid is .9."""
    split = {"remedy_split": {"jd": 0.5, "gac": 0.3, "catl": 0.2}}
    book = accounts({"one": {"cars": ["good"], **split}}, jd=4e5)
    assert book.remedy(0, "good", 1_000.0, 1_000.0, ["gac"]) == pytest.approx(0.9)
    assert gained(book)["remedy"] == {"jd": -4e5, "gac": -3e5, "catl": -2e5, "households": 9e5}
    assert book.remedy(1, "good", 1_000.0, 1_000.0, ["gac"]) == pytest.approx(0.5)
    assert book.remedy(2, "good", 1_000.0, 0.0, ["gac"]) == 1.0
    assert book.remedy(3, "plain", 10.0, 10.0, ["gac", "jd"]) == pytest.approx(0.5)
    assert gained(book, 3)["remedy"] == {"gac": -50.0, "households": 50.0}


def test_who_leaves_pays_its_fee_and_stays_liable_as_long_as_agreed() -> None:
    """Exit fee to the heir; its part of remedies until the last day, then the heir's; what names it as seller ends."""
    terms = {
        "cars": ["good"], "seller": "jd", "exit_fee_cny": 1e6, "liability_after_exit_weeks": 4.0,
        "remedy_split": {"jd": 0.5, "gac": 0.5},
    }  # fmt: skip
    book = accounts({"one": terms | {"exclusive_until": "2026-01-01"}})
    book.left(2, "good", "jd", "douyin")
    assert gained(book, 2) == {"exit_fee": {"jd": -1e6, "douyin": 1e6}}
    assert book.agreements.of_car(0, 21.0) == []
    kept = accounts({"one": {**terms, "seller": None}})
    kept.left(2, "good", "jd", "douyin")
    assert kept.liable(0, 6 * 7 - 1, ["gac"]).tolist() == [0.0, 0.0, 0.5, 0.5]
    assert kept.liable(0, 6 * 7, ["gac"]).tolist() == [0.0, 0.5, 0.5, 0.0]
    kept.left(10, "good", "douyin", "gac")
    assert kept.liable(0, 20 * 7, ["gac"]).tolist() == [0.0, 0.0, 1.0, 0.0]
