"""The path from a choice to a car, and giving up on it: what holds for one holds for all."""

from __future__ import annotations

import numpy as np
import pytest
from two_forms import SEEDS, SUMMED, agree, small_market

from experiments.reference.rules import anger_between, first_come_first_served, forfeit_of_one, handover_times
from market import Market
from market.people import orders
from market.people.orders import LOCKED, ORDERED, RESERVED, STAGES, TESTING, Anger, Orders, Terms


@pytest.fixture(scope="module")
def built() -> Market:
    """A small market in its week 0."""
    return small_market()


@pytest.mark.parametrize("seed", SEEDS)
def test_one_moves_along_the_path_like_all(seed: int) -> None:
    """Reservation to deposit or test drive, deposit to locked order, also at the very moment it becomes due."""
    states, n = np.random.default_rng(seed), 500
    terms = Terms(
        np.array([True, False, True]),
        np.array([0.0, 0.5, 2.0], np.float32),
        np.array([1.0, 2.0, 0.25], np.float32),
        np.zeros((6, 3), np.float32),
    )
    stage = states.choice([RESERVED, TESTING, ORDERED, LOCKED], n).astype(np.int8)
    channel, launched = states.integers(0, 3, n), states.integers(0, 2, n).astype(bool)
    waited = (states.integers(0, 12, n) / 4).astype(np.float32)
    many = orders.advance(stage, launched=launched, channel=channel, waited_weeks=waited, terms=terms)
    one = [
        orders.after_choice(
            int(stage[i]),
            launched=bool(launched[i]),
            deposit_first=bool(terms.deposit_first[channel[i]]),
            waited_weeks=float(waited[i]),
            reservation_weeks=float(terms.reservation_weeks[channel[i]]),
            lock_weeks=float(terms.lock_weeks[channel[i]]),
        )
        for i in range(n)
    ]
    assert many.tolist() == one
    assert set(one) == {RESERVED, TESTING, ORDERED, LOCKED}


@pytest.mark.parametrize("seed", SEEDS)
def test_one_cancels_with_the_hazard_of_all(seed: int) -> None:
    """Calm, late and revealed causes over any time, times the profile's ratio, damped by what would be forfeited."""
    states, n = np.random.default_rng(seed), 400
    section = Orders(forfeit_effect=0.3, late_per_week=0.05)
    stage = states.choice([RESERVED, TESTING, ORDERED, LOCKED], n).astype(np.int8)
    begins, promised = states.uniform(0, 40, (2, n)).astype(np.float32)
    ends = begins + (states.integers(0, 4, n) / 3).astype(np.float32)
    revealed, forfeit, ratio = states.exponential(0.5, (3, n)).astype(np.float32)
    many = orders.cumulated_hazard(stage, begins, ends, promised, revealed, forfeit, ratio, section)
    one = [
        orders.cumulated_hazard_of_one(
            int(stage[i]), float(begins[i]), float(ends[i]), float(promised[i]), float(revealed[i]), float(forfeit[i]),
            float(ratio[i]), section,
        )
        for i in range(n)
    ]  # fmt: skip
    agree(many, one, within=SUMMED)
    assert not many[stage == TESTING].any()


@pytest.mark.parametrize("half_life", [0.3, 1.0, 50.0])
def test_one_is_as_angry_as_all(half_life: float) -> None:
    """A revealed term adds hazard from its day on, less and less; before it, none."""
    states, anger = np.random.default_rng(16), Anger(0.4, 7.0 / 3.0, half_life)
    begins = np.append(states.uniform(0, 12, 300), [0.0, 7.0 / 3.0])
    ends = begins + np.append(states.uniform(0, 2, 300), [1.0, 0.0])
    one = [anger_between(anger, *times) for times in zip(begins.tolist(), ends.tolist(), strict=True)]
    np.testing.assert_allclose(anger.cumulated(begins, ends), one, rtol=1e-12, atol=1e-12)
    assert 0 < np.count_nonzero(one) < len(one)


def test_one_loses_patience_when_all_do(built: Market) -> None:
    """Whoever has used up the patience drawn gives up, at the time at which the hazard had used so much of it."""
    states, market = np.random.default_rng(17), built.fork()
    column, book, rows = market.consumers.columns, market.book, np.arange(500)
    n, channels, habits = len(rows), market.catalogue.channels, list(market.profiles.sections.values())
    under_plan = market.catalogue.plan_of == market.catalogue.plan_index["baas"]
    anger = Anger(0.4, 5.0, 2.0)
    book.angers.append((under_plan, anger))
    column["stage"][:n] = states.choice([RESERVED, TESTING, ORDERED, LOCKED], n)
    column["offer"][:n] = states.integers(0, len(market.catalogue.offers), n)
    column["exposed"][:n], column["promised"][:n] = states.uniform(0, 10, (2, n))
    column["patience"][:n] = states.exponential(0.3, n) + 1e-3
    was = {name: column[name][:n].tolist() for name in ("stage", "offer", "exposed", "promised", "patience", "profile")}
    until = column["exposed"][:n] + states.choice([-1.0, 0.5, 3.0], n)
    gives_up, at = book.patience.wear(rows, book.line.places_of(rows), until)
    for row, end in enumerate(until.tolist()):
        stage, offer, begin, promised, patience, profile = (was[name][row] for name in was)
        end = max(begin, end)
        hazard = orders.cumulated_hazard_of_one(
            stage, begin, end, promised, anger_between(anger, begin, end) if under_plan[offer] else 0.0,
            forfeit_of_one(channels[market.catalogue.offers[offer].channel], stage), habits[profile].cancelling,
            market.case.orders,
        )  # fmt: skip
        agree((column["exposed"][row], column["patience"][row]), (end, patience - hazard), within=SUMMED)
        assert gives_up[row] == (hazard >= patience)
        if gives_up[row]:
            agree(at[row], begin + patience / hazard * (end - begin), within=SUMMED)
    assert 50 < gives_up.sum() < 450


@pytest.mark.parametrize("seed", SEEDS)
def test_one_is_handed_a_car_when_all_are(seed: int, built: Market) -> None:
    """From stock when ready, then as cars are built, in order of arrival; not before the round nor after it."""
    states, market = np.random.default_rng(seed), built.fork()
    column, book, cars = market.consumers.columns, market.book, len(market.catalogue.cars)
    this = market.clock.rounds(4, {30})[1]
    book.waiting = rows = states.permutation(600)
    column["stage"][rows] = states.choice([RESERVED, ORDERED, LOCKED], 600, p=[0.1, 0.1, 0.8])
    column["offer"][rows] = states.integers(0, len(market.catalogue.offers), 600)
    column["since"][rows] = states.uniform(0.0, 5.0, 600)
    lead, launched = states.choice([0.0, 1.0, 3.0], cars), states.uniform(size=cars) < 0.9
    locked = rows[column["stage"][rows] == LOCKED]
    queued = np.bincount(market.catalogue.car_of[column["offer"][locked]], book.weight(locked), cars)
    stock, built_now = queued * states.uniform(0.0, 0.6, cars), queued * states.choice([0.0, 0.2, 1.0], cars)
    many = book.handovers(this, stock, built_now, lead, launched)
    queue, places = [], []
    for place, row in enumerate(rows.tolist()):
        car = int(market.catalogue.car_of[column["offer"][row]])
        at = float(column["since"][row] + lead[car])
        if column["stage"][row] == LOCKED and launched[car] and at <= this.now + orders.MOMENT:
            queue.append((car, float(book.weight(rows)[place]), min(max(at, this.begin), this.now)))
            places.append(place)
    times = handover_times(queue, stock.tolist(), built_now.tolist(), begin=this.begin, weeks=this.weeks)
    one = {place: at for place, at in zip(places, times, strict=True) if at is not None}
    assert many.position.tolist() == list(one)
    np.testing.assert_allclose(many.at, list(one.values()), rtol=1e-9)
    assert 0 < len(one) < len(queue)
    assert len({at for at in one.values() if this.begin < at < this.now}) > 20


def test_one_forfeits_what_all_forfeit(built: Market) -> None:
    """A deposit is lost from the stage on that the channel states: the deposit, the lock, or never."""
    until = dict(zip(built.catalogue.channels, ("deposit", "lock", "delivery", "lock"), strict=True))
    changes = {f"channels.{key}.refundable_until": stage for key, stage in until.items()}
    market = Market(built.case.change({"population.consumers": 50, **changes}), rng=1)
    for stage in range(len(STAGES)):
        own = [forfeit_of_one(channel, stage) for channel in market.catalogue.channels.values()]
        agree(market.book.terms.forfeit[stage], own)
        assert [loss > 0.0 for loss in own] == [stage >= ORDERED, stage == LOCKED, False, stage == LOCKED]


def test_one_likes_the_drive_when_all_do() -> None:
    """The margin over the best alternative survives the surprise, also when they are equal."""
    states, section = np.random.default_rng(12), Orders(test_drive_sd=1.5)
    margin = np.append(states.exponential(1.0, 500), [1.5, 0.0]).astype(np.float32)
    surprise = np.append(states.normal(size=500), [-1.0, 0.0]).astype(np.float32)
    many = orders.likes_the_drive(margin, surprise, section)
    one = [
        orders.likes_the_drive_of_one(*pair, section) for pair in zip(margin.tolist(), surprise.tolist(), strict=True)
    ]
    assert many.tolist() == one
    assert 0 < sum(one) < 502


@pytest.mark.parametrize("whole", [True, False])
@pytest.mark.parametrize("seed", range(40))
def test_first_come_is_first_served_one_by_one_and_at_once(seed: int, whole: bool) -> None:
    """Nobody is served before those ahead in the same line; whole amounts make exact fits, which are served."""
    states = np.random.default_rng(seed)
    waiting, lines = int(states.integers(0, 60)), 4
    line = states.integers(0, lines, waiting)
    amount = states.integers(1, 5, waiting).astype(float) if whole else states.uniform(0.1, 14_000.0, waiting)
    available = np.array([0.0, states.integers(0, 30), 1e9, states.uniform(0, amount.sum() / 4 + 1)])
    available[3] = round(available[3]) if whole else available[3]
    one = first_come_first_served(zip(line.tolist(), amount.tolist(), strict=True), available.tolist())
    assert orders.serve_in_order(line, amount, available).tolist() == one
