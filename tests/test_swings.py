"""Swings: one factor at a time against the differences of a rule, intervals by simulation, and runs that failed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from test_explain import BASE, Numbers, found, measured, table

from experiments import explain
from experiments.designs import Design
from experiments.designs.factors import Factor
from market import CaseError

NAMES = ("trust.loss_weight", "deferral.share", "trust.half_life_days")


def alone(seeds: int, names: tuple[str, ...] = NAMES) -> Design:
    """A design of one factor at a time, each from 0 to 1."""
    return Design(BASE, "one-at-a-time", tuple(Factor(name, "uniform", (0.0, 1.0)) for name in names), replicates=seeds)


def test_swings_of_a_rule_are_its_differences_from_the_base_whatever_a_seed_does_to_all() -> None:
    of = alone(4)
    base = of.points().iloc[0].to_numpy(float)

    def rule(x: Numbers) -> Numbers:
        return 3.0 * x[:, 0] - 8.0 * (x[:, 1] - base[1]) ** 2

    held = found(of, table(of, rule, seed_effect=5.0))
    assert held.method == "one-at-a-time" and held.boxes.empty and held.convergence.empty
    for end, part in (("at_low", 0.05), ("at_high", 0.95)):
        changes = measured(held, end)
        truth = [3.0 * (part - base[0]), -8.0 * (part - base[1]) ** 2, 0.0]
        np.testing.assert_allclose(changes.loc[list(NAMES), "value"], truth, atol=1e-12)
        np.testing.assert_allclose(changes["high"] - changes["low"], 0.0, atol=1e-9)
    ranked = explain.ranking(held.sensitivity)
    largest = max(abs(3.0 * (part - base[0])) for part in (0.05, 0.95))
    assert list(ranked["verdict"]) == ["decides", "decides", "hardly"]
    assert ranked.set_index("factor").loc[NAMES[0], "value"] == pytest.approx(largest)
    assert measured(held, "base").loc["", "value"] == pytest.approx(3.0 * base[0] + 5.0 * 2.5)


def test_intervals_of_swings_hold_the_truth_in_nineteen_of_twenty() -> None:
    of, rng = alone(6), np.random.default_rng(3)
    index = pd.MultiIndex.from_product([range(of.number_of_points), of.seeds], names=["point", "seed"]).to_frame(
        index=False
    )
    inside = []
    for _ in range(300):
        held = measured(found(of, index.assign(y=rng.normal(size=len(index)))), "at_high")
        inside.append(((held["low"] <= 0.0) & (held["high"] >= 0.0)).mean())
    # 900 intervals, of which three share a base: an error of at most sqrt(.05 x .95 / 300) = .013
    assert abs(np.mean(inside) - 0.95) < 0.039


def test_a_run_that_failed_takes_its_pair_out_of_a_swing_and_nothing_else() -> None:
    of = alone(20)
    runs = table(of, lambda x: 2.0 * x[:, 0], noise=0.1)
    holed = runs.drop(runs.index[(runs["point"] == 2) & (runs["seed"] == 7)])
    whole, less = (measured(found(of, one), "at_high") for one in (runs, holed))
    gone = whole["value"] != less["value"]
    assert list(gone[gone].index) == [NAMES[0]]
    end, base = (holed[holed["point"] == point].set_index("seed")["y"] for point in (2, 0))
    assert less.loc[NAMES[0], "value"] == pytest.approx((end - base).mean())
    with pytest.raises(CaseError, match="fills? a space"):
        found(of, runs, "y<0.5")


def test_one_seed_gives_swings_without_intervals() -> None:
    of = alone(1)
    held = found(of, table(of, lambda x: x[:, 0]))
    assert measured(held, "at_low")["low"].isna().all()
    assert set(explain.ranking(held.sensitivity)["verdict"]) == {"open"}
