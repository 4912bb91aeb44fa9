"""Promises of comparisons: one difference, the same luck, and what follows from it and nothing else."""

from __future__ import annotations

import math
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
import pandas as pd
import pytest
from small_comparisons import CASE, CUT, TABLES, THREE, MadeUp, cause, installer

from experiments import intervals, workers
from experiments.compare import Comparison, NothingToCompare, check, compare, pairs_needed
from experiments.compare import work as compare_work
from experiments.compare.pairs_needed import of_price_cut
from experiments.compare.what_if import WhatIf
from experiments.compare.work import Task
from experiments.intervals import FIRST_BATCH, Precision
from experiments.workers import Pool
from market import Case, CaseError


@pytest.fixture
def made_up(monkeypatch: pytest.MonkeyPatch) -> MadeUp:
    """Runs that take no time."""
    return installer(monkeypatch)


def threads(number: int) -> Pool:
    """A pool whose tasks are done in an order that nobody knows."""

    def stop(executor: Executor) -> None:
        executor.shutdown(wait=True, cancel_futures=True)

    return Pool(lambda setup: ThreadPoolExecutor(number), stop, lambda: number)


def same(one: Comparison, other: Comparison) -> bool:
    """Whether all tables are equal to the bit."""
    return all(getattr(one, name).equals(getattr(other, name)) for name in TABLES) and one.seeds == other.seeds


# --------------------------------------------------------------------------------------------- the same luck


def test_a_case_compared_with_itself_differs_in_nothing_at_all() -> None:
    """Exactly zero, in every pair, week and outcome, and so are the limits; also where a value is set to what it is."""
    for other in (CASE, {"cars.a.price_cny": CASE.cars["a"].price_cny}):
        found = compare(CASE, other, 3)
        assert len(found.pairs) == 3 * len(found.effects) and found.pairs["difference"].notna().any()
        for table, columns in (("pairs", ["difference"]), ("weeks", ["difference", "low", "high"])):
            assert not getattr(found, table)[columns].fillna(0.0).to_numpy().any()
        limits = found.effects[["difference", "t_low", "t_high", "bootstrap_low", "bootstrap_high", "relative"]]
        assert not limits.fillna(0.0).to_numpy().any()


def test_nothing_differs_before_the_difference_begins() -> None:
    """A price that changes in week 5 leaves every week before it as it was, to the last bit, and later ones not."""
    event = {"id": "cut", "on": "2025-02-10", "kind": "price_change", "car": "a", "price_cny": 60_000.0}
    found = compare(CASE, {"happenings.cut": event}, 3)
    orders = found.weeks[found.weeks["series"] == "orders"].set_index("week")
    before = found.weeks[(found.weeks["week"] < 5) & (found.weeks["series"] != "backlog")]
    assert len(before) > 50 and not before["difference"].fillna(0.0).any()
    assert orders.loc[5:, "difference"].any()
    assert str(orders.loc[5, "date"])[:10] == "2025-02-10"


def test_a_lower_price_sells_more_and_tables_say_the_same_in_every_way() -> None:
    """Effects are the means of pairs; a base of zero has no relative effect."""
    found = compare(CASE.change({"display.focal_car": "a"}), CUT, 6)
    by_hand = found.pairs.dropna().groupby("outcome", sort=False)[["base", "what_if", "difference"]].mean()
    effects = found.effects[found.effects["pairs"] > 0].set_index("outcome")
    for column in by_hand:
        assert effects[column].to_dict() == pytest.approx(by_hand[column].to_dict())
    assert found.effect("orders")["t_low"] > 0.0
    assert found.effect("orders")["relative"] == pytest.approx(
        effects["difference"]["orders"] / effects["base"]["orders"]
    )
    orders = found.weeks[found.weeks["series"] == "orders"]
    assert orders["difference"].sum() == pytest.approx(found.effect("orders")["difference"])
    assert found.seeds == (1, 2, 3, 4, 5, 6) and found.precise is None and not len(found.causes)


def test_both_worlds_look_at_one_car() -> None:
    """A car that is shared in one world only is followed in both."""
    found = compare(CASE, {"cars.b.roles.sales": {"ann": 0.5, "bob": 0.5}}, 2)
    assert (found.base.focal_car, found.what_if.focal_car) == ("b", "b")
    parties = {name.partition(".")[2] for name in found.effects["outcome"] if name.startswith("profit.")}
    assert parties == {"ann", "bob"}


def test_the_table_is_the_same_whoever_does_the_runs_and_in_whatever_order(made_up: MadeUp) -> None:
    made_up(lambda task: math.sin(task.seed) + task.world, wait=0.004)
    asked = WhatIf(causes=THREE)
    alone = compare(CASE, asked, 34, precision=0.5)
    assert same(alone, compare(CASE, asked, 34, precision=0.5, pool=threads(5)))


@pytest.mark.slow
def test_two_processes_give_the_same_table_to_the_bit() -> None:
    asked = WhatIf(causes=THREE[:2])
    assert same(compare(CASE, asked, 4), compare(CASE, asked, 4, pool=workers.local(2)))


# ------------------------------------------------------------------------------------------- enough pairs


def test_pairs_are_added_until_the_precision_is_reached_and_no_more_are_kept(
    made_up: MadeUp,
) -> None:
    """Differences of 1 with a spread of .4: 80 to 150 pairs make 10 %, far fewer than allowed."""
    done = made_up(lambda task: 1.0 + np.random.default_rng(task.seed).normal(0.0, 0.4) if task.world else 0.0)
    found = compare(CASE, CUT, 2_000, precision=0.1, outcome="orders")
    row = found.effect("orders")
    assert 60 <= len(found.seeds) <= 160 and len(done) == 2 * len(found.seeds)
    assert (row["t_high"] - row["t_low"]) / 2.0 <= 0.1 * row["difference"]
    assert found.precise is True
    assert found.seeds == tuple(range(1, len(found.seeds) + 1))
    again = compare(CASE, CUT, len(found.seeds), outcome="orders")
    assert again.pairs.equals(found.pairs)
    assert again.effect("orders")["t_low"] > row["t_low"]  # the sequential interval is the wider one


def test_the_most_pairs_end_it_and_the_comparison_says_so(made_up: MadeUp) -> None:
    made_up(lambda task: task.world * np.random.default_rng(task.seed).normal())
    found = compare(CASE, CUT, 40, precision=Precision(0.01))
    assert len(found.seeds) == 40 and found.precise is False


def test_the_precision_of_an_amount_is_in_the_unit_of_the_outcome(made_up: MadeUp) -> None:
    made_up(lambda task: task.world * (5.0 + task.seed % 2))
    found = compare(CASE, CUT, 500, precision=Precision(1.0, relative=False), outcome="orders")
    assert len(found.seeds) == FIRST_BATCH and found.precise is True


# ------------------------------------------------------------------------------------------- failures


def test_a_run_that_fails_takes_its_pair_out_and_is_named(made_up: MadeUp) -> None:
    def value(task: Task) -> float:
        if (task.seed, task.world) in {(3, 0), (5, 7), (8, 2)}:
            raise ZeroDivisionError("no market")
        return float(task.seed + task.world)

    made_up(value)
    found = compare(CASE, WhatIf(causes=THREE), 10)
    assert [(failed.seed, failed.world) for failed in found.failed] == [(3, 0), (5, 7), (8, 2)]
    assert found.failed[0].error == "ZeroDivisionError: no market"
    assert found.seeds == (1, 2, 4, 6, 7, 8, 9, 10)
    assert set(found.causes["seeds"]) == {7} and set(found.worlds["seed"]) == {1, 2, 4, 6, 7, 9, 10}
    made_up(lambda task: 1 / 0)
    with pytest.raises(NothingToCompare, match="every pair failed; the first, seed 1: ZeroDivisionError"):
        compare(CASE, CUT, 4, precision=0.1)


def test_worlds_that_cannot_be_compared_are_refused_before_anything_is_run() -> None:
    refused: dict[str, Case | dict[str, Any]] = {
        "calendar.weeks: differs between the two worlds": CASE.change({"calendar.weeks": 9}),
        "population.consumers: differs between the two worlds": CASE.change({"population.consumers": 999}),
        "cars.a.price_cny: given -1": {"cars.a.price_cny": -1.0},
        "cars.z: no such name": {"cars.z": {}} | {"cars.z.price_cny": 1.0},
    }
    for message, other in refused.items():
        with pytest.raises(CaseError) as error:
            check(CASE, other)
        assert message.partition(":")[0] in str(error.value)
    with pytest.raises(CaseError, match="--outcome: no outcome shares; did you mean share"):
        check(CASE, CUT, "shares")
    with pytest.raises(CaseError, match="causes: given with a whole case"):
        compare(CASE, CASE, 2, causes=THREE)
    with pytest.raises(CaseError, match="a cause|one cause for a value"):
        compare(CASE, {"cars.a.price_cny": 1.0}, 2, causes=THREE)


# ------------------------------------------------------------------------------------------- causes


def test_parts_of_causes_sum_to_the_whole_effect_exactly_in_a_real_market() -> None:
    """Without rounding in the table, and to rounding with the effects; every world is run once a seed."""
    found = compare(CASE.change({"display.focal_car": "a"}), WhatIf(causes=THREE), 3)
    effects = {name: found.effect(name) for name in found.effects["outcome"]}
    assert len(found.worlds) == 3 * 8 * len(effects)
    for name, of in found.causes.groupby("outcome", sort=False):
        parts, whole = of["shapley"].to_numpy(), set(of["whole"])
        if of["seeds"].min() == effects[str(name)]["pairs"] > 0:
            assert whole == {math.fsum(parts)} == {float(parts.sum())} == {float(parts[::-1].sum())}
            effect = effects[str(name)]["difference"]
            assert -parts.sum() == pytest.approx(effect, rel=1e-9, abs=1e-11 * np.abs(parts).max())
    orders = found.causes[found.causes["outcome"] == "orders"].set_index("cause")
    assert orders["shapley"].to_dict()["dear"] < 0.0  # the high price costs orders
    assert orders["part"].sum() == pytest.approx(1.0)
    assert (orders["shapley_low"] <= orders["shapley"]).all() and (orders["shapley"] <= orders["shapley_high"]).all()
    worlds = found.worlds[found.worlds["outcome"] == "orders"].pivot_table("value", "seed", "world")
    assert orders["alone"].to_dict()["far"] == pytest.approx((worlds["base"] - worlds["far"]).mean())
    assert orders["last"].to_dict()["far"] == pytest.approx(
        (worlds["dear+unknown"] - worlds["dear+far+unknown"]).mean()
    )


def test_many_causes_are_attributed_by_sampled_orders(made_up: MadeUp) -> None:
    """Ten causes that add up: found exactly; and far fewer than 2^10 worlds a seed."""
    months = ("january", "february", "march", "april", "may", "june", "july", "august", "september", "october")
    ten = tuple(cause(month, **{f"calendar__season__{month}": 1.5}) for month in months)
    done = made_up(lambda task: sum(float(2**c) for c in range(10) if not task.world >> c & 1))
    found = compare(CASE, WhatIf(causes=ten), 2)
    share = found.causes[found.causes["outcome"] == "orders"]
    assert share["shapley"].to_numpy() == pytest.approx([float(2**c) for c in range(10)], rel=1e-11)
    assert len(done) <= 2 * 40


def test_other_changes_beside_causes_count_as_one_more() -> None:
    asked = WhatIf({"cars.c.price_cny": 60_000.0}, THREE[:1])
    assert [one.name for one in asked.parts] == ["dear", "other_changes"]
    assert asked.world(CASE).get("cars.c.price_cny") == 60_000.0


# ------------------------------------------------------------------------------------------- pairs needed


def test_pairs_needed_are_those_of_the_formula() -> None:
    """Worlds with a correlation of .99 take a hundredth of the pairs."""
    rng = np.random.default_rng(1)
    base = rng.normal(0.0, 1.0, 4_000)
    table = pd.DataFrame({"outcome": "orders", "base": base, "what_if": base + rng.normal(1.0, 0.1414, 4_000)})
    found = pairs_needed.pairs_needed(table.assign(difference=table["what_if"] - table["base"]))
    assert found.effect == pytest.approx(1.0, abs=0.01)
    assert (found.common, found.independent) == pytest.approx((11.0, 785.0), rel=0.1)
    assert found.times == pytest.approx(found.independent / found.common)
    with pytest.raises(ValueError, match="at least 2"):
        pairs_needed.pairs_needed(table.assign(difference=np.nan))


@pytest.mark.slow
def test_the_same_luck_saves_nine_tenths_of_the_pairs_of_a_small_price_cut() -> None:
    """3 % off the price, known within 10 %: at least 15 times fewer pairs (DESIGN: speed of the laboratory)."""
    assert of_price_cut(consumers=10_000, weeks=60, pairs=12).times >= 15.0


def test_the_runs_of_a_comparison_are_those_of_the_laboratory() -> None:
    """What a worker does is a trial of the case with the seed."""
    task = Task(0, 5, CASE, ("ann",), True)
    found = compare_work.run(task)
    assert found.weeks is not None and set(found.outcomes) >= {"share", "profit.ann"}
    assert intervals.LEVEL == 0.95


def test_a_partner_that_only_the_base_has_has_no_difference_and_all_others_have_theirs() -> None:
    plain = Case.load("jd-gac-catl").change({"population.consumers": 300, "calendar.weeks": 3})
    newco = plain.organisations["gac"].model_copy(update={"name": plain.title})
    base = plain.change({"organisations.newco": newco, "cars.ut_super.roles.production": {"newco": 1.0}})
    found = compare(base, plain, 2)
    gone = found.effects.set_index("outcome").loc["profit.newco"]
    assert np.isnan([gone["difference"], gone["t_low"]]).all() and gone["pairs"] == 0
    assert np.isfinite(found.effect("orders")["difference"]) and len(found.pairs) == 2 * len(found.effects)
    weekly = found.weeks.set_index("series")
    assert np.isfinite(weekly.loc["orders", "difference"]).all()
    assert weekly.loc["profit.newco", ["base", "what_if", "difference"]].isna().all(axis=None)
    assert "profit.newco" not in set(compare(plain, base, 2).effects["outcome"])


def test_a_comparison_that_is_cut_off_keeps_the_pairs_that_are_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C in the fourth pair: three are compared; without leave, or before the second pair, it is Ctrl-C as ever."""
    whole, perform, last = compare(CASE, CUT, 3), compare_work.run, 4

    def cut_off(task: Task) -> Any:
        if task.seed == last:
            raise KeyboardInterrupt
        return perform(task)

    monkeypatch.setattr("experiments.compare.comparison.run", cut_off)
    found = compare(CASE, CUT, 8, keep_finished=True)
    assert found.stopped and not whole.stopped and found.seeds == (1, 2, 3)
    pd.testing.assert_frame_equal(found.effects, whole.effects)
    pd.testing.assert_frame_equal(found.weeks, whole.weeks)
    with pytest.raises(KeyboardInterrupt):
        compare(CASE, CUT, 8)
    last = 2
    with pytest.raises(KeyboardInterrupt):
        compare(CASE, CUT, 8, keep_finished=True)
