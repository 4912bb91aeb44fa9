"""Prices: Bertrand-Nash equilibria of the toy market, a merger, stakes, and the best response that leads to them."""

from __future__ import annotations

import numpy as np

from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, every, exact, means, row
from experiments.verify.toy import (
    COST,
    DISSIMILARITY,
    FIRMS,
    LAWS,
    MERGED,
    NESTS,
    PEOPLE,
    PRICE_TASTE,
    SPREAD,
    Floats,
    count,
    hermite,
    mixed,
    utility,
)
from market.industry import price_review, pricing

NASH, RESPONSE = "market.industry.pricing.bertrand_nash", "market.industry.pricing.best_response"
JACOBIAN = "market.industry.pricing.logit_shares_and_jacobian"
PUBLISHED = "published equilibrium of the toy market"
EQUILIBRIUM = [8.824534, 9.724534, 10.606754, 12.406754, 10.533168]
NESTED_SHARES = [0.055587, 0.138442, 0.101270, 0.158823, 0.128612]
MIXED_SHARES = [0.074746, 0.120391, 0.089885, 0.133896, 0.109910]


def plain_demand(price: Floats) -> tuple[Floats, Floats]:
    """Shares and slopes of the toy market."""
    return pricing.logit_shares_and_jacobian(utility(price), PRICE_TASTE)


def nested_demand(price: Floats) -> tuple[Floats, Floats]:
    """Shares and slopes of the toy market with two nests."""
    return pricing.logit_shares_and_jacobian(utility(price), PRICE_TASTE, NESTS, DISSIMILARITY)


def mixed_demand(price: Floats) -> tuple[Floats, Floats]:
    """Shares and slopes of the toy market whose customers differ, by quadrature with eleven points a taste."""
    grid, weight = hermite(11)
    taste = PRICE_TASTE + SPREAD["price"] * grid[:, 1]
    return pricing.logit_shares_and_jacobian(mixed(grid, price), taste, weights=weight)


@row("pricing.nash", "Bertrand-Nash prices", "伯特兰-纳什均衡价格", PUBLISHED, NASH, JACOBIAN)
def nash() -> Finding:
    """Three firms with two, two and one offers, from cost."""
    return exact(pricing.bertrand_nash(plain_demand, COST, FIRMS), EQUILIBRIUM, 1e-6)


@row("pricing.merger", "Prices after a merger of firms 0 and 1", "企业 0 与 1 合并后的价格", PUBLISHED, NASH)
def merger() -> Finding:
    """The same market with four offers in one hand."""
    known = [9.680172, 10.580172, 11.380172, 13.180172, 10.589629]
    return exact(pricing.bertrand_nash(plain_demand, COST, MERGED), known, 1e-6)


@row(
    "pricing.nested",
    "Equilibrium prices and shares of the nested logit",
    "嵌套 logit 的均衡价格与份额",
    PUBLISHED,
    NASH,
    JACOBIAN,
)
def nested_prices() -> Finding:
    """Nests (0, 0, 1, 1, 1), lambda = .4: five prices, then five shares."""
    price = pricing.bertrand_nash(nested_demand, COST, FIRMS)
    known = [8.657199, 9.557199, 9.397596, 11.197596, 9.185137]
    return exact(np.append(price, nested_demand(price)[0]), known + NESTED_SHARES, 1e-6)


@row(
    "pricing.mixed",
    "Shares at the equilibrium of the mixed logit",
    "混合 logit 均衡下的份额",
    PUBLISHED,
    NASH,
    JACOBIAN,
)
def mixed_shares() -> Finding:
    """Tastes with standard deviations .8, .15 and .5, by quadrature."""
    price = pricing.bertrand_nash(mixed_demand, COST, FIRMS, start=COST + 2.0)
    return exact(mixed_demand(price)[0], MIXED_SHARES, 2e-4)


@row(
    "pricing.mixed-agents",
    "The same shares by simulated choices",
    "同上：模拟消费者的选择",
    PUBLISHED,
    NASH,
    "market.people.choice.shocks",
    "market.people.choice.best",
    seconds=0.5,
)
def mixed_agents() -> Finding:
    """A million people with tastes and shocks of their own, asked at the equilibrium prices."""
    price = pricing.bertrand_nash(mixed_demand, COST, FIRMS, start=COST + 2.0)
    bought = [count(LAWS["mixed"].people(seed)(price), 5)[:5] / PEOPLE for seed in SEEDS]
    return means(bought, MIXED_SHARES, known_to=2e-4)


@row(
    "pricing.at-rest",
    "Best responses at the equilibrium, and after 200 steps of 3 %",
    "均衡处的最优反应；每步 3 %、共 200 步之后",
    PUBLISHED,
    RESPONSE,
    "market.industry.price_review.bounded",
)
def at_rest() -> Finding:
    """Nobody moves away from rest, and small steps from cost + 1 lead there."""
    rest = pricing.bertrand_nash(plain_demand, COST, FIRMS)
    stay = pricing.best_response(rest, COST, *plain_demand(rest), FIRMS, [True] * 5)
    price = COST + 1.0
    for _ in range(200):
        answer = pricing.best_response(price, COST, *plain_demand(price), FIRMS, [True] * 5)
        price = price_review.bounded(answer, price, 0.03, 0.0, 1e9, COST)
    return every(exact(stay, EQUILIBRIUM, 1e-6), exact(price, EQUILIBRIUM, 1e-5))


@row(
    "pricing.no-gain",
    "Most that a firm gains by leaving the nested equilibrium",
    "偏离嵌套均衡的最大收益",
    "definition of a Nash equilibrium",
    NASH,
)
def no_gain() -> Finding:
    """Each of five prices .05 up and down, the others given: the largest gain in profit, cut off at 0."""
    rest = pricing.bertrand_nash(nested_demand, COST, FIRMS)

    def profit(of: int, price: Floats) -> float:
        return float(((price - COST) * nested_demand(price)[0])[of == FIRMS].sum())

    moves = [(k, rest + step * np.eye(5)[k]) for k in range(5) for step in (-0.05, 0.05)]
    gains = [profit(FIRMS[k], price) - profit(FIRMS[k], rest) for k, price in moves]
    return exact(max(0.0, *gains), 0.0, 0.0)
