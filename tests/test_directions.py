"""Findings: what one difference does in worlds that share all luck. None of them is written into a rule.

Each test asserts what was measured beyond its 95 % interval, whichever way it went; what was looked for and is not
there is asserted as absent. What a formula states by itself (more face, more blame) is tested elsewhere.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from alliances import KNOWN_IN_WEEK, alliance, answer, fault, gap, happening, paired, paired_cases
from small_cases import START

from market import Market
from market.calendar import DAYS

SEEDS = range(8)
EVERYBODY = ["ann", "bob", "cat"]


def measured(market: Market) -> dict[str, float]:
    """What became of car `a` and its partners since the failure: cars, CNY, shares, trust less its baseline."""
    first, last, ledger = KNOWN_IN_WEEK, market.week, market.ledger
    a, names = market.catalogue.car_index["a"], market.catalogue.organisations
    account, owners = market.opinion.account, market.owners.accounts
    flow = {name: float(ledger.by_car(name)[first:last, a].sum()) for name in ("orders", "cancellations", "deliveries")}
    blame = np.sum([account.amounts(week).blame for week in range(first, last)], axis=0)
    trust = market.trust.mean(float(last * DAYS))[0] - market.trust.baseline
    profit = market.industry.accounts.books.profit()[first:last].sum(axis=(0, 1))
    kept, had = (table[first:last].sum(axis=(0, 1)) for table in (owners.kept, owners.had))
    found = flow | {"net orders": flow["orders"] - flow["cancellations"], "blamed": float(blame.sum())}
    for o, name in enumerate(names):
        found |= {f"trust in {name}": float(trust[o]), f"profit of {name}": float(profit[o])}
        found[f"blame of {name}"] = float(blame[o] / max(blame.sum(), 1e-9))
        found[f"owners kept by {name}"] = float(kept[o] / max(had[o], 1e-9))
    found["profit of partners"] = sum(found[f"profit of {name}"] for name in EVERYBODY)
    found["defined by ann"] = float(np.nanmean(market.standing.definition_power[first:last, names.index("ann")]))
    found["closed loop of ann"] = float(
        owners.closed_loop(last - 1, market.owners.sides.involved, 13)[0][-1, names.index("ann")]
    )
    found["deferred"] = float(market.opinion.deferred[first:last, a].sum())
    return found


@pytest.mark.slow
def test_an_answer_within_48_hours_against_one_after_six_days() -> None:
    """Fewer hear of it, fewer wait, trust is higher. An effect on orders or cancellations was not found.

    With 12,000 consumers and 16 seeds cancellations differ by -0.7 % (95 %: -1.4 to 0.0) and orders by 0.0 % (-0.2 to
    0.1); here they differ by less than 10 % and 2 %.
    """
    same = {"information": True, "remedy_cny": 3_000.0, "by": EVERYBODY}
    found = paired({"fast": [fault(), answer(2, **same)], "slow": [fault(), answer(6, **same)]}, measured, 14, SEEDS)
    assert gap(found, "blamed", "fast", "slow").high < 0.0
    assert gap(found, "deferred", "fast", "slow").high < 0.0
    for name in EVERYBODY:
        assert gap(found, f"trust in {name}", "fast", "slow").low > 0.0, name
    for name, least in (("orders", 0.02), ("cancellations", 0.10)):
        assert abs(gap(found, name, "fast", "slow").mean) < least * found[name]["slow"].mean(), name


def test_a_remedy_against_words_on_the_same_day() -> None:
    """With a remedy fewer cancel, trust is higher and more is delivered; within the quarter it costs more than it saves."""
    said = {"information": True, "by": EVERYBODY}
    worlds = {"remedy": [fault(), answer(2, remedy_cny=3_000.0, **said)], "words": [fault(), answer(2, **said)]}
    found = paired(worlds, measured, 14, SEEDS)
    assert gap(found, "cancellations", "remedy", "words").high < 0.0
    assert gap(found, "deliveries", "remedy", "words").low > 0.0
    for name in EVERYBODY:
        assert gap(found, f"trust in {name}", "remedy", "words").low > 0.0, name
    assert gap(found, "profit of partners", "remedy", "words").high < 0.0


@pytest.mark.slow
def test_blaming_a_partner_gains_trust_now_and_loses_sales_and_definition_power_later() -> None:
    """Who blames a partner is blamed less at once; forty weeks later the strained alliance has sold less."""
    worlds = {"shift": [fault(), answer(2, shift_to="bob")], "plain": [fault(), answer(2)]}
    now = paired(worlds, measured, 4, SEEDS)
    assert gap(now, "blame of ann", "shift", "plain").high < 0.0
    assert gap(now, "trust in ann", "shift", "plain").low > 0.0
    assert gap(now, "trust in bob", "shift", "plain").high < 0.0
    later = paired(worlds, measured, 40, SEEDS)
    assert gap(later, "net orders", "shift", "plain").high < 0.0
    assert gap(later, "deliveries", "shift", "plain").high < 0.0
    assert gap(later, "defined by ann", "shift", "plain").high < 0.0
    assert gap(later, "profit of partners", "shift", "plain").high < 0.0


def promised(market: Market) -> dict[str, float]:
    """Orders by time since the launch, and what owners of car `a` feel and say."""
    a, column = market.catalogue.car_index["a"], market.consumers.columns
    orders = market.ledger.by_car("orders")
    own = np.flatnonzero((column["owned"] >= 0) & (market.catalogue.car_of[column["owned"]] == a))
    periods = {"at first": slice(4, 17), "later": slice(17, 38), "at last": slice(38, 60)}
    share = {name: float(orders[weeks, a].sum() / orders[weeks].sum()) for name, weeks in periods.items()}
    return share | {
        "satisfaction": float(column["satisfaction"][own].mean()),
        "talk": float(market.demand.loudness(own).mean()),
    }


def test_a_bigger_promise_sells_more_before_and_disappoints_after_but_does_not_sell_less_after() -> None:
    """Owners are less content and say less good; that the car then sells less is absent: new buyers believe it too."""
    soon: dict[str, Any] = {"cars.a.launch": START + timedelta(days=28), "ownership.replacement_weeks": 40.0}
    cases = {
        "big": alliance(**soon, **{"cars.a.promise.expectation": 0.8}),
        "small": alliance(**soon),
    }
    found = paired_cases(cases, promised, range(6))
    assert gap(found, "at first", "big", "small").low > 0.0
    assert gap(found, "satisfaction", "big", "small").high < 0.0
    assert gap(found, "talk", "big", "small").high < 0.0
    assert gap(found, "at last", "big", "small").low > 0.0


def test_service_taken_over_by_the_platform_keeps_owners_and_costs_the_alliance_profit() -> None:
    """The platform keeps more of its owners and more of what they spend; it earns more, the partners together less."""
    moves = {"kind": "decision", "car": "a", "function": "service", "from": "bob", "to": "ann"}
    takes = happening(0, id="takes", setup_cny=1e6, learning_weeks=13.0, **moves)
    found = paired({"takes": [takes], "stays": []}, measured, 44, SEEDS)
    assert gap(found, "owners kept by ann", "takes", "stays").low > 0.0
    assert gap(found, "closed loop of ann", "takes", "stays").low > 0.0
    assert gap(found, "profit of ann", "takes", "stays").low > 0.0
    assert gap(found, "profit of partners", "takes", "stays").high < 0.0
    assert gap(found, "deliveries", "takes", "stays").high < 0.0


def test_who_wins_where_buyers_know_more() -> None:
    """The platform, whose face is on a car that others build: more trust, sales and profit; the maker is trusted less.

    Whether the platform defines more of what is driven cannot be told from chance.
    """
    knows = {
        name: alliance(
            **{
                "profiles.plain.knowledge.mean": mean,
                "profiles.plain.knowledge.sd": 0.0,
                "calendar.weeks": 34,
            }
        )
        for name, mean in (("much", 0.9), ("little", 0.1))
    }
    found = paired_cases(knows, measured, SEEDS, [fault(contribution={})])
    assert gap(found, "trust in ann", "much", "little").low > 0.0
    assert gap(found, "trust in bob", "much", "little").high < 0.0
    assert gap(found, "net orders", "much", "little").low > 0.0
    assert gap(found, "profit of ann", "much", "little").low > 0.0
