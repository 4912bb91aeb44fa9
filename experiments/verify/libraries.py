"""Libraries that nobody here wrote, where they are installed: xlogit and pyblp read the market's choices."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from experiments.verify.choice import DERIVATIVES, DIVERSION, ELASTICITIES, PROBABILITIES
from experiments.verify.evidence import SEEDS
from experiments.verify.row import Finding, every, exact, means, row
from experiments.verify.toy import (
    DISSIMILARITY,
    FIRMS,
    NESTS,
    PEOPLE,
    PRICE,
    PRICE_TASTE,
    Floats,
    X,
    chosen,
    count,
    utility,
)
from market.chance import Chance
from market.industry import pricing
from market.people import choice

SHOCKS, BEST = "market.people.choice.shocks", "market.people.choice.best"


# ---------------------------------------------------------------------------------------------- xlogit


def long_form(v_of: list[Floats], choices: NDArray[np.intp]) -> tuple[NDArray[Any], ...]:
    """Attributes, chosen flags, alternatives and people in the long layout of xlogit."""
    people, alternatives = v_of[0].shape
    attributes = np.stack([v.ravel() for v in v_of], axis=1)
    flags = (np.arange(alternatives) == choices[:, None]).ravel().astype(np.int64)
    return attributes, flags, np.tile(np.arange(alternatives), people), np.repeat(np.arange(people), alternatives)


def situations(seed: int, people: int, alternatives: int = 4) -> tuple[Floats, Floats]:
    """Prices and qualities that differ between people, so that tastes can be told apart."""
    generator = np.random.default_rng(seed)
    return generator.uniform(1.0, 4.0, (people, alternatives)), generator.normal(0.0, 1.0, (people, alternatives))


def _within(model: Any, estimates: Floats, truth: Floats) -> Finding:
    """Estimates within three of their own standard errors."""
    miss = float(np.max(np.abs(estimates - truth) / model.stderr)) / 3.0
    return Finding(tuple(truth.tolist()), tuple(estimates.tolist()), "± 3 SE", miss)


@row(
    "libraries.xlogit",
    "xlogit recovers two tastes from simulated choices",
    "xlogit 由模拟选择还原两项偏好",
    "xlogit (Arteaga et al. 2022)",
    SHOCKS,
    BEST,
    needs=("xlogit",),
)
def tastes() -> Finding:
    """20,000 people choose once among four offers; the library fits a conditional logit."""
    from xlogit import MultinomialLogit

    people, truth = 20_000, np.array([-0.8, 1.2])
    price, quality = situations(1, people)
    choices = chosen(11, truth[0] * price + truth[1] * quality, outside=-np.inf, people=people)
    attributes, flags, alternatives, ids = long_form([price, quality], choices)
    model = MultinomialLogit()
    model.fit(attributes, flags, varnames=["price", "quality"], alts=alternatives, ids=ids, verbose=0)
    return _within(model, model.coeff_, truth)


@row(
    "libraries.xlogit-mixed",
    "xlogit recovers means and spread of two tastes",
    "xlogit 还原两项偏好的均值与离散度",
    "xlogit (Arteaga et al. 2022)",
    SHOCKS,
    BEST,
    needs=("xlogit",),
    seconds=4.4,
)
def spread_of_tastes() -> Finding:
    """1,500 people with tastes of their own choose eight times each; the library fits a mixed logit to the panel."""
    from xlogit import MixedLogit

    people, times = 1_500, 8
    mean, sd = np.array([-0.8, 1.2]), np.array([0.4, 0.7])
    own = mean + sd * Chance(5).normal("taste", np.arange(people)[:, None], np.arange(2)).astype(float)
    tables = []
    for spell in range(times):
        price, quality = situations(100 + spell, people)
        v = own[:, :1] * price + own[:, 1:] * quality
        tables.append(long_form([price, quality], chosen(5, v, outside=-np.inf, people=people, spell=spell)))
    attributes, flags, alternatives, person = (np.concatenate(part) for part in zip(*tables, strict=True))
    occasion = np.repeat(np.arange(people * times), 4)
    order = np.lexsort((alternatives, occasion, person))
    model = MixedLogit()
    model.fit(
        attributes[order], flags[order], varnames=["price", "quality"], alts=alternatives[order], ids=occasion[order],
        panels=person[order], randvars={"price": "n", "quality": "n"}, n_draws=200, verbose=0,
    )  # fmt: skip
    return _within(model, np.append(model.coeff_[:2], np.abs(model.coeff_[2:])), np.concatenate([mean, sd]))


# ---------------------------------------------------------------------------------------------- pyblp


def _pyblp() -> Any:
    import pyblp

    pyblp.options.verbose = False
    return pyblp


def solved(shares: Floats) -> Any:
    """What pyblp makes of some shares when it knows the nests and their correlation, rho = 1 - lambda."""
    pyblp = _pyblp()
    market = {
        "market_ids": np.zeros(len(shares), int), "firm_ids": FIRMS, "shares": shares, "prices": PRICE, "x": X,
        "nesting_ids": NESTS, "demand_instruments0": X**2, "demand_instruments1": np.arange(len(shares), dtype=float),
    }  # fmt: skip
    problem = pyblp.Problem(pyblp.Formulation("1 + prices + x"), market)
    return problem.solve(rho=1.0 - DISSIMILARITY, optimization=pyblp.Optimization("return"), method="1s")


@row(
    "libraries.pyblp-inversion",
    "pyblp inverts simulated nested shares into the utilities behind them",
    "pyblp 由模拟嵌套份额反推效用",
    "pyblp (Conlon & Gortmaker 2020)",
    SHOCKS,
    BEST,
    needs=("pyblp",),
    seconds=0.7,
)
def inversion() -> Finding:
    """50,000 nested choices by structural shocks, twenty seeds."""
    v = utility()
    found = [solved(count(chosen(seed, v, NESTS, DISSIMILARITY), 5)[:-1] / PEOPLE).delta.ravel() for seed in SEEDS]
    return means(found, v)


@row(
    "libraries.pyblp-diversion",
    "Nested diversion ratios of pyblp from offer 0",
    "pyblp 的嵌套转移率（自选项 0）",
    "pyblp (Conlon & Gortmaker 2020)",
    DIVERSION,
    needs=("pyblp",),
)
def nested_diversion() -> Finding:
    """All twenty ratios are compared; those from offer 0 are shown."""
    v = utility()
    theirs = np.asarray(solved(choice.probabilities(v, NESTS, DISSIMILARITY)).compute_diversion_ratios())
    ours = choice.diversion(choice.price_derivatives(v, PRICE_TASTE, NESTS, DISSIMILARITY))[:, :-1]
    other = ~np.eye(5, dtype=bool)
    return every(exact(ours[0, 1:], theirs[0, 1:], 1e-6), exact(np.abs(ours - theirs)[other].max(), 0.0, 1e-6))


@row(
    "libraries.pyblp-prices",
    "Largest distance to pyblp's equilibria, four random markets",
    "与 pyblp 均衡价格的最大差距（四个随机市场）",
    "pyblp (Conlon & Gortmaker 2020)",
    "market.industry.pricing.bertrand_nash",
    needs=("pyblp",),
)
def random_equilibria() -> Finding:
    """Six offers of up to three firms, plain and nested with lambda = .5."""
    return exact(max(_distance(seed, rho) for seed in (0, 1) for rho in (0.0, 0.5)), 0.0, 1e-6)


def _distance(seed: int, rho: float) -> float:
    """Between the prices of pyblp and ours in one random market."""
    pyblp, states, n = _pyblp(), np.random.default_rng(seed), 6
    x, cost, shock = states.uniform(3.0, 6.0, n), states.uniform(5.0, 9.0, n), states.normal(0.0, 0.3, n)
    firms, nests = states.integers(0, 3, n), np.arange(n) // 2
    market: dict[str, Any] = {"market_ids": np.zeros(n, int), "firm_ids": firms, "x": x, "w": cost}
    if rho:
        market["nesting_ids"] = nests
    simulation = pyblp.Simulation(
        (pyblp.Formulation("1 + prices + x"), None, pyblp.Formulation("0 + w")), market,
        beta=[-1.0, PRICE_TASTE, 1.1], gamma=[1.0], rho=rho or None, xi=shock, omega=np.zeros(n),
    )  # fmt: skip
    theirs = simulation.replace_endogenous(costs=cost, iteration=pyblp.Iteration("simple", {"atol": 1e-14}))

    def demand(price: Floats) -> tuple[Floats, Floats]:
        v = -1.0 + 1.1 * x + PRICE_TASTE * price + shock
        return pricing.logit_shares_and_jacobian(v, PRICE_TASTE, nests, 1.0 - rho)

    ours = pricing.bertrand_nash(demand, cost, firms)
    return float(np.abs(ours - theirs.product_data.prices.ravel()).max())


NEVO_PRICE = -62.7298972
NEVO_SPREAD = np.array([0.5580936, 3.3124891, -0.0057836, 0.0934145])
"""Standard deviations of tastes for the constant, price, sugar and mushiness."""
NEVO_DEMOGRAPHICS = np.array(
    [
        [2.2919713, 0.0, 1.2844320, 0.0],
        [588.3251144, -30.1920140, 0.0, 11.0546275],
        [-0.3849541, 0.0, 0.0522343, 0.0],
        [0.7483720, 0.0, -1.3533932, 0.0],
    ]
)
"""The same tastes by income, its square, age and child."""


@row(
    "libraries.nevo",
    "Nevo's cereals: mean own elasticity of the first five markets",
    "Nevo 麦片数据：前五个市场的平均自弹性",
    "Nevo (2000) as replicated by Conlon & Gortmaker (2020)",
    PROBABILITIES,
    DERIVATIVES,
    ELASTICITIES,
    needs=("pyblp",),
)
def nevo() -> Finding:
    """Published tastes on published data: our shares are brought to theirs by contraction, then differentiated."""
    import pandas as pd

    data = _pyblp().data
    products, agents = (pd.read_csv(file) for file in (data.NEVO_PRODUCTS_LOCATION, data.NEVO_AGENTS_LOCATION))
    return exact(
        [_mean_elasticity(products, agents, name) for name in sorted(set(products["market_ids"]))[:5]],
        [-4.21, -3.96, -3.40, -3.34, -3.15],
        0.005,
    )


def _mean_elasticity(products: Any, agents: Any, name: str) -> float:
    """Mean own price elasticity of one market at the published estimates."""
    here, people = products[products["market_ids"] == name], agents[agents["market_ids"] == name]
    price, shares = here["prices"].to_numpy(), here["shares"].to_numpy()
    traits = np.column_stack([np.ones(len(here)), price, here["sugar"], here["mushy"]])
    tastes = people[[f"nodes{k}" for k in range(4)]].to_numpy() * NEVO_SPREAD
    tastes += people[["income", "income_squared", "age", "child"]].to_numpy() @ NEVO_DEMOGRAPHICS.T
    own, weights = tastes @ traits.T, people["weights"].to_numpy()
    common = np.log(shares / (1.0 - shares.sum()))
    for _ in range(5_000):
        step = np.log(shares) - np.log(weights @ choice.probabilities(common + own) / weights.sum())
        common += step
        if np.abs(step).max() < 1e-12:
            break
    slope = choice.price_derivatives(common + own, NEVO_PRICE + tastes[:, 1], weights=weights)
    return float(np.diag(choice.elasticities(shares, slope, price)).mean())
