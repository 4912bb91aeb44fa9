"""What the two layers of ties promise: theory's small world, the homophily asked for, and followers with a tail.

Statistical promises are checked on 20 fixed seeds: |z| < 4 on their mean, or a pooled chi-squared at p > 1e-4.
"""

from __future__ import annotations

import copy
import pickle
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray
from pydantic import ValidationError
from scipy.sparse import csr_array
from scipy.stats import chisquare

from market.chance import Chance
from market.people import network as module
from market.people.attachment import preferential_attachment
from market.people.network import (
    HIGHEST_PERSISTENCE,
    Acquaintances,
    Network,
    build,
    follower_law,
    followers,
    persistence_for,
    same_tier_share,
    small_world,
    tiers_along_the_ring,
)

SHARES = (0.25, 0.35, 0.4)
SEEDS = range(20)


def matrix(network: Network) -> csr_array:
    """The network as a scipy matrix that counts parallel ties."""
    marks = np.ones(network.ends.size)
    ties = csr_array((marks, network.ends.copy(), network.start.copy()), shape=(len(network), len(network)))
    ties.sum_duplicates()
    return ties


def closed_pairs(network: Network) -> float:
    """Pairs of acquaintances who know each other (each in both orders), per consumer."""
    ties = matrix(network)
    ties.data[:] = 1.0
    return float((ties @ ties).multiply(ties).sum() / len(network))


def owners(network: Network) -> NDArray[np.int64]:
    """The row of every tie."""
    return np.repeat(np.arange(len(network)), network.degree)


def z_of(values: list[float], expected: float, known_to: float = 0.0) -> float:
    """Standard errors between the mean of independent repetitions and what is expected (known to within so much)."""
    miss = max(0.0, abs(np.mean(values) - expected) - known_to)
    return float(miss / (np.std(values, ddof=1) / np.sqrt(len(values))))


# The small world


def test_without_rewiring_everybody_knows_the_ten_next_on_the_ring() -> None:
    """C(0) = 3 (k - 2) / 4 (k - 1) = 2/3 for degree k = 10, exactly."""
    ring = small_world(Chance(1), 500, 10, 0.0)
    assert set(ring.degree) == {10}
    assert sorted(ring.neighbours(0)) == [1, 2, 3, 4, 5, 495, 496, 497, 498, 499]
    assert closed_pairs(ring) / (10 * 9) == pytest.approx(2 / 3, abs=1e-12)


def test_acquaintance_is_mutual() -> None:
    """Every tie of the small world is there from both sides, as often from the one as from the other."""
    ties = matrix(small_world(Chance(5), 3_000, 10, 0.4))
    assert abs(ties - ties.T).max() == 0


def test_redirected_ties_lead_to_anybody() -> None:
    """With every tie redirected, all distances along the ring are equally frequent, and none is zero."""
    n, seen = 101, np.zeros(51)
    for seed in SEEDS:
        world = small_world(Chance(seed), n, 10, 1.0)
        ahead = (world.ends - owners(world)) % n
        seen += np.bincount(np.minimum(ahead, n - ahead), minlength=51) / 2
    assert seen[0] == 0
    assert seen.sum() == 20 * n * 5
    assert chisquare(seen[1:]).pvalue > 1e-4


def test_small_world_equals_one_tie_at_a_time() -> None:
    """The columns build what a plain loop over consumers and their ties builds."""
    luck, n = Chance(8), 13
    ties: Counter[tuple[int, int]] = Counter()
    for consumer in range(n):
        for number in range(3):
            bits = int(luck.bits("acquaintance", [(consumer << 20) + number])[0])
            other = (consumer + number + 1) % n
            if bits >> 32 < 0.3 * 2**32:
                other = (bits % 2**32) * (n - 1) >> 32
                other += other >= consumer
            ties[consumer, other] += 1
            ties[other, consumer] += 1
    world = small_world(luck, n, 6, 0.3)
    assert Counter(zip(owners(world).tolist(), world.ends.tolist(), strict=True)) == ties


def test_every_consumer_can_be_drawn_in_a_country_of_many_millions() -> None:
    """Odd rows are drawn as often as even ones among 2**24 consumers, more than one uniform can tell apart."""
    draws, n = 100_000, 2**24
    drawn = module._somebody_else(Chance(1).bits("anybody", np.arange(draws)), np.full(draws, n - 1), n)
    assert abs((drawn % 2).sum() - draws / 2) / np.sqrt(draws / 4) < 4


# City tiers


@pytest.mark.parametrize("degree", [2, 10, 40])
@pytest.mark.parametrize("rewiring", [0.0, 0.1, 0.5])
def test_persistence_solves_for_any_attainable_homophily(degree: int, rewiring: float) -> None:
    """Putting the persistence found into the closed form gives the homophily back."""
    lowest, highest = (same_tier_share(p, SHARES, degree, rewiring) for p in (0.0, HIGHEST_PERSISTENCE))
    for homophily in np.linspace(lowest, highest, 7)[1:-1]:
        persistence = persistence_for(float(homophily), SHARES, degree, rewiring)
        assert same_tier_share(persistence, SHARES, degree, rewiring) == pytest.approx(homophily, abs=1e-12)


def test_homophily_out_of_reach_is_met_as_nearly_as_possible() -> None:
    """Less than strangers have: tiers at random. Too much: the longest stretches. No ties to bend: at random."""
    assert persistence_for(0.1, SHARES, 10, 0.1) == 0.0
    assert persistence_for(1.0, SHARES, 10, 0.1) == HIGHEST_PERSISTENCE
    assert persistence_for(0.7, SHARES, 0, 0.1) == 0.0
    assert persistence_for(0.7, SHARES, 10, 1.0) == 0.0
    assert persistence_for(0.7, (1.0,), 10, 0.1) == 0.0


@pytest.mark.parametrize("n", [1, 2, 1_000, 65_535, 65_536, 65_537])
def test_one_consumer_more_moves_nobody_to_another_tier(n: int) -> None:
    """Tiers along the ring are a function of the rows before."""
    luck = Chance(4)
    assert np.array_equal(
        tiers_along_the_ring(luck, n + 1, SHARES, 0.8)[:n], tiers_along_the_ring(luck, n, SHARES, 0.8)
    )


def test_tiers_equal_one_consumer_at_a_time() -> None:
    """The forward fill gives what walking along the ring gives."""
    luck, persistence = Chance(6), 0.8
    tiers: list[int] = []
    for consumer in range(300):
        luck_here = float(luck.uniform("tier", [consumer])[0])
        fresh = float(luck.uniform("tier of the first", [0])[0]) if not tiers else (luck_here - persistence) / 0.2
        stays = tiers and luck_here < persistence
        tiers.append(tiers[-1] if stays else int(np.searchsorted(np.cumsum(SHARES), fresh, side="right")))
    assert tiers_along_the_ring(luck, 300, SHARES, persistence).tolist() == tiers


# Followers


@pytest.mark.parametrize("mean", [0.0, 0.4, 2.0, 4.0, 9.0, 250.0, 500.0])
@pytest.mark.parametrize("exponent", [1.5, 2.2, 3.0])
def test_follower_law_has_the_mean_asked_for_and_a_power_tail(mean: float, exponent: float) -> None:
    """Probabilities sum to 1, have the mean, and above the least number fall as k to minus the exponent."""
    law = follower_law(mean, exponent, 500)
    assert law.min() >= 0.0
    assert law.sum() == pytest.approx(1.0, abs=1e-12)
    assert law @ np.arange(501) == pytest.approx(mean, rel=1e-9, abs=1e-9)
    sizes = np.flatnonzero(law > 0.0)[1:]
    sizes = sizes[sizes > 0][1:]
    slopes = np.diff(np.log(law[sizes])) / np.diff(np.log(sizes))
    assert np.allclose(slopes, -exponent)


def test_follower_counts_follow_their_law() -> None:
    """Pooled over 20 seeds the numbers of followers fit the law, tail included."""
    law = follower_law(4.0, 2.2, 500)
    counts = np.concatenate([followers(Chance(seed), 5_000, 4.0, 2.2, 500).degree for seed in SEEDS])
    edges = [1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 200, 501]
    seen, _ = np.histogram(counts, edges)
    expected = [counts.size * law[low:high].sum() for low, high in pairwise(edges)]
    assert seen.sum() == counts.size
    assert chisquare(seen, expected).pvalue > 1e-4


def test_follower_tail_has_the_exponent() -> None:
    """Of accounts with ten followers or more the mean logarithm is that of a tail of exponent 2.2 cut at 500."""
    sizes = np.arange(10, 501)
    tail = sizes**-2.2 / np.sum(sizes**-2.2)
    means = []
    for seed in SEEDS:
        counts = followers(Chance(seed), 10_000, 4.0, 2.2, 500).degree
        means.append(float(np.log(counts[counts >= 10]).mean()))
    assert z_of(means, float(tail @ np.log(sizes))) < 4


def test_the_largest_account_does_not_grow_with_the_country() -> None:
    """The cap holds at any n, and an account has as many followers in a large market as in a small one."""
    small, large = (followers(Chance(3), n, 4.0, 2.2, 500) for n in (2_000, 200_000))
    assert np.array_equal(large.degree[:2_000], small.degree)
    assert 400 < large.degree.max() <= 500


def test_followers_are_drawn_evenly_and_never_oneself() -> None:
    """Pooled over 20 seeds everybody follows equally many accounts but for chance, and nobody follows himself."""
    n, followed = 400, np.zeros(400)
    for seed in SEEDS:
        accounts = followers(Chance(seed), n, 4.0, 2.2, 50)
        assert not np.any(accounts.ends == owners(accounts))
        followed += accounts.transpose().degree
    assert chisquare(followed).pvalue > 1e-4


def test_followers_equal_one_account_at_a_time() -> None:
    """The columns draw what a plain loop over accounts and their followers draws."""
    luck, n = Chance(7), 60
    accounts = followers(luck, n, 4.0, 2.2, 500)
    bounds = np.cumsum(follower_law(4.0, 2.2, 500))
    for account in range(n):
        count = int(np.searchsorted(bounds, float(luck.uniform("number of followers", [account])[0]), side="right"))
        expected = []
        for number in range(min(count, n - 1)):
            other = (int(luck.bits("follower", [(account << 20) + number])[0]) % 2**32) * (n - 1) >> 32
            expected.append(other + (other >= account))
        assert accounts.neighbours(account).tolist() == expected


# The network itself


@pytest.mark.parametrize("asked", [[], [0], [7, 7, 3], list(range(400))])
def test_gather_equals_a_loop_over_rows(asked: list[int]) -> None:
    """All ties of some rows, in the order asked for: repeated, unordered and empty rows too."""
    accounts = followers(Chance(2), 400, 1.5, 2.2, 100)
    assert accounts.degree.min() == 0
    owner, neighbour = accounts.gather(np.array(asked, int))
    plain = [(position, end) for position, row in enumerate(asked) for end in accounts.neighbours(row).tolist()]
    assert list(zip(owner.tolist(), neighbour.tolist(), strict=True)) == plain


def test_transposing_turns_every_tie_round() -> None:
    """Whom I follow is who is followed by me; twice turned is the network again, its ends sorted."""
    accounts = followers(Chance(9), 700, 4.0, 2.2, 100)
    turned = accounts.transpose()
    assert abs(matrix(turned) - matrix(accounts).T).max() == 0
    assert np.array_equal(turned.transpose().start, accounts.start)
    assert np.array_equal(owners(turned.transpose()), owners(accounts))


def test_given_edges_are_kept_as_given() -> None:
    """A network from a list of ties: mutual or one-way, parallel ties and empty rows included."""
    mutual = Network.from_edges(4, [0, 0, 2], [1, 1, 0])
    assert [mutual.neighbours(row).tolist() for row in range(4)] == [[1, 1, 2], [0, 0], [0], []]
    one_way = Network.directed(4, [2, 0, 2], [1, 3, 0])
    assert [one_way.neighbours(row).tolist() for row in range(4)] == [[3], [], [1, 0], []]
    assert len(Network.from_edges(3, [], [])) == 3


@pytest.mark.parametrize(
    ("n", "heads", "tails"), [(3, [0], [3]), (3, [-1], [0]), (3, [5], [0]), (3, [0, 1], [2]), (3, [0], [2**32])]
)
def test_edges_to_nowhere_are_refused(n: int, heads: list[int], tails: list[int]) -> None:
    """A tie needs two ends among the rows."""
    with pytest.raises(ValueError, match="outside 0..2|same shape"):
        Network.from_edges(n, heads, tails)
    with pytest.raises(ValueError, match="outside 0..2|one tail for each head"):
        Network.directed(n, heads, tails)
    with pytest.raises(ValueError, match="must"):
        Network(np.array([0, 1, 2]), np.array([0, 2]))
    with pytest.raises(IndexError, match="0..2"):
        Network.from_edges(3, [0], [1]).neighbours(-1)


def test_a_network_cannot_change_so_copies_share_it() -> None:
    """Arrays are read-only, also after pickling; a deep copy, hence a fork, costs nothing."""
    ties = build(Chance(1), Acquaintances(), 200)
    assert copy.deepcopy(ties).followees is ties.followees
    for layer in (*ties, *pickle.loads(pickle.dumps(ties))):
        with pytest.raises(ValueError, match="read-only"):
            layer.ends[0] = 1
        with pytest.raises(ValueError, match="read-only"):
            layer.start[0] = 1
    again = pickle.loads(pickle.dumps(ties.acquaintances))
    assert np.array_equal(again.ends, ties.acquaintances.ends)
    assert again.memory == ties.acquaintances.memory == 4 * (201 + 2_000)
    assert (again.start.dtype, again.ends.dtype) == (np.int32, np.int32)


# Preferential attachment


@pytest.mark.parametrize(("n", "own"), [(1, 1), (3, 5), (6, 5), (400, 1), (400, 3)])
def test_each_newcomer_brings_its_ties(n: int, own: int) -> None:
    """The first know each other; every later one brings as many ties as asked, to people who came before."""
    ties = preferential_attachment(Chance(1), n, own)
    first = min(own + 1, n)
    assert ties.ends.size == first * (first - 1) + 2 * own * (n - first)
    assert abs(matrix(ties) - matrix(ties).T).sum() == 0
    for row in range(first, n):
        assert np.count_nonzero(ties.neighbours(row) < row) == own
    assert not np.any(ties.ends == owners(ties))


def test_one_newcomer_more_changes_no_tie_of_those_before() -> None:
    few, more = (preferential_attachment(Chance(2), n, 4) for n in (500, 501))
    for row in range(500):
        assert few.neighbours(row).tolist() == [end for end in more.neighbours(row).tolist() if end < 500]


def test_attachment_equals_one_tie_at_a_time() -> None:
    """The columns, which resolve ties drawn to ties, build what a list of ends that grows builds."""
    luck, own, ends = Chance(3), 2, [0, 1, 0, 2, 1, 2]
    for newcomer in range(3, 60):
        known = len(ends)
        for number in range(own):
            bits = int(luck.bits("attachment", [(newcomer - 3) * own + number])[0])
            ends += [newcomer, ends[(bits >> 32) * known >> 32]]
    pairs = {tuple(ends[k : k + 2]) for k in range(0, len(ends), 2)}
    ties = preferential_attachment(luck, 60, own)
    assert {(int(a), int(b)) for a, b in zip(owners(ties), ties.ends, strict=True) if (a, b) in pairs} == pairs
    assert ties.ends.size == len(ends)


def test_attachment_without_ties_is_refused() -> None:
    with pytest.raises(ValueError, match="0 ties of each newcomer; give 1 or more"):
        preferential_attachment(Chance(1), 10, 0)


# The case section


def test_each_layer_can_be_switched_off() -> None:
    """`degree = 0` leaves nobody to talk to and `followees = 0` nobody to follow; the other layer stays as it was."""
    n, luck = 300, Chance(1)
    both = build(luck, Acquaintances(), n)
    silent = build(luck, Acquaintances(degree=0), n)
    unread = build(luck, Acquaintances(followees=0), n)
    assert silent.acquaintances.degree.sum() == 0
    assert unread.followees.degree.sum() == 0
    assert np.array_equal(silent.followees.ends, both.followees.ends)
    assert np.array_equal(unread.acquaintances.ends, both.acquaintances.ends)
    owner, neighbour = silent.acquaintances.gather(np.arange(n))
    assert owner.size == neighbour.size == 0


@pytest.mark.parametrize("n", range(14))
def test_a_handful_of_consumers_have_fewer_ties_and_none_to_themselves(n: int) -> None:
    """Degree 10 among n consumers: at most all others, an even number, and the layers keep their shape."""
    ring = small_world(Chance(2), n, 10, 0.0)
    assert set(ring.degree) <= {min(10, 2 * (max(0, n - 1) // 2))}
    ties = build(Chance(2), Acquaintances(rewiring=0.5), n)
    for layer in ties:
        assert len(layer) == n
        assert not np.any(layer.ends == owners(layer))
    assert n == 0 or ties.followees.transpose().degree.max() <= n - 1
    assert tiers_along_the_ring(Chance(2), n, SHARES, 0.8).shape == (n,)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("degree", 9),
        ("degree", -2),
        ("degree", 1_000),
        ("rewiring", 1.1),
        ("rewiring", float("nan")),
        ("homophily", -0.1),
        ("followees", -1.0),
        ("follower_exponent", 1.0),
        ("follower_cap", 0),
        ("follower_cap", 3),
        ("friends", 3),
    ],
)
def test_a_wrong_section_names_the_field(field: str, given: float) -> None:
    """What is out of range is refused by name; a cap below the mean number of followers is, too."""
    with pytest.raises(ValidationError) as fault:
        Acquaintances.model_validate({field: given})
    assert [error["loc"] for error in fault.value.errors()] == [(field,)]


def test_every_field_states_unit_meaning_and_source() -> None:
    """A reader of a case finds beside each value what it is and where it comes from."""
    for field in Acquaintances.model_fields.values():
        assert field.description
        assert isinstance(field.json_schema_extra, dict)
        assert {"unit", "grade", "source"} <= field.json_schema_extra.keys()
