"""A toy market of five offers by three firms, and its simulated customers: they choose as consumers of a market do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import chance as luck
from market.chance import Chance
from market.people import choice
from market.people.choice import OUTSIDE

Floats = NDArray[np.float64]

PRICE = np.array([6.98, 8.5, 9.9, 12.5, 10.18])
X = np.array([3.3, 4.0, 4.2, 5.1, 4.2])
CONSTANT, TASTE, PRICE_TASTE = -1.0, 1.1, -0.45
SHARES = np.array([0.174772, 0.190467, 0.126404, 0.105581, 0.111439])
FIRMS = np.array([0, 0, 1, 1, 2])
MERGED = np.array([0, 0, 0, 0, 2])
COST = np.array([5.9, 6.8, 7.6, 9.4, 8.0])
NESTS = np.array([0, 0, 1, 1, 1])
DISSIMILARITY = 0.4
PEOPLE = 50_000
SPREAD = {"constant": 0.8, "price": 0.15, "x": 0.5}
"""Standard deviations of the tastes of those who differ."""


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
    keys = choice.shock_keys(
        names("offer", len(car_of)) if offers is None else offers,
        names("car", int(car_of.max()) + 1) if cars is None else cars,
        dissimilarity,
    )
    return choice.shocks(Chance(seed), np.arange(people), np.full(people, spell, np.int16), keys, car_of, dissimilarity)


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
    return choice.best(total, car_of)[0]


def count(choices: NDArray[np.intp], offers: int) -> NDArray[np.int64]:
    """How many chose each offer and, last, the outside good."""
    return np.bincount(np.where(choices == OUTSIDE, offers, choices), minlength=offers + 1)


def with_outside(shares: ArrayLike) -> Floats:
    """Shares of the offers and, last, of the outside good."""
    inside = np.asarray(shares, float)
    return np.append(inside, 1.0 - inside.sum())


def mixed(draws: Floats, price: ArrayLike = PRICE) -> Floats:
    """Utility of the offers to people whose constant, price taste and taste for x are normal: (people, offers)."""
    constant = CONSTANT + SPREAD["constant"] * draws[:, 0]
    return np.asarray(
        constant[:, None]
        + (PRICE_TASTE + SPREAD["price"] * draws[:, 1])[:, None] * np.asarray(price, float)
        + (TASTE + SPREAD["x"] * draws[:, 2])[:, None] * X
    )


def hermite(points: int = 25) -> tuple[Floats, Floats]:
    """Gauss-Hermite quadrature of three normal tastes: nodes (points^3, 3) and their weights."""
    nodes, weights = np.polynomial.hermite_e.hermegauss(points)
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), -1).reshape(-1, 3)
    weight = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
    return grid, weight / weight.sum()


@dataclass(frozen=True)
class Law:
    """A population to which the toy market is sold: who varies how, and the closed form of what they buy."""

    dissimilarity: float
    tastes_vary: bool

    def people(self, seed: int) -> Callable[[ArrayLike], NDArray[np.intp]]:
        """Many people, each with one set of tastes and shocks, who choose at any prices they are asked about."""
        shock = drawn(seed, NESTS, self.dissimilarity)
        draws = Chance(seed).normal("taste", np.arange(PEOPLE)[:, None], np.arange(3)).astype(float)

        def choose(price: ArrayLike) -> NDArray[np.intp]:
            total = shock.copy()
            total[:, :-1] += (mixed(draws, price) if self.tastes_vary else utility(price)).astype(np.float32)
            return choice.best(total, NESTS)[0]

        return choose

    def closed(self, price: ArrayLike = PRICE) -> tuple[Floats, Floats]:
        """Shares of the offers and their derivatives in prices, by quadrature where tastes vary."""
        grid, weight = hermite() if self.tastes_vary else (np.zeros((1, 3)), np.ones(1))
        v = mixed(grid, price) if self.tastes_vary else utility(price)[None, :]
        taste = PRICE_TASTE + SPREAD["price"] * grid[:, 1] * self.tastes_vary
        slope = choice.price_derivatives(v, taste, NESTS, self.dissimilarity, weights=weight)
        return weight @ choice.probabilities(v, NESTS, self.dissimilarity), slope


LAWS = {
    "plain": Law(1.0, tastes_vary=False),
    "nested": Law(DISSIMILARITY, tastes_vary=False),
    "mixed": Law(1.0, tastes_vary=True),
    "mixed-nested": Law(DISSIMILARITY, tastes_vary=True),
}
