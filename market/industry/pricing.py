"""Prices that maximise profit: best response and Bertrand-Nash equilibrium on any demand given by shares and slopes.

With share s, slopes J[j, k] = d s[j] / d p[k] and H[j, k] the weight that whoever prices j gives to the profit on k
(1 within a firm, 0 between firms), the first-order conditions are s + (H * J') (p - c) = 0. Everything here works on
plain arrays; `market.industry.price_review` applies it to the simulated consumers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import root

from market.people import choice

Floats = NDArray[np.float64]
Demand = Callable[[Floats], tuple[Floats, Floats]]
"""Prices (offers,) -> shares (offers,) and slopes (offers, offers)."""
_PRECISION = 1e-12
_SETTLED = 1e-8


def logit_shares_and_jacobian(
    utility: ArrayLike, price_taste: ArrayLike, nests: ArrayLike | None = None, dissimilarity: float = 1.0,
    outside: float | None = 0.0, weights: ArrayLike | None = None,
) -> tuple[Floats, Floats]:  # fmt: skip
    """Shares (offers,) and slopes d share[j] / d price[k] (offers, offers) of a plain, nested or mixed logit.

    `utility` is (offers,), or (consumers, offers) for a mixed logit; `price_taste` a scalar or (consumers,), in utils
    per unit of price and below 0; `weights` (consumers,). The rest as in `choice.probabilities`.

    >>> share, slope = logit_shares_and_jacobian([0.0, 0.0], price_taste=-0.5)
    >>> share.round(4).tolist(), slope.round(4).tolist()
    ([0.3333, 0.3333], [[-0.1111, 0.0556], [0.0556, -0.1111]])
    """
    v = np.atleast_2d(np.asarray(utility, float))
    share = choice.probabilities(v, nests, dissimilarity, outside)
    slope = choice.price_derivatives(v, price_taste, nests, dissimilarity, outside, weights)
    mass = np.ones(len(v)) if weights is None else np.asarray(weights, float)
    return mass @ share / mass.sum(), slope


def interests(firm: ArrayLike) -> Floats:
    """H (offers, offers) from the firm of each offer, (offers,); a matrix (stakes, alliances) is returned as it is.

    >>> interests([0, 0, 1]).tolist()
    [[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """
    given = np.asarray(firm)
    return given.astype(float) if given.ndim == 2 else (given[:, None] == given[None, :]).astype(float)


def margins(share: ArrayLike, jacobian: ArrayLike, firm: ArrayLike) -> Floats:
    """Price less cost that each offer should earn at these shares and slopes: -(H * J')^-1 s, (offers,).

    `firm` is (offers,), or the weights H (offers, offers). Every offer must have a share above 0. Source: Berry,
    Levinsohn & Pakes (1995), eq. 3.6. Raises numpy.linalg.LinAlgError if slopes are singular.

    >>> margins([0.5], [[-0.25]], [0]).tolist()
    [2.0]
    """
    matrix = interests(firm) * np.asarray(jacobian, float).T
    return -np.linalg.solve(matrix, np.asarray(share, float))


def best_response(
    price: ArrayLike, cost: ArrayLike, share: ArrayLike, jacobian: ArrayLike, firm: ArrayLike, moving: ArrayLike
) -> Floats:
    """One step of Bertrand competition: prices (offers,) where those `moving` (offers,) take their best margins.

    The others keep their prices; what they earn for the same firm still counts. An offer that nobody buys, or whose
    buyers do not mind its price, keeps its price too. Source: as `margins`, for a part of the offers.

    >>> best_response([3.0, 3.0], [1.0, 1.0], [0.5, 0.2], [[-0.25, 0.1], [0.1, -0.2]], [0, 1], [True, False]).tolist()
    [3.0, 3.0]
    """
    now, unit_cost, sold = np.array(price, float), np.asarray(cost, float), np.asarray(share, float)
    slope = np.asarray(jacobian, float)
    sensible = (sold > 0.0) & (np.diag(slope) < 0.0)
    free = np.flatnonzero(np.asarray(moving, bool) & sensible)
    fixed = np.flatnonzero(~(np.asarray(moving, bool) & sensible))
    matrix = interests(firm) * slope.T
    others = matrix[np.ix_(free, fixed)] @ (now - unit_cost)[fixed]
    now[free] = unit_cost[free] - np.linalg.solve(matrix[np.ix_(free, free)], sold[free] + others)
    return now


def best_response_of_one(price: float, cost: float, share: float, slope: float) -> float:
    """The readable rule behind `best_response` for a firm with one offer: cost plus share over its own slope.

    >>> best_response_of_one(price=3.0, cost=1.0, share=0.5, slope=-0.25)
    3.0
    """
    return cost - share / slope if share > 0.0 and slope < 0.0 else price


def bertrand_nash(demand: Demand, cost: ArrayLike, firm: ArrayLike, start: ArrayLike | None = None) -> Floats:
    """Prices (offers,) from which no firm wants to move: each is its best response to all others.

    `demand` gives shares and slopes at any prices; `start` is where the search begins (none: at cost). Raises
    ArithmeticError if no such prices are found from there.

    >>> def demand(price):
    ...     return logit_shares_and_jacobian(2.0 - price, price_taste=-1.0)
    >>> bertrand_nash(demand, cost=[1.0, 1.0], firm=[0, 1]).round(4).tolist()
    [2.4011, 2.4011]
    """
    unit_cost = np.asarray(cost, float)

    def excess(price: Floats) -> Floats:
        share, slope = demand(price)
        return price - unit_cost - margins(share, slope, firm)

    begin = unit_cost if start is None else np.asarray(start, float)
    found = root(excess, begin, options={"xtol": _PRECISION})
    price: Floats = np.asarray(found.x, float)
    off = float(np.max(np.abs(excess(price))))
    if not off <= _SETTLED * float(np.max(np.abs(price))):
        raise ArithmeticError(
            f"prices: no equilibrium was found from {begin.tolist()} (off by {off:.3g}); start nearer to the answer"
        )
    return price
