"""Totals of every bundled case, kept in golden.json. Only `python -m tests.golden` refreshes them."""

from __future__ import annotations

import json
from pathlib import Path

from market import Case, Market

FILE = Path(__file__).with_name("golden.json")
CONSUMERS, SEED = 20_000, 1
Totals = dict[str, dict[str, dict[str, float]]]
"""Households by case, flow and car; the outside good stands under "outside" with one entry, "all"."""


def totals(name: str) -> dict[str, dict[str, float]]:
    """Orders, cancellations and deliveries by car, and what went to the outside good, over a whole run."""
    market = Market(Case.load(name).change({"population.consumers": CONSUMERS}), rng=SEED).run()
    cars = list(market.catalogue.cars)
    sums = {
        flow: dict(zip(cars, market.ledger.by_car(flow).sum(axis=0).tolist(), strict=True))
        for flow in ("orders", "cancellations", "deliveries")
    }
    return sums | {"outside": {"all": float(market.ledger.outside.sum())}}


def heaviest(name: str) -> float:
    """Households behind the consumer who stands for most."""
    return float(Market(Case.load(name).change({"population.consumers": CONSUMERS}), rng=SEED).household.max())


def now() -> Totals:
    """The totals of every bundled case as the market computes them today."""
    return {name: totals(name) for name in sorted(Case.bundled())}


def kept() -> Totals:
    """The totals in the file."""
    table: Totals = json.loads(FILE.read_text("utf-8"))
    return table


if __name__ == "__main__":
    FILE.write_text(json.dumps(now(), indent=1) + "\n", "utf-8", newline="\n")
