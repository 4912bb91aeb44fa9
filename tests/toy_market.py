"""A toy market of five offers by three firms, and its simulated customers: they choose as consumers of a market do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import chance as luck
from market.chance import Chance
from market.people.choice import OUTSIDE, best, shock_keys, shocks

Floats = NDArray[np.float64]

PRICE = np.array([6.98, 8.5, 9.9, 12.5, 10.18])
X = np.array([3.3, 4.0, 4.2, 5.1, 4.2])
CONSTANT, TASTE, PRICE_TASTE = -1.0, 1.1, -0.45
SHARES = np.array([0.174772, 0.190467, 0.126404, 0.105581, 0.111439])
NESTS = np.array([0, 0, 1, 1, 1])
DISSIMILARITY = 0.4
PEOPLE = 50_000


def utility(price: ArrayLike = PRICE) -> Floats:
    """Utility of the five offers before shocks."""
    return np.asarray(CONSTANT + TASTE * X + PRICE_TASTE * np.asarray(price, float))


def names(prefix: str, number: int) -> NDArray[np.uint64]:
    """Keys of things called a0, a1, ..."""
    return luck.words([f"{prefix}{i}" for i in range(number)])


def drawn(
    seed: int, nests: ArrayLike, dissimilarity: float, offers: NDArray[np.uint64] | None = None, people: int = PEOPLE,
    spell: int = 0, cars: NDArray[np.uint64] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Shocks of many people over offers and the outside good (last); `nests` gives the car of each offer."""
    car_of = np.asarray(nests, np.intp)
    keys = shock_keys(
        names("offer", len(car_of)) if offers is None else offers,
        names("car", int(car_of.max()) + 1) if cars is None else cars,
        dissimilarity,
    )
    return shocks(Chance(seed), np.arange(people), np.full(people, spell, np.int16), keys, car_of, dissimilarity)


def chosen(
    seed: int, v: ArrayLike, nests: ArrayLike | None = None, dissimilarity: float = 1.0, outside: float = 0.0,
    **more: Any,
) -> NDArray[np.intp]:  # fmt: skip
    """What each of many people chooses: the position of an offer or OUTSIDE."""
    v = np.asarray(v, np.float32)
    car_of = np.arange(v.shape[-1]) if nests is None else np.asarray(nests)
    total = drawn(seed, car_of, dissimilarity, **more)
    total[:, :-1] += v
    total[:, -1] += np.float32(outside)
    return best(total, car_of)[0]


def count(choices: NDArray[np.intp], offers: int) -> NDArray[np.int64]:
    """How many chose each offer and, last, the outside good."""
    return np.bincount(np.where(choices == OUTSIDE, offers, choices), minlength=offers + 1)


def with_outside(shares: ArrayLike) -> Floats:
    """Shares of the offers and, last, of the outside good."""
    inside = np.asarray(shares, float)
    return np.append(inside, 1.0 - inside.sum())
