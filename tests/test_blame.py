"""Blame: its limits, its oracle, what answers do to it, and the account that ratios are read from."""

from __future__ import annotations

import copy
import math
from itertools import permutations

import numpy as np
import pytest
from evidence import MANY, SEEDS, z_of
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from market import Case, CaseError
from market.chance import Chance
from market.stories import blame
from market.stories.blame_account import BlameAccount

CAUSE, FACE = np.array([0.1, 0.5, 0.4, 0.0]), np.array([0.1, 0.3, 0.0, 0.6])
CONTROL = np.array([0.2, 0.45, 0.05, 0.3])
Floats = NDArray[np.float64]


# Attribution


def test_who_knows_all_and_trusts_as_usual_blames_nobody_wrongly() -> None:
    """Knowledge 1, trust at its baseline: misattribution 0, however sensitive."""
    fair = blame.attribution(np.ones(5), CAUSE, FACE, np.zeros((5, 4), np.float32), 3.0)
    assert blame.misattribution(fair, CAUSE) == pytest.approx(0.0, abs=1e-15)


def test_who_knows_nothing_blames_the_face() -> None:
    """Knowledge 0: an organisation that contributed nothing is blamed for its face on the car."""
    seen = blame.attribution(np.zeros(5), CAUSE, FACE, 0.0, 3.0)
    np.testing.assert_allclose(seen, np.tile(FACE, (5, 1)), atol=1e-15)
    assert blame.misattribution(seen, CAUSE) == pytest.approx(0.6)


def test_one_organisation_in_every_row_gets_all_the_blame_exactly() -> None:
    """Whatever is known of it and however little it is trusted."""
    alone = np.array([0.0, 1.0, 0.0])
    deviation = Chance(1).uniform("deviation", np.arange(50)[:, None], np.arange(3)) - np.float32(0.7)
    given_ = blame.attribution(Chance(1).uniform("knowledge", np.arange(50)), alone, alone, deviation, 4.0)
    assert given_.tolist() == [alone.tolist()] * 50


@given(
    st.integers(0, 10**6), st.integers(1, 30), st.integers(1, 8), st.floats(0.0, 50.0, allow_nan=False)
)  # fmt: skip
def test_everybody_divides_exactly_one_blame(seed: int, consumers: int, organisations: int, sensitivity: float) -> None:
    """Rows sum to 1, nobody without contribution and face is blamed, and relabelling organisations permutes."""
    states = np.random.default_rng(seed)
    cause, face = states.dirichlet(np.ones(organisations), 2) * (states.uniform(size=(2, organisations)) < 0.7)
    cause[0], face[-1] = cause[0] + 1.0 - cause.sum(), face[-1] + 1.0 - face.sum()
    knowledge, deviation = states.uniform(size=consumers), states.uniform(-1, 1, (consumers, organisations))
    given_ = blame.attribution(knowledge, cause, face, deviation, sensitivity)
    np.testing.assert_allclose(given_.sum(axis=1), 1.0, rtol=1e-12)
    assert given_.min() >= 0.0
    assert not given_[:, (cause == 0.0) & (face == 0.0)].any()
    order = states.permutation(organisations)
    turned = blame.attribution(knowledge, cause[order], face[order], deviation[:, order], sensitivity)
    np.testing.assert_allclose(turned, given_[:, order], rtol=1e-10, atol=1e-300)


def test_the_distrusted_are_blamed_more_by_a_factor_that_is_stated() -> None:
    """Odds of blame between two organisations move by exp(sensitivity x difference in lost trust)."""
    deviation = np.array([[0.0, 0.0, 0.0, 0.0], [0.0, -0.2, 0.1, 0.0]])
    usual, distrusting = blame.attribution([0.5, 0.5], CAUSE, FACE, deviation, 2.0)
    odds = (distrusting[1] / distrusting[2]) / (usual[1] / usual[2])
    assert odds == pytest.approx(math.exp(2.0 * 0.3), rel=1e-12)


def shapley(p: list[float]) -> list[float]:
    """By its definition: the mean marginal contribution over all orders in which causes can come."""
    total = [0.0] * len(p)
    orders = list(permutations(range(len(p))))
    for order in orders:
        works = 1.0
        for i in order:
            total[i] += works * p[i]
            works *= 1.0 - p[i]
    return [part / len(orders) for part in total]


@pytest.mark.parametrize("p", [[0.05, 0.12, 0.08], [0.3], [1.0, 1.0], [0.9, 0.2, 0.0, 0.5, 0.7, 0.31]])
def test_fair_blame_of_independent_causes_is_shapleys(p: list[float]) -> None:
    """By enumeration of all orders; the values sum to the probability of a failure."""
    values = blame.noisy_or_shapley(p)
    np.testing.assert_allclose(values, shapley(p), rtol=1e-12, atol=1e-15)
    assert values.sum() == pytest.approx(1.0 - np.prod(1.0 - np.array(p)), rel=1e-12)


def test_the_noisy_or_of_the_oracles() -> None:
    """.045160 .112360 .073360, summing to .23088; many failures at once give the same."""
    values = blame.noisy_or_shapley([[0.05, 0.12, 0.08], [0.08, 0.12, 0.05]])
    np.testing.assert_allclose(values, [[0.04516, 0.11236, 0.07336], [0.07336, 0.11236, 0.04516]], atol=1e-9)
    assert values[0].sum() == pytest.approx(0.23088, abs=1e-9)


def test_knowledge_is_a_share() -> None:
    """Seventy for 70 % is refused, with the remedy."""
    with pytest.raises(CaseError, match=r"profiles\.jd_like\.knowledge\.mean.*0 to 1.*0\.7 for 70 %"):
        Case.load("jd-gac-catl").change({"profiles.jd_like.knowledge.mean": 70.0})


# Answers


BY = np.array([False, True, False, True])


@pytest.mark.parametrize("admission", [-1.0, -0.3, 0.0, 0.3, 1.0])
@pytest.mark.parametrize("partner", [None, 0, 2])
def test_what_the_public_takes_for_the_contribution_sums_to_one(admission: float, partner: int | None) -> None:
    """Whatever is said, all of the failure is somebody's."""
    after = blame.admitted(CAUSE, BY, admission, partner)
    assert after.sum() == pytest.approx(1.0, rel=1e-12)
    assert after.min() >= 0.0


def test_admitting_all_takes_it_all_and_denying_all_leaves_it_to_the_others() -> None:
    """In proportion to what each contributed."""
    np.testing.assert_allclose(blame.admitted(CAUSE, BY, 1.0), [0, 1, 0, 0], atol=1e-15)
    np.testing.assert_allclose(blame.admitted(CAUSE, BY, -1.0), [0.2, 0, 0.8, 0], atol=1e-15)
    np.testing.assert_allclose(blame.admitted(CAUSE, [False] * 3 + [True], 0.5), [0.05, 0.25, 0.2, 0.5])


def test_words_without_a_claim_change_nothing() -> None:
    """No admission, no partner blamed: the public knows what it knew. Nobody can be given what nobody may take."""
    assert blame.admitted(CAUSE, BY, 0.0).tolist() == CAUSE.tolist()
    assert blame.admitted(CAUSE, [False] * 4, 0.7, 1).tolist() == CAUSE.tolist()
    assert blame.admitted(CAUSE, [True] * 4, -0.7).tolist() == CAUSE.tolist()
    assert blame.admitted(CAUSE, BY, 0.0, 2, shifted=0.0).tolist() == CAUSE.tolist()


def test_blaming_a_partner_moves_what_the_answerers_had() -> None:
    """The stated part of it, and nobody else's."""
    after = blame.admitted(CAUSE, BY, 0.0, 2, shifted=0.6)
    np.testing.assert_allclose(after, [0.1, 0.2, 0.7, 0.0], atol=1e-15)


# The account


def heard(seed: int, n: int, week: int = 3) -> tuple[BlameAccount, Floats, Floats]:
    """An account of one story of car 1 heard by n consumers, the blame they gave and their households."""
    chance, rows = Chance(seed), np.arange(n)
    households = np.where(rows % 2 == 0, 1.0, 9.0)
    knowledge = chance.uniform("knowledge", rows)
    given_ = blame.attribution(knowledge, CAUSE, FACE, 0.0, 2.0)
    account = BlameAccount(10, 2, 4, 2)
    account.record(week, 1, rows % 2, households, given_, CAUSE, CONTROL)
    return account, given_, households


def test_ratios_are_those_of_the_design() -> None:
    """`sum_m B[m,o] / sum_m B[m] x control[m,o]` over two cars, three weeks apart, from the blame itself."""
    account, given_, households = heard(1, 40)
    other = np.array([1.0, 0.0, 0.0, 0.0])
    account.record(6, 0, np.zeros(40, int), households, np.tile(other, (40, 1)), other, [0.5, 0.5, 0.0, 0.0])
    received = households @ given_
    total = households.sum()
    expected = (received + total * other) / (total * CONTROL + total * np.array([0.5, 0.5, 0.0, 0.0]))
    np.testing.assert_allclose(account.ratio_to_control(8).value, expected, rtol=1e-12)
    np.testing.assert_allclose(account.ratio_to_control(6, window=1).value[:2], [2.0, 0.0], rtol=1e-12)
    assert np.isnan(account.ratio_to_control(6, window=1).value[2:]).all()
    amounts = [account.amounts(week) for week in range(10)]
    sums = sum(a.blame for a in amounts) / sum(a.control for a in amounts)
    np.testing.assert_allclose(sums, expected, rtol=1e-12)
    assert account.by_profile[3].sum() == pytest.approx(total)


def test_ratios_forget_what_is_older_than_their_window() -> None:
    """Thirteen weeks unless another window is asked for; before any blame there is no value."""
    account, _, _ = heard(1, 40, week=2)
    assert np.isfinite(account.ratio_to_control(4, window=3).value).all()
    for nothing in (account.ratio_to_control(1), account.ratio_to_control(5, window=3)):
        assert np.isnan(nothing.value).all()
        assert np.isnan(nothing.error).all()
    assert math.isnan(account.misattribution_of_all(1))
    assert np.isnan(account.misattribution(1)).all()


def test_both_ratios_of_one_organisation_that_holds_everything_are_exactly_one() -> None:
    """And without error, for any households, in any number of stories."""
    alone = np.array([0.0, 1.0, 0.0])
    account = BlameAccount(5, 1, 3, 1)
    for story in range(7):
        n = 10 + story
        households = Chance(story).uniform("households", np.arange(n)).astype(float) * 977.0
        given_ = blame.attribution(np.full(n, 0.3), alone, alone, -0.2, 2.0)
        account.record(story % 5, 0, np.zeros(n, int), households, given_, alone, alone * sum([0.1] * 10))
    for ratio in (account.ratio_to_control(4), account.ratio_to_contribution(4)):
        assert ratio.value[1] == 1.0
        assert ratio.error[1] == pytest.approx(0.0, abs=1e-7)
        assert np.isnan(ratio.value[[0, 2]]).all()
    assert account.misattribution(4).tolist() == [0.0]


def test_a_ratio_does_not_depend_on_how_big_the_car_is() -> None:
    """The same story among ten times as many households gives the same ratio."""
    small, given_, households = heard(2, 60)
    large = BlameAccount(10, 2, 4, 2)
    large.record(3, 1, np.arange(60) % 2, 10.0 * households, given_, CAUSE, CONTROL)
    for few, many in zip(small.ratio_to_control(3), large.ratio_to_control(3), strict=True):
        np.testing.assert_allclose(few, many, rtol=1e-9, atol=1e-7)


def test_where_the_contribution_is_unknown_only_blame_and_control_count() -> None:
    """A dated safety event: no contribution, no misattribution, and nothing from it in that ratio."""
    account = BlameAccount(4, 2, 4, 1)
    zero, four = np.zeros(4, int), np.ones(4)
    unknown = np.tile(FACE, (4, 1))
    account.record(0, 0, zero, four, unknown, CAUSE, CONTROL, known=False)
    assert np.isnan(account.ratio_to_contribution(0).value).all()
    assert np.isnan(account.misattribution(0)).all()
    np.testing.assert_allclose(account.ratio_to_control(0).value, FACE / CONTROL)
    account.record(0, 1, zero, four, np.tile(CAUSE, (4, 1)), CAUSE, CONTROL)
    np.testing.assert_allclose(account.ratio_to_contribution(0).value[:3], 1.0)
    amounts = account.amounts(0)
    np.testing.assert_allclose(amounts.cause, 4.0 * CAUSE)
    np.testing.assert_allclose(amounts.blame_where_known, 4.0 * CAUSE)
    assert amounts.blame.sum() == pytest.approx(8.0)


def test_recording_in_parts_is_recording_at_once() -> None:
    """The day on which somebody hears of a story inside its week leaves no trace."""
    whole, given_, households = heard(3, 50)
    parts = BlameAccount(10, 2, 4, 2)
    for rows in np.array_split(np.arange(50), 7):
        parts.record(3, 1, rows % 2, households[rows], given_[rows], CAUSE, CONTROL)
    parts.record(3, 1, np.zeros(0, int), np.zeros(0), np.zeros((0, 4)), CAUSE, CONTROL)
    for first, second in zip(whole.ratio_to_contribution(3), parts.ratio_to_contribution(3), strict=True):
        np.testing.assert_allclose(first, second, rtol=1e-9, atol=1e-7)
    np.testing.assert_allclose(whole.misattribution(3), parts.misattribution(3), rtol=1e-12)


def test_misattribution_is_the_mean_over_households_by_profile() -> None:
    """Households of a profile weigh as they stand for; all together lie between."""
    account, given_, households = heard(4, 80)
    own = blame.misattribution(given_, CAUSE)
    by_profile = [np.average(own[p::2], weights=households[p::2]) for p in range(2)]
    np.testing.assert_allclose(account.misattribution(3), by_profile, rtol=1e-12)
    assert account.misattribution_of_all(3) == pytest.approx(np.average(own, weights=households))


def test_the_sampling_error_of_a_ratio_is_its_spread_between_samples() -> None:
    """Weighted consumers drawn anew in 400 worlds: the stated error is the standard deviation found, within 4 errors."""
    worlds = [heard(seed, 150)[0].ratio_to_control(3) for seed in range(400)]
    found = np.array([world.value for world in worlds])[:, [1, 2, 3]]
    stated = np.array([world.error for world in worlds])[:, [1, 2, 3]].mean(axis=0)
    spread = found.std(axis=0, ddof=1)
    assert np.all(np.abs(stated - spread) < MANY * spread / math.sqrt(2 * 399))
    expected = ((CAUSE + FACE) / 2.0 / CONTROL)[[1, 2, 3]]
    assert np.all(z_of(found[: len(SEEDS) * 20], expected) < MANY)


def test_an_account_is_copied_whole() -> None:
    """A fork goes on with its own account."""
    account, given_, households = heard(5, 20)
    before = account.ratio_to_control(3).value.tolist()
    fork = copy.deepcopy(account)
    fork.record(3, 1, np.zeros(20, int), households, given_[::-1], CAUSE, CONTROL)
    assert account.ratio_to_control(3).value.tolist() == before
    assert fork.ratio_to_control(3).value.tolist() != before
