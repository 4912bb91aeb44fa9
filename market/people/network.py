"""Who knows whom and who follows whom: two layers of ties, each as compressed sparse rows (CSR).

*Acquaintances* are a small world (Watts & Strogatz 1998) on a ring along which city tiers run in stretches, so
that neighbours on the ring mostly live in the same tier. *Accounts* are a content layer: every consumer has an
account, the numbers of followers have a power-law tail, and who follows is drawn evenly from all others.

Nothing depends on the number of consumers but the length of the ring: the mean number of ties, the homophily and
the largest account are the same for 20,000 and for 10,000,000. Every draw is keyed by the row (and the number of
the tie). Arrays are filled in blocks of rows, because draws that fit the processor's cache cost a third.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import ValidationInfo, field_validator

from market.chance import Chance
from market.fields import Section, Share, value

_DRAWS_AT_ONCE = 65_536
_NUMBER_BITS = 20  # a tie is keyed by (row << 20) + its number among those of the row
_ONLY_NONE = 1e200  # the weight of having no followers: beside it that of any power law is nothing
_HALF, _LOW = np.uint64(32), np.uint64(0xFFFF_FFFF)
HIGHEST_PERSISTENCE = 0.99
"""City tiers may run for 100 consumers in a row on average, not for ever: else one tier would fill the ring."""


class Acquaintances(Section):
    """Whom consumers talk to and whom they follow. `degree = 0` switches talk off, `followees = 0` the accounts."""

    degree: int = value(
        10, unit="people", meaning="acquaintances on average, even; 0 switches talk off", multiple_of=2, ge=0, le=512
    )
    rewiring: Share = value(
        0.1, unit="share of ties", meaning="ties redirected from the next on the ring to anybody (clustering about .49)"
    )
    homophily: Share = value(
        0.7, unit="probability", meaning="probability that an acquaintance lives in a city of the same tier"
    )
    followees: float = value(
        4.0, unit="accounts", meaning="mean number of accounts a consumer follows; 0 switches them off", ge=0, le=1_000
    )
    follower_exponent: float = value(
        2.2, unit="exponent", meaning="the chance of k followers falls as k to the power of minus this", gt=1, le=10
    )
    follower_cap: int = value(
        500, unit="followers", meaning="most followers of one account, whatever n is", ge=1, le=1_000_000
    )

    @field_validator("follower_cap")
    @classmethod
    def _cap_leaves_room(cls, cap: int, info: ValidationInfo) -> int:
        mean = info.data.get("followees", 0.0)
        if mean > cap:
            raise ValueError(f"is {cap}, below the mean, followees = {mean:g}; raise it, or lower followees")
        return cap


@dataclass(frozen=True, eq=False)
class Network:
    """Ties as CSR: those of `row` are `ends[start[row]:start[row + 1]]`. Immutable, so that copies share it.

    `start` (n + 1; int32, int64 beyond 2**31 ties) and `ends` (ties, int32); undirected ties are there from both sides.
    """

    start: NDArray[Any]
    ends: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Take read-only views, in the narrowest of the two index types."""
        ends = np.ascontiguousarray(self.ends, np.int32).view()
        start = np.ascontiguousarray(self.start, np.int32 if ends.size < 2**31 else np.int64).view()
        if start.ndim != 1 or not start.size or start[0] != 0 or start[-1] != ends.size:
            raise ValueError(f"start must run from 0 to the number of ties, {ends.size}, in n + 1 steps")
        if ends.size and not (ends.min() >= 0 and ends.max() < start.size - 1):
            raise ValueError(f"ends run from {ends.min()} to {ends.max()}; they must lie in 0..{start.size - 2}")
        for name, array in (("start", start), ("ends", ends)):
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def from_edges(cls, n: int, heads: ArrayLike, tails: ArrayLike) -> Self:
        """Undirected ties between given pairs, as given: parallel ties and self loops are kept."""
        pairs = np.stack([np.asarray(heads), np.asarray(tails)])
        return cls.directed(n, pairs.ravel(), pairs[::-1].ravel())

    @classmethod
    def directed(cls, n: int, heads: ArrayLike, tails: ArrayLike) -> Self:
        """Ties from each head (the row) to its tail, in the order given; ValueError for rows outside 0..n-1."""
        heads, tails = np.atleast_1d(heads), np.atleast_1d(tails)
        if heads.shape != tails.shape or heads.ndim != 1:
            raise ValueError(f"{heads.shape} heads and {tails.shape} tails: give one tail for each head")
        if heads.size and not (min(heads.min(), tails.min()) >= 0 and max(heads.max(), tails.max()) < n):
            raise ValueError(f"a tie to a row outside 0..{n - 1}; number the {n} rows from 0")
        start = np.concatenate([[0], np.cumsum(np.bincount(heads.astype(np.int64), minlength=n))])
        return cls(start, tails[np.argsort(heads, kind="stable")].astype(np.int32))

    def __len__(self) -> int:
        """Number of rows."""
        return self.start.size - 1

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Itself: nothing can change it."""
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle through the constructor, which makes the arrays read-only again."""
        return type(self), (self.start, self.ends)

    @property
    def degree(self) -> NDArray[Any]:
        """Number of ties of every row (n), parallel ties counted as often as they occur."""
        return np.diff(self.start)

    @property
    def memory(self) -> int:
        """Bytes in its two arrays."""
        return int(self.start.nbytes + self.ends.nbytes)

    def neighbours(self, row: int) -> NDArray[np.int32]:
        """Whom one row is tied to (a read-only view)."""
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of a network with rows 0..{len(self) - 1}")
        return self.ends[self.start[row] : self.start[row + 1]]

    def gather(self, rows: ArrayLike) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """All ties of some rows, flat: the position in `rows` that each belongs to, and whom it leads to.

        The cost is that of the ties asked for, not of the network, so that spread can work from its frontier.
        """
        rows = np.atleast_1d(np.asarray(rows, np.int64))
        first = self.start.take(rows).astype(np.int64)
        counts = self.start.take(rows + 1) - first
        owner = np.arange(rows.size).repeat(counts)
        first += counts - counts.cumsum()
        tie = first.take(owner)
        tie += np.arange(owner.size)
        return owner, self.ends.take(tie)

    def transpose(self) -> Network:
        """Every tie the other way round, sources in ascending order: from who follows me to whom I follow."""
        marks = np.ones(self.ends.size, np.int8)
        from scipy.sparse import csr_array  # not needed to read a case

        turned = csr_array((marks, self.ends, self.start), shape=(len(self), len(self))).tocsc()
        return Network(turned.indptr, turned.indices)


def _blocks(n: int, draws_per_row: float) -> Iterator[tuple[int, int]]:
    """Rows 0..n-1 in stretches that need about 65,536 draws each."""
    step = max(1, int(_DRAWS_AT_ONCE / max(1.0, draws_per_row)))
    return ((low, min(low + step, n)) for low in range(0, n, step))


def _somebody_else(bits: NDArray[np.uint64], own: NDArray[Any], n: int) -> NDArray[np.int64]:
    """One of the n - 1 others, evenly, from the low 32 of 64 random bits (multiply and shift, Lemire 2019).

    The 23 bits of `Chance.uniform` would not do: beyond 2**23 consumers some could never be drawn.
    """
    drawn = ((bits & _LOW) * np.uint64(n - 1) >> _HALF).astype(np.int64)
    drawn += drawn >= own
    return drawn


def same_tier_share(persistence: float, shares: Sequence[float], degree: int, rewiring: float) -> float:
    """Expected share of acquaintances in one's own city tier.

    Two strangers share a tier with probability s = sum of shares squared, two consumers d apart on the ring
    with s + (1 - s) * persistence**d; a tie spans each d in 1..degree/2 equally often, or, redirected, joins
    strangers. Without acquaintances it is that of strangers.

    >>> round(same_tier_share(0.5, [0.5, 0.5], degree=4, rewiring=0.2), 4)
    0.65
    """
    strangers = sum(share * share for share in shares)
    half = degree // 2
    alike = sum(persistence**distance for distance in range(1, half + 1)) / half if half else 0.0
    return strangers + (1.0 - strangers) * (1.0 - rewiring) * alike


def persistence_for(homophily: float, shares: Sequence[float], degree: int, rewiring: float) -> float:
    """The persistence of city tiers along the ring at which `same_tier_share` equals `homophily`.

    What cannot be had is met as nearly as possible: 0 where strangers share a tier as often as asked or more (or
    all ties are between strangers), `HIGHEST_PERSISTENCE` where only a few endless stretches would be enough.
    """
    low, high = 0.0, HIGHEST_PERSISTENCE
    least, most = (same_tier_share(bound, shares, degree, rewiring) for bound in (low, high))
    if homophily <= least or most == least:
        return low
    if homophily >= most:
        return high
    while low < (middle := (low + high) / 2) < high:
        below = same_tier_share(middle, shares, degree, rewiring) < homophily
        low, high = (middle, high) if below else (low, middle)
    return middle


def tiers_along_the_ring(chance: Chance, n: int, shares: Sequence[float], persistence: float) -> NDArray[np.int8]:
    """City tier of every consumer (n, int8: a position in `shares`), a Markov chain along the ring.

    A consumer lives in the tier of the one before with probability `persistence`, else in one drawn from
    `shares`; the first is always drawn. One consumer more changes the tier of nobody before.
    """
    choices = np.concatenate([[persistence], (1.0 - persistence) * np.asarray(shares, float)])
    drawn = np.empty(n, np.int8)
    for low, high in _blocks(n, 1):
        drawn[low:high] = chance.category("tier", np.arange(low, high), choices) - 1
    drawn[:1] = chance.category("tier of the first", 0, shares)
    last_drawn = np.where(drawn >= 0, np.arange(n, dtype=np.int32), np.int32(0))
    return drawn[np.maximum.accumulate(last_drawn, out=last_drawn)]


def small_world(chance: Chance, n: int, degree: int, rewiring: float) -> Network:
    """Undirected Watts-Strogatz network in which each tie keeps one end.

    Consumer i has ties to the next degree/2 on the ring; each is redirected with probability `rewiring` to
    anybody but i, drawn evenly. Clustering is then C(0) (1 - rewiring)**3, and the variance of the degree
    degree/2 * rewiring * (2 - rewiring). A redirected tie may repeat one that exists (about degree/n of them
    do): parallel ties stay, so that the mean degree is exact. In a ring of n <= degree consumers each has
    2 * ((n - 1) // 2) ties only.
    """
    half = min(degree // 2, max(0, n - 1) // 2)
    if not half:
        return Network.directed(n, [], [])
    forward = np.empty((n, half), np.int32)
    steps = np.arange(half)
    for low, high in _blocks(n, half):
        rows = np.arange(low, high)[:, None]
        forward[low:high] = (rows + (steps + 1)) if high + half <= n else (rows + (steps + 1)) % n
        bits = chance.bits("acquaintance", ((rows << _NUMBER_BITS) + steps).ravel())
        redirected = np.flatnonzero(bits >> _HALF < np.uint64(rewiring * 2.0**32))
        forward[low:high].ravel()[redirected] = _somebody_else(bits[redirected], low + redirected // half, n)
    backward = Network(np.arange(0, n * half + 1, half), forward.ravel()).transpose()
    start = backward.start + half * np.arange(n + 1, dtype=np.int64)
    both = np.empty(2 * n * half, np.int32)
    for low, high in _blocks(n, half):
        first, last = backward.start[low], backward.start[high]
        places = np.repeat(backward.start[low + 1 : high + 1] - first, half)
        both[start[low] : start[high]] = np.insert(backward.ends[first:last], places, forward[low:high].ravel())
    return Network(start, both)


def follower_law(mean: float, exponent: float, cap: int) -> NDArray[np.float64]:
    """Probabilities (cap + 1) that an account has 0, 1, ... cap followers, with the given mean.

    A power law above a least number m, where the probability of m itself is thinned until the mean is right:
    a mixture of the laws that begin at m and at m + 1 (m = 0: of having none and of the law that begins at 1).
    """
    if not 0.0 <= mean <= cap:
        raise ValueError(f"a mean of {mean:g} followers with at most {cap} each: it must lie in 0..{cap}")
    sizes = np.arange(cap + 1, dtype=float)
    weights = np.concatenate([[_ONLY_NONE], sizes[1:] ** -exponent])
    totals = np.cumsum(weights[::-1])[::-1]
    means = np.cumsum((weights * sizes)[::-1])[::-1] / totals
    least = min(int(np.searchsorted(means, mean, side="right")) - 1, cap - 1)
    above = (mean - means[least]) / (means[least + 1] - means[least])
    below, beyond = (np.where(sizes >= first, weights / totals[first], 0.0) for first in (least, least + 1))
    return np.asarray((1.0 - above) * below + above * beyond, np.float64)


def followers(chance: Chance, n: int, mean: float, exponent: float, cap: int) -> Network:
    """Followers of every consumer's account: row = account, ends = who follows it.

    The number of followers is drawn from `follower_law` (and is below n), each follower evenly from all others;
    a follower drawn twice (about one in n/k of k followers) stays, so that the mean is exact.
    """
    if not mean or n < 2:
        return Network.directed(n, [], [])
    law = follower_law(mean, exponent, cap)
    start = np.zeros(n + 1, np.int64)
    for low, high in _blocks(n, 1):
        counts = chance.category("number of followers", np.arange(low, high), law)
        np.minimum(counts, n - 1, out=start[low + 1 : high + 1])
    np.cumsum(start, out=start)
    ends = np.empty(start[-1], np.int32)
    for low, high in _blocks(n, mean):
        accounts = np.repeat(np.arange(low, high), np.diff(start[low : high + 1]))
        numbers = np.arange(start[low], start[high]) - start[accounts]
        bits = chance.bits("follower", (accounts << _NUMBER_BITS) + numbers)
        ends[start[low] : start[high]] = _somebody_else(bits, accounts, n)
    return Network(start, ends)


class Ties(NamedTuple):
    """Both layers, a row per consumer: whom they talk to, and whose accounts they follow."""

    acquaintances: Network
    followees: Network


def build(chance: Chance, section: Acquaintances, n: int) -> Ties:
    """Both layers of ties for n consumers. `followees.transpose()` gives an account's followers."""
    acquaintances = small_world(chance, n, section.degree, section.rewiring)
    accounts = followers(chance, n, section.followees, section.follower_exponent, section.follower_cap)
    return Ties(acquaintances, accounts.transpose())
