"""Blame: whom a consumer holds responsible for a failure, and what an answer changes about it.

Who knows who does what blames by contribution, who does not blames the face on the car; lost trust adds to either.
An organisation that contributed nothing is still blamed by whoever sees its face on the car.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from market.fields import Section, Share, value

Amounts = NDArray[np.float64]


class Attribution(Section):
    """How consumers divide the blame among organisations."""

    trust_sensitivity: float = value(
        2.0, unit="per unit of trust", meaning="how much more the distrusted are blamed, in logarithm; 0: not at all",
        ge=0.0, le=50.0,
    )  # fmt: skip
    shifted: Share = value(
        0.5, unit="share", meaning="part of their contribution that a partner gets whom answerers blame; 0: none"
    )


def attribution(
    knowledge: ArrayLike, cause: ArrayLike, face: ArrayLike, deviation: ArrayLike, sensitivity: float
) -> Amounts:
    """Blame that consumers give to organisations: (consumers, O), each row summing to 1.

    `blame ~ (knowledge x cause + (1 - knowledge) x face) x exp(-sensitivity x deviation)`. `knowledge` (consumers,)
    is in [0, 1]; `cause` and `face`, (O,) or (consumers, O), sum to 1; `deviation` (consumers, O) is trust less its
    baseline, or 0 for all.

    >>> blame = attribution([1.0, 0.0, 0.5], [0.2, 0.8], [0.6, 0.4], deviation=0.0, sensitivity=2.0)
    >>> blame.round(12).tolist()
    [[0.2, 0.8], [0.6, 0.4], [0.4, 0.6]]
    """
    known = np.asarray(knowledge, float)[:, None]
    causes, faces, felt = np.asarray(cause, float), np.asarray(face, float), np.asarray(deviation)
    causes, faces = (one if one.ndim == 2 else one[None] for one in (causes, faces))
    named = np.flatnonzero(causes.any(axis=0) | faces.any(axis=0))
    mixture = known * causes.T.take(named, axis=0).T
    mixture += (1.0 - known) * faces.T.take(named, axis=0).T
    mixture *= np.exp(-sensitivity * (felt.T.take(named, axis=0).T if felt.ndim == 2 else felt).astype(float))
    mixture /= mixture.sum(axis=1, keepdims=True)
    blame = np.zeros((len(known), causes.shape[1]))
    blame[:, named] = mixture
    return blame


def attribution_of_one(
    knowledge: float, cause: dict[str, float], face: dict[str, float], deviation: dict[str, float], sensitivity: float
) -> dict[str, float]:
    """The readable rule behind `attribution`: blame by organisation."""
    blame = {
        key: (knowledge * cause[key] + (1.0 - knowledge) * face[key]) * math.exp(-sensitivity * deviation[key])
        for key in cause
    }
    total = sum(blame.values())
    return {key: part / total for key, part in blame.items()}


def misattribution(blame: ArrayLike, cause: ArrayLike) -> Amounts:
    """Part of the blame that falls on the wrong heads, in [0, 1]: half the sum of |blame - cause| over the last axis.

    >>> misattribution([[0.6, 0.4], [0.2, 0.8]], [0.2, 0.8]).round(12).tolist()
    [0.4, 0.0]
    """
    return np.asarray(0.5 * np.abs(np.asarray(blame, float) - np.asarray(cause, float)).sum(axis=-1))


def misattribution_of_one(blame: dict[str, float], cause: dict[str, float]) -> float:
    """The readable rule behind `misattribution`."""
    return sum(max(blame[key] - cause[key], 0.0) for key in blame)


def admitted(
    cause: ArrayLike, by: ArrayLike, admission: float, partner: int | None = None, shifted: float = 0.5
) -> Amounts:
    """What the public takes for the contribution once some have answered: (O,), summing to what `cause` sums to.

    `by` (O,) says who answers. An `admission` above 0 takes that share of the others' contribution upon the
    answerers; below 0 they deny it, and the others get that share of theirs. Then a `partner` (a position) is blamed
    and gets the part `shifted` of what the answerers have left. What moves is divided in proportion to contribution,
    equally among answerers who contributed nothing; where there is nobody who could take it, it stays.

    >>> admitted([0.5, 0.3, 0.2], [True, False, False], admission=0.4).round(12).tolist()
    [0.7, 0.18, 0.12]
    >>> admitted([0.5, 0.3, 0.2], [True, False, False], admission=-0.4).round(12).tolist()
    [0.3, 0.42, 0.28]
    >>> admitted([0.5, 0.3, 0.2], [True, False, False], admission=0.0, partner=2, shifted=0.6).round(12).tolist()
    [0.2, 0.3, 0.5]
    """
    after, answers = np.array(cause, float), np.asarray(by, bool)
    if not answers.any():
        return after
    givers, takers = (~answers, answers) if admission > 0.0 else (answers, ~answers)
    part = after * takers
    if part.sum() == 0.0 and admission > 0.0:
        part = answers.astype(float)
    if part.sum() > 0.0:
        moved = abs(admission) * after * givers
        after += moved.sum() * part / part.sum() - moved
    if partner is not None and not answers[partner]:
        moved = shifted * after * answers
        after -= moved
        after[partner] += moved.sum()
    return after


def admitted_of_one(
    cause: dict[str, float], by: set[str], admission: float, partner: str | None = None, shifted: float = 0.5
) -> dict[str, float]:
    """The readable rule behind `admitted`."""
    after, others = dict(cause), set(cause) - by
    givers, takers = (others, by) if admission > 0.0 else (by, others)
    moved = {key: abs(admission) * cause[key] for key in givers}
    had = sum(cause[key] for key in takers)
    share = {key: cause[key] / had for key in takers} if had else {}
    if not share and admission > 0.0:
        share = {key: 1.0 / len(by) for key in by}
    if share and by:
        for key in cause:
            after[key] += sum(moved.values()) * share.get(key, 0.0) - moved.get(key, 0.0)
    if partner is not None and partner not in by:
        for key in by:
            given = shifted * after[key]
            after[key] -= given
            after[partner] += given
    return after


def noisy_or_shapley(p: ArrayLike) -> Amounts:
    """Fair contributions to a failure that each of several causes brings about by itself: Shapley values, (..., O).

    The failure happens unless every cause fails to bring it about: `1 - prod(1 - p)`, which is what the values sum to.
    They are the integral over t in [0, 1] of `p_i x prod_(j != i) (1 - t p_j)` (Owen 1972), a polynomial in t,
    which Gauss-Legendre quadrature integrates exactly.

    >>> noisy_or_shapley([0.05, 0.12, 0.08]).round(6).tolist()
    [0.04516, 0.11236, 0.07336]
    """
    alone = np.asarray(p, float)
    causes = alone.shape[-1]
    nodes, weights = np.polynomial.legendre.leggauss(causes // 2 + 1)
    fails = 1.0 - (nodes[:, None] + 1.0) / 2.0 * alone[..., None, :]
    others = [np.delete(fails, i, axis=-1).prod(axis=-1) @ weights / 2.0 for i in range(causes)]
    return alone * np.stack(others, axis=-1)
