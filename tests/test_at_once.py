"""What is done at once, or kept beside the columns to be quick, is what it stands for."""

from __future__ import annotations

import numpy as np
import pytest

from market import Case, Market
from market.people import choosing
from market.people import demand as demands
from market.people.owner_accounts import OwnerAccounts
from market.people.trust import Trust, TrustSection
from market.stories.feeds import Feed, Feeds, feed_contacts


@pytest.fixture(scope="module")
def market() -> Market:
    """A market in the middle of a story."""
    return Market(Case.load("jd-gac-catl").change({"population.consumers": 4_000}), rng=3).run(4)


def test_the_waiting_list_says_what_the_columns_say(market: Market) -> None:
    """Week after week, whoever enters, moves on, gives up or gets a car."""
    for _ in range(3):
        market.step()
        kept, found = market.book.line.places, market.book.line.places_of(market.book.waiting)
        for name, entries in kept._asdict().items():
            np.testing.assert_array_equal(entries, getattr(found, name), err_msg=name)
    ordered = market.book.ordered()
    car = market.catalogue.car_of[market.consumers.column("offer")[ordered]]
    backlog = np.bincount(car, market.book.weight(ordered), len(market.catalogue.cars))
    np.testing.assert_array_equal(market.book.line.backlog(), backlog)


def test_a_fork_has_a_waiting_list_of_its_own(market: Market) -> None:
    """What happens to the copy leaves the list of the original as it was."""
    before = market.book.waiting.copy()
    market.fork().run(2)
    np.testing.assert_array_equal(market.book.waiting, before)


def test_offers_that_are_listed_are_worth_what_they_are_worth_among_all(market: Market) -> None:
    """Choices look at open offers only; to leave the others out changes nothing about them."""
    demand, rows = market.demand, np.arange(0, 4_000, 3)
    listed, company = demand.listed(), demand.knowledge(rows).company
    assert 0 < len(listed.offers) < len(demand.open)
    some, every = demand.utilities(rows, company, listed), demand.utilities(rows, company)
    np.testing.assert_array_equal(some, every[:, listed.offers])
    chosen = demand.choose(rows).offer
    assert demand.open[chosen[chosen >= 0]].all()
    assert len(demand.choose(rows[:0]).offer) == 0


def test_what_is_looked_up_once_a_week_is_what_each_round_would_find(monkeypatch: pytest.MonkeyPatch) -> None:
    """Day by day through a story: everybody ends up the same, to the last bit, as when every round looks again."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 1_000, "calendar.weeks": 22})
    asked: list[int] = []
    choose = demands.Demand._choose

    def counted(self: demands.Demand, rows: demands.Rows, listed: choosing.Listed) -> choosing.Decisions:
        asked.append(len(rows))
        return choose(self, rows, listed)

    monkeypatch.setattr(demands.Demand, "_choose", counted)
    ends, times = [], []
    for few in (demands.FEW, 0):
        asked.clear()
        monkeypatch.setattr(demands, "FEW", few)
        ends.append(Market(case, rng=2).run().consumers.columns)
        times.append(len(asked))
    assert times[0] < times[1]
    for name, column in ends[0].items():
        np.testing.assert_array_equal(column, ends[1][name], err_msg=name)


def test_offers_are_laid_out_again_when_something_about_them_changes(market: Market) -> None:
    """A price, a promotion, an appeal or a wait; the same day over again changes nothing."""
    twin = market.fork()
    demand, catalogue, none = twin.demand, twin.catalogue, np.zeros(len(twin.catalogue.cars))

    def laid_out(appeal: float = 0.0, wait: float = 0.0) -> list[float]:
        demand.lay_out(none + appeal, none + wait, 28)
        offers = demand.offers
        return [float(table.sum()) for table in (offers.attributes, offers.base, offers.price_cny)]

    seen = [laid_out()]
    assert laid_out() == seen[0]
    catalogue.price_cny[0] += 1_000.0
    seen.append(laid_out())
    catalogue.promotion_cny[0] += 2_000.0
    seen.append(laid_out())
    seen += [laid_out(appeal=0.5), laid_out(wait=3.0)]
    assert len({tuple(one) for one in seen}) == 5


def test_all_feeds_at_once_show_what_each_shows() -> None:
    """Contacts by story and place are those of each feed by itself."""
    feeds = [Feed(), Feed(contacts_per_day=0.2, exponent=2.0), Feed(usual_heat=9.0), Feed(contacts_per_day=0.0)]
    heats = np.random.default_rng(1).gamma(1.0, 2.0, (3, len(feeds)))
    one_by_one = [feed_contacts(heat, feed) for heat, feed in zip(heats.T, feeds, strict=True)]
    np.testing.assert_allclose(Feeds(feeds).contacts(heats), np.stack(one_by_one, axis=1), rtol=1e-14)


def test_all_spending_at_once_is_that_of_each_category() -> None:
    """Accounts of the owners' four categories, written together or one after the other."""
    luck, organisations = np.random.default_rng(2), 5
    by_side, share = luck.gamma(1.0, 1.0, (4, 3, 2, 3)), luck.dirichlet(np.ones(organisations), (4, 3, 3))
    share[:, :, 2] = 0.0
    together, apart = (OwnerAccounts(1, 3, 2, organisations, 3) for _ in range(2))
    together.spend_all(0, by_side, share)
    for c, category in enumerate(("care", "accessories", "finance", "energy")):
        apart.spend(0, category, by_side[c], share[c])
    np.testing.assert_allclose(together.spent, apart.spent, rtol=1e-12)


def test_trust_lost_counts_alike_by_car_and_by_consumer() -> None:
    """The hazard of cancelling asks who is on the car; trust that has never moved adds nothing to it."""
    luck, n, cars, organisations = np.random.default_rng(3), 200, 4, 5
    trust = Trust(TrustSection(), np.full(organisations, 0.6), n, [float(n)])
    hit, everybody = np.arange(0, n, 2), np.arange(n)
    trust.move(
        hit, 0.0, luck.uniform(0.0, 1.0, (len(hit), organisations)), 7, np.zeros(len(hit), int), np.ones(len(hit))
    )
    assert trust.moved(everybody).tolist() == [row % 2 == 0 for row in range(n)]
    face, car = luck.dirichlet(np.ones(organisations), cars), luck.integers(cars, size=n)
    face[0] = [0.0, 1.0, 0.0, 0.0, 0.0]
    begins, ends = np.full(n, 2.0, np.float32), np.full(n, 5.0, np.float32)
    by_car = trust.cancelling(everybody, face, begins, ends, car=car)
    np.testing.assert_allclose(by_car, trust.cancelling(everybody, face[car], begins, ends), rtol=1e-6)
    assert (by_car[::2] > 0.0).all() and not by_car[1::2].any()
