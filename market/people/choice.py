"""Choice: a mixed logit over the offers of the cars a consumer knows, nested by base car, with an outside good.

A car, its offers and the cars built on it are closer substitutes than two cars that share nothing: one nest.
Shocks are structural: epsilon = lambda (ln S + G), with one positive stable S(lambda) per consumer, nest and need and
one Gumbel G per consumer, offer and need. Then choice probabilities are exactly those of the nested logit, a
changed offer moves nobody between two untouched ones, and a decision one week later is the same person's.

The closed forms at the end work on plain arrays, so that anyone can hold the simulation against theory.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market import chance as luck
from market.chance import Chance
from market.fields import Section, value

Floats = NDArray[np.float32]
OUTSIDE = -1
_HALF, _BELOW_ALL = np.array(0.5, np.float32), np.array(-np.inf, np.float32)
_OUTSIDE_KEY, _WAIT_KEY = luck.word("outside good"), luck.word("wait of a nest")


class Choice(Section):
    """How offers are compared."""

    dissimilarity: float = value(
        0.6,
        unit="0-1",
        meaning="lambda of the nests by base car; 1: offers of one nest are no closer than two nests",
        gt=0.0,
        le=1.0,
    )
    outside_utility: float = value(
        0.0, unit="utility", meaning="the outside good: another car, not in this case", ge=-1e6, le=1e6
    )
    reference_budget_cny: float = value(
        80_000.0, unit="CNY", meaning="budget at which the price taste is stated", gt=0.0, le=1e8
    )
    holding_months: float = value(
        60.0, unit="months", meaning="horizon over which rent is compared with a price", ge=1.0, le=600.0
    )
    discount_per_month: float = value(
        0.004, unit="per month", meaning="rate at which rent is discounted", ge=0.0, le=0.1
    )
    loyalty: float = value(
        0.4, unit="utility per unit of satisfaction", meaning="pull of the own brand at replacement", ge=0.0, le=20.0
    )


def positive_stable_log(turn: Floats, wait: Floats, lam: float) -> Floats:
    """ln S for a positive stable S, E[exp(-t S)] = exp(-t**lam), from a uniform (0, 1) and a unit exponential.

    Source: Kanter (1975), theorem 2.3, with the angle pi x `turn`.
    """
    result = np.minimum(turn, 1 - turn)  # near pi a sine loses its digits
    result *= np.float32(math.pi)
    np.sin(result, out=result)
    np.log(result, out=result)
    result *= np.float32(-1.0 / lam)
    part = turn * np.float32(lam * math.pi)
    np.sin(part, out=part)
    np.log(part, out=part)
    result += part
    np.multiply(turn, np.float32((1.0 - lam) * math.pi), out=part)
    np.sin(part, out=part)
    part /= wait
    np.log(part, out=part)
    part *= np.float32((1.0 - lam) / lam)
    result += part
    return result


def shock_keys(offer_keys: NDArray[np.uint64], nest_keys: NDArray[np.uint64], lam: float) -> NDArray[np.uint64]:
    """The keys of all draws of one choice: offers, outside good, and two for each nest where nests matter."""
    keys = np.append(offer_keys, np.uint64(_OUTSIDE_KEY))
    return keys if lam == 1.0 else np.concatenate([keys, nest_keys ^ np.uint64(_WAIT_KEY), nest_keys])


def shocks(
    chance: Chance, rows: NDArray[np.intp], spell: NDArray[np.int16], keys: NDArray[np.uint64],
    nest_of: NDArray[np.intp], lam: float,
) -> Floats:  # fmt: skip
    """Structural shocks of some consumers: (rows, offers + 1), the outside good last; `keys` from `shock_keys`.

    `nest_of` (offers,) is the nest of each offer: its place among the nests of `keys`.
    """
    offers = len(nest_of)
    nests = (len(keys) - offers - 1) // 2
    # one contiguous stretch of memory for each key, which is quicker than one for each row
    draws = chance.uniform("shock", rows, spell, keys[:, None])
    turn, waits = draws[offers + 1 + nests :], draws[: offers + 1 + nests]
    np.log(waits, waits)
    np.negative(waits, waits)
    result = np.log(waits[: offers + 1])
    np.negative(result, result)
    if lam < 1.0:
        result[:-1] += positive_stable_log(turn, waits[offers + 1 :], lam)[nest_of]
        result[:-1] *= np.float32(lam)
    return result.T


def shock_of_one(chance: Chance, row: int, spell: int, offer_key: int, nest_key: int, lam: float) -> float:
    """The readable rule behind `shocks`: one consumer and one offer."""
    gumbel = -math.log(-math.log(chance.one("shock", row, columns=(spell, offer_key))))
    if lam == 1.0:
        return gumbel
    angle = math.pi * chance.one("shock", row, columns=(spell, nest_key))
    wait = -math.log(chance.one("shock", row, columns=(spell, nest_key ^ _WAIT_KEY)))
    log_stable = math.log(math.sin(lam * angle)) - math.log(math.sin(angle)) / lam
    log_stable += (1.0 - lam) / lam * (math.log(math.sin((1.0 - lam) * angle)) - math.log(wait))
    return lam * (log_stable + gumbel)


def outside_shock_of_one(chance: Chance, row: int, spell: int) -> float:
    """The shock of the outside good, which is a nest of its own."""
    return -math.log(-math.log(chance.one("shock", row, columns=(spell, _OUTSIDE_KEY))))


def barred(where: NDArray[np.bool_]) -> Floats:
    """An upper limit for utilities: minus infinity where something cannot be had, else infinity.

    Its minimum with them costs a quarter of writing minus infinity here and there, which no processor foresees.
    """
    limit = where.astype(np.float32)
    limit -= _HALF
    limit *= _BELOW_ALL
    return limit


def best(utility: Floats, car_of: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
    """The chosen column of each row and its margin over the best of any *other* car or the outside good.

    `utility`: (rows, offers + 1) with shocks added, the outside good last, -inf where not available. Returns the
    chosen offer, OUTSIDE for the outside good, and the margin in utility (inf when nothing else is available).
    """
    by_offer, car = utility.T, np.append(car_of, OUTSIDE)
    top = by_offer.max(axis=0)
    # the first of the best: where none equals the top all digits are set, which is more than any position
    code = np.min_scalar_type(len(by_offer))
    places = (by_offer == top).astype(code)
    places -= code.type(1)
    places |= np.arange(len(by_offer), dtype=code)[:, None]
    chosen = places.min(axis=0).astype(np.intp)
    margin = top - np.minimum(by_offer, barred(car[:, None] == car[chosen])).max(axis=0)
    chosen[chosen == len(car_of)] = OUTSIDE
    return chosen, margin


def best_of_one(utility: Mapping[int, float], outside: float, car_of: Sequence[int]) -> tuple[int, float]:
    """The readable rule behind `best`: utilities of the available offers by position."""
    chosen = max(utility, key=lambda offer: utility[offer], default=OUTSIDE)
    if chosen == OUTSIDE or outside > utility[chosen]:
        return OUTSIDE, outside - max(utility.values(), default=-math.inf)
    rivals = [utility[offer] for offer in utility if car_of[offer] != car_of[chosen]]
    return chosen, utility[chosen] - max([outside, *rivals])


# ---------------------------------------------------------------------------------------------- closed forms


def probabilities(
    utility: ArrayLike, nests: ArrayLike | None = None, dissimilarity: float = 1.0, outside: float | None = 0.0,
    available: ArrayLike | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """Choice probabilities of the (nested) logit without shocks: (..., offers); the rest is the outside good's.

    `utility` is (..., offers) in utils; `nests` gives a whole number per offer (none: each its own); `outside` is the
    utility of the outside good (None: there is none). Source: McFadden (1978), eq. 17.

    >>> probabilities([0.0, 0.0]).round(4).tolist()
    [0.3333, 0.3333]
    >>> probabilities([0.0, 0.0], nests=[7, 7], dissimilarity=0.5).round(4).tolist()
    [0.2929, 0.2929]
    """
    v = np.asarray(utility, float)
    groups, member = np.unique(np.arange(v.shape[-1]) if nests is None else np.asarray(nests), return_inverse=True)
    usable = np.isfinite(v) if available is None else np.asarray(available, bool) & np.isfinite(v)
    scaled = np.where(usable, v, -np.inf) / dissimilarity
    inclusive = np.full((*v.shape[:-1], len(groups)), -np.inf)
    for g in range(len(groups)):
        inclusive[..., g] = _log_sum_exp(scaled[..., member == g])
    within = np.exp(scaled - np.where(np.isfinite(inclusive), inclusive, 0.0)[..., member])
    nest_value = dissimilarity * inclusive
    everything = (
        nest_value if outside is None else np.concatenate([nest_value, np.full((*v.shape[:-1], 1), outside)], axis=-1)
    )
    total = _log_sum_exp(everything)[..., None]
    nest_share = np.exp(nest_value - np.where(np.isfinite(total), total, 0.0))
    return within * nest_share[..., member]


def _log_sum_exp(x: NDArray[np.float64]) -> NDArray[np.float64]:
    if x.shape[-1] == 0:
        return np.full(x.shape[:-1], -np.inf)
    top = x.max(axis=-1)
    safe = np.where(np.isfinite(top), top, 0.0)
    with np.errstate(divide="ignore"):
        return safe + np.log(np.exp(x - safe[..., None]).sum(axis=-1))


def price_derivatives(
    utility: ArrayLike, price_taste: ArrayLike, nests: ArrayLike | None = None, dissimilarity: float = 1.0,
    outside: float | None = 0.0, weights: ArrayLike | None = None,
) -> NDArray[np.float64]:  # fmt: skip
    """d share[j] / d price[k], as (offers, offers) with j the row, averaged over consumers.

    `utility` is (consumers, offers) or (offers,), `price_taste` (consumers,) or a scalar, in utils per unit of price.
    Source: Train (2009), section 4.2, nested logit derivatives.
    """
    v = np.atleast_2d(np.asarray(utility, float))
    taste = np.broadcast_to(np.asarray(price_taste, float), v.shape[:1])
    weight = np.full(len(v), 1.0 / len(v)) if weights is None else np.asarray(weights, float) / np.sum(weights)
    share = probabilities(v, nests, dissimilarity, outside)
    member = np.arange(v.shape[1]) if nests is None else np.asarray(nests)
    same = member[:, None] == member[None, :]
    nest_share = share @ same
    conditional = np.divide(share, nest_share, out=np.zeros_like(share), where=nest_share > 0)
    own = np.einsum("i,ij->j", weight * taste, share) / dissimilarity
    cross = np.einsum("i,ij,ik->jk", weight * taste, share, share)
    inside = np.einsum("i,ij,ik->jk", weight * taste, share, conditional) * same * (1.0 / dissimilarity - 1.0)
    return np.diag(own) - inside - cross


def elasticities(share: ArrayLike, derivatives: ArrayLike, price: ArrayLike) -> NDArray[np.float64]:
    """d ln share[j] / d ln price[k] from shares (offers,), derivatives (offers, offers) and prices (offers,)."""
    return np.asarray(derivatives, float) * np.asarray(price, float)[None, :] / np.asarray(share, float)[:, None]


def diversion(derivatives: ArrayLike) -> NDArray[np.float64]:
    """Of those who leave offer k when its price rises, the part that goes to j: (k, offers + 1), the outside good last.

    The diagonal is -1 by construction. Source: Conlon & Mortimer (2021).
    """
    d = np.asarray(derivatives, float)
    to_offers = -(d / np.diag(d)[None, :]).T
    return np.hstack([to_offers, 1.0 - (to_offers.sum(axis=1, keepdims=True) + 1.0)])


def independent_consideration(utility: ArrayLike, awareness: ArrayLike, outside: float = 0.0) -> NDArray[np.float64]:
    """Logit shares when each offer is known with an independent probability: (offers,), summed over all subsets.

    >>> independent_consideration([1, 0.5, 0, -0.5], [0.9, 0.6, 0.5, 0.3]).round(6).tolist()
    [0.47106, 0.179114, 0.095318, 0.035615]
    """
    v, q = np.asarray(utility, float), np.asarray(awareness, float)
    subsets = (np.arange(2 ** len(v))[:, None] >> np.arange(len(v))) & 1
    chances = np.prod(np.where(subsets == 1, q, 1.0 - q), axis=1)
    return chances @ probabilities(np.broadcast_to(v, subsets.shape), outside=outside, available=subsets == 1)
