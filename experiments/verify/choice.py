"""Closed forms of choice: shares, elasticities and diversion of the plain and the nested logit, and consideration."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np

from experiments.verify.row import Finding, every, exact, row
from experiments.verify.toy import (
    CONSTANT,
    DISSIMILARITY,
    NESTS,
    PRICE,
    PRICE_TASTE,
    SHARES,
    TASTE,
    Floats,
    X,
    utility,
    with_outside,
)
from market.people import choice

PROBABILITIES = "market.people.choice.probabilities"
DERIVATIVES = "market.people.choice.price_derivatives"
ELASTICITIES = "market.people.choice.elasticities"
DIVERSION = "market.people.choice.diversion"
CONSIDERATION = "market.people.choice.independent_consideration"
PUBLISHED = "published table of the toy market"


@row("choice.logit", "Logit shares, outside good last", "logit 份额（末项为外部选项）", PUBLISHED, PROBABILITIES)
def logit() -> Finding:
    """The five offers at their listed prices, to half a unit of the sixth place."""
    return exact(with_outside(choice.probabilities(utility())), with_outside(SHARES), 1e-6)


@row(
    "choice.logit-exact",
    "Logit shares to twelve places",
    "logit 份额，精确到 12 位",
    "exp(V) / (1 + sum exp(V)) in fifty-digit decimal arithmetic",
    PROBABILITIES,
)
def logit_exact() -> Finding:
    """The same against Python's decimal numbers, which share no code with numpy."""
    with localcontext() as context:
        context.prec = 50
        tastes = [Decimal(repr(number)) for number in (CONSTANT, TASTE, PRICE_TASTE)]
        pairs = [(Decimal(repr(x)), Decimal(repr(p))) for x, p in zip(X.tolist(), PRICE.tolist(), strict=True)]
        worth = [(tastes[0] + tastes[1] * x + tastes[2] * price).exp() for x, price in pairs]
        shares = [float(one / (1 + sum(worth))) for one in worth]
    return exact(choice.probabilities(utility()), shares, 1e-12)


@row("choice.elasticities", "Own price elasticities", "自价格弹性", PUBLISHED, DERIVATIVES, ELASTICITIES)
def own_elasticities() -> Finding:
    """From the derivatives of the shares in prices."""
    slope = choice.price_derivatives(utility(), PRICE_TASTE)
    own = np.diag(choice.elasticities(choice.probabilities(utility()), slope, PRICE))
    return exact(own, [-2.592042, -3.096463, -3.891872, -5.031106, -4.070496], 1e-6)


@row(
    "choice.diversion",
    "Diversion from offer 0, outside last",
    "选项 0 的转移率（末项为外部选项）",
    PUBLISHED,
    DIVERSION,
)
def diversion_from_first() -> Finding:
    """Of those who leave offer 0 when its price rises, the part that goes to each other and to the outside good."""
    slope = choice.price_derivatives(utility(), PRICE_TASTE)
    return exact(choice.diversion(slope)[0, 1:], [0.230806, 0.153174, 0.127942, 0.135041, 0.353038], 1e-6)


@row("choice.nested", "Nested logit shares, lambda = .4", "嵌套 logit 份额（λ = 0.4）", PUBLISHED, PROBABILITIES)
def nested() -> Finding:
    """Nests (0, 0, 1, 1, 1), within-nest correlation .6, at the published equilibrium prices."""
    price = np.array([8.657199, 9.557199, 9.397596, 11.197596, 9.185137])
    shares = choice.probabilities(utility(price), NESTS, DISSIMILARITY)
    return exact(shares, [0.055587, 0.138442, 0.101270, 0.158823, 0.128612], 1e-6)


@row(
    "choice.slopes",
    "Price derivatives v differences of shares, lambda = 1, .7, .4",
    "价格导数与份额差分（λ = 1, 0.7, 0.4）",
    "central differences of the shares themselves",
    DERIVATIVES,
    PROBABILITIES,
)
def slopes() -> Finding:
    """Plain and nested, over consumers with price tastes of their own; the largest difference is shown against 0."""
    tastes, weights, step = np.array([-0.3, -0.45, -0.8]), np.array([0.2, 0.5, 0.3]), 1e-5

    def at(price: Floats) -> Floats:
        return np.asarray(CONSTANT + TASTE * X + tastes[:, None] * price)

    findings = []
    for lam in (1.0, 0.7, 0.4):
        slope = choice.price_derivatives(at(PRICE), tastes, NESTS, lam, weights=weights)
        shifts = [step * one for one in np.eye(5)]
        moved = [
            choice.probabilities(at(PRICE + shift), NESTS, lam) - choice.probabilities(at(PRICE - shift), NESTS, lam)
            for shift in shifts
        ]
        differences = np.stack([weights @ one / (2 * step) for one in moved], axis=1)
        findings.append(exact(np.abs(slope - differences).max(), 0.0, 1e-9))
    return every(*findings)


@row(
    "choice.consideration",
    "Shares when offers are known with q = .9, .6, .5, .3; outside last",
    "独立知晓下的份额（q = 0.9, 0.6, 0.5, 0.3；末项为外部选项）",
    "published sum over all subsets",
    CONSIDERATION,
)
def consideration() -> Finding:
    """V = (1, .5, 0, -.5); each offer is known or not, whatever else is known."""
    shares = choice.independent_consideration([1.0, 0.5, 0.0, -0.5], [0.9, 0.6, 0.5, 0.3])
    return exact(with_outside(shares), [0.471060, 0.179114, 0.095318, 0.035615, 0.218893], 1e-6)
