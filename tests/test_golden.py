"""The bundled cases still give the totals they gave when these were last looked at."""

from __future__ import annotations

import math

import pytest
from golden import heaviest, kept, totals

from market import Case


def test_every_bundled_case_has_its_golden_totals() -> None:
    """A new case is not forgotten, nor one that is gone."""
    assert sorted(kept()) == sorted(Case.bundled())


@pytest.mark.parametrize("name", sorted(Case.bundled()))
def test_totals_are_the_golden_ones(name: str) -> None:
    """Orders, cancellations and deliveries by car and the outside good, to three consumers.

    On one machine they are equal to the bit; another processor may round a float32 logarithm otherwise and so turn a
    near-tie, about one decision in 300,000.

    If a change is meant to change results, look at what changed, then run `python -m tests.golden`.
    """
    golden, today = kept()[name], totals(name)
    allowed = 3.0 * heaviest(name)
    assert {flow: sorted(golden[flow]) for flow in golden} == {flow: sorted(today[flow]) for flow in today}
    changed = [
        f"{flow} of {car}: {golden[flow][car]:,.1f} -> {value:,.1f}"
        for flow, cars in today.items()
        for car, value in cars.items()
        if not math.isclose(value, golden[flow][car], rel_tol=1e-6, abs_tol=allowed)
    ]
    assert not changed, "\n" + "\n".join(changed)
