"""The standard normal quantile in float32, for many numbers at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
_UNIT, _LOWEST, _HIGHEST = (np.array(edge, np.float32) for edge in (1.0, -2.5, 2.5))

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
