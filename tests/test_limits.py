"""Limits: where knowledge, roles or news come to an end, the market must show what then follows exactly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from evidence import MANY, z_between
from numpy.typing import NDArray
from small_cases import (
    NO_NEWS,
    NO_TIES,
    NO_TOTALS,
    NO_TRUST,
    START,
    content,
    differing,
    flows,
    small_case,
    state,
)

from market import Case, Market
from market.calendar import DAYS
from market.happenings import FAILURES

BECOMES_KNOWN = START + timedelta(days=59)
"""A Thursday of week 8, in the middle of a week."""

SHARED = {
    "definition": {"ann": 0.3, "bob": 0.7}, "production": {"bob": 1.0}, "marketing": {"ann": 1.0},
    "service": {"ann": 0.2, "bob": 0.5, "cat": 0.3}, "battery": {"cat": 1.0},
}  # fmt: skip
TRUE = {"ann": 0.1, "bob": 0.6, "cat": 0.3}
FACE = {"ann": 0.7, "bob": 0.3}
FAILURE: dict[str, Any] = {
    "id": "fault", "kind": "quality_defect", "on": BECOMES_KNOWN, "car": "a", "contribution": TRUE, "attention": 3.0,
}  # fmt: skip
ANSWER: dict[str, Any] = {
    "id": "words", "kind": "answer", "on": BECOMES_KNOWN + timedelta(days=3), "to": "fault", "by": ["ann"],
    "remedy_cny": 2_000.0, "refund": True, "attention": 2.0,
}  # fmt: skip
LOUD = {"news.witnesses": 0.3, "cars.a.appeal": 7.0}


def partners(happenings: list[dict[str, Any]], **changes: Any) -> Case:
    """The small case with everything of the heart on; car `a` is made, sold and named by several."""
    shared = {"cars.a.roles": SHARED, "cars.a.face": FACE}
    return small_case(heart=True, calendar__weeks=20).change(shared | LOUD | {"happenings": happenings} | changes)


def known_by(mean: float) -> dict[str, float]:
    """Everybody knows exactly so much of who does what."""
    return {"profiles.plain.knowledge.mean": mean, "profiles.plain.knowledge.sd": 0.0}


# Blame


def test_who_knows_everything_and_trusts_as_ever_blames_nobody_wrongly() -> None:
    """Knowledge 1, trust at its baseline: misattribution 0, and blame is contribution for everybody blamed."""
    market = Market(partners([FAILURE], **known_by(1.0), **NO_TRUST), rng=1).run()
    account, last = market.opinion.account, market.week - 1
    assert account.misattribution_of_all(last) == pytest.approx(0.0, abs=1e-12)
    ratio = account.ratio_to_contribution(last)
    assert ratio.value == pytest.approx(np.ones(3), abs=1e-12)
    assert ratio.error == pytest.approx(np.zeros(3), abs=1e-8)
    amount = account.amounts(8)
    assert amount.blame.sum() > 1_000.0
    assert amount.blame / amount.blame.sum() == pytest.approx(np.array([TRUE[key] for key in ("ann", "bob", "cat")]))


def test_who_knows_nothing_and_trusts_as_ever_blames_the_face() -> None:
    """Knowledge 0: blame is the face of the car, and who has none of it is not blamed at all."""
    market = Market(partners([FAILURE], **known_by(0.0), **NO_TRUST), rng=1).run()
    blame = market.opinion.account.amounts(8).blame
    assert blame / blame.sum() == pytest.approx(np.array([0.7, 0.3, 0.0]), abs=1e-12)
    assert blame[2] == 0.0
    half = 0.5 * sum(abs(FACE.get(key, 0.0) - TRUE[key]) for key in TRUE)
    assert market.opinion.account.misattribution_of_all(8) == pytest.approx(half)


def test_one_organisation_in_every_row_has_no_friction_and_is_blamed_exactly_for_what_it_does() -> None:
    """Both ratios exactly 1, whatever consumers know and however trust has moved; nobody else is in question."""
    sole = FAILURE | {"contribution": {}}
    case = partners([sole, ANSWER], **{"cars.a.roles": {}, "cars.a.face": {}, "calendar.weeks": 12})
    market = Market(case, rng=1).run()
    assert market.partnership.friction(0.0).tolist() == [0.0, 0.0, 0.0]
    assert not market.trust.at_rest
    for ratio in (market.opinion.account.ratio_to_control, market.opinion.account.ratio_to_contribution):
        assert ratio(11).value[0] == 1.0
        assert ratio(11).error[0] == 0.0
        assert np.isnan(ratio(11).value[1:]).all()
    assert market.opinion.account.misattribution_of_all(11) == 0.0
    table = market.ledger.organisations()
    ann = table[(table["profile"] == "all") & (table["organisation"] == "ann") & (table["week"] == 11)]
    assert ann["blame_to_control"].tolist() == [1.0]


# News

SILENT = {name: value for name, value in NO_NEWS.items() if name != "news.witnesses"} | NO_TIES


def test_without_feeds_ties_and_groups_only_witnesses_know() -> None:
    """Whoever met the failure knows of it on the day; nobody else ever hears."""
    market = Market(partners([FAILURE], **SILENT), rng=1).run(8)
    informed, market_at = [], market
    for _ in range(4):
        market_at.step()
        informed.append([float(story.informed.sum()) for story in market_at.opinion.stories.live])
    told = [event.informed for event in market.events.written if event.kind == "quality_defect"]
    assert told[0] > 0.0
    assert set(told) == {told[0]}
    assert all(counts in ([], [told[0]]) for counts in informed)


def test_without_witnesses_too_nobody_knows_and_nothing_follows() -> None:
    """Feeds, ties, groups and witnesses off: nobody hears, blames, cancels or waits because of it."""
    deaf = SILENT | {"news.witnesses": 0.0, "failures.quality_defect.witnesses": 0.0}
    told, quiet = (
        Market(partners(list_, **deaf, **{"firestorm.threshold": 0.0}), rng=1).run() for list_ in ([FAILURE], [])
    )
    assert [event.informed for event in told.events.written] == [0.0] * len(told.events.written)
    assert told.opinion.account.amounts(8).blame.sum() == 0.0
    totals = [sum(table.sum() for table in flows(market).values()) for market in (told, quiet)]
    assert totals[0] == pytest.approx(totals[1], rel=2e-3)


@pytest.mark.parametrize("weekday", [0, 3, 6])
def test_a_failure_without_severity_is_no_event(weekday: int) -> None:
    """To the bit, in the midst of a week too, with mass attention, a plan whose terms it would disclose, and answers."""
    day = START + timedelta(days=7 * 8 + weekday)
    nothing = FAILURE | {"on": day, "severity": 0.0, "plan": "buy", "attention": 50.0}
    answers = [
        ANSWER | {"on": day + timedelta(days=2), "admission": 0.5, "attention": 20.0},
        ANSWER | {"id": "again", "on": day + timedelta(days=4), "by": ["bob"], "shift_to": "cat"},
    ]
    without, with_it = (Market(partners(list_), rng=1).run() for list_ in ([], [nothing, *answers]))
    assert differing(state(without), state(with_it)) == []


def test_kinds_without_severity_never_become_public() -> None:
    """Complaints of kinds whose severity is 0 start no story, however many there are."""
    harmless = {f"failures.{kind}.severity": 0.0 for kind in FAILURES}
    many = {f"failures.{kind}.per_thousand": 500.0 for kind in FAILURES}
    loud, off = (
        Market(partners([], **harmless, **many, **{"firestorm.threshold": level}), rng=1).run() for level in (1.0, 0.0)
    )
    assert differing(state(off), state(loud)) == []
    assert Market(partners([], **many, **{"firestorm.threshold": 1.0}), rng=1).run().events.written != []


# Profiles


def in_two_profiles(case: Case, **second: Any) -> Case:
    """The case with its profile entered twice, half each; the second may differ."""
    tables = content(case) | {"sources": {}}
    half = tables["profiles"].pop("plain") | {"share": 0.5}
    tables["profiles"] = {"left": half, "right": half | second}
    return Case.parse(tables)


def test_a_profile_split_into_two_equal_halves_changes_nobody() -> None:
    """With failures, news, answers, trust and owners on: the name of a profile moves nobody."""
    one = partners([FAILURE, ANSWER], **{"population.consumers": 4_000})
    first, second = (Market(case, rng=1).run() for case in (one, in_two_profiles(one)))
    by_profile = {"consumers.profile", "spent"}
    before, after = (
        {name: array for name, array in state(market).items() if name not in by_profile} for market in (first, second)
    )
    same_shape = {name: array for name, array in before.items() if array.shape == after[name].shape}
    assert {name for name in differing(same_shape, after) if name.startswith(("consumers.", "trust", "heard"))} == set()
    for table in ("blame", "trust", "aftermarket_cny"):
        whole, halves = (market.standing.by_profile[table][:, -1] for market in (first, second))
        assert halves == pytest.approx(whole, rel=1e-9, nan_ok=True), table


def test_equal_profiles_are_equally_informed_blame_alike_and_stay_alike() -> None:
    """Over twelve seeds: trust lost, blame per household, share of owners kept; and a profile that knows more differs."""
    found: dict[bool, list[list[NDArray[np.float64]]]] = {True: [[], []], False: [[], []]}
    for knows_more, sides in found.items():
        second = {"knowledge": {"mean": 0.95, "sd": 0.0}} if knows_more else {}
        case = in_two_profiles(partners([FAILURE], **known_by(0.1), **{"population.consumers": 1_200}), **second)
        for seed in range(12):
            market = Market(case, rng=seed).run(14)
            account, people = market.opinion.account, market.people_by_profile
            retained = market.owners.accounts.retention(13)[:2]
            for profile in (0, 1):
                blame = account.by_profile[:14, profile].sum(axis=0) / people[profile]
                trust = market.trust.mean(14.0 * DAYS)[profile]
                sides[profile].append(np.concatenate([blame, trust, np.nan_to_num(retained[profile])]))
    assert np.all(z_between(*found[False]) < MANY)
    assert z_between(*found[True]).max() > MANY


# The clock


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_week_cut_into_days_is_a_week_when_there_is_no_story(seed: int) -> None:
    """With the heart on but nothing public: flows, money, trust and what everybody has. Only the order of sums differs."""
    case = partners([], **{"firestorm.threshold": 0.0, "population.consumers": 2_000, "calendar.weeks": 26})
    empty = {"kind": "media_burst", "car": "a", "contacts": 0.0}
    days = [day for day in range(case.calendar.days) if day % DAYS]
    daily = case.change({f"happenings.empty_{day}": empty | {"on": START + timedelta(days=day)} for day in days})
    weeks, cut = (Market(one, rng=seed).run() for one in (case, daily))
    first, second = (
        {
            **flows(market), "spent": market.owners.accounts.spent, "kept": market.owners.accounts.kept,
            "trust": market.trust.mean(26.0 * DAYS), "paid": market.industry.accounts.books.flow,
            **{name: market.consumers.column(name) for name in ("stage", "offer", "car", "satisfaction", "grievance")},
        }
        for market in (weeks, cut)
    )  # fmt: skip
    same = {name: np.allclose(values, second[name], rtol=1e-12, atol=1e-6) for name, values in first.items()}
    assert {name for name, is_same in same.items() if not is_same} == set()
    assert first["deliveries"].sum() > 0.0
    assert (first["trust"] < 0.6).any()


# Money


def test_money_is_conserved_with_answers_moves_and_an_exit() -> None:
    """Over all parties every week, car and line sums to nothing, and households paid what the ledger says they paid."""
    parts = [FAILURE, ANSWER | {"by": ["ann", "bob"]}]
    happenings = [
        *parts,
        {"id": "sales_go", "kind": "decision", "on": START + timedelta(days=40), "car": "a", "function": "sales",
         "giver": "ann", "taker": "bob", "share": 0.5, "setup_cny": 1e6, "unit_cost_cny": 100.0, "learning_weeks": 8},
        {"id": "leaves", "kind": "exit", "on": START + timedelta(days=80), "car": "a", "leaver": "cat", "heir": "bob"},
    ]  # fmt: skip
    contract = {
        "cars": ["a"], "seller": "ann", "commission": 0.05, "exit_fee_cny": 1e6, "liability_after_exit_weeks": 4,
        "data_fee_cny": 50.0, "definition_fee_cny": 300.0, "minimum_volume_per_year": 1e6, "shortfall_cny": 10.0,
        "stake": {"holder": "cat", "of": "ann", "share": 0.3},
    }  # fmt: skip
    case = partners(happenings, **{"contracts.deal": contract})
    market = Market(case, rng=1).run()
    books = market.industry.accounts.books
    over_parties = books.flow.sum(axis=-1)
    assert np.abs(over_parties).max() <= 1e-12 * np.abs(books.flow).sum()
    households = books.parties.index("households")
    paid = -(books.received("car") + books.received("package"))[..., households].sum()
    assert paid == pytest.approx(market.ledger.revenue_cny.sum(), rel=1e-12)
    owned = -sum(books.received(line)[..., households].sum() for line in ("care", "accessories", "insurance", "energy"))
    assert owned <= market.owners.accounts.spent.sum() * (1.0 + 1e-12)
    frame = market.ledger.finance()
    summed = frame.groupby(["week", "car", "line"], observed=True)["cny"].sum().abs().max()
    assert summed <= 1e-9 * frame["cny"].abs().max()
    remedy = frame[(frame["line"] == "remedy") & (frame["organisation"] == "households")]["cny"].sum()
    assert remedy > 0.0
    assert set(frame[frame["line"] == "exit_fee"]["organisation"]) == {"cat", "bob"}


def test_what_depends_on_totals_is_all_that_depends_on_totals() -> None:
    """With NO_TOTALS a second half of the population changes nobody in the first, stories and owners included."""
    few, many = (
        partners([FAILURE, ANSWER], **{
            **NO_TIES, **NO_TOTALS, "population.consumers": n, "population.weights": "design",
            "population.market_size": 50.0 * n,
        })
        for n in (1_000, 2_000)
    )  # fmt: skip
    first, second = (Market(case, rng=1).run() for case in (few, many))
    assert first.opinion.account.amounts(8).blame.sum() > 0.0
    columns = second.consumers.columns
    assert {
        k for k, column in first.consumers.columns.items() if column.tobytes() != columns[k][:1_000].tobytes()
    } == set()
