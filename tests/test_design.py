"""Designs: who is asked, what is heard, what can be built, and which configuration each policy picks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from small_cases import small_case

from market import Market
from market.chance import Chance
from market.industry import design, line_ups
from market.industry.audience import (
    HEARD,
    Audience,
    audience_sample,
    configuration,
    hear,
    shrinking,
    stated,
    stated_price_share,
)
from market.industry.design import Placed, Stakes, select
from market.industry.options import Designs, Levels, Options, Slot, Technology, enumerate_designs, slot_of
from market.people.choice import probabilities

Floats = NDArray[np.float64]
SLOT = Slot(0, 400.0, 0.5, 0.4, 0.0, 80_000.0, 85_000.0, 0.1, 3.0)
FREE = Technology(modularity=1.0)
COST = 0.85


def stakes(cars: int = 3, **more: float) -> Stakes:
    ordinary = {
        "commission": 0.05, "selling": 0.05, "owner_worth_cny": 3_000.0, "definition_share": 0.6, "definition_worth_cny": 1_000.0,
        "weeks": 156.0,
    }  # fmt: skip
    return Stakes(
        **(ordinary | more), platform_margin_cny=np.linspace(0, 900.0, cars), maker_margin_cny=np.linspace(0, 9e3, cars)
    )


def people(
    number: int = 400, seed: int = 1, alike: bool = False, slots: int = 1, base: int | None = None, lam: float = 0.6
) -> Audience:
    """An audience of three rivals in nests of their own; all planned cars share the nest of rival `base`, or a new one."""
    luck = np.random.default_rng(seed)
    spread = 0.0 if alike else 1.0
    tastes = np.array([2.2, 0.2, 0.5]) + spread * luck.normal(size=(number, 3)) * [0.8, 0.6, 0.6]
    price = -0.6 * np.exp(spread * 0.7 * luck.normal(size=number))
    rivals = np.array([1.0, 0.5, -0.5]) + spread * luck.normal(size=(number, 3))
    planned = price * SLOT.price_cny / 1e4 + tastes @ configuration(SLOT.range_km, SLOT.fast_charge, SLOT.intelligence)
    bare = 0.5 + spread * luck.normal(size=number) - planned - SLOT.joy(SLOT.price_cny)
    return Audience(
        np.full(number, 50.0), price, tastes, np.repeat(bare[:, None], slots, axis=1), rivals, 0.0,
        np.full(slots, 3 if base is None else base), np.arange(3), lam,
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------ noise and sample


@pytest.mark.parametrize(("noise", "value"), [(0.0, 1.53875), (0.5, 1.37630), (1.0, 1.08806), (2.0, 0.68815)])
def test_the_best_of_ten_designs_seen_with_noise(noise: float, value: float) -> None:
    rounds, chance = np.arange(100_000), Chance(7)
    true = chance.normal("true", rounds[:, None], np.arange(10))
    luck = noise * chance.normal("seen", rounds[:, None], np.arange(10))
    picked = select(true, luck)
    got = true[rounds, picked].astype(float)
    assert abs(got.mean() - value) < 4 * got.std() / np.sqrt(len(rounds))
    curse = luck[rounds, picked].astype(float)
    expected = {0.0: 0.0, 0.5: 0.34408, 1.0: 1.08806, 2.0: 2.75260}[noise]
    assert abs(curse.mean() - expected) <= 4 * curse.std() / np.sqrt(len(rounds))


def test_noise_falls_as_data_grow_and_price_is_believed_in_the_end() -> None:
    left = [shrinking(data, 50_000.0) for data in (0.0, 50_000.0, 450_000.0, 1e15)]
    assert left[:2] == pytest.approx([1.0, 0.5**0.5]) and left == sorted(left, reverse=True)
    assert [stated_price_share(0.25, share) for share in (1.0, 0.0)] == [0.25, 1.0]


def test_the_sample_leans_towards_users_as_stated() -> None:
    use = np.tile([2.0, 0.5], 50_000)
    rows = audience_sample(Chance(3), "jd", use, 2_000)
    share = (rows % 2 == 0).mean()
    assert len(np.unique(rows)) == 2_000
    assert abs(share - 0.8) < 4 * np.sqrt(0.8 * 0.2 / 2_000) + 0.01  # 2 % are drawn: almost with replacement
    even = audience_sample(Chance(3), "jd", np.ones(100_000), 2_000)
    assert abs((even % 2 == 0).mean() - 0.5) < 4 * 0.5 / np.sqrt(2_000)


def test_one_consumer_more_moves_at_most_one_other() -> None:
    use = np.tile([2.0, 0.5], 500)
    fewer, more = (set(audience_sample(Chance(3), "jd", u, 100).tolist()) for u in (use, np.append(use, 1.0)))
    assert len(fewer - more) <= 1


def test_who_never_visits_is_never_asked() -> None:
    assert audience_sample(Chance(1), "jd", [0.0, 1.0, 0.0, 2.0], 10).tolist() == [1, 3]


def test_without_noise_and_bias_tastes_are_heard_as_they_are() -> None:
    price, tastes = np.array([-0.5, -0.8]), np.array([[1.0, 2.0, 3.0], [0.0, 1.0, 2.0]])
    money, heard = stated(price, tastes, 1.0, np.zeros((2, 3)))
    assert np.array_equal(money, price) and np.array_equal(heard, tastes)
    assert np.allclose(stated(price, tastes, 0.25, np.zeros((2, 3)))[0], price / 4)


# ---------------------------------------------------------------------------------------------------- option space


def test_modularity_reaches_further_sooner_and_moves_no_luck() -> None:
    stiff = enumerate_designs(SLOT, Options(), Technology(modularity=0.0), COST)
    loose = enumerate_designs(SLOT, Options(), FREE, COST)
    assert len(stiff) < len(loose) and set(stiff.luck) <= set(loose.luck)
    at = np.searchsorted(loose.luck, stiff.luck)
    assert np.array_equal(loose.price_cny[at], stiff.price_cny)
    deep = stiff.depth > 0
    assert (loose.lead_weeks[at][deep] < stiff.lead_weeks[deep]).all()
    assert stiff.range_km.max() <= 400.0 * 1.3 and stiff.depth.max() <= 0.6


def test_the_planned_car_is_a_design_and_costs_what_it_costs() -> None:
    designs = enumerate_designs(SLOT, Options(), Technology(), COST)
    planned = designs.as_planned()
    attributes = {"range_km": 400.0, "fast_charge": 0.5, "intelligence": 0.4, "quality": 0.0, "price_cny": 80_000.0}
    assert designs.attributes(planned) == attributes
    assert designs.unit_cost_cny[planned] == 68_000.0 and designs.lead_weeks[planned] == 26.0
    assert designs.setup_cny[planned] == 0.0


def test_deeper_customisation_takes_longer() -> None:
    designs = enumerate_designs(SLOT, Options(), Technology(), COST)
    assert np.corrcoef(designs.depth, designs.lead_weeks)[0, 1] > 0.999


def test_no_options_leave_the_planned_car() -> None:
    none = {name: Levels() for name in ("range_share", "fast_charge", "intelligence", "quality", "price_share")}
    designs = enumerate_designs(SLOT, Options(**none), FREE, COST)
    assert len(designs) == 1 and designs.as_planned() == 0


# ---------------------------------------------------------------------------------------------- predicted demand


def met_by(heard: Audience, value: Floats) -> tuple[Floats, Floats]:
    """Two planned cars, the second on trial: (rows, 2, columns) chances of both, and (rows, rivals, columns)."""
    met = design.contest(heard, 1, value[:, 1], [Placed(0, 0, value[:, 0, 0])])
    others = met.kin_share[:, :, None] * met.kin[:, None] + met.away_share[:, :, None] * met.away[:, None]
    return np.stack([others[:, 0], met.buys], axis=1), others[:, 1:]


@pytest.mark.parametrize("lam", [1.0, 0.6, 0.2])
@pytest.mark.parametrize("nest", [(3, 3), (1, 1), (0, 2), (3, 4), (3, 0)])
def test_a_contest_is_the_nested_logit_of_the_market(nest: tuple[int, int], lam: float) -> None:
    """Two planned cars on bases of their own or on those of rivals: who buys them, and who buys every rival."""
    heard = replace(people(50, slots=2, lam=lam), nest=np.array(nest))
    heard.rivals[np.random.default_rng(2).random((50, 3)) < 0.3] = -np.inf
    value = np.random.default_rng(3).normal(size=(50, 2, 4))
    value[:, 0] = value[:, 0, :1]
    planned, rivals = met_by(heard, value)
    for column in range(4):
        both = np.column_stack([value[:, :, column], heard.rivals])
        after = probabilities(both, np.append(nest, heard.rival_nest), lam, 0.0)
        assert np.allclose(planned[:, :, column], after[:, :2], atol=1e-12)
        assert np.allclose(rivals[:, :, column], after[:, 2:], atol=1e-12)


@pytest.mark.parametrize("base", [None, 2])
def test_rivals_lose_their_margins_once(base: int | None) -> None:
    """Planned cars of one lead time cost what the closed shares say, however many there are, and no more."""
    heard, designs = people(80, slots=2, base=base), _designs()
    at_once = replace(designs, lead_weeks=np.full(len(designs), 20.0))
    money = stakes(owner_worth_cny=0.0, commission=0.0, selling=1.0)
    before = heard.weight @ probabilities(heard.rivals, heard.rival_nest, 0.6, 0.0)
    values = [design.worth(heard, 0, SLOT, at_once)[:, d] for d in (5, 30)]
    after = (
        heard.weight @ probabilities(np.column_stack([*values, heard.rivals]), [*heard.nest, 0, 1, 2], 0.6, 0.0)[:, 2:]
    )
    platform, *_ = design.line_up(heard, [SLOT, SLOT], at_once, [5, 30], money)
    assert platform == pytest.approx(-136.0 * money.platform_margin_cny @ (before - after))


def test_a_base_car_loses_more_than_rivals_elsewhere() -> None:
    """Each person buys it less often by a larger factor."""
    heard = people(base=1)
    before = probabilities(heard.rivals, heard.rival_nest, 0.6, 0.0)
    met = design.contest(heard, 0, design.worth(heard, 0, SLOT, _designs(), np.array([5])), [])
    kept = (met.kin_share * met.kin + met.away_share * met.away) / before
    assert kept[:, 0] == pytest.approx(kept[:, 2]) and (kept[:, 1] < kept[:, 0]).all()


@pytest.mark.parametrize("lam", [0.6, 0.05])
def test_variants_of_one_base_sell_less_than_cars_that_share_nothing(lam: float) -> None:
    """Three equal variants on one base are worth lambda ln 3 more than one: next to nothing in a tight nest."""
    strangers = replace(people(slots=3, lam=lam), nest=np.array([3, 4, 5]))
    family, designs, money = people(slots=3, lam=lam), _designs(), stakes()
    dearer = replace(family, bare=family.bare + lam * np.log(3.0))
    slots, three = [SLOT] * 3, [7] * 3
    together, apart = (design.line_up(who, slots, designs, three, money)[2] for who in (family, strangers))
    alone, same = (design.line_up(who, slots[:1], designs, three[:1], money)[2] for who in (dearer, family))
    assert together == pytest.approx(alone) and same < together < apart
    assert together / same < 3.0**lam


@pytest.mark.parametrize("base", [None, "c"])
@pytest.mark.parametrize("key", ["a", "b"])
def test_an_audience_heard_truly_buys_as_the_market_expects(key: str, base: str | None) -> None:
    market = Market(small_case(cars__b__base_car=base))
    demand, catalogue = market.demand, market.catalogue
    car = catalogue.car_index[key]
    rows = np.arange(600)
    rows = rows[demand.knowledge(rows).known[:, car] & (demand.population.columns["tried"][rows] == 0)]
    slot = slot_of(catalogue, car, day=0)
    heard = hear(demand, rows, np.ones(len(rows)), len(rows), [slot], 1.0, np.zeros((len(rows), len(HEARD))))
    designs = enumerate_designs(slot, Options(), Technology(), COST)
    value = design.worth(heard, 0, slot, designs, np.array([designs.as_planned()]))
    share = heard.weight @ design.contest(heard, 0, value, []).buys / heard.weight.sum()
    expected = demand.expected_shares(rows, np.ones(len(rows)))[:-1][catalogue.car_of == car].sum()
    assert share[0] == pytest.approx(expected, rel=1e-4)


def test_a_design_is_worth_what_the_market_will_find_it_worth() -> None:
    market = Market(small_case())
    demand, catalogue, rows = market.demand, market.catalogue, np.arange(300)
    slot = slot_of(catalogue, 0, day=0)
    heard = hear(demand, rows, np.ones(300), 300.0, [slot], 1.0, np.zeros((300, len(HEARD))))
    designs = enumerate_designs(slot, Options(), Technology(), COST)
    other = len(designs) - 1
    predicted = design.worth(heard, 0, slot, designs)
    gain = predicted[:, other] - predicted[:, designs.as_planned()]
    before = demand.utilities(rows, demand.knowledge(rows).company)[:, 0].astype(float)
    for name, number in designs.attributes(other).items():
        getattr(catalogue, name)[0] = number
    demand.renew()
    demand.lay_out(market.appeal[0], np.array(demand.offers.attributes[6, :3], float), 0)
    after = demand.utilities(rows, demand.knowledge(rows).company)[:, 0].astype(float)
    # waits are laid out anew, so each person's utility may shift by the same weeks times one taste
    assert np.std(after - before - gain) < 1e-4


@pytest.mark.parametrize("base", [None, 1])
def test_a_contest_is_the_readable_rule(base: int | None) -> None:
    heard = people(60, slots=2, base=base)
    heard.rivals[:10, 1] = -np.inf
    values = np.column_stack([heard.bare[:, 0] + 4.0, heard.bare[:, 0] + 3.0])
    planned, rivals = met_by(heard, values[:, :, None])
    for row in range(60):
        one = design.buying_of_one(values[row], heard.nest.tolist(), heard.rivals[row], [0, 1, 2], 0.0, 0.6)
        assert one == pytest.approx([*planned[row, :, 0], *rivals[row, :, 0]])


def test_a_line_up_of_one_earns_what_the_single_car_earns() -> None:
    heard, designs = people(), _designs()
    menu = design.single_cars(heard, SLOT, designs, stakes())
    for d in (0, 17, len(designs) - 1):
        expected = menu.platform_cny[d], menu.maker_cny[d], menu.cars[d]
        assert design.line_up(heard, [SLOT], designs, [d], stakes()) == pytest.approx(expected)


def test_profit_of_one_car_adds_up() -> None:
    heard, designs = people(), _designs()
    plain = replace(
        stakes(owner_worth_cny=0.0, definition_worth_cny=0.0), platform_margin_cny=np.zeros(3), maker_margin_cny=np.zeros(3)
    )  # fmt: skip
    menu = design.single_cars(heard, SLOT, designs, plain)
    for d in (3, 40):
        platform, maker = design.profit_of_one(designs.attributes(d), float(designs.unit_cost_cny[d]), 0.05, 0.05)
        assert menu.platform_cny[d] == pytest.approx(menu.cars[d] * platform)
        assert menu.maker_cny[d] == pytest.approx(menu.cars[d] * maker - designs.setup_cny[d])


def _designs() -> Designs:
    return enumerate_designs(SLOT, Options(), FREE, COST)


# ---------------------------------------------------------------------------------------------------------- policies


def test_with_perfect_data_and_one_segment_mean_taste_is_the_enumerated_optimum() -> None:
    heard, designs = people(alike=True), _designs()
    menu = line_ups.menu("mean-taste", heard, [SLOT], designs, stakes(), np.zeros(len(designs)))
    picked = int(select(menu.platform_cny + menu.maker_cny))
    earned = [sum(design.line_up(heard, [SLOT], designs, [d], stakes())[:2]) for d in range(len(designs))]
    assert picked == int(np.argmax(earned))


def test_mean_taste_misses_what_differing_people_want() -> None:
    heard, designs = people(), _designs()
    joint = [sum(design.line_up(heard, [SLOT], designs, [d], stakes())[:2]) for d in range(len(designs))]
    picks = {}
    for policy in ("maker-knows-best", "mean-taste", "individual"):
        menu = line_ups.menu(policy, heard, [SLOT], designs, stakes(), np.zeros(len(designs)))
        picks[policy] = menu.line_ups[int(select(menu.platform_cny + menu.maker_cny))][0]
    assert picks["maker-knows-best"] == designs.as_planned()
    assert joint[picks["individual"]] == max(joint)
    assert joint[picks["mean-taste"]] < max(joint)


def test_two_variants_for_individuals_are_the_enumerated_best_pair() -> None:
    few = Options(
        range_share=Levels(below=0.2, above=0.2, steps=3), fast_charge=Levels(), intelligence=Levels(), quality=Levels(),
        price_share=Levels(below=0.15, above=0.15, steps=3),
    )  # fmt: skip
    designs, heard = enumerate_designs(SLOT, few, FREE, COST), people(slots=2)
    slots = [SLOT, replace(SLOT, car=1)]
    menu = line_ups.menu("individual", heard, slots, designs, stakes(), np.zeros(len(designs)))
    joint = menu.platform_cny + menu.maker_cny
    pairs = [
        sum(design.line_up(heard, slots, designs, [a, b], stakes())[:2])
        for a in range(len(designs))
        for b in range(len(designs))
    ]
    assert len(menu.line_ups[-1]) == 2
    assert joint[-1] == pytest.approx(max(pairs))
    assert joint[-1] >= joint[1] >= joint[0]


def test_segments_are_of_equal_weight_and_ordered_by_price_sensitivity() -> None:
    heard = people(999)
    group = line_ups.segments(heard, 3)
    assert np.bincount(group).tolist() == [333, 333, 333]
    assert heard.price[group == 0].max() <= heard.price[group == 1].min()
    designs = _designs()
    menu = line_ups.menu("segment", people(slots=2), [SLOT, SLOT], designs, stakes(), np.zeros(len(designs)))
    poor, rich = menu.line_ups[-1]
    assert designs.price_cny[poor] <= designs.price_cny[rich]


def test_noise_in_scores_is_believed_and_lowers_the_true_profit() -> None:
    heard, designs = people(), _designs()
    true = design.single_cars(heard, SLOT, designs, stakes())
    joint = true.platform_cny + true.maker_cny
    seen, got = [], []
    for seed in range(30):
        luck = Chance(seed).normal("designs", designs.luck).astype(float)
        menu = line_ups.menu("individual", heard, [SLOT], designs, stakes(), luck)
        picked = int(select(menu.platform_cny + menu.maker_cny))
        seen.append((menu.platform_cny + menu.maker_cny)[picked])
        got.append(joint[picked])
    assert np.mean(got) < joint.max() < np.mean(seen)


def test_mean_of_an_audience_of_equals_is_that_person() -> None:
    heard = people(alike=True)
    one = heard.mean()
    assert one.weight[0] == pytest.approx(heard.weight.sum())
    assert one.rivals[0] == pytest.approx(heard.rivals[0])
    assert np.allclose(one.tastes[0], heard.tastes[0]) and len(HEARD) == heard.tastes.shape[1]
