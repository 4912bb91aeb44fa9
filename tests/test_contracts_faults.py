"""A contract that cannot be meant is refused, by its full name and with a remedy."""

from __future__ import annotations

from typing import Any

import pytest
from small_cases import small_case

from market.casefile import CaseError

BAD = [
    ({"cars": ["d"]}, "contracts.one.cars: \"d\"; no such car"),
    ({"channels": ["door"]}, "contracts.one.channels: \"door\"; no such channel"),
    ({"seller": "dan"}, "contracts.one.seller: \"dan\"; no such organisation"),
    ({"remedy_split": {"dan": 1.0}}, "contracts.one.remedy_split: \"dan\"; no such organisation"),
    ({"remedy_split": {"ann": 0.5, "bob": 0.4}}, "contracts.one.remedy_split: shares sum to 0.9; they must sum to 1"),
    ({"stake": {"holder": "ann", "of": "dan", "share": 0.1}}, "contracts.one.stake.of: \"dan\"; no such organisation"),
    ({"stake": {"holder": "ann", "of": "ann", "share": 0.1}}, "must be another organisation than the holder"),
    ({"commission": 1.5}, "contracts.one.commission: given 1.5; allowed: a number from 0 to 1"),
    ({"shortfall_cny": 10.0}, "contracts.one.minimum_volume_per_year: 0; must be above 0"),
    ({"start": "2025-03-01", "exclusive_until": "2025-02-01"}, "contracts.one.exclusive_until: 2025-02-01; must be after"),
    ({"exit_fee_cny": -1.0}, "contracts.one.exit_fee_cny: given -1; allowed: a number from 0"),
]  # fmt: skip


@pytest.mark.parametrize(("terms", "message"), BAD)
def test_an_unsound_contract_is_refused_by_its_full_name(terms: dict[str, Any], message: str) -> None:
    """With what was given, what is allowed and a remedy."""
    with pytest.raises(CaseError) as caught:
        small_case(contracts={"one": terms})
    assert message in str(caught.value)


def test_two_contracts_for_one_sale_are_refused() -> None:
    """Each sale has one contract; two for different channels are sound."""
    with pytest.raises(CaseError, match="contracts.two: .*sales that contracts.one covers too"):
        small_case(contracts={"one": {"cars": ["b"]}, "two": {"channels": ["web"]}})
    assert small_case(contracts={"one": {"channels": ["shop"]}, "two": {"channels": ["web"]}}).contracts


def test_a_category_that_nobody_buys_is_refused() -> None:
    """Margins are by category of what owners pay."""
    with pytest.raises(CaseError, match=r"costs.margins.golf: .*no such category"):
        small_case(costs={"margins": {"golf": 0.5}})
