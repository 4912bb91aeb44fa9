"""Roles: who does what for a car, as small exact functions on arrays.

`roles` is (cars, functions, organisations), each row of organisations summing to 1. What follows from it: control,
friction, the assumed contribution to a failure, and definition power - who defines the cars people drive.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def control(roles: ArrayLike, weight: ArrayLike) -> Floats:
    """Control of each organisation over each car: (cars, organisations), sum over functions of weight x share.

    `weight` (functions,) sums to 1, so that control sums to 1 over organisations.

    >>> control([[[0.3, 0.7], [1.0, 0.0]]], [0.5, 0.5]).tolist()
    [[0.65, 0.35]]
    """
    return np.einsum("f,mfo->mo", np.asarray(weight, float), np.asarray(roles, float))


def ambiguity(roles: ArrayLike) -> Floats:
    """How unclear it is who does each function: (cars,), mean over functions of 1 - sum of squared shares.

    >>> ambiguity([[[0.5, 0.5], [1.0, 0.0]]]).tolist()
    [0.25]
    """
    return 1.0 - np.square(np.asarray(roles, float)).sum(axis=2).mean(axis=1)


def hand_offs(roles: ArrayLike, coupling: ArrayLike) -> Floats:
    """How often work crosses a border between organisations: (cars,).

    `coupling` (functions, functions) sums to 1 and says which functions depend on each other. Two coupled functions in
    one hand hand nothing over; in two hands they always do, however clear each role is.

    >>> hand_offs([[[1.0, 0.0], [0.0, 1.0]]], [[0.0, 1.0], [0.0, 0.0]]).tolist()
    [1.0]
    """
    share = np.asarray(roles, float)
    together = np.einsum("mfo,mgo->mfg", share, share)
    return np.einsum("fg,mfg->m", np.asarray(coupling, float), 1.0 - together)


def friction(roles: ArrayLike, coupling: ArrayLike, weight_of_hand_offs: float) -> Floats:
    """Friction of each car in [0, 1]: (1 - v) x ambiguity + v x hand-offs.

    One organisation in every row has none:

    >>> friction([[[1.0, 0.0], [1.0, 0.0]]], [[0.0, 1.0], [0.0, 0.0]], 0.5).tolist()
    [0.0]
    """
    v = weight_of_hand_offs
    return (1.0 - v) * ambiguity(roles) + v * hand_offs(roles, coupling)


def contribution(roles: ArrayLike, causal: ArrayLike) -> Floats:
    """Assumed contribution to a failure: (cars, kinds, organisations), sum over functions of causal x share.

    `causal` (kinds, functions): in which functions failures of a kind arise, each row summing to 1.

    >>> contribution([[[0.3, 0.7], [1.0, 0.0]]], [[0.5, 0.5]]).tolist()
    [[[0.65, 0.35]]]
    """
    return np.einsum("kf,mfo->mko", np.asarray(causal, float), np.asarray(roles, float))


def definition_power(definition: ArrayLike, sales: ArrayLike) -> Floats:
    """Who defines the cars people drive: (organisations,), sales-weighted definition rows; NaN without sales.

    `definition` is (cars, organisations), `sales` (cars,).

    >>> definition_power([[0.3, 0.7], [0.0, 1.0]], [1.0, 3.0]).round(3).tolist()
    [0.075, 0.925]
    """
    share, sold = np.asarray(definition, float), np.asarray(sales, float)
    total = sold.sum()
    return sold @ share / total if total > 0.0 else np.full(share.shape[1], np.nan)
