"""Worlds that differ in one thing differ in nothing else: the promises that make a what-if exact."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from small_cases import NO_TIES, NO_TOTALS, acts, content, differing, small_case, state

from market import Case, Market
from market.people.choice import OUTSIDE
from market.people.orders import RESERVED, TESTING

START, WEEKS = date(2025, 6, 16), 37
"""From before a rival's launch to after that of the focal car and the news about its terms."""
IN_THE_CRISIS = 24
"""Week in which several stories live."""


@cache
def real() -> Case:
    """The default case, with a small sample of its consumers."""
    return Case.load("jd-gac-catl").change(
        {"population.consumers": 5_000, "calendar.start": START, "calendar.weeks": WEEKS}
    )


@cache
def final() -> dict[str, NDArray[Any]]:
    """The end of the default case, run once without a break."""
    return state(Market(real(), rng=1).run())


# The same world


def test_a_null_difference_is_exactly_zero() -> None:
    """Values set to what they are, another title, other names on a page, written out and read back: the same market."""
    case = real()
    same = case.change({"cars.seagull.price_cny": case.cars["seagull"].price_cny, "orders": content(case)["orders"]})
    renamed = case.change({"title": {"en": "x", "zh": "x"}, "display.names": "fictional"})
    for twin in (case, same, renamed, Case.parse(case.to_toml())):
        assert differing(final(), state(Market(twin, rng=1).run())) == []


def test_the_same_seed_gives_the_same_tables_and_another_seed_others(tmp_path: Path) -> None:
    """Equal frames, equal Parquet bytes."""
    markets = [Market(small_case(), rng=seed).run() for seed in (5, 5, 6)]
    for table in ("sales", "market"):
        frames = [getattr(market.ledger, table)() for market in markets]
        pd.testing.assert_frame_equal(frames[0], frames[1], check_exact=True)
        assert not frames[0].equals(frames[2])
        files = [tmp_path / f"{table}{i}.parquet" for i in range(2)]
        for frame, file in zip(frames[:2], files, strict=True):
            frame.to_parquet(file)
        assert files[0].read_bytes() == files[1].read_bytes()


def test_reading_the_ledger_changes_nothing() -> None:
    """However often each table is read, and whatever is done to what it returned."""
    market = Market(real(), rng=1)
    for _ in range(WEEKS):
        market.step()
        for _ in range(2):
            for frame in (market.ledger.sales(), market.ledger.market()):
                frame[frame.columns[-4:]] = -1.0
        market.ledger.by_car("orders")[:] = 0.0
        market.ledger.dates().clear()
    assert differing(final(), state(market)) == []


COPIES: dict[str, Callable[[Market], Market]] = {
    "fork": lambda market: market.fork(),
    "deepcopy": copy.deepcopy,
    "pickle": lambda market: pickle.loads(pickle.dumps(market)),
}


@pytest.mark.parametrize("way", COPIES)
@pytest.mark.parametrize("week", [0, IN_THE_CRISIS])
def test_a_copy_continues_as_the_original_and_neither_disturbs_the_other(way: str, week: int) -> None:
    """From before the first week and from the middle of the crisis, the copy run first and then the original."""
    market = Market(real(), rng=1).run(week)
    before = {name: array.copy() for name, array in state(market).items()}
    twin = COPIES[way](market)
    assert differing(before, state(twin)) == []
    assert differing(final(), state(twin.run())) == []
    assert differing(before, state(market)) == []
    assert differing(final(), state(market.run())) == []


def test_a_copy_that_lives_through_something_else_leaves_the_original_alone() -> None:
    """A price cut, a burst and another capacity in the fork only."""
    market = Market(real(), rng=1).run(IN_THE_CRISIS - 5)
    twin = market.fork()
    twin.catalogue.price_cny[:] *= 0.8
    twin.supply.capacity[:] *= 0.5
    twin.demand.memory.burst(0, 5.0, {"elsewhere": 1.0}, 3.0)
    twin.run()
    assert differing(final(), state(market.run())) == []
    assert len(differing(final(), state(twin))) > 10


# The order in which things are listed


def turned(table: Any) -> Any:
    """A table or list with its entries in the opposite order."""
    return dict(reversed(table.items())) if isinstance(table, dict) else table[::-1]


LISTED = (
    "organisations", "cars", "channels", "packages", "plans", "profiles", "brands", "happenings", "functions",
    "population.strata", "population.tiers",
)  # fmt: skip


PLACES: dict[str, set[str]] = {key: set() for key in LISTED} | {
    "population.strata": {"consumers.stratum"},
    "population.tiers": {"consumers.tier"},
    "functions": {"roles"},
}
"""What is known by its place in the list."""


@pytest.mark.parametrize("section", LISTED)
def test_listing_things_in_another_order_changes_nothing(section: str) -> None:
    """Nor does it change the fingerprint, which promises equal runs (functions, whose order is shown, may)."""
    tables = content(real())
    *above, name = section.split(".")
    holder = tables[above[0]] if above else tables
    holder[name] = turned(holder[name])
    case = Case.parse(tables)
    assert section == "functions" or case.fingerprint == real().fingerprint
    end = state(Market(case, rng=1).run())
    assert set(differing(final(), end)) - PLACES[section] == set()


def test_listing_what_belongs_to_a_car_or_an_organisation_in_another_order_changes_nothing() -> None:
    """Channels, packages, roles, faces, mixes, coverage, minutes."""
    tables = content(real())
    for car in tables["cars"].values():
        car |= {name: turned(car[name]) for name in ("channels", "packages", "roles", "face")}
        car["exposure"]["mix"] = turned(car["exposure"]["mix"])
    for organisation in tables["organisations"].values():
        organisation["swap_coverage"] = turned(organisation["swap_coverage"])
    for profile in tables["profiles"].values():
        profile |= {name: turned(profile[name]) for name in ("minutes_a_day", "channels")}
    assert differing(final(), state(Market(Case.parse(tables), rng=1).run())) == []


def test_renaming_organisations_renames_the_results_and_nothing_else() -> None:
    """Every organisation gets another id, in the opposite alphabetical order."""
    case = real()
    new = {key: f"z{99 - i}" for i, key in enumerate(sorted(case.organisations))}

    def rename(item: Any) -> Any:
        if isinstance(item, dict):
            return {new.get(key, key): rename(value) for key, value in item.items()}
        return (
            [rename(one) for one in item]
            if isinstance(item, list)
            else new.get(item, item)
            if isinstance(item, str)
            else item
        )

    tables = {name: rename(part) if name != "sources" else {} for name, part in content(case).items()}
    first, second = (Market(one, rng=1).run() for one in (case, Case.parse(tables)))
    ours, theirs = first.ledger.sales(), second.ledger.sales()
    for column in ("maker", "definer"):
        assert [new[key] for key in ours[column]] == list(theirs[column])
    assert [new.get(key, key) for key in ours["brand"]] == list(theirs["brand"])
    same = [name for name in ours.columns if name not in ("brand", "maker", "definer")]
    pd.testing.assert_frame_equal(ours[same], theirs[same], check_exact=True)


# One thing changed


def bought(market: Market) -> NDArray[np.int64]:
    """What the consumers who decide in the first round choose: an offer, OUTSIDE, or -2 for those who do not decide."""
    chosen = np.full(len(market.consumers), -2)
    for act, _ in acts(market):
        if act == "shop":
            idle_before = market.consumers.column("spell").copy()
        elif act == "move_on":
            column = market.consumers.columns
            chosen[column["spell"] > idle_before] = OUTSIDE
            new = np.flatnonzero(np.isin(column["stage"], [RESERVED, TESTING]) & (column["since"] >= 0.0))
            chosen[new] = column["offer"][new]
            return chosen
    raise AssertionError("nobody went shopping")


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_a_changed_price_moves_nobody_between_two_untouched_offers(factor: float) -> None:
    """In the first round of decisions: whoever decides otherwise leaves the changed car or turns to it."""
    case = real().change({"population.consumers": 80_000})
    car = "seagull"
    price = {
        "kind": "price_change",
        "on": case.calendar.start,
        "car": car,
        "price_cny": case.cars[car].price_cny * factor,
    }
    markets = [Market(one, rng=1) for one in (case, case.change({"happenings.changed": price}))]
    before, after = (bought(market) for market in markets)
    catalogue = markets[0].catalogue
    touched = np.append(catalogue.car_of == catalogue.car_index[car], [False, False])  # -2 and OUTSIDE index the end
    moved = before != after
    assert np.array_equal(before == -2, after == -2)
    assert moved.sum() >= 5
    drawn, pushed = (touched[after] & ~touched[before])[moved], (touched[before] & ~touched[after])[moved]
    assert np.all(drawn if factor < 1.0 else pushed)


def test_a_better_offer_wins_only_consumers_who_turn_to_it() -> None:
    """All consumers asked at once, before and after each car in turn becomes more attractive."""
    market = Market(real(), rng=1).run(IN_THE_CRISIS)
    rows = np.arange(len(market.consumers))
    car_of = np.append(market.catalogue.car_of, -1)
    before = market.demand.choose(rows).offer
    moved = 0
    for car in range(len(market.catalogue.cars)):
        twin = market.fork()
        twin.demand.offers.base[:, twin.catalogue.car_of == car] += np.float32(0.5)
        after = twin.demand.choose(rows).offer
        changed = (before != after) & ~((car_of[before] == car) & (car_of[after] == car))
        assert np.all(car_of[after[changed]] == car)
        moved += int(changed.sum())
    assert moved > 100


def test_asking_fewer_consumers_gives_each_the_same_answer() -> None:
    """Knowledge, utility, choice and margin of a consumer do not depend on who else is asked: to the bit."""
    market = Market(real(), rng=1).run(IN_THE_CRISIS)
    demand, everybody = market.demand, np.arange(len(market.consumers))
    whole, known = demand.choose(everybody), demand.knowledge(everybody)
    utility = demand.utilities(everybody, known.company)
    generator = np.random.default_rng(0)
    for size in (1, 2, 3, 7, 17, 100, 1_000, 3_001):
        some = generator.permutation(everybody)[:size]
        part, heard = demand.choose(some), demand.knowledge(some)
        assert np.array_equal(part.offer, whole.offer[some])
        assert np.array_equal(heard.known, known.known[some])
        assert np.array_equal(demand.utilities(some, heard.company), utility[some])
        assert np.array_equal(part.margin, whole.margin[some])


AMPLE = {"capacity_per_week": 1e7, "inventory_weeks": 4.0, "test_drives_per_week": 1e9}


@pytest.mark.parametrize("consumers", [300, 5_000])
@pytest.mark.parametrize("more", [1, 7, 500])
def test_one_consumer_more_changes_nobody(consumers: int, more: int) -> None:
    """Weights fixed, no ties, no totals, ample supply: all columns of all others are the same to the bit at the end."""
    ample = {f"cars.{key}.production": AMPLE for key in real().cars}
    few, many = (
        real().change(
            {
                **NO_TIES, **NO_TOTALS, **ample, "population.consumers": n, "population.weights": "design",
                "population.market_size": 16e6 * n / consumers,
            }
        )
        for n in (consumers, consumers + more)
    )  # fmt: skip
    first, second = (Market(case, rng=1).run() for case in (few, many))
    assert second.household == pytest.approx(first.household, rel=1e-12)
    changed = {
        name: np.flatnonzero(column != second.consumers.columns[name][:consumers]).tolist()
        for name, column in first.consumers.columns.items()
    }
    assert {name: rows for name, rows in changed.items() if rows} == {}


# A happening changes nothing before it happens

HAPPENINGS: dict[str, dict[str, Any]] = {
    "price": {"kind": "price_change", "car": "seagull", "price_cny": 60_000.0},
    "promotion": {"kind": "promotion", "car": "seagull", "discount_cny": 9_000.0},
    "tax cliff": {"kind": "tax_cliff", "pull_forward_share": 0.5},
    "capacity": {"kind": "capacity_change", "car": "model_y", "capacity_per_week": 100.0},
    "term": {"kind": "revealed_term", "plan": "buy", "cancelling": 2.0},
    "burst": {"kind": "media_burst", "car": "mona_m03", "contacts": 3.0, "excitement": 5.0},
    "launch": {"kind": "launch", "car": "mg4", "contacts": 1.0, "excitement": 2.0},
}
WEEK = 10


@cache
def early(planned: bool) -> tuple[Case, dict[str, NDArray[Any]], dict[str, NDArray[Any]]]:
    """A run without the happening: the case, its state after WEEK, its end. `planned`: one car has no date yet."""
    case = real().change(
        {"calendar.weeks": WEEK + 15} | ({"cars.mg4.on_sale": False, "cars.mg4.launch": None} if planned else {})
    )
    market = Market(case, rng=1).run(WEEK)
    return case, {name: array.copy() for name, array in state(market).items()}, state(market.run())


@pytest.mark.parametrize("kind", HAPPENINGS)
@pytest.mark.parametrize("weekday", [0, 3])
def test_a_happening_leaves_every_earlier_week_as_it_was(kind: str, weekday: int) -> None:
    """To the bit, consumers and ledger; and it does change what comes after."""
    case, before, end = early(kind == "launch")
    day = case.calendar.start + timedelta(days=7 * WEEK + weekday)
    happening = HAPPENINGS[kind] | {"on": day}
    if kind == "promotion":
        happening["until"] = day + timedelta(days=28)
    if kind == "tax cliff":
        happening |= {"announced": day, "on": day + timedelta(days=28)}
    market = Market(case.change({"happenings.extra": happening}), rng=1).run(WEEK)
    assert differing(before, state(market)) == []
    assert differing(end, state(market.run())) != []
