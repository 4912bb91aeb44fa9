"""What chance promises: even, independent draws that depend on their address and on nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from evidence import SEEDS, UNLIKELY, fisher_p, flat_p, pooled_p
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from market.chance import INBORN, Chance, Draw, centres, mix, word, words

ROWS = np.arange(500_000)
"""Twenty seeds of half a million rows are ten million draws."""

EVERY = np.arange(10_000_000)
LARGEST = 2**64 - 1


def cells(luck: Chance, name: str, rows: Any, *keys: Any) -> NDArray[np.int64]:
    """The whole-numbered cells, out of 2**23, whose centres the draws are."""
    return (luck.uniform(name, rows, *keys).astype(float) * 2**23).astype(np.int64)


# Evenness


def test_ten_million_draws_over_twenty_seeds_are_uniform() -> None:
    """Pooled chi-squared over a thousand bins, and Kolmogorov's test on every seed."""
    draws = [Chance(seed).uniform("evenness", ROWS) for seed in SEEDS]
    counts = [np.bincount((one * 1_000).astype(np.int64), minlength=1_000) for one in draws]
    assert pooled_p(counts, np.full(1_000, 1e-3)) > UNLIKELY
    assert fisher_p([stats.kstest(one, "uniform").pvalue for one in draws]) > UNLIKELY


def test_the_finest_bits_are_as_even_as_the_coarsest() -> None:
    """Every stretch of the 23 bits of a draw, and every byte of the 64 bits behind it."""
    fine = cells(Chance(1), "bits", EVERY[:2_000_000])
    assert fisher_p([flat_p(fine >> shift & 255, 256) for shift in (0, 5, 10, 15)]) > UNLIKELY
    bits = Chance(1).bits("bits", EVERY[:2_000_000])
    bytes_of = bits.astype("<u8").view(np.uint8).reshape(-1, 8).astype(np.int64)
    assert fisher_p([flat_p(bytes_of[:, place], 256) for place in range(8)]) > UNLIKELY


def test_no_draw_is_0_or_1_and_all_are_centres_of_equal_cells() -> None:
    """Ten million draws; and the least and largest bits there can be, which lead to half a cell from either end."""
    draws = Chance(1).uniform("limits", EVERY)
    assert draws.dtype == np.float32
    assert 0.0 < draws.min() < draws.max() < 1.0
    centres = draws[:1_000_000].astype(float) * 2**23
    assert np.array_equal(centres % 1.0, np.full(len(centres), 0.5))
    for bits, expected in ((0, 2.0**-24), (LARGEST, 1.0 - 2.0**-24)):
        luck = Fixed(1, bits)
        assert luck.uniform("limits", [0]).item() == expected


class Fixed(Chance):
    """Chance whose every bit is given, to look at the ends of the range."""

    def __init__(self, seed: int, given: int) -> None:
        super().__init__(seed)
        object.__setattr__(self, "given", given)

    def uniform(self, name: str, rows: Any, *keys: Any) -> NDArray[np.float32]:
        """The draw of the given bits, for every row."""
        return centres(np.full(np.atleast_1d(rows).shape, self.__dict__["given"], np.uint64))


@pytest.mark.parametrize("probability", [0.0, 1e-9, 2.0**-24, 1e-3, 0.3, 1.0])
def test_what_is_rare_is_found_as_if_all_had_been_drawn(probability: float) -> None:
    """`below` gives the same rows and the same draws as `uniform`, for rows in any order and for a range."""
    luck = Chance(3)
    for rows in (ROWS[:300_000:2], ROWS[:270_000][::-1], range(7, 280_000), range(0), ROWS[:0]):
        draws = luck.uniform("rare", np.asarray(rows, np.int64), "word", 4)
        at, found = luck.below("rare", rows, probability, "word", 4)
        expected = np.flatnonzero(draws < np.float32(probability))
        assert np.array_equal(at, expected) and np.array_equal(found, draws[expected])


def test_draws_do_not_depend_on_how_many_are_asked_for_at_once() -> None:
    """Many draws are made part by part: along rows, along keys, and for rows that all differ in a key."""
    luck, keys, spells = Chance(4), np.arange(40), (ROWS[:5_000] % 7).astype(np.int16)
    across = luck.uniform("parts", ROWS[:5_000], spells, keys[:, None])
    along = luck.uniform("parts", ROWS[:5_000, None], spells[:, None], keys)
    assert across.shape == (40, 5_000) and np.array_equal(across, along.T)
    for key in (0, 39):
        alone = luck.uniform("parts", ROWS[:5_000], spells, np.full(5_000, key))
        assert np.array_equal(across[key], alone)


def test_no_two_of_ten_million_draws_share_their_64_bits() -> None:
    """Among 1e7 of 2**64 values a coincidence has probability 3e-6; a short cycle would show many."""
    bits = Chance(1).bits("cycle", EVERY)
    bits.sort()
    assert not np.any(bits[1:] == bits[:-1])


# Independence


def across_rows(luck: Chance, lag: int) -> tuple[Any, Any]:
    """Draws of rows and of those some rows further on."""
    draws = luck.uniform("serial", np.arange(len(ROWS) + lag))
    return draws[: len(ROWS)], draws[lag:]


PAIRS: dict[str, Callable[[Chance], tuple[Any, Any]]] = {
    "neighbouring rows": lambda luck: across_rows(luck, 1),
    "rows two apart": lambda luck: across_rows(luck, 2),
    "rows a power of two apart": lambda luck: across_rows(luck, 1 << 16),
    "two names": lambda luck: (luck.uniform("need", ROWS), luck.uniform("nest", ROWS)),
    "a name and its beginning": lambda luck: (luck.uniform("nest", ROWS), luck.uniform("nest wait", ROWS)),
    "two words as keys": lambda luck: (luck.uniform("x", ROWS, "a"), luck.uniform("x", ROWS, "b")),
    "a word and no key": lambda luck: (luck.uniform("x", ROWS), luck.uniform("x", ROWS, "a")),
    "two numbers as keys": lambda luck: (luck.uniform("x", ROWS, 1), luck.uniform("x", ROWS, 2)),
    "two columns": lambda luck: tuple(luck.uniform("x", ROWS[:, None], np.array([1, 2])).T),
    "columns far apart": lambda luck: tuple(luck.uniform("x", ROWS[:, None], words(["a", "b"])).T),
    "two spells of each row": lambda luck: (luck.uniform("x", ROWS, ROWS * 0), luck.uniform("x", ROWS, ROWS * 0 + 1)),
    "row and column exchanged": lambda luck: (
        luck.uniform("x", ROWS, np.full(len(ROWS), 7)), luck.uniform("x", np.full(len(ROWS), 7), ROWS),
    ),
    "rows and diagonal": lambda luck: (luck.uniform("x", ROWS, ROWS), luck.uniform("x", ROWS, ROWS + 1)),
    "two seeds": lambda luck: (luck.uniform("x", ROWS), Chance(luck.seed + 1_000).uniform("x", ROWS)),
    "a seed and its opposite": lambda luck: (luck.uniform("x", ROWS), Chance(-luck.seed - 1).uniform("x", ROWS)),
}  # fmt: skip


@pytest.mark.parametrize("pair", PAIRS)
def test_draws_at_two_addresses_are_independent(pair: str) -> None:
    """Pairs fall evenly on a grid of 32 x 32 and are uncorrelated, pooled over twenty seeds: 1e7 pairs."""
    counts, correlations = [], []
    for seed in SEEDS:
        first, second = PAIRS[pair](Chance(seed))
        counts.append(np.bincount((first * 32).astype(np.int64) * 32 + (second * 32).astype(np.int64), minlength=1_024))
        correlations.append(np.corrcoef(first, second)[0, 1] * np.sqrt(len(first)))
    assert pooled_p(counts, np.full(1_024, 1 / 1_024)) > UNLIKELY
    assert stats.chi2.sf(np.square(correlations).sum(), len(correlations)) > UNLIKELY
    assert abs(np.mean(correlations)) * np.sqrt(len(correlations)) < 4.0


def test_three_draws_of_a_row_fill_a_cube_evenly() -> None:
    """Three columns at once, 16 x 16 x 16 cells: pairwise independence alone would not promise it."""
    counts = []
    for seed in SEEDS:
        cube = (Chance(seed).uniform("cube", ROWS[:, None], np.arange(3)) * 16).astype(np.int64)
        counts.append(np.bincount(cube @ np.array([256, 16, 1]), minlength=4_096))
    assert pooled_p(counts, np.full(4_096, 1 / 4_096)) > UNLIKELY


# A pure function of the address


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(0, 2**40), min_size=1, max_size=60),
    st.integers(-(2**63), 2**63),
    st.lists(st.integers(0, LARGEST), min_size=1, max_size=4),
)
def test_asking_for_fewer_rows_or_columns_changes_no_other(rows: list[int], seed: int, columns: list[int]) -> None:
    """In any order, as often as one likes, alone or together."""
    luck, all_rows, all_columns = Chance(seed), np.array(rows), np.array(columns, np.uint64)
    whole = luck.uniform("some", all_rows[:, None], all_columns)
    order = np.random.default_rng(0).permutation(len(rows))
    assert np.array_equal(luck.uniform("some", all_rows[order][:, None], all_columns), whole[order])
    assert np.array_equal(luck.uniform("some", all_rows[-1:, None], all_columns[::-1]), whole[-1:, ::-1])
    twice = luck.uniform("some", np.repeat(all_rows, 2)[:, None], all_columns)
    assert np.array_equal(twice, np.repeat(whole, 2, axis=0))


@settings(max_examples=100, deadline=None)
@given(
    st.integers(-(2**70), 2**70),
    st.text(max_size=20),
    st.integers(0, 2**62),
    st.lists(st.one_of(st.text(max_size=8), st.integers(-(2**70), 2**70)), max_size=3),
    st.lists(st.integers(0, LARGEST), max_size=3),
)
def test_one_draw_in_plain_python_equals_the_column_to_the_bit(
    seed: int, name: str, row: int, keys: list[Any], columns: list[int]
) -> None:
    """`one` is the readable rule, `uniform` its column form."""
    luck = Chance(seed)
    column = luck.uniform(name, [row], *keys, *(np.array([c], np.uint64) for c in columns))
    assert luck.one(name, row, *keys, columns=tuple(columns)) == float(column.item())


def test_draws_are_the_same_on_every_machine_and_for_ever() -> None:
    """Pinned: if one of these changes, every published result changes."""
    luck = Chance(1)
    assert word("taste") == PINNED["word"]
    assert luck.bits("taste", [0, 1, 2**40]).tolist() == PINNED["bits"]
    assert luck.bits("offer", [7], "jd", 3, np.array([5, LARGEST], np.uint64)).tolist() == PINNED["keyed"]
    assert luck.uniform("taste", np.arange(3)).tolist() == PINNED["uniform"]
    assert Chance(-1).uniform("taste", [0]).item() == PINNED["negative"]
    assert mix(np.array([0x9E3779B97F4A7C15], np.uint64)).tolist() == [0xE220A8397B1DCDAF], "splitmix64's first from 0"


PINNED: dict[str, Any] = {
    "word": 14827411017049218724,
    "bits": [7880045555913225870, 8551089773612351116, 7287553268458653909],
    "keyed": [10428592005284592543, 7265319000661276485],
    "uniform": [0.4271780848503113, 0.4635555148124695, 0.9069080948829651],
    "negative": 0.9627212882041931,
}

SHOW = "from market.chance import Chance, word; print(word('x'), Chance(3).bits('x', range(5), 'y', 2))"


def test_words_do_not_depend_on_the_process() -> None:
    """Python's own hash of a word differs from process to process; these do not."""
    shown = set()
    for hash_seed in ("0", "1", "random"):
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        done = subprocess.run([sys.executable, "-c", SHOW], capture_output=True, text=True, check=True, env=environment)
        shown.add(done.stdout)
    assert len(shown) == 1
    assert str(word("x")) in shown.pop()


def test_addresses_that_look_alike_are_different_addresses() -> None:
    """Where one word ends and the next begins, words and numbers, order of keys, sign."""
    luck, row = Chance(1), [0]
    alike = [
        luck.bits("ab", row), luck.bits("a", row, "b"), luck.bits("", row, "ab"), luck.bits("a", row, "b", ""),
        luck.bits("a", row, 1), luck.bits("a", row, "1"), luck.bits("a1", row), luck.bits("a", row, -1),
        luck.bits("a", row, "x", "y"), luck.bits("a", row, "y", "x"), luck.bits("a", row, 12),
        luck.bits("a", row, np.array([1])), luck.bits("a", row, np.array([1]), np.array([1])),
        luck.bits("a", row, 1, 2), luck.bits("a", row), Chance(11).bits("a", row), Chance(1).bits("1a", row),
    ]  # fmt: skip
    assert len({int(bits.item()) for bits in alike}) == len(alike)


def test_a_key_of_0_is_another_address_than_no_key() -> None:
    """The first column of many is not the draw without columns, nor the first spell of all."""
    luck, zero = Chance(1), np.array([0])
    alike = [luck.bits("a", [3]), luck.bits("a", [3], zero), luck.bits("a", [3], zero, zero), luck.bits("a", [3], 0)]
    assert len({int(bits.item()) for bits in alike}) == len(alike)


def test_every_key_counts_or_is_refused() -> None:
    """However many there are: none is silently left out."""
    luck = Chance(1)
    for number in range(1, 8):
        keys = [np.array([5])] * number
        try:
            ordinary = luck.bits("a", [3], *keys)
        except (TypeError, ValueError):
            assert number > 3
            continue
        for changed in range(number):
            other = [np.array([6 if k == changed else 5]) for k in range(number)]
            assert luck.bits("a", [3], *other) != ordinary


def test_numbers_of_any_type_are_the_same_key() -> None:
    """A whole number is a whole number, whatever array it came from."""
    luck = Chance(1)
    kinds: list[Any] = [np.int8, np.int16, np.int32, np.int64, np.uint64]
    assert len({luck.uniform("x", np.arange(9).astype(kind), kind(3)).tobytes() for kind in kinds}) == 1
    assert len({luck.uniform("x", np.arange(9), np.arange(9).astype(kind)).tobytes() for kind in kinds}) == 1


# What is made of the draws

MADE: dict[str, tuple[Callable[[Chance], Any], Any]] = {
    "exponential": (lambda luck: luck.exponential("made", ROWS), stats.expon),
    "normal": (lambda luck: luck.normal("made", ROWS), stats.norm),
    "many_normal": (lambda luck: luck.many_normal("made", ROWS), stats.norm),
    "gumbel": (lambda luck: luck.gumbel("made", ROWS), stats.gumbel_r),
}


@pytest.mark.parametrize("distribution", MADE)
def test_a_distribution_is_what_its_name_says(distribution: str) -> None:
    """Against scipy, on 1e7 draws: Kolmogorov's test on each of twenty seeds, and the ends of the range are finite."""
    draw, law = MADE[distribution]
    assert fisher_p([stats.kstest(draw(Chance(seed)), law.cdf).pvalue for seed in SEEDS]) > UNLIKELY
    ends = np.array([getattr(Fixed(1, bits), distribution)("made", [0]).item() for bits in (0, LARGEST)])
    assert np.all(np.isfinite(ends))
    assert max(law.cdf(ends.min()), law.sf(ends.max())) < 1e-6


def test_bernoulli_and_category_meet_their_probabilities() -> None:
    """Certain and impossible ones exactly, the others within sampling error."""
    shares = np.array([0.2, 0.0, 0.5, 0.3])
    events, drawn = [], []
    for seed in SEEDS:
        luck = Chance(seed)
        hits = int(luck.bernoulli("coin", ROWS, 0.3).sum())
        events.append([hits, len(ROWS) - hits])
        drawn.append(np.bincount(luck.category("kind", ROWS, shares), minlength=4))
        assert not luck.bernoulli("coin", ROWS, 0.0).any()
        assert luck.bernoulli("coin", ROWS, 1.0).all()
    assert pooled_p(events, [0.3, 0.7]) > UNLIKELY
    assert np.sum(drawn, axis=0)[1] == 0
    assert pooled_p(np.delete(drawn, 1, axis=1), np.delete(shares, 1)) > UNLIKELY


@pytest.mark.parametrize("draw", ["uniform", "exponential", "normal", "many_normal"])
def test_what_consumers_are_born_with_is_what_they_would_draw(draw: Draw) -> None:
    """Whoever is asked first, in whatever order, and beyond those for whom it is kept: the same, to the last bit."""
    luck, keys = Chance(7), words(["a", "b", "c"])
    asked = [[5, 3], [], [5_000, 0, 5_000], [INBORN - 1, 2], [INBORN, 1], range(0, 4 * INBORN, 999), [4_999]]
    for rows in (np.array(list(some), np.intp) for some in asked):
        drawn = getattr(luck, draw)
        np.testing.assert_array_equal(luck.inborn(draw, "born", rows), drawn("born", rows))
        np.testing.assert_array_equal(luck.inborn(draw, "born", rows, keys), drawn("born", rows, keys[:, None]))
    kept = luck.inborn(draw, "born", np.arange(3))
    kept[:] = -1.0
    np.testing.assert_array_equal(luck.inborn(draw, "born", np.arange(3)), getattr(luck, draw)("born", np.arange(3)))
