"""The only randomness: `uniform` is a pure function of names and numbers.

There is no generator and so no state: nothing to reset, to jump ahead or to save. Asking twice gives the
same number, and asking for fewer rows changes no other row. Two markets that differ in one thing
therefore share every other bit of luck, which is what makes a what-if exact.

A draw is addressed by the seed, a name (a word for what is drawn), row ids (usually consumers) and any
further keys: words, whole numbers, or arrays of whole numbers that broadcast against the rows.

>>> luck = Chance(seed=1)
>>> luck.uniform("taste", np.arange(3))
array([0.42717808, 0.4635555 , 0.9069081 ], dtype=float32)
>>> luck.uniform("taste", np.array([2]))
array([0.9069081], dtype=float32)
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

Floats = NDArray[np.float32]
_UNSIGNED, _SINGLE = np.dtype(np.uint64), np.dtype(np.float32)
_WHOLE = (np.dtype(np.int64), _UNSIGNED)
Key = str | int | NDArray[Any]

# splitmix64 (Steele, Lea & Flood 2014): an odd stride and a finaliser that passes BigCrush.
# Row and keys step through 64 bits by strides of their own, words of hexadecimal digits without small common multiples,
# so that no two addresses in use meet; the finaliser then makes neighbours strangers.
_STRIDES = tuple(
    np.array(s, np.uint64)
    for s in (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0xABC98388FB8FAC03, 0x8CB92BA72F3D8DD7, 0xF1357AEA2E62A9C5)
)
# Arrays of no dimension: numpy takes half a microsecond less for one of them than for a scalar.
_FIRST, _SECOND, _S30, _S27, _S31, _S41 = (
    np.array(s, np.uint64) for s in (0xBF58476D1CE4E5B9, 0x94D049BB133111EB, 30, 27, 31, 41)
)
_ONE, _LESS = np.array(0x3F80_0000, np.uint32), np.array(1.0 - 2.0**-24, np.float32)
_UNIT, _LOWEST, _HIGHEST = (np.array(edge, np.float32) for edge in (1.0, -2.5, 2.5))
_DRAWS_AT_ONCE, _ROWS_AT_ONCE = 32_768, 131_072

# Polynomials for the inverse error function (Giles 2012, table 5), times the root of 2: about the middle, and far out.
_MIDDLE, _FAR = (
    tuple(np.array(term * math.sqrt(2.0), np.float32) for term in terms)
    for terms in (
        (2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 2.1858087e-04, -1.25372503e-03,
         -4.17768164e-03, 0.246640727, 1.50140941),
        (-2.00214257e-04, 1.00950558e-04, 1.34934322e-03, -3.67342844e-03, 5.73950773e-03, -7.6224613e-03,
         9.43887047e-03, 1.00167406, 2.83297682),
    )
)  # fmt: skip


def _digest(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


@lru_cache(maxsize=65_536)
def word(text: str) -> int:
    """A word as a 64-bit whole number, the same on every machine and in every process."""
    return _digest(text)


def words(texts: list[str]) -> NDArray[np.uint64]:
    """Several words at once, as a key that broadcasts along the last axis."""
    return np.array([word(text) for text in texts], np.uint64)


def _times(key: ArrayLike, stride: NDArray[np.uint64]) -> Any:
    if isinstance(key, np.ndarray) and key.dtype in _WHOLE:
        return key.view(_UNSIGNED) * stride
    return np.multiply(key, stride, dtype=np.uint64, casting="unsafe")


def mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The splitmix64 finaliser, in place: every output bit depends on every input bit."""
    state = _mix_high(state)
    state ^= state >> _S31
    return state


def _mix_high(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finaliser but for its last step, which leaves the highest 31 bits as they are."""
    shifted = state >> _S30
    state ^= shifted
    state *= _FIRST
    np.right_shift(state, _S27, shifted)
    state ^= shifted
    state *= _SECOND
    return state


def centres(bits: NDArray[np.uint64]) -> NDArray[np.float32]:
    """The centres of the 2**23 equal cells that the highest bits name, exact; the bits are used up.

    They become the digits of numbers from 1 to 2, which is cheaper than a conversion.
    """
    bits >>= _S41
    digits = bits.astype(np.uint32)
    digits |= _ONE
    cells = digits.view(_SINGLE)
    cells -= _LESS
    return cells


@lru_cache(maxsize=1)
def _ramp() -> NDArray[np.uint64]:
    """The steps of rows in a range."""
    return np.arange(_ROWS_AT_ONCE, dtype=np.uint64) * _STRIDES[0]


def quantile(uniform: Floats) -> Floats:
    """The standard normal quantile, to 4e-7 of its value: for many draws at a third of the cost of `ndtri`.

    Source: Giles (2012), Approximating the erfinv function.

    >>> quantile(np.array([0.025, 0.5, 0.975], np.float32)).round(4).tolist()
    [-1.9600000381469727, 0.0, 1.9600000381469727]
    """
    x = uniform + uniform
    x -= _UNIT
    w = _UNIT + x
    w *= _UNIT - x
    np.log(w, w)
    np.subtract(_LOWEST, w, w)
    far = (w >= _HIGHEST).nonzero()
    result = _polynomial(_MIDDLE, w)
    if len(far[0]) > 0:
        result[far] = _polynomial(_FAR, np.sqrt(w[far] + _HIGHEST) - np.float32(3.0))
    result *= x
    return result


def _polynomial(terms: tuple[Floats, ...], x: Floats) -> Floats:
    """The polynomial with these terms, the highest power first."""
    result = x * terms[0]
    for term in terms[1:-1]:
        result += term
        result *= x
    result += terms[-1]
    return result


def _part(array: NDArray[np.uint64], part: slice, shape: tuple[int, ...]) -> NDArray[np.uint64]:
    """Part of an array along the first axis of the shape that it broadcasts to."""
    spans = array.ndim == len(shape) and array.shape[0] == shape[0]
    return array[part] if spans else array


_MASK = 0xFFFF_FFFF_FFFF_FFFF
_FIRST_WHOLE, _SECOND_WHOLE = int(_FIRST), int(_SECOND)
_STRIDES_WHOLE = tuple(int(stride) for stride in _STRIDES)


def _mix_one(state: int) -> int:
    state = ((state ^ (state >> 30)) * _FIRST_WHOLE) & _MASK
    state = ((state ^ (state >> 27)) * _SECOND_WHOLE) & _MASK
    return state ^ (state >> 31)


@lru_cache(maxsize=65_536)
def _origin(seed: int, name: str, scalars: tuple[str | int, ...], arrays: int) -> NDArray[np.uint64]:
    text = "\x1f".join([f"{seed:d}", name, f"{arrays:d}", *(f"{type(s).__name__[0]}{s}" for s in scalars)])
    return np.array(_digest(text), np.uint64)


@dataclass(frozen=True)
class Chance:
    """All the luck of one market. Two equal seeds are the same luck; there is nothing else to know."""

    seed: int

    def bits(self, name: str, rows: ArrayLike, *keys: Key) -> NDArray[np.uint64]:
        """64 random bits for every combination of rows and array keys (at most four), by broadcasting."""
        start, steps = self._address(name, rows, keys)
        for step in steps:
            start = start + step
        return mix(start)

    def _address(
        self, name: str, rows: ArrayLike, keys: tuple[Key, ...]
    ) -> tuple[NDArray[np.uint64], list[NDArray[np.uint64]]]:
        """Where the draws lie: the sum of the first array, which is new, and those of the list."""
        scalars: list[str | int] = []
        arrays: list[NDArray[Any]] = []
        for key in keys:
            if isinstance(key, np.ndarray):
                arrays.append(key)
            else:
                scalars.append(key if isinstance(key, str) else int(key))
        if len(arrays) >= len(_STRIDES):
            raise ValueError(f"{name}: {len(arrays)} array keys were given; a draw has at most {len(_STRIDES) - 1}")
        start = _times(rows, _STRIDES[0])
        if start.ndim == 0:
            start = start.reshape(1)
        start += _origin(self.seed, name, tuple(scalars), len(arrays))
        return start, [_times(key, _STRIDES[1 + k]) for k, key in enumerate(arrays)] if arrays else []

    def one(self, name: str, row: int, *keys: str | int, columns: tuple[int, ...] = ()) -> float:
        """One uniform in plain Python: the readable twin of `uniform`, equal to it to the last bit.

        `keys` are the scalar keys of the column form, `columns` its array keys at this row.
        """
        scalars = tuple(k if isinstance(k, str) else int(k) for k in keys)
        state = int(_origin(self.seed, name, scalars, len(columns)))
        for stride, key in zip(_STRIDES_WHOLE, (row, *columns), strict=False):
            state += key * stride
        return ((_mix_one(state & _MASK) >> 41) + 0.5) * 2.0**-23

    def uniform(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """Numbers strictly between 0 and 1: the centres of 2**23 equal cells, exact in float32.

        Many are drawn part by part, so that what is worked on stays in the processor's cache.
        """
        start, steps = self._address(name, rows, keys)
        if start.size * math.prod([step.size for step in steps]) <= _DRAWS_AT_ONCE:
            for step in steps:
                start = start + step
            return centres(_mix_high(start))
        shape = np.broadcast(start, *steps).shape
        size = math.prod(shape)
        draws = np.empty(shape, np.float32)
        at_once = max(1, _DRAWS_AT_ONCE * shape[0] // size)
        for low in range(0, shape[0], at_once):
            part = slice(low, low + at_once)
            state = _part(start, part, shape)
            for step in steps:
                state = state + _part(step, part, shape)
            draws[part] = centres(_mix_high(state if steps else state.copy()))
        return draws

    def below(
        self, name: str, rows: NDArray[np.integer] | range, probability: float, *keys: str | int
    ) -> tuple[NDArray[np.intp], Floats]:
        """At which positions of `rows` the `uniform` draws are below a probability, and those draws.

        What is rare is found at half the cost of drawing for all: only these become numbers. Quickest for a range.
        """
        cells = min(math.ceil(float(probability) * 2.0**23 - 0.5), 2**23)
        found, draws = [np.empty(0, np.intp)], [np.empty(0, np.float32)]
        for low in range(0, len(rows) if cells > 0 else 0, _ROWS_AT_ONCE):
            part = rows[low : low + _ROWS_AT_ONCE]
            start, _ = self._address(name, part[0] if isinstance(part, range) else part, keys)
            state = _mix_high(start + _ramp()[: len(part)] if isinstance(part, range) else start)
            at = (state <= np.array((cells << 41) - 1, np.uint64)).nonzero()[0]
            draws.append(centres(state[at]))
            found.append(at + low)
        return np.concatenate(found), np.concatenate(draws)

    def exponential(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """Unit exponentials: the cumulated hazard at which a spell ends."""
        draws = self.uniform(name, rows, *keys)
        np.log(draws, out=draws)
        return np.negative(draws, out=draws)

    def gumbel(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """Standard Gumbel shocks: -ln(-ln u)."""
        draws = self.exponential(name, rows, *keys)
        np.log(draws, out=draws)
        return np.negative(draws, out=draws)

    def normal(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """Standard normal draws, by inverting the distribution function."""
        draws = self.uniform(name, rows, *keys)
        return ndtri(draws, out=draws)

    def many_normal(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """The numbers of `normal` to 4e-7 of their value, which is quicker where they are thousands."""
        return quantile(self.uniform(name, rows, *keys))

    def bernoulli(self, name: str, rows: ArrayLike, probability: ArrayLike, *keys: Key) -> NDArray[np.bool_]:
        """True with the given probability (scalar, or an array that broadcasts with the draws)."""
        return self.uniform(name, rows, *keys) < np.asarray(probability)

    def category(self, name: str, rows: ArrayLike, shares: ArrayLike, *keys: Key) -> NDArray[np.int64]:
        """A position in `shares` (which sum to 1), drawn in proportion to them."""
        edges = np.cumsum(np.asarray(shares, float))[:-1]
        return np.searchsorted(edges, self.uniform(name, rows, *keys), side="right")
