"""Roles: control, friction and the ratios, against arithmetic by hand and in their limits."""

from __future__ import annotations

import numpy as np
import pytest

from market import Case, CaseError
from market.cars import FUNCTIONS
from market.roles import (
    Coupling,
    Floats,
    Responsibility,
    ambiguity,
    blame_ratio,
    contribution,
    control,
    definition_power,
    felt_friction,
    friction,
    hand_offs,
    interface_share,
)

RESPONSIBILITY = Responsibility()
WEIGHT, COUPLING = RESPONSIBILITY.control_weights(FUNCTIONS), RESPONSIBILITY.coupling(FUNCTIONS)


def random_roles(seed: int, cars: int = 5, organisations: int = 4) -> Floats:
    """Rows of shares that sum to 1, some of them in one hand."""
    states = np.random.default_rng(seed)
    roles = states.dirichlet(np.full(organisations, 0.4), (cars, len(FUNCTIONS)))
    alone = states.uniform(size=roles.shape[:2]) < 0.4
    roles[alone] = np.eye(organisations)[states.integers(organisations, size=alone.sum())]
    return roles


def alone(cars: int = 3, organisations: int = 4) -> Floats:
    """One organisation, the second, in every row."""
    roles = np.zeros((cars, len(FUNCTIONS), organisations))
    roles[:, :, 1] = 1.0
    return roles


def test_usual_weights_sum_to_one() -> None:
    assert sum(RESPONSIBILITY.control.values()) == pytest.approx(1.0, abs=1e-12)
    assert sum(pair.weight for pair in RESPONSIBILITY.couplings) == pytest.approx(1.0, abs=1e-12)
    assert WEIGHT.sum() == pytest.approx(1.0, abs=1e-12)
    assert COUPLING.sum() == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_control_and_contribution_are_divisions_of_one(seed: int) -> None:
    roles = random_roles(seed)
    causal = np.random.default_rng(seed).dirichlet(np.ones(len(FUNCTIONS)), 7)
    np.testing.assert_allclose(control(roles, WEIGHT).sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(contribution(roles, causal).sum(axis=2), 1.0, rtol=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_friction_is_what_its_formula_says_car_by_car(seed: int) -> None:
    """The arrays agree with sums written out in plain Python."""
    roles, v = random_roles(seed), 0.3
    for m, rows in enumerate(roles.tolist()):
        unclear = sum(1.0 - sum(share**2 for share in row) for row in rows) / len(rows)
        crossing = sum(
            float(COUPLING[f, g]) * (1.0 - sum(a * b for a, b in zip(rows[f], rows[g], strict=True)))
            for f in range(len(rows))
            for g in range(len(rows))
        )
        assert ambiguity(roles)[m] == pytest.approx(unclear, abs=1e-12)
        assert hand_offs(roles, COUPLING)[m] == pytest.approx(crossing, abs=1e-12)
        assert friction(roles, COUPLING, v)[m] == pytest.approx((1 - v) * unclear + v * crossing, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_friction_lies_between_none_and_all(seed: int) -> None:
    for v in (0.0, 0.5, 1.0):
        found = friction(random_roles(seed, cars=50), COUPLING, v)
        assert (found >= 0.0).all() and (found <= 1.0).all()


def test_one_organisation_everywhere_has_no_friction_and_both_ratios_are_exactly_one() -> None:
    roles, blame = alone(), np.zeros((3, 4))
    blame[:, 1] = [0.1, 0.7, 1e9 / 3.0]
    causal = np.full((7, len(FUNCTIONS)), 1.0 / len(FUNCTIONS))
    assert friction(roles, COUPLING, 0.37).tolist() == [0.0, 0.0, 0.0]
    for yardstick in (control(roles, WEIGHT), contribution(roles, causal)[:, 3]):
        ratio = blame_ratio(blame, yardstick)
        assert ratio[1] == 1.0
        assert np.isnan(np.delete(ratio, 1)).all()


def test_clear_roles_in_several_hands_still_hand_over() -> None:
    """A seller who only sells and a maker who only makes: no row is ambiguous, every coupled border is crossed."""
    roles = np.zeros((1, 2, 2))
    roles[0, 0, 0] = roles[0, 1, 1] = 1.0
    pair = Responsibility(couplings=[Coupling(id="p", first="sales", second="delivery", weight=3.0)])
    coupling = pair.coupling(["sales", "delivery"])
    assert ambiguity(roles).tolist() == [0.0]
    assert hand_offs(roles, coupling).tolist() == [1.0]
    assert friction(roles, coupling, 0.4).tolist() == [0.4]


def test_without_couplings_and_weights_there_are_no_hand_offs() -> None:
    """The off switches: no couplings, no weight on hand-offs, full coordination."""
    roles = random_roles(1)
    none = Responsibility(couplings=[]).coupling(FUNCTIONS)
    assert (hand_offs(roles, none) == 0.0).all()
    np.testing.assert_array_equal(friction(roles, COUPLING, 0.0), ambiguity(roles))
    assert (felt_friction(friction(roles, COUPLING, 0.5), np.ones(5)) == 0.0).all()


def test_a_case_with_other_functions_keeps_weights_that_sum_to_one() -> None:
    assert RESPONSIBILITY.control_weights(["sales", "definition"]).sum() == pytest.approx(1.0, abs=1e-15)
    assert RESPONSIBILITY.control_weights(["x", "y"]).tolist() == [0.5, 0.5]
    assert RESPONSIBILITY.coupling(["x", "sales", "delivery"]).tolist() == [[0, 0, 0], [0, 0, 1], [0, 0, 0]]


@pytest.mark.parametrize("seed", range(5))
def test_blame_in_proportion_to_a_yardstick_has_ratios_of_one(seed: int) -> None:
    states = np.random.default_rng(seed)
    share = states.dirichlet(np.ones(4), 6)
    households = states.uniform(1.0, 1e5, (6, 1))
    np.testing.assert_allclose(blame_ratio(households * share, share), 1.0, rtol=1e-12)


def test_a_ratio_does_not_depend_on_stories_without_blame() -> None:
    """A car about which nothing is told changes no ratio, however its roles are divided."""
    blame, share = np.array([[6.0, 4.0]]), np.array([[0.3, 0.7]])
    more = blame_ratio(np.vstack([blame, [[0.0, 0.0]]]), np.vstack([share, [[1.0, 0.0]]]))
    np.testing.assert_allclose(more, blame_ratio(blame, share), rtol=1e-15)


@pytest.mark.parametrize("seed", range(5))
def test_relabelling_organisations_permutes_everything(seed: int) -> None:
    states = np.random.default_rng(seed)
    roles, order = random_roles(seed), states.permutation(4)
    blame = states.uniform(size=(5, 4))
    there = roles[:, :, order]
    np.testing.assert_allclose(control(there, WEIGHT), control(roles, WEIGHT)[:, order], rtol=1e-12)
    np.testing.assert_allclose(friction(there, COUPLING, 0.5), friction(roles, COUPLING, 0.5), rtol=1e-12)
    ratio = blame_ratio(blame, control(roles, WEIGHT))
    np.testing.assert_allclose(blame_ratio(blame[:, order], control(there, WEIGHT)), ratio[order], rtol=1e-12)
    sold, definition = states.uniform(size=5), roles[:, 0]
    power = definition_power(definition, sold)
    np.testing.assert_allclose(definition_power(definition[:, order], sold), power[order], rtol=1e-12)
    assert power.sum() == pytest.approx(1.0, abs=1e-12)


def test_no_sales_and_no_profit_give_no_value() -> None:
    assert np.isnan(definition_power([[0.3, 0.7]], [0.0])).all()
    assert np.isnan(interface_share([0.0, 0.0], [True, False]))
    assert np.isnan(interface_share([-2.0, 1.0], [True, False]))


def test_interface_share_counts_the_functions_of_the_section() -> None:
    """Of 1 yuan earned by each function, five of eleven are earned at the interface."""
    counted = RESPONSIBILITY.at_interface(FUNCTIONS)
    assert [f for f, yes in zip(FUNCTIONS, counted, strict=True) if yes] == [
        "definition", "marketing", "sales", "finance", "data",
    ]  # fmt: skip
    assert interface_share(np.ones(len(FUNCTIONS)), counted) == pytest.approx(5 / 11)


def test_a_case_tells_rows_that_follow_from_a_mode_and_a_report_both_values() -> None:
    """What is not stated is not nothing: the preset row of the mode holds."""
    case = Case.load("jd-gac-catl")
    assert not case.cars["ut_super"].face
    assert case.get("cars.ut_super.face") == {"jd": 0.6, "gac": 0.3, "catl": 0.1} == case.cars["ut_super"].public_face()
    assert case.get("cars.ut_super.face.jd") == 0.6 and case.get("cars.ut_super.face.byd_auto") == 0.0
    assert case.get("cars.ut_super.roles.sales") == {"jd": 1.0} and case.get("cars.ut_super.roles.sales.gac") == 0.0
    changed = case.change({"cars.ut_super.face.jd": 0.2})
    assert changed.get("cars.ut_super.face") == pytest.approx({"jd": 0.2, "gac": 0.6, "catl": 0.2})
    for name in (
        "cars.ut_super.face.nobody",
        "cars.ut_super.roles.nothing",
        "cars.ut_super.face.jd.x",
        "cars.none.face",
    ):
        with pytest.raises(CaseError, match="no such name"):
            case.get(name)
