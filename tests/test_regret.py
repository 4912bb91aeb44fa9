"""Regret and the Pareto front: textbook tables, and laws that hold for any table."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from experiments.stress import regret


def payoffs(tables: dict[str, list[list[float]]], seeds: int = 1) -> pd.DataFrame:
    """Payoffs by party: a row for each answer, a column for each crisis; luck adds and takes the same."""
    rows = []
    for party, table in tables.items():
        for (a, line), seed in product(enumerate(table), range(seeds)):
            luck = seed - (seeds - 1) / 2
            for c, value in enumerate(line):
                rows.append((f"a{a}", "none", "none", f"c{c}", 0, seed, party, value + 100.0 * luck))
    columns = [*regret.STRATEGY, *regret.STATE, "seed", "party", "payoff"]
    return pd.DataFrame(rows, columns=columns)


def test_regret_is_never_below_0_and_somebody_is_right_in_every_state() -> None:
    table = np.random.default_rng(1).normal(size=(6, 40))
    found = regret.regrets(table)
    assert (found >= 0.0).all() and (found.min(axis=0) == 0.0).all()
    np.testing.assert_allclose(regret.regrets(table + np.arange(40.0)), found)


def test_savage_chooses_the_least_maximum_regret() -> None:
    table = regret.regret_table(payoffs({"jd": [[10.0, 0.0], [6.0, 4.0], [0.0, 7.0]]}, seeds=3)).set_index("answer")
    assert table["max_regret"].to_dict() == pytest.approx({"a0": 7.0, "a1": 4.0, "a2": 10.0})
    assert table["mean_regret"].to_dict() == pytest.approx({"a0": 3.5, "a1": 3.5, "a2": 5.0})
    assert table["minimax"].to_dict() == {"a0": False, "a1": True, "a2": False}
    assert table["worst_crisis"].to_dict() == {"a0": "c1", "a1": "c0", "a2": "c0"}
    assert (table["states"] == 2).all()


def test_all_together_may_wish_for_what_neither_party_wants() -> None:
    both = regret.with_all(payoffs({"jd": [[10.0], [7.0], [0.0]], "gac": [[0.0], [7.0], [10.0]]}))
    chosen = regret.regret_table(both).query("minimax").set_index("party")["answer"].to_dict()
    assert chosen == {"jd": "a0", "gac": "a2", regret.ALL: "a1"}


def test_equal_strategies_are_chosen_together() -> None:
    table = regret.regret_table(payoffs({"jd": [[3.0, 1.0], [3.0, 1.0], [2.0, 0.0]]}))
    assert table["minimax"].tolist() == [True, True, False]


def test_a_state_without_a_number_counts_for_nobody() -> None:
    given = payoffs({"jd": [[10.0, 0.0], [6.0, 4.0]]})
    given.loc[(given["answer"] == "a1") & (given["crisis"] == "c1"), "payoff"] = np.nan
    table = regret.regret_table(given)
    assert table["max_regret"].tolist() == [0.0, 4.0] and (table["states"] == 1).all()


def test_the_interval_of_mean_regret_is_that_of_other_draws() -> None:
    random = np.random.default_rng(2)
    rows = [
        (answer, "none", "none", "c", draw, 0, "jd", value)
        for draw, pair in enumerate(random.normal([1.0, 0.0], 0.1, (400, 2)))
        for answer, value in zip(("a", "b"), pair, strict=True)
    ]
    given = pd.DataFrame(rows, columns=[*regret.STRATEGY, *regret.STATE, "seed", "party", "payoff"])
    row = regret.regret_table(given).set_index("answer").loc["b"]
    spread = 0.1 * np.sqrt(2.0 / 400.0)
    assert row["mean_regret_high"] - row["mean_regret_low"] == pytest.approx(2 * 1.96 * spread, rel=0.25)
    assert row["mean_regret_low"] < 1.0 < row["mean_regret_high"]


def test_the_front_is_what_no_other_beats() -> None:
    random = np.random.default_rng(3)
    table = random.integers(0, 6, (60, 3)).astype(float)
    found = regret.undominated(table, ("most", "most", "least"))
    signs = np.array([1.0, 1.0, -1.0])
    for row, on_front in zip(table * signs, found, strict=True):
        beaten = any((other >= row).all() and (other > row).any() for other in table * signs)
        assert on_front != beaten
    assert 0 < found.sum() < len(table)


def test_who_has_no_number_is_not_on_the_front_and_beats_nobody() -> None:
    assert regret.undominated([[np.nan, 9.0], [1.0, 1.0]], ("most", "most")).tolist() == [False, True]


def test_what_only_rounding_sets_apart_is_a_tie() -> None:
    """A fee that one party pays to another leaves their sum as it was, but for the last digits."""
    sums = np.array([[1.395e9, 2.0e9], [1.395e9 + 4.8e-7, 2.0e9]])
    assert (regret.regrets(sums) == 0.0).all()
    assert (regret.regrets(np.array([[1.395e9], [1.395e9 + 100.0]])) == [[100.0], [0.0]]).all()
    assert regret.undominated(sums, ("most", "most")).tolist() == [True, True]
