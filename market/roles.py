"""Roles: who does what for a car, as small exact functions on arrays.

`roles` is (cars, functions, organisations), each row of organisations summing to 1. What follows from it: control,
friction, the assumed contribution to a failure, and the headline figures - who defines the cars people drive, who is
blamed beyond control, how much is earned at the interface.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import Field

from market.fields import Id, Section, Share, value

Floats = NDArray[np.float64]


class Coupling(Section):
    """Two functions of which the second depends on the first."""

    id: Id = Field(description="what the coupling is called")
    first: Id = value(..., unit="id", meaning="function that hands over")
    second: Id = value(..., unit="id", meaning="function that takes over")
    weight: float = value(
        ..., unit="relative", meaning="how much depends on it, relative to the others", ge=0.0, le=1e3
    )


def _usual_control() -> dict[str, float]:
    """Control weights of the usual functions, summing to 1."""
    return {
        "definition": 0.18, "standard": 0.06, "pace": 0.08, "production": 0.18, "battery": 0.08, "marketing": 0.10,
        "sales": 0.10, "finance": 0.04, "delivery": 0.06, "service": 0.08, "data": 0.04,
    }  # fmt: skip


def _usual_couplings() -> list[Coupling]:
    """Couplings of the usual functions, their weights summing to 1."""
    pairs = [
        ("production", "delivery", 0.20), ("sales", "delivery", 0.25), ("marketing", "definition", 0.20),
        ("delivery", "service", 0.15), ("battery", "service", 0.20),
    ]  # fmt: skip
    return [Coupling(id=f"{first}_{second}", first=first, second=second, weight=w) for first, second, w in pairs]


class Responsibility(Section):
    """How much each function counts for control, and what it costs that functions are in several hands."""

    control: dict[Id, Share] = value(
        _usual_control, unit="relative", meaning="weight of each function in control, rescaled to sum to 1; missing: 0"
    )
    couplings: list[Coupling] = value(
        _usual_couplings, unit="", meaning="functions that depend on each other, weights rescaled to sum to 1; [] none"
    )
    hand_offs: Share = value(
        0.5, unit="share", meaning="part of hand-offs in friction, the rest is ambiguity; 0: ambiguity alone"
    )
    lead_weeks: float = value(
        2.0,
        unit="weeks",
        meaning="lead time that full friction adds to a car; 0: friction costs no time",
        ge=0.0,
        le=52.0,
    )
    coordination_cny: float = value(
        400.0, unit="CNY per car", meaning="cost of coordinating so well that no friction is left", ge=0.0, le=1e6
    )
    interface: tuple[Id, ...] = value(
        ("definition", "marketing", "sales", "finance", "data"), unit="ids", source="design",
        meaning="functions that decide how a car is bought, as against production, battery and service",
    )  # fmt: skip

    def control_weights(self, functions: Sequence[str]) -> Floats:
        """Weight of each function in control: (functions,), summing to 1; alike where none of them has a weight.

        >>> Responsibility(control={"sales": 1.0, "data": 1.0}).control_weights(["data", "sales", "pace"]).tolist()
        [0.5, 0.5, 0.0]
        """
        weight = np.array([self.control.get(function, 0.0) for function in functions], float)
        return weight / weight.sum() if weight.sum() > 0.0 else np.full(len(functions), 1.0 / len(functions))

    def coupling(self, functions: Sequence[str]) -> Floats:
        """Which functions depend on each other: (functions, functions), summing to 1, or zeros if none do.

        A coupling with a function that the case does not have is left out.
        """
        column = {function: f for f, function in enumerate(functions)}
        table = np.zeros((len(functions), len(functions)))
        for pair in self.couplings:
            if pair.first in column and pair.second in column:
                table[column[pair.first], column[pair.second]] += pair.weight
        return table / table.sum() if table.sum() > 0.0 else table

    def at_interface(self, functions: Sequence[str]) -> NDArray[np.bool_]:
        """Which functions belong to the interface: (functions,)."""
        return np.isin(np.asarray(functions), self.interface)


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


def felt_friction(friction: ArrayLike, coordination: ArrayLike) -> Floats:
    """What is left of friction where partners invest in coordination: (cars,), friction x (1 - coordination).

    >>> felt_friction([0.4], [0.25]).round(3).tolist()
    [0.3]
    """
    return np.asarray(friction, float) * (1.0 - np.asarray(coordination, float))


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


def blame_ratio(blame: ArrayLike, yardstick: ArrayLike) -> Floats:
    """Blame received over blame that would have been received by a yardstick: (organisations,), NaN without one.

    `blame` (cars, organisations) is weighted by households; `yardstick` (cars, organisations) is control or
    contribution, each row summing to 1. The blame for each car is divided by the yardstick, so that the ratio does not
    depend on how big a car is in the market. Above 1: blamed beyond control, or beyond contribution.

    >>> blame_ratio([[6.0, 4.0, 0.0]], [[0.3, 0.7, 0.0]]).round(3).tolist()
    [2.0, 0.571, nan]

    One organisation that holds everything has exactly 1:

    >>> blame_ratio([[0.1, 0.0], [0.7, 0.0]], [[0.9999999999999999, 0.0], [1.0, 0.0]]).tolist()
    [1.0, nan]
    """
    received, share = np.asarray(blame, float), np.asarray(yardstick, float)
    whole = share.sum(axis=1, keepdims=True)
    share = np.divide(share, whole, out=np.zeros_like(share), where=whole > 0.0)
    due = (received.sum(axis=1, keepdims=True) * share).sum(axis=0)
    return np.divide(received.sum(axis=0), due, out=np.full(len(due), np.nan), where=due > 0.0)


def interface_share(profit: ArrayLike, interface: ArrayLike) -> float:
    """Share of all profit that is earned at the interface: by definition, marketing, sales, finance and data.

    `profit` (functions,) in CNY may hold losses, so that the share can lie outside 0 to 1; `interface` (functions,)
    says which functions count. NaN where there is no profit to share.

    >>> interface_share([30.0, 60.0, 10.0], [True, False, True])
    0.4
    """
    earned = np.asarray(profit, float)
    total = float(earned.sum())
    return float(earned[np.asarray(interface, bool)].sum()) / total if total > 0.0 else float("nan")
