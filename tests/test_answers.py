"""What answers do: money within budgets, relief, information, refunds - and the alliance behind them."""

from __future__ import annotations

import copy
import datetime

import numpy as np
import pytest
from hypothesis import strategies as st
from two_forms import agree

from market.happenings import Answer
from market.stories import answers
from market.stories.answers import Alliance, Alliances

AMOUNT = st.floats(0.0, 1e6, allow_nan=False)


def test_money_relieves_whom_money_matters_to() -> None:
    """The readable rule agrees with the columns; nothing paid, nothing relieved."""
    taste = -np.random.default_rng(1).exponential(0.5, 200)
    many = answers.relief(2_600.0, 0.7, taste)
    agree(many, [answers.relief_of_one(2_600.0, 0.7, t) for t in taste.tolist()])
    assert (many >= 0).all()
    assert not answers.relief(2_600.0, 0.0, taste).any()


def test_information_ends_the_question_and_blaming_a_partner_opens_another() -> None:
    """Only an answer that informs and blames nobody ends what keeps a story alive."""
    day = datetime.date(2025, 12, 1)
    joint = Answer(id="joint", on=day, to="failure", by=["jd", "gac"], information=True)
    scapegoat = Answer(id="other", on=day, to="failure", by=["jd"], information=True, shift_to="gac")
    words = Answer(id="words", on=day, to="failure", by=["jd"], admission=0.5)
    asked = [answers.ends_the_question(answer) for answer in (joint, scapegoat, words)]
    assert asked == [True, False, False]


def test_strain_halves_with_its_half_life_and_never_exceeds_one() -> None:
    """Each time a partner is blamed part of the goodwill left is lost; then partners forgive."""
    alliances = Alliances(Alliance(strain_per_shift=0.4, half_life_weeks=10.0), cars=2)
    alliances.shift(3.0, 0)
    assert alliances.strain(3.0).tolist() == pytest.approx([0.4, 0.0])
    assert alliances.strain(13.0).tolist() == pytest.approx([0.2, 0.0])
    other = copy.deepcopy(alliances)
    for _ in range(50):
        alliances.shift(13.0, 0)
    assert 0.99 < alliances.strain(13.0)[0] <= 1.0
    assert other.strain(13.0)[0] == pytest.approx(0.2)


def test_two_shifts_cost_what_one_of_twice_the_severity_costs() -> None:
    """Severity counts stories of usual severity."""
    section = Alliance()
    twice, severe = Alliances(section, 1), Alliances(section, 1)
    twice.shift(1.0, 0)
    twice.shift(1.0, 0)
    severe.shift(1.0, 0, severity=2.0)
    assert twice.strain(1.0)[0] == pytest.approx(severe.strain(1.0)[0])


def test_strain_raises_friction_and_quarrels_only_between_partners() -> None:
    """Friction 0 stays 0, friction stays at most 1; quarrels wait until goodwill is below its least."""
    section = Alliance(strain_per_shift=0.3, friction_effect=2.0, least_goodwill=0.6, disagreement=4.0)
    alliances = Alliances(section, cars=3)
    calm = [0.0, 0.3, 0.9]
    assert alliances.friction(calm, 0.0).tolist() == calm
    for car in range(3):
        alliances.shift(0.0, car)
    assert alliances.friction(calm, 0.0).tolist() == pytest.approx([0.0, 0.48, 1.0])
    assert alliances.disagreement(0.0).tolist() == [1.0, 1.0, 1.0]
    alliances.shift(0.0, 1)
    assert alliances.disagreement(0.0)[1] == pytest.approx(1 + 4 * (0.6 - 0.49) / 0.6)
    assert alliances.disagreement(1e3).tolist() == [1.0, 1.0, 1.0]


def test_switched_off_an_alliance_bears_everything() -> None:
    """No strain for a shift, no effect of strain, no least goodwill: each switch alone."""
    unmoved = Alliances(Alliance(strain_per_shift=0.0), 1)
    unmoved.shift(0.0, 0)
    assert unmoved.strain(0.0).tolist() == [0.0]
    deaf = Alliances(Alliance(strain_per_shift=1.0, friction_effect=0.0, least_goodwill=0.0), 1)
    deaf.shift(0.0, 0)
    assert deaf.strain(0.0).tolist() == [1.0]
    assert deaf.friction([0.4], 0.0).tolist() == [0.4]
    assert deaf.disagreement(0.0).tolist() == [1.0]
