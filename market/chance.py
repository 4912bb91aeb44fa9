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
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.normal import quantile

Floats = NDArray[np.float32]
_UNSIGNED, _SINGLE = np.dtype(np.uint64), np.dtype(np.float32)
_WHOLE = {np.dtype(kind).char for kind in (np.int64, np.intp, np.longlong, np.uint64, np.uintp, np.ulonglong)}
"""Codes of the kinds of whole numbers of 64 bits."""
Key = str | int | NDArray[Any]
Draw = Literal["uniform", "exponential", "normal", "many_normal"]
INBORN, _INBORN_AT_ONCE = 32_768, 2_048
"""Consumers for whom it is kept what they are born with."""

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
_DRAWS_AT_ONCE, _ROWS_AT_ONCE = 32_768, 131_072


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
    if type(key) is np.ndarray and key.dtype.kind in "iu":
        return (key.view(_UNSIGNED) if key.dtype.char in _WHOLE else key.astype(_UNSIGNED)) * stride
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
    text = f"{seed:d}\x1f{name}\x1f{arrays:d}"
    for scalar in scalars:
        text += f"\x1fs{scalar}" if isinstance(scalar, str) else f"\x1fi{scalar:d}"
    return np.array(_digest(text), np.uint64)


@lru_cache(maxsize=16)
def _kept(seed: int, draw: Draw, name: str, keys: bytes) -> list[Floats]:
    """Where draws that are asked for again and again are kept, for the first so many rows: a table, none so far."""
    return []


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
        start = _times(rows, _STRIDES[0])
        if start.ndim == 0:
            start = start.reshape(1)
        if not keys:
            start += _origin(self.seed, name, (), 0)
            return start, []
        scalars: list[str | int] = []
        arrays: list[NDArray[Any]] = []
        for key in keys:
            if isinstance(key, np.ndarray):
                arrays.append(key)
            else:
                scalars.append(key if isinstance(key, str) else int(key))
        if len(arrays) >= len(_STRIDES):
            raise ValueError(f"{name}: {len(arrays)} array keys were given; a draw has at most {len(_STRIDES) - 1}")
        start += _origin(self.seed, name, tuple(scalars), len(arrays))
        return start, [_times(key, _STRIDES[1 + k]) for k, key in enumerate(arrays)]

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
        size = start.size
        for step in steps:
            size *= step.size
        if size <= _DRAWS_AT_ONCE:
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
        if cells <= 0 or len(rows) == 0:
            return np.empty(0, np.intp), np.empty(0, np.float32)
        found, draws, highest = [], [], np.array((cells << 41) - 1, np.uint64)
        for low in range(0, len(rows), _ROWS_AT_ONCE):
            part = rows[low : low + _ROWS_AT_ONCE] if len(rows) > _ROWS_AT_ONCE else rows
            start, _ = self._address(name, part[0] if isinstance(part, range) else part, keys)
            state = _mix_high(start + _ramp()[: len(part)] if isinstance(part, range) else start)
            at = (state <= highest).nonzero()[0]
            draws.append(centres(state[at]))
            found.append(at + low if low else at)
        return (found[0], draws[0]) if len(found) == 1 else (np.concatenate(found), np.concatenate(draws))

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
        from scipy.special import ndtri  # a quarter of a second that reading a case does not need

        draws = self.uniform(name, rows, *keys)
        return ndtri(draws, out=draws)

    def many_normal(self, name: str, rows: ArrayLike, *keys: Key) -> Floats:
        """The numbers of `normal` to 4e-7 of their value, which is quicker where they are thousands."""
        return quantile(self.uniform(name, rows, *keys))

    def bernoulli(self, name: str, rows: ArrayLike, probability: ArrayLike, *keys: Key) -> NDArray[np.bool_]:
        """True with the given probability (scalar, or an array that broadcasts with the draws)."""
        return self.uniform(name, rows, *keys) < np.asarray(probability)

    def inborn(
        self, draw: Draw, name: str, rows: NDArray[np.intp], keys: NDArray[np.integer] | None = None
    ) -> Floats:  # fmt: skip
        """What `draw` gives for consumers who are born with it and are asked again and again: (rows,).

        With `keys` (keys,) there is one for each: (keys, rows). For the first `INBORN` consumers all is drawn at once,
        when it is first asked for; nobody can tell but by the clock.
        """
        most = 0 if len(rows) == 0 else int(rows.max()) + 1
        arrays = () if keys is None else (keys[:, None],)
        if not 0 < most <= INBORN:
            return self._draw(draw, name, rows, *arrays)
        kept = _kept(self.seed, draw, name, b"" if keys is None else keys.tobytes())
        if not kept or kept[0].shape[-1] < most:
            people = min(-(-most // _INBORN_AT_ONCE) * _INBORN_AT_ONCE, INBORN)
            kept[:] = [self._draw(draw, name, np.arange(people), *arrays)]
        return kept[0].take(rows, axis=-1)

    def _draw(self, draw: Draw, name: str, rows: NDArray[np.intp], *keys: Key) -> Floats:
        drawn: Floats = getattr(self, draw)(name, rows, *keys)
        return drawn

    def category(self, name: str, rows: ArrayLike, shares: ArrayLike, *keys: Key) -> NDArray[np.int64]:
        """A position in `shares` (which sum to 1), drawn in proportion to them."""
        edges = np.cumsum(np.asarray(shares, float))[:-1]
        return np.searchsorted(edges, self.uniform(name, rows, *keys), side="right")
