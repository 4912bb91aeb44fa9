"""Industry: bargaining, learning by doing, imitation, the price of attention, swap stations and rent in closed form."""

from __future__ import annotations

import math

import numpy as np

from experiments.verify.row import Finding, exact, row
from market import catalogue
from market.industry import bargaining, capability, imitation, swap_network, traffic
from market.industry.capability import CapabilityLearning
from market.industry.programmes import Imitation


@row(
    "industry.learning",
    "Capability .2 after 0, 1,000, 3,000 jobs at rate .5, and where there is no learning",
    "能力 0.2 在 0、1,000、3,000 单之后（速率 0.5）；不学习时",
    "power law of practice: 1 - .8 (1 + n / 1,000)^-.5",
    "market.industry.capability.learned",
)
def learning() -> Finding:
    """Learning by doing; with a rate of 0 three thousand jobs teach nothing."""
    section = CapabilityLearning(rate=0.5, jobs=1_000.0)
    found = capability.learned(0.2, [0.0, 1_000.0, 3_000.0], section)
    off = float(capability.learned(0.2, 3_000.0, CapabilityLearning(rate=0.0, jobs=1_000.0)))
    return exact([*found, off], [0.2, 1.0 - 0.8 / math.sqrt(2.0), 0.6, 0.2], 1e-12)


@row(
    "industry.imitation",
    "Weekly hazard that idle, half idle and busy makers imitate; none seen",
    "闲置、半闲、满产车企的模仿周风险；无可见成功时",
    "rate x (1 - exp(-s / s0)) x (1 - w + w idle)",
    "market.industry.imitation.hazard",
)
def imitated() -> Finding:
    """Success visible at its scale, so that 1 - 1/e of it is seen."""
    section = Imitation(per_week=0.01, visible_share=0.05, idle_weight=0.5)
    seen = 1.0 - 1.0 / math.e
    found = imitation.hazard(section, 0.05, [1.0, 0.5, 0.0])
    none = imitation.hazard(section, 0.0, [1.0])
    return exact([*found, *none], [0.01 * seen, 0.0075 * seen, 0.005 * seen, 0.0], 1e-12)


@row(
    "industry.attention",
    "Price of a contact when bids double, when attention halves, both, at elasticity 1 and .5",
    "竞价加倍、注意力减半、两者兼有时的接触价格（弹性 1 与 0.5）",
    "(bids / attention)^elasticity",
    "market.industry.traffic.contact_price",
)
def attention() -> Finding:
    """A reference price of 2 CNY."""
    bids, there = [2.0, 1.0, 2.0], [1.0, 0.5, 0.5]
    found = [traffic.contact_price(2.0, bids, 1.0, there, elasticity) for elasticity in (1.0, 0.5)]
    root = 2.0 * math.sqrt(2.0)
    return exact(np.ravel(found), [4.0, 4.0, 8.0, root, root, 4.0], 1e-12)


@row(
    "industry.swap",
    "People near a station after a network that reaches 30 % is doubled, tripled",
    "覆盖 30 % 的换电网络加倍、三倍后的覆盖率",
    "1 - .7^2, 1 - .7^3: stations fall independently",
    "market.industry.swap_network.coverage",
    "market.industry.swap_network.density",
)
def stations() -> Finding:
    """One tier, 100 stations at the start."""
    density = swap_network.density(0.3, [1.0], 100.0)
    found = [float(swap_network.coverage(0.3, density, opened)[0]) for opened in (100.0, 200.0)]
    return exact(found, [1.0 - 0.7**2, 1.0 - 0.7**3], 1e-9)


@row(
    "industry.rent",
    "Worth of 1 CNY a month over 60 months at .4 % a month, and without interest",
    "每月 1 元、60 个月的现值（月利率 0.4 % 与 0）",
    "(1 - 1.004^-60) / .004; 60",
    "market.catalogue.annuity",
)
def rent() -> Finding:
    """Summed month by month here."""
    found = [catalogue.annuity(0.004, 60.0), catalogue.annuity(0.0, 60.0)]
    return exact(found, [sum(1.004**-month for month in range(1, 61)), 60.0], 1e-9)


@row(
    "industry.bargain",
    "Nash bargain over 40 designs: what platform and maker get, weights .5 and .7; with no transfer allowed",
    "40 个设计上的纳什谈判：平台与车企所得（权重 0.5、0.7）；不许转移支付时",
    "the best joint profit shared by weight; the best product by enumeration",
    "market.industry.bargaining.nash_bargain",
)
def bargain() -> Finding:
    """Random profits, disagreement 20 and 30; last: the platform's profit under the best product without transfers."""
    states = np.random.default_rng(1)
    platform, maker = states.uniform(0.0, 100.0, 40), states.uniform(0.0, 100.0, 40)
    found, expected = [], []
    for weight in (0.5, 0.7):
        settled = bargaining.nash_bargain(platform, maker, (20.0, 30.0), weight)
        surplus = float((platform + maker).max()) - 50.0
        expected += [20.0 + weight * surplus, 30.0 + (1.0 - weight) * surplus]
        found += [settled.platform_cny, settled.maker_cny] if settled else [np.nan, np.nan]
    settled = bargaining.nash_bargain(platform, maker, (20.0, 30.0), 0.5, limit=0.0)
    product = np.where((platform > 20.0) & (maker > 30.0), (platform - 20.0) * (maker - 30.0), -1.0)
    found.append(settled.platform_cny if settled else np.nan)
    return exact(found, [*expected, float(platform[product.argmax()])], 1e-9)
