"""Modes: six ways in which platforms meet cars, as data; one switch moves the same car between them."""

from __future__ import annotations

import json
import re
from datetime import date

import numpy as np
import pytest
from small_cases import content, small_case

from market import Case, CaseError, Market
from market.cars import FUNCTIONS
from market.catalogue import face_matrix, role_tensor
from market.modes import FACE, MODES, ROWS, SLOTS, ModeName, division, filled
from market.organisations import TASKS, capability
from market.roles import friction

BUNDLED = {
    "full-stack": "su7", "equity-stake": "mona_m03", "co-creation": "cocreated", "jd-gac-catl": "ut_super",
    "virtual-maker": "ut_super", "dealer-baseline": "ut_super", "second-product": "ut_super",
}  # fmt: skip
DESIGN_TABLE = {
    "definition": {"jd": 0.3, "gac": 0.7}, "standard": {"catl": 0.8, "gac": 0.2}, "pace": {"gac": 0.7, "jd": 0.3},
    "production": {"gac": 1.0}, "battery": {"catl": 1.0}, "marketing": {"jd": 0.7, "gac": 0.3}, "sales": {"jd": 1.0},
    "finance": {"jd": 1.0}, "delivery": {"gac": 0.8, "jd": 0.2}, "service": {"gac": 0.6, "jd": 0.2, "catl": 0.2},
    "data": {"jd": 0.6, "gac": 0.2, "catl": 0.2},
}  # fmt: skip


def holders(case: Case, car: str) -> dict[str, dict[str, float]]:
    """Who holds what of a car, the face included."""
    found = {function: dict(case.cars[car].holders(function)) for function in case.functions}
    return found | {FACE: dict(case.cars[car].public_face())}


@pytest.mark.parametrize("mode", MODES)
def test_every_row_of_a_mode_divides_one_among_known_slots(mode: ModeName) -> None:
    for row, shares in ROWS[mode].items():
        assert row in {*FUNCTIONS, FACE}
        assert set(shares) <= set(SLOTS)
        assert all(share > 0.0 for share in shares.values())
        assert sum(shares.values()) == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("partners", [{}, {"platform": "p"}, {"platform": "p", "energy": "e", "dealer": "d"}])
def test_an_absent_partner_leaves_its_part_to_the_maker(mode: ModeName, partners: dict[str, str]) -> None:
    for row in (*FUNCTIONS, FACE):
        found = filled(division(mode, row), "m", partners)
        assert set(found) <= {"m", *partners.values()}
        assert sum(found.values()) == pytest.approx(1.0, abs=1e-12)
        if not partners:
            assert found == {"m": 1.0}


def test_the_modes_differ_from_each_other() -> None:
    partners = {"platform": "p", "energy": "e", "dealer": "d"}
    tables = [json.dumps({row: filled(division(m, row), "m", partners) for row in FUNCTIONS}) for m in MODES]
    assert len(set(tables)) == len(MODES) == 6


def test_the_real_case_is_the_table_of_the_design() -> None:
    """JD + GAC + CATL: the judgement on the division of labour, and a face that is mostly JD's."""
    found = holders(Case.load("jd-gac-catl"), "ut_super")
    for function, row in DESIGN_TABLE.items():
        assert found[function] == pytest.approx(row), function
    assert found[FACE] == pytest.approx({"jd": 0.6, "gac": 0.3, "catl": 0.1})


@pytest.mark.parametrize("mode", MODES)
def test_one_switch_moves_the_same_car_and_nothing_else(mode: ModeName) -> None:
    before = Case.load("jd-gac-catl")
    after = before.change({"cars.ut_super.mode": mode})
    places = {"platform": "jd", "energy": "catl", "dealer": "dealers"}
    for row, found in holders(after, "ut_super").items():
        assert found == filled(division(mode, row), "gac", places)
    one, other = content(before), content(after)
    for tables in (one, other):
        tables["cars"]["ut_super"].pop("mode")
        tables.pop("sources")
    assert one == other


@pytest.mark.parametrize("mode", MODES)
def test_the_same_car_runs_in_every_mode_through_launch_reports_and_answers(mode: ModeName) -> None:
    """Past the launch, the first deliveries, what was reported and the joint answer; whose car it is differs."""
    case = Case.load("jd-gac-catl").change({"population.consumers": 2_000, "calendar.weeks": 49})
    market = Market(case.change({"cars.ut_super.mode": mode}), rng=1).run()
    car = market.catalogue.car_index["ut_super"]
    assert market.ledger.by_car("orders")[:, car].sum() > 0.0
    assert {"failure", "refund"} <= set(market.events.frame(case.calendar.start).query("car == 'ut_super'").act)
    assert market.catalogue.roles[car].sum(axis=1) == pytest.approx(1.0)
    flow = market.industry.accounts.books.flow
    assert np.abs(flow.sum(axis=3)).max() <= 1e-9 * np.abs(flow).max()  # what one party pays another receives


def test_there_and_back_is_where_it_began() -> None:
    before = Case.load("jd-gac-catl")
    there = before.change({"cars.ut_super.mode": "virtual-maker"})
    assert there.fingerprint != before.fingerprint
    assert there.change({"cars.ut_super.mode": "supply-chain-customisation"}).fingerprint == before.fingerprint


def test_a_stated_row_comes_before_the_mode() -> None:
    case = Case.load("jd-gac-catl").change({"cars.ut_super.roles.service": {"gac": 1.0}})
    assert case.cars["ut_super"].holders("service") == {"gac": 1.0}
    assert case.cars["ut_super"].holders("sales") == {"jd": 1.0}


def test_a_single_share_of_a_row_of_the_mode_rescales_the_others() -> None:
    """A sweep over one share needs no table written out; the face likewise."""
    case = Case.load("jd-gac-catl").change({"cars.ut_super.roles.service.gac": 0.2, "cars.ut_super.face.jd": 0.2})
    assert case.cars["ut_super"].holders("service") == pytest.approx({"gac": 0.2, "jd": 0.4, "catl": 0.4})
    assert case.cars["ut_super"].public_face() == pytest.approx({"jd": 0.2, "gac": 0.6, "catl": 0.2})
    assert case.provenance("cars.ut_super.roles.service.gac").grade == "user"


def test_another_mode_takes_stated_rows_away_unless_they_come_with_it() -> None:
    mixed = Case.load("equity-stake")
    moved = mixed.change({"cars.mona_m03.mode": "full-stack"})
    assert all(row == {"xpeng_motors": 1.0} for row in holders(moved, "mona_m03").values())
    again = mixed.change({"cars.mona_m03.mode": "co-creation", "cars.mona_m03.roles.sales.alibaba": 0.5})
    assert again.cars["mona_m03"].roles == {"sales": {"alibaba": 0.5, "xpeng_motors": 0.5}}
    assert mixed.change({"cars.mona_m03.mode": "equity-stake"}).fingerprint == mixed.fingerprint


def test_rows_and_a_mode_that_gives_them_are_the_same_market() -> None:
    """Stating the rows of a mode one by one changes nothing: no rule asks for the mode."""
    case = Case.load("jd-gac-catl")
    rows = holders(case, "ut_super")
    face = rows.pop(FACE)
    stated = case.change({"cars.ut_super.mode": None, "cars.ut_super.roles": rows, "cars.ut_super.face": face})
    names = sorted(case.organisations)
    np.testing.assert_array_equal(
        role_tensor(case.cars, case.functions, names), role_tensor(stated.cars, stated.functions, names)
    )
    np.testing.assert_array_equal(face_matrix(case.cars, names), face_matrix(stated.cars, names))


@pytest.mark.parametrize("mode", MODES)
def test_friction_orders_the_modes_as_their_tables_do(mode: ModeName) -> None:
    """One company has none; every division has some."""
    case = Case.load("jd-gac-catl").change({"cars.ut_super.mode": mode})
    roles = role_tensor(case.cars, case.functions, sorted(case.organisations))
    section = case.responsibility
    found = friction(roles, section.coupling(case.functions), section.hand_offs)[list(case.cars).index("ut_super")]
    assert found == 0.0 if mode == "full-stack" else 0.0 < found < 1.0


@pytest.mark.parametrize("seed", range(3))
def test_relabelling_organisations_permutes_rows_and_faces(seed: int) -> None:
    """Other ids for the same organisations, in another order: the same tables with their columns permuted."""
    case = Case.load("jd-gac-catl")
    names = sorted(case.organisations)
    order = np.random.default_rng(seed).permutation(len(names))
    other = {name: f"o{order[i]:02d}" for i, name in enumerate(names)}
    fields = ("maker", "swap_operator")
    renamed = {
        key: car.model_copy(
            update={name: other.get(getattr(car, name)) for name in fields}
            | {"partners": {slot: other[partner] for slot, partner in car.partners.items()}}
        )
        for key, car in case.cars.items()
    }
    there = role_tensor(renamed, case.functions, sorted(other.values()))
    np.testing.assert_array_equal(there[:, :, order], role_tensor(case.cars, case.functions, names))
    np.testing.assert_array_equal(face_matrix(renamed, sorted(other.values()))[:, order], face_matrix(case.cars, names))


@pytest.mark.parametrize("name", BUNDLED)
def test_each_mode_has_a_case_that_runs(name: str) -> None:
    """Two weeks with few consumers; the focal car is the one that the case is about, in the mode of the case."""
    case = Case.load(name).change({"population.consumers": 500, "calendar.weeks": 2})
    assert case.focal_car == BUNDLED[name]
    mode = name if name in MODES else "supply-chain-customisation"
    assert case.cars[BUNDLED[name]].mode == mode
    market = Market(case, rng=1).run()
    assert market.week == 2
    np.testing.assert_allclose(market.catalogue.roles.sum(axis=2), 1.0, rtol=1e-12)
    np.testing.assert_allclose(market.catalogue.face.sum(axis=1), 1.0, rtol=1e-12)
    assert market.ledger.sales()["orders"].sum() > 0.0


def test_every_mode_has_a_bundled_case() -> None:
    without_a_platform = {"china-bev-2025"}
    assert set(BUNDLED) == set(Case.bundled()) - without_a_platform
    assert {Case.load(name).cars[car].mode for name, car in BUNDLED.items()} == set(MODES)


def test_what_happened_to_the_full_stack_stands_as_reported_and_names_no_cause() -> None:
    case = Case.load("full-stack")
    event = case.get("happenings.su7_safety_event")
    assert (event.on.year, event.on.month, event.known, event.contribution) == (2025, 3, False, {})
    assert case.get("happenings.su7_advertising.on").month == 5
    assert case.get("happenings.yu7_launch.on") == date(2025, 6, 26)
    assert "240,000" in case.provenance("happenings.yu7_launch.on").source
    assert not re.search(r"death|dead|fatal|driver|victim|死|亡|遇难|司机", event.title.en + event.title.zh)


def test_the_equity_case_says_claim_and_correction() -> None:
    said = Case.load("equity-stake").summary
    assert "NIO" in said.en and "could not be confirmed" in said.en and "Mona M03" in said.en
    assert "蔚来" in said.zh and "未能证实" in said.zh and "MONA M03" in said.zh


def test_makers_of_the_virtual_maker_are_interchangeable() -> None:
    """The twin differs in name and maker alone, and in that it has a line of its own."""
    case = Case.load("virtual-maker")
    one, other = content(case)["cars"]["ut_super"], content(case)["cars"]["factory_twin"]
    assert {key for key in one if one[key] != other[key]} == {"name", "fictional", "maker", "base_car"}


def test_capability_is_as_stated_or_as_usual_for_the_kind() -> None:
    case = Case.load("jd-gac-catl")
    tiers, names = sorted(case.population.tiers), sorted(case.organisations)
    table = capability(case.organisations, tiers)
    assert table.shape == (len(names), len(TASKS), len(tiers))
    assert (table >= 0.0).all() and (table <= 1.0).all()
    assert table[names.index("jd"), TASKS.index("film_accessories")].tolist() == [0.9, 0.8, 0.6]
    assert table[names.index("jd"), TASKS.index("high_voltage_repair")].max() <= 0.1
    assert table[names.index("gac"), TASKS.index("warranty_repair")].tolist() == [0.8] * 3
    assert table[names.index("douyin")].max() == 0.0


def test_the_focal_car_is_stated_or_the_first_that_several_share() -> None:
    plain = small_case()
    assert plain.focal_car is None
    assert plain.change({"cars.c.roles.sales": {"ann": 1.0}}).focal_car == "c"
    assert plain.change({"display.focal_car": "b"}).focal_car == "b"


@pytest.mark.parametrize(
    ("change", "path", "remedy"),
    [
        ({"cars.ut_super.mode": "franchise"}, "cars.ut_super.mode", "virtual-maker"),
        ({"cars.ut_super.partners.bank": "jd"}, "cars.ut_super.partners", "dealer, energy, platform"),
        ({"cars.ut_super.partners.platform": "amazon"}, "cars.ut_super.partners.platform", "name one of these"),
        ({"cars.ut_super.coordination": 1.5}, "cars.ut_super.coordination", "from 0 to 1"),
        ({"organisations.jd.capability.painting": {"tier1": 0.5}}, "organisations.jd.capability", "film_accessories"),
        ({"organisations.jd.capability.care.tier9": 0.5}, "organisations.jd.capability.care", "tier1"),
        ({"organisations.jd.trust": 1.0}, "organisations.jd.trust", "below 1"),
        ({"responsibility.control.magic": 0.5}, "responsibility.control", "definition"),
        ({"responsibility.hand_offs": -0.1}, "responsibility.hand_offs", "from 0 to 1"),
        ({"responsibility.interface": ["magic"]}, "responsibility.interface", "definition"),
        ({"display.focal_car": "nothing"}, "display.focal_car", "ut_super"),
        ({"cars.ut_super.roles.sales.jd": 1.5}, "cars.ut_super.roles.sales.jd", "from 0 to 1"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(change: dict[str, object], path: str, remedy: str) -> None:
    with pytest.raises(CaseError) as refused:
        Case.load("jd-gac-catl").change(change)
    assert any(fault.path.startswith(path) and remedy in str(fault) for fault in refused.value.faults)
