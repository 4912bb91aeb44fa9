"""The clock leaves no trace: dates, seasons, rounds, and weeks that are cut."""

from __future__ import annotations

import datetime
from datetime import timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from evidence import SEEDS, UNLIKELY, pooled_p
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from small_cases import FLOWS, NO_SEASON, START, flows, small_case, state

from market import Case, Market
from market.calendar import DAYS, Calendar, Clock, Round, Season
from market.happenings import RevealedTerm
from market.people.orders import IDLE, ORDERED, SEARCHING

# Dates and market time


def test_days_and_dates_are_two_names_of_the_same_thing() -> None:
    """Across a leap day, a year's end, and before the start."""
    calendar = Calendar(start=datetime.date(2024, 2, 26), weeks=60)
    assert calendar.day_of(datetime.date(2024, 3, 1)) == 4
    assert calendar.day_of(datetime.date(2025, 1, 1)) == 310
    assert calendar.day_of(datetime.date(2024, 2, 25)) == -1
    for day in (-30, 0, 3, 4, 311, 419):
        assert calendar.day_of(calendar.date_of(day)) == day
    assert calendar.days == 420


def test_market_time_runs_as_fast_as_the_season() -> None:
    """Day by day, each at the ratio of its own month: seven days of a month at ratio 1 are one week of market time."""
    calendar = Calendar(start=datetime.date(2024, 12, 15), weeks=30)
    clock, factors = Clock(calendar), calendar.season.factors()
    elapsed = 0.0
    for day in range(calendar.days):
        assert clock.at(day) == pytest.approx(elapsed, abs=1e-9)
        elapsed += factors[(calendar.start + timedelta(days=day)).month - 1] / DAYS
    assert clock.at(calendar.days) == pytest.approx(elapsed, abs=1e-9)


def test_without_a_season_market_time_is_time() -> None:
    """All months equal switches it off."""
    clock = Clock(small_case().calendar)
    assert [clock.at(day) for day in (0, 7, 70, 210)] == pytest.approx([0.0, 1.0, 10.0, 30.0], abs=1e-12)


def test_the_shipped_season_is_an_ordinary_year_on_average() -> None:
    """The twelve ratios have mean 1, so that a season changes when orders come and not how many."""
    assert Season().factors().mean() == pytest.approx(1.0, abs=0.005)


def test_weeks_at_is_the_inverse_of_market_time() -> None:
    """On the run and before it, where both run alike; also around a tax cliff."""
    clock = Clock(Calendar(start=START, weeks=40))
    clock.pull_forward(100, 6.0, 0.3)
    days = np.arange(0, 281, 3)
    assert clock.weeks_at([clock.at(int(day)) for day in days]) == pytest.approx(days / DAYS, abs=1e-9)
    assert clock.weeks_at([-3.5, -0.1]).tolist() == [-3.5, -0.1]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 29), st.lists(st.integers(-10, 300), max_size=12))
def test_the_rounds_of_a_week_are_the_week(week: int, cuts: list[int]) -> None:
    """Wherever it is cut: without gap or overlap, each cut in it begins a round, and time runs through."""
    clock = Clock(Calendar(start=START, weeks=30))
    rounds = clock.rounds(week, cuts)
    assert [r.first_day for r in rounds] == sorted(
        {week * DAYS} | {c for c in cuts if week * DAYS <= c < (week + 1) * DAYS}
    )
    for this, following in pairwise(rounds):
        assert this.first_day + this.days == following.first_day
        assert this.market_time < following.market_time
    assert [r.begins_week for r in rounds] == [True] + [False] * (len(rounds) - 1)
    assert [r.ends_week for r in rounds] == [False] * (len(rounds) - 1) + [True]
    assert sum(r.weeks for r in rounds) == pytest.approx(1.0)
    assert rounds[-1].now == week + 1
    assert rounds[-1].market_time == clock.at((week + 1) * DAYS)


# Tax cliffs


def test_a_tax_cliff_moves_demand_and_makes_none() -> None:
    """What the weeks before gain the weeks after lose; other days, and days before anybody knew, stay as they were."""
    plain, bent = (Clock(Calendar(start=START, weeks=40)) for _ in range(2))
    bent.pull_forward(140, 5.0, 0.3, known_on=119)
    assert bent.at(280) == pytest.approx(plain.at(280), abs=1e-9)
    assert np.array_equal(bent.speed[:119], plain.speed[:119])
    assert np.array_equal(bent.speed[175:], plain.speed[175:])
    lost = plain.speed[140:175] - bent.speed[140:175]
    assert lost == pytest.approx(0.3 * plain.speed[140:175])
    assert (bent.speed[119:140] - plain.speed[119:140]).sum() == pytest.approx(lost.sum())


def test_a_cliff_soon_after_the_start_moved_demand_before_the_run_too() -> None:
    """Ten of its 35 days of rush are in the run; of a cliff before the run only the hollow; of an unknown one nothing."""
    plain, bent, behind, unknown = (Clock(Calendar(start=START, weeks=40)) for _ in range(4))
    bent.pull_forward(10, 5.0, 0.3)
    lost = 0.3 * plain.speed[10:45]
    assert plain.speed[10:45] - bent.speed[10:45] == pytest.approx(lost)
    assert (bent.speed[:10] - plain.speed[:10]).sum() == pytest.approx(lost.sum() * 10 / 35)
    behind.pull_forward(-7, 5.0, 0.3)
    assert behind.speed[:28] == pytest.approx(0.7 * plain.speed[:28])
    assert np.array_equal(behind.speed[28:], plain.speed[28:])
    unknown.pull_forward(10, 5.0, 0.3, known_on=10)
    assert np.array_equal(unknown.speed, plain.speed)


def cliff(**fields: Any) -> dict[str, Any]:
    """Half of the demand of six weeks moves before the first of April."""
    return {
        "id": "cliff",
        "kind": "tax_cliff",
        "on": "2025-04-01",
        "pull_forward_weeks": 6.0,
        "pull_forward_share": 0.5,
    } | fields


@pytest.mark.parametrize("weeks", [11, 13, 15])
def test_a_shorter_run_is_the_beginning_of_a_longer_one(weeks: int) -> None:
    """Where a run ends changes nothing before it ends, with a tax cliff near the end or just beyond it."""
    case = small_case(happenings=[cliff()], population__horizon_weeks=30)
    short, long = (Market(case.change({"calendar.weeks": length}), rng=1).run() for length in (weeks, 30))
    for name in FLOWS:
        assert np.array_equal(short.ledger.flows[name], long.ledger.flows[name][:weeks])


def begun(case: Case, seed: int) -> NDArray[np.float64]:
    """Searches begun in each week of a run."""
    market = Market(case, rng=seed)
    column, begins = market.consumers.columns, []
    searched = (column["stage"] != 0) | (column["spell"] > 0)
    for _ in range(case.calendar.weeks):
        market.step()
        now = (column["stage"] != 0) | (column["spell"] > 0)
        begins.append((now & ~searched).sum())
        searched = now
    return np.array(begins, float)


@pytest.mark.parametrize("happenings", [[], [cliff()]], ids=["season", "season and cliff"])
def test_needs_arise_in_proportion_to_market_time(happenings: list[dict[str, Any]]) -> None:
    """First needs by week over twenty seeds against the clock: season and pull-forward are in the flow of needs."""
    season = dict(zip(NO_SEASON, Season().factors().tolist(), strict=True))
    case = small_case(
        population__owners_share=0.0, ownership__replacement_weeks=1e7, happenings=happenings, calendar__weeks=26
    ).change(season)
    clock = Market(case, rng=1).clock
    expected = np.diff([clock.at(7 * week) for week in range(27)])
    assert expected.max() > 1.1 * expected.min()
    counts = [begun(case, seed) for seed in SEEDS]
    assert pooled_p(counts, expected / expected.sum()) > UNLIKELY


# Happenings on their day


def test_a_promotion_lasts_from_its_first_day_to_its_last() -> None:
    """Within a week, from the middle of one week to the middle of another, and from Monday to Monday."""
    for first, until in ((15, 17), (17, 24), (14, 21), (16, 21)):
        promotion = {
            "id": "sale", "kind": "promotion", "car": "a", "discount_cny": 5_000.0,
            "on": START + timedelta(days=first), "until": START + timedelta(days=until),
        }  # fmt: skip
        market = Market(small_case(happenings=[promotion], calendar__weeks=6), rng=1)
        seen: dict[int, float] = {}
        for week in range(6):
            for this in market.clock.rounds(week, [*market.agenda._cuts, first, until]):
                for act in market.ACTS:
                    getattr(market, act)(this)
                for day in range(this.first_day, this.first_day + this.days):
                    seen[day] = float(market.catalogue.promotion_cny[0])
            market.week += 1
        assert [day for day, discount in seen.items() if discount == 5_000.0] == list(range(first, until))
        assert set(seen.values()) == {0.0, 5_000.0}
        plain = Market(small_case(happenings=[promotion], calendar__weeks=6), rng=1).run()
        assert plain.catalogue.promotion_cny[0] == 0.0


@pytest.mark.parametrize("weekday", [0, 2, 6])
def test_a_launch_in_the_middle_of_a_week_sells_from_that_day(weekday: int) -> None:
    """Nobody orders before the day, and reservations are open from theirs."""
    launch, opens = START + timedelta(days=56 + weekday), START + timedelta(days=35 + weekday)
    case = small_case(
        cars__b__launch=launch, cars__b__reservations_from=opens, cars__b__exposure__begins=START,
        cars__b__exposure__contacts_per_week=2.0, population__consumers=10_000,
    )  # fmt: skip
    market = Market(case, rng=1).run()
    b = market.catalogue.car_index["b"]
    reserved, ordered = (np.flatnonzero(market.ledger.by_car(f)[:, b]) for f in ("reservations", "orders"))
    assert reserved.min() == 5
    assert ordered.min() == 8
    assert market.ledger.by_car("deliveries")[:8, b].sum() == 0.0


# A week cut into days


def week_and_days(week: int) -> tuple[list[Round], list[Round]]:
    """A week in one piece and in seven, without a season."""
    first = week * DAYS
    days = [Round(week, first + d, 1, (first + d + 1) / DAYS) for d in range(DAYS)]
    return [Round(week, first, DAYS, float(week + 1))], days


def after(market: Market, rounds: list[Round], acts: tuple[str, ...]) -> Market:
    """A copy of the market in which some acts take place in the given rounds."""
    twin = market.fork()
    for this in rounds:
        for act in acts:
            getattr(twin, act)(this)
    return twin


LATE: dict[str, Any] = {
    "cars.a.production": {"capacity_per_week": 100.0, "inventory_weeks": 0.0, "lead_weeks": 2.5},
    "orders.late_per_week": 0.05, "orders.calm_per_week": 0.01, "population.consumers": 6_000,
}  # fmt: skip


def test_two_terms_revealed_about_one_plan_cool_each_at_its_own_pace() -> None:
    """The anger over both is the sum of the anger over each: one does not make the other forgotten faster."""
    terms = {
        "first": RevealedTerm(id="first", on=START + timedelta(14), plan="buy", cancelling=0.2),
        "second": RevealedTerm(id="second", on=START + timedelta(21), plan="buy", cancelling=0.1, half_life_weeks=4.0),
    }
    calm = LATE | {"orders.calm_per_week": 0.0, "orders.late_per_week": 0.0}
    calm |= {"cars.b.production.lead_weeks": 20.0, "cars.c.production.lead_weeks": 20.0}
    calm |= {"cars.a.production": LATE["cars.a.production"] | {"lead_weeks": 20.0}}
    market = Market(small_case().change(calm), rng=1).run(2)
    rows = market.book.waiting[market.consumers.column("stage")[market.book.waiting] >= ORDERED]
    before, worn = market.consumers.column("patience")[rows].astype(float), {}
    for revealed in (["first"], ["second"], ["first", "second"]):
        twin = market.fork()
        for name in revealed:
            twin.schedule(terms[name])
        for week in (2, 3, 4, 5):
            twin = after(twin, week_and_days(week)[0], ("happen", "reconsider"))
        worn[len(revealed), revealed[0]] = before - twin.consumers.column("patience")[rows]
    stays = np.isfinite(worn[2, "first"])
    assert stays.sum() > 50
    assert worn[1, "first"][stays] + worn[1, "second"][stays] == pytest.approx(worn[2, "first"][stays], abs=1e-4)


def test_excitement_carries_away_alike_in_a_week_and_in_seven_days() -> None:
    """The hazard of deciding on impulse is cumulated: excitement that cools does so within the week too."""
    quiet = {f"cars.{key}.exposure.contacts_per_week": 0.0 for key in "abc"}
    case = small_case().change(
        quiet | {"media.forgetting_per_week": 0.0, "profiles.plain.impulsiveness": 0.3, "acquaintances.degree": 0}
    )
    market = Market(case, rng=1).run(5)
    market.demand.memory.burst(0, 1.0, {"elsewhere": 1.0}, 2.0)
    carried: list[dict[int, float]] = []
    for rounds in week_and_days(5):
        twin, who = market.fork(), {}
        for this in rounds:
            for act in ("inform", "need_and_search"):
                getattr(twin, act)(this)
            found, now = twin._deciding, twin.consumers.columns
            who |= dict(zip(found.rows[found.carried].tolist(), found.at[found.carried].tolist(), strict=True))
            now["stage"][found.rows], now["due"][found.rows] = IDLE, np.inf  # they have decided
        carried.append(who)
    assert len(carried[0]) > 20
    assert carried[1] == pytest.approx(carried[0], abs=1e-4)


@pytest.mark.parametrize("daily", [False, True], ids=["weeks", "days"])
def test_a_ramp_builds_half_of_full_capacity_while_it_lasts(daily: bool) -> None:
    """Capacity rises in a line: ten weeks with a ramp of six build as much as seven at full capacity."""
    production = {"capacity_per_week": 20.0, "inventory_weeks": 100.0, "ramp_weeks": 6.0}
    case = small_case(cars__a__production=production, cars__a__launch="2025-02-03")
    if daily:
        case = every_day_cut(case)
    market = Market(case, rng=1).run(14)
    assert market.supply.built[0] == pytest.approx(7 * 20.0, rel=0.005)


def every_day_cut(case: Case) -> Case:
    """The case with an empty happening on every day but Mondays."""
    days = [day for day in range(case.calendar.days) if day % DAYS]
    empty = {"kind": "media_burst", "car": "a", "contacts": 0.0}
    return case.change({f"happenings.empty_{day}": empty | {"on": START + timedelta(days=day)} for day in days})


def test_media_contacts_and_needs_are_the_same_when_every_day_is_a_round() -> None:
    """To rounding: who searches, since when and until when, and what the media have told."""
    nobody_waits = {
        "choice.outside_utility": 1e6,
        "ownership.replacement_weeks": 1e7,
        "ownership.replacement_shape": 20.0,
    }
    case = small_case().change(nobody_waits)
    whole, cut = (Market(one, rng=1).run() for one in (case, every_day_cut(case)))
    first, second = state(whole), state(cut)
    assert second["contacts"] == pytest.approx(first["contacts"], rel=1e-9)
    for name in ("consumers.stage", "consumers.spell"):
        assert np.array_equal(first[name], second[name]), name
    for name in ("ledger.outside", "ledger.in_market", "consumers.due"):
        assert second[name] == pytest.approx(first[name], rel=1e-5), name


NEWS: dict[str, list[dict[str, Any]]] = {
    "late deliveries": [],
    "and a revealed term": [
        {"id": "term", "on": "2025-03-12", "kind": "revealed_term", "plan": "buy", "cancelling": 0.5},
    ],
    "and excitement": [
        {"id": "hype", "on": "2025-02-12", "kind": "media_burst", "car": "a", "contacts": 0.3, "excitement": 3.0},
    ],
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("news", NEWS)
def test_a_market_of_days_is_the_market_of_weeks(news: str, seed: int) -> None:
    """All weeks cut into days: the same people do the same at the same time. Only the order of sums may differ."""
    case = small_case(happenings=NEWS[news], profiles__plain__impulsiveness=0.3)
    case = case.change(LATE | {"population.consumers": 3_000, "calendar.weeks": 26})
    weeks, days = (Market(one, rng=seed).run() for one in (case, every_day_cut(case)))
    first, second = flows(weeks), flows(days)
    assert {flow for flow in FLOWS if not np.allclose(first[flow], second[flow], rtol=1e-12, atol=0.0)} == set()
    assert min(flow.sum() for flow in first.values()) > 0.0
    columns, cut = weeks.consumers.columns, days.consumers.columns
    asked = (columns["stage"] >= SEARCHING) & np.isfinite(columns["patience"])
    assert np.abs(columns["patience"][asked] - cut["patience"][asked]).max() < 1e-4
    differ = {name for name, column in columns.items() if not np.allclose(column, cut[name], rtol=1e-6, atol=1e-6)}
    assert differ <= {"patience"}
