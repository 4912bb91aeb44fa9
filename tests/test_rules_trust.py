"""Trust and blame of one consumer are those of the column, on random states."""

from __future__ import annotations

import numpy as np
import pytest
from two_forms import SEEDS, SUMMED, agree, rows_and_spells

from market.chance import Chance
from market.fields import LogNormal, Normal, Text
from market.people import trust as trusting
from market.people.profiles import Profile, Profiles
from market.people.trust import Trust, TrustSection
from market.stories import blame

KEYS = ("energy", "maker", "nobody", "platform")


def random_section(states: np.random.Generator) -> TrustSection:
    """A section with parameters drawn at random; now and then without recovery."""
    return TrustSection(
        prior_weight=states.uniform(1, 30),
        floor=states.uniform(0, 0.2),
        loss_weight=states.uniform(0, 4),
        gain_weight=states.uniform(0, 2),
        half_life_days=states.choice([0.0, 20.0, 60.0]),
        cancelling_per_week=states.uniform(0, 1),
    )


def shares(states: np.random.Generator, *shape: int) -> np.ndarray:
    """Random rows that sum to 1, with zeros among them."""
    drawn = states.dirichlet(np.ones(len(KEYS)), shape) * (states.uniform(size=(*shape, len(KEYS))) < 0.7)
    drawn[..., 1] += 1.0 - drawn.sum(axis=-1)
    return drawn


def named(row: np.ndarray) -> dict[str, float]:
    """A row of numbers by organisation."""
    return dict(zip(KEYS, row.tolist(), strict=True))


@pytest.mark.parametrize("seed", SEEDS)
def test_gain_update_and_recovery_of_one_are_those_of_all(seed: int) -> None:
    """The three pieces of which trust is made."""
    states = np.random.default_rng(seed)
    section = random_section(states)
    before, evidence = states.uniform(size=(2, 300))
    evidence[:50] = before[:50]
    so_far, weight, days = states.uniform(0, 40, (3, 300)) * [[1.0], [0.1], [3.0]]
    weight[50:100] = 0.0
    k, floor = section.prior_weight, section.floor
    after, seen = trusting.updated(before, so_far, evidence, weight, section)
    parts = trusting.gain(weight, so_far, k, floor)
    left = trusting.recovered(before - 0.5, days, section.half_life_days)
    for i in range(300):
        one = trusting.updated_of_one(before[i], so_far[i], evidence[i], weight[i], section)
        assert (after[i], seen[i]) == pytest.approx(one, rel=1e-12)
        assert parts[i] == pytest.approx(trusting.gain_of_one(weight[i], so_far[i], k, floor), rel=1e-12)
        own = trusting.recovered_of_one(before[i] - 0.5, days[i], section.half_life_days)
        assert left[i] == pytest.approx(own, rel=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_trusts_and_cancels_as_all_do(seed: int) -> None:
    """Sixty days of hits: what the class keeps is what one consumer would remember, and feel about each car."""
    states, n = np.random.default_rng(seed), 30
    section, baseline = random_section(states), np.array([0.6, 0.5, 0.7, 0.55])
    trust = Trust(section, baseline, n, [float(n)])
    own = [[(0.0, 0.0)] * len(KEYS) for _ in range(n)]
    last = [0] * n
    for day in range(0, 60, 4):
        rows = np.flatnonzero(states.uniform(size=n) < 0.3)
        evidence, weight = states.integers(0, 2, (len(rows), 4)).astype(float), states.uniform(0, 2, (len(rows), 4))
        weight[states.uniform(size=weight.shape) < 0.5] = 0.0
        trust.move(rows, evidence, weight, day, np.zeros(len(rows), int), np.ones(len(rows)))
        if not weight.any():
            continue
        for i, row in enumerate(rows.tolist()):
            for o in range(len(KEYS)):
                kept, so_far = own[row][o]
                kept = trusting.recovered_of_one(kept, day - last[row], section.half_life_days)
                moved, seen = trusting.updated_of_one(baseline[o] + kept, so_far, evidence[i, o], weight[i, o], section)
                own[row][o] = (float(np.clip(moved, 1e-6, 1 - 1e-6)) - baseline[o], float(np.float16(seen)))
            last[row] = day
    everybody, face, cars = np.arange(n), shares(states, n), shares(states, 5)
    begins, ends = states.uniform(5, 9, n).astype(np.float32), states.uniform(9, 14, n).astype(np.float32)
    deviation, lost = trust.deviation(everybody, 70), trust.lost(everybody, face, 70)
    felt, hazard = trust.felt(everybody, cars, 70), trust.cancelling(everybody, face, begins, ends)
    np.testing.assert_allclose(trust.utility(everybody, cars, 70), section.choice_weight * felt, rtol=1e-6)
    for row in range(n):
        at_hit = np.array([kept for kept, _ in own[row]])
        mine = [trusting.recovered_of_one(kept, 70 - last[row], section.half_life_days) for kept in at_hit.tolist()]
        agree(deviation[row], mine, within=2e-5)
        agree(lost[row], trusting.lost_of_one(named(np.array(mine)), named(face[row])), within=2e-5)
        agree(felt[row], [trusting.felt_of_one(named(np.array(mine)), named(car)) for car in cars], within=2e-5)
        hit, loss = last[row] / 7, trusting.lost_of_one(named(at_hit), named(face[row]))
        agree(
            hazard[row],
            trusting.cancelling_of_one(loss, float(begins[row]) - hit, float(ends[row]) - hit, section),
            within=1e-4,
        )


@pytest.mark.parametrize("seed", SEEDS)
def test_one_blames_as_all_do(seed: int) -> None:
    """Knowledge, contribution, face and lost trust; the contribution the same for all, or what each has heard."""
    states, n = np.random.default_rng(seed), 200
    knowledge, deviation = states.uniform(size=n), states.uniform(-0.6, 0.4, (n, 4)).astype(np.float32)
    knowledge[:20], knowledge[20:40] = 0.0, 1.0
    face, heard, sensitivity = shares(states), shares(states, n), states.uniform(0, 5)
    for cause in (heard, heard[0]):
        many = blame.attribution(knowledge, cause, face, deviation, sensitivity)
        wrong = blame.misattribution(many, cause)
        for i in range(n):
            mine = named(np.atleast_2d(cause)[i % len(np.atleast_2d(cause))])
            one = blame.attribution_of_one(float(knowledge[i]), mine, named(face), named(deviation[i]), sensitivity)
            agree(many[i], list(one.values()))
            agree(wrong[i], blame.misattribution_of_one(one, mine))


@pytest.mark.parametrize("seed", range(200))
def test_an_answer_changes_one_mind_as_it_changes_all(seed: int) -> None:
    """Admitting, denying and blaming a partner, by any who answer."""
    states = np.random.default_rng(seed)
    cause, by = shares(states), states.uniform(size=4) < 0.4
    admission, partner, shifted = states.uniform(-1, 1), int(states.integers(4)), states.uniform()
    who = None if states.uniform() < 0.3 else partner
    many = blame.admitted(cause, by, admission, who, shifted)
    one = blame.admitted_of_one(
        named(cause),
        {key for key, answers in named(by.astype(float)).items() if answers},
        admission,
        None if who is None else KEYS[who],
        shifted,
    )
    np.testing.assert_allclose(many, list(one.values()), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_knows_as_much_as_all_do(seed: int) -> None:
    """Knowledge is normal by profile and cut to shares; nobody's depends on who else is asked."""
    states, chance = np.random.default_rng(seed), Chance(seed)
    usual = LogNormal(median=1.0, sigma=0.5)
    sections = {
        key: Profile(
            name=Text(en="name", zh="名"), share=0.5, search_weeks=usual, minutes_a_day={}, price_per_10k_cny=usual,
            knowledge=Normal(mean=mean, sd=0.3),
        )
        for key, mean in (("browser", 0.2), ("planner", 0.8))
    }  # fmt: skip
    profiles, (rows, _) = Profiles(sections, (), 80_000.0), rows_and_spells(states)
    profile = states.integers(0, 2, len(rows)).astype(np.int8)
    many = profiles.knowledge(chance, rows, profile)
    one = [profiles.knowledge_of_one(chance, *who) for who in zip(rows.tolist(), profile.tolist(), strict=True)]
    agree(many, one, within=SUMMED)
    assert (many.min(), many.max()) == (0.0, 1.0)
    assert 0.5 < many[profile == 1].mean() - many[profile == 0].mean() < 0.65
