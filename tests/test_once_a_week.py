"""What is written together, or not looked up again while nothing has changed, is what it would be one by one."""

from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest
from test_design import SLOT, people, stakes

from market import Case, Market
from market.cars import FUNCTIONS
from market.happenings import Answer, RoleMove
from market.industry import design
from market.industry.books import HOUSEHOLDS, OUTSIDE, Books
from market.industry.options import Options, Technology, enumerate_designs
from market.people.choice import probabilities
from market.people.owner_accounts import OwnerAccounts
from market.people.sides import SidesOfCars
from market.stories.complaints import Complaints

ORGANISATIONS, CARS = ("ann", "bob", "cat"), ("a", "b")


@pytest.fixture(scope="module")
def market() -> Market:
    """A small market some weeks after the start."""
    return Market(Case.load("jd-gac-catl").change({"population.consumers": 1_000}), rng=3).run(3)


def test_payments_of_several_weeks_are_those_of_each_week() -> None:
    """Between parties by name, by shares and by amounts, some of them nothing."""
    weeks = np.array([0, 2, 3])
    for seed in range(20):
        together, apart = (Books(ORGANISATIONS, CARS, FUNCTIONS, 4) for _ in range(2))
        luck = np.random.default_rng(seed)
        shares = [*luck.dirichlet(np.ones(3), (4, 2)), *luck.dirichlet(np.ones(3), 2)]
        for line in ("car", "transfer", "production", "care", "care", "deposit", "media", "stake"):
            cny = luck.uniform(-1e6, 1e6, (3, 2)) * luck.integers(0, 2)
            amounts = cny[:, :, None] * luck.dirichlet(np.ones(3), (3, 2))
            parties = [*ORGANISATIONS, HOUSEHOLDS, OUTSIDE, *shares, amounts]
            payer, payee = (parties[i] for i in luck.integers(0, len(parties), 2))
            together.pay_weeks(weeks, line, payer, payee, cny)
            for at, week in enumerate(weeks.tolist()):
                if not cny.any():
                    continue
                gives, takes = (p[at] / cny[at][:, None] if p is amounts else p for p in (payer, payee))
                apart.pay(week, line, gives, takes, cny[at])
        np.testing.assert_allclose(together.flow, apart.flow, rtol=1e-12, atol=1e-6)
        np.testing.assert_allclose(together.by_function, apart.by_function, rtol=1e-12, atol=1e-6)
        assert np.abs(apart.flow).max() > 0.0


def test_payments_that_lose_money_are_refused() -> None:
    """The books stay as they were, and go on."""
    kept = Books(ORGANISATIONS, CARS, FUNCTIONS, 2)
    kept.pay(0, "car", HOUSEHOLDS, "ann", 3.0)
    before = kept.flow.copy()
    with pytest.raises(ValueError, match="must sum to 1"):
        kept.pay(0, "car", np.array([0.5, 0.4, 0.0]), "ann", 1.0)
    for line, payer, payee in (("bribe", "ann", "bob"), ("car", "ann", "dan")):
        with pytest.raises(KeyError):
            kept.pay(0, line, payer, payee, 1.0)
    with pytest.raises(ValueError, match="must be finite"):
        kept.pay(0, "car", "ann", "bob", np.nan)
    np.testing.assert_array_equal(kept.flow, before)


def test_books_read_every_week_are_the_books_read_at_the_end() -> None:
    """Facts are kept back until somebody reads, under the terms of their week: an exit and a stake between them."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 400, "calendar.weeks": 30})
    case = case.model_copy(update={"happenings": [h for h in case.happenings if not isinstance(h, Answer)]})
    move = RoleMove(
        id="moved", on=case.calendar.date_of(75), car="ut_super", function="sales", giver="jd", taker="gac", share=0.5
    )
    seldom, often = (Market(case, rng=4) for _ in range(2))
    for market in (seldom, often):
        market.schedule(move)
    seldom.run()
    for _ in range(30):
        often.step()
        read = often.fork().industry.accounts.books.flow[often.week - 1]
        np.testing.assert_array_equal(often.industry.accounts.books.flow[often.week - 1], read)
    for name in ("flow", "by_function", "asset_gain"):
        once, each = (getattr(market.industry.accounts.books, name) for market in (seldom, often))
        np.testing.assert_allclose(once, each, rtol=1e-12, atol=1e-5, err_msg=name)
    weeks = seldom.owners.accounts.spent.sum(axis=(1, 2, 3, 4))
    assert (weeks > 0.0).sum() > 20


def test_rounds_of_a_week_are_divided_among_organisations_as_they_would_be_one_by_one() -> None:
    """Spending and care of several rounds and weeks; the shares of a side change in between."""
    luck = np.random.default_rng(4)
    shares = luck.dirichlet(np.ones(5), (2, 4, 3, 3))
    together, apart = (OwnerAccounts(2, 3, 2, 5, 3) for _ in range(2))
    for round_, week in enumerate((0, 0, 0, 1, 1)):
        share = shares[int(round_ >= 2)]
        care = share[0]
        by_side, flow = luck.gamma(1.0, 1.0, (4, 3, 2, 3)), luck.gamma(1.0, 1.0, (3, 2, 4, 4))
        together.spend_all(week, by_side, share)
        together.care(week, flow, care)
        apart.spend_all(week, by_side, share.copy())
        apart.care(week, flow, care.copy())
        assert apart.spent[week].any() and apart.had[week].any()
    for name in ("spent", "had", "kept"):
        np.testing.assert_allclose(getattr(together, name), getattr(apart, name), rtol=1e-12, err_msg=name)
    assert together.spent.sum() == pytest.approx(apart.spent.sum())


def test_rates_of_failure_follow_whatever_moves_them(market: Market) -> None:
    """Days, capability, quality, roles, learning and quarrels: never those of a moment ago."""
    here = market.fork()
    capability = here.capability.now.copy()
    seen = []

    def check(day: float) -> None:
        fresh = Complaints(here.case, here.chance, here.catalogue, here.partnership)
        for service in (None, 0.6):
            rates = here.complaints.rates(day, capability, service)
            np.testing.assert_array_equal(rates, fresh.rates(day, capability, service))
        seen.append(here.complaints.rates(day, capability))

    check(21.0)
    capability *= 0.5
    check(21.0)
    here.catalogue.quality[0] += 1.0
    check(21.0)
    here.partnership.alliances.shift(3.0, here.catalogue.car_index["ut_super"])
    check(21.0)
    check(70.0)
    here.catalogue.roles[:] = here.catalogue.roles[:, :, ::-1]
    here.partnership.look()
    check(70.0)
    assert all((before != after).any() for before, after in pairwise(seen))
    here.complaints.rates(70.0, capability)[:] = -1.0
    check(70.0)


def test_sides_looked_at_again_are_those_looked_at_anew(market: Market) -> None:
    """With other capabilities, and with other roles."""
    here = market.fork()
    owners, catalogue, capability = here.owners, here.catalogue, here.capability.now.copy()
    for step in range(3):
        again = SidesOfCars.of(catalogue, owners.is_platform, capability, owners.section, owners.sides)
        anew = SidesOfCars.of(catalogue, owners.is_platform, capability, owners.section)
        for field in fields(SidesOfCars):
            if field.name != "held":
                np.testing.assert_array_equal(getattr(again, field.name), getattr(anew, field.name), err_msg=field.name)
        owners.sides = again
        capability[:] = capability[::-1] * 0.9
        if step == 1:
            catalogue.roles[:] = catalogue.roles[:, :, ::-1]


def test_one_design_alone_is_that_of_all_designs() -> None:
    """What a car that stays as it is would earn needs no other design."""
    audience = people()
    designs = enumerate_designs(SLOT, Options(), Technology(), 0.85)
    every = design.single_cars(audience, SLOT, designs, stakes())
    for chosen in (0, designs.as_planned(), len(designs) - 1):
        one = design.single_car(audience, SLOT, designs, chosen, stakes())
        assert one.line_ups == (every.line_ups[chosen],)
        for name in ("platform_cny", "maker_cny", "cars"):
            assert getattr(one, name)[0] == pytest.approx(getattr(every, name)[chosen], rel=1e-9)


def test_shares_of_rivals_are_those_of_the_nested_logit() -> None:
    """Also where some are not considered, and several share a nest."""
    audience = people()
    audience.rivals[::3, 1] = -np.inf
    audience.rival_nest[:] = [0, 2, 2]
    expected = probabilities(audience.rivals, audience.rival_nest, audience.dissimilarity, audience.outside)
    np.testing.assert_allclose(design._before(audience), expected, rtol=1e-12, atol=1e-15)
    assert (expected == 0.0).sum() == len(audience.rivals[::3])
