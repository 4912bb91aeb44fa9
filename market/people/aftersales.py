"""After-sales: what owners spend on care, accessories, insurance and finance, and energy, and who provides it.

Each spending goes to one of three sides: the platform's, the maker's (its dealers and partners included) or an
independent. The side is a logit choice by trust, capability nearby, what the package of the car includes, and habit.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from market.fields import LogNormal, Section, Share, value

if TYPE_CHECKING:
    from market.chance import Chance

Floats = NDArray[np.float32]
Rows = NDArray[np.intp]

CATEGORIES = ("care", "accessories", "finance", "energy")
SIDES = ("platform", "maker", "independent")
NOBODY, PLATFORM, MAKER, INDEPENDENT = range(4)
"""Who last cared for a car, as the column `provider` keeps it: a position in SIDES plus 1."""
CARE = CATEGORIES.index("care")


class Spending(Section):
    """One thing that owners spend money on, and how its providers stand before anything else is known of them."""

    cny_per_year: LogNormal = value(..., unit="CNY a year", meaning="what an owner spends; median 0: nothing")
    platform: float = value(
        0.0, unit="utility", meaning="liking of the platform's side over an independent", ge=-50.0, le=50.0
    )
    maker: float = value(
        0.0, unit="utility", meaning="liking of the maker's side over an independent", ge=-50.0, le=50.0
    )


def _spending(median: float, sigma: float, platform: float, maker: float) -> Spending:
    return Spending(cny_per_year=LogNormal(median=median, sigma=sigma), platform=platform, maker=maker)


class Aftersales(Section):
    """What owners spend after the sale, who provides it, and what it does to them."""

    care: Spending = value(
        lambda: _spending(900.0, 0.5, -0.6, 0.4),
        unit="",
        meaning="maintenance, tyres, washing, repair outside warranty",
    )
    accessories: Spending = value(
        lambda: _spending(500.0, 1.0, 0.2, -0.8), unit="", meaning="film, accessories, charging pile"
    )
    finance: Spending = value(
        lambda: _spending(4_200.0, 0.35, -2.0, -2.0), unit="", meaning="insurance and finance",
        source="judgement on premiums of new-energy cars",
    )  # fmt: skip
    energy: Spending = value(
        lambda: _spending(2_200.0, 0.55, -2.5, -2.5),
        unit="",
        meaning="charging and swapping",
        source="judgement: 12,500 km at 14 kWh per 100 km and 1.25 CNY per kWh",
    )
    trust: float = value(
        3.0, unit="utility per unit of trust", meaning="weight of trust beyond its baseline; 0: none", ge=0.0, le=100.0
    )
    outsider: float = value(
        -3.0, unit="utility", meaning="liking of a platform that has no role in the car, beyond the above", ge=-50.0,
        le=0.0,
    )  # fmt: skip
    capability: float = value(
        2.0, unit="utility per unit", meaning="weight of what a side can do in the own city; 0: none", ge=0.0, le=100.0
    )
    package: float = value(
        1.0, unit="utility", meaning="pull of the side that provides the package of the car; 0: none", ge=0.0, le=100.0
    )
    habit: float = value(
        0.8, unit="utility", meaning="pull of the side that cared for the car last; 0: none", ge=0.0, le=100.0
    )
    independent_capability: Share = value(0.6, unit="0-1", meaning="capability of independents, everywhere")
    usual_capability: Share = value(
        0.6, unit="0-1", meaning="capability at which a visit leaves satisfaction where it was"
    )
    service_worth: float = value(
        0.2, unit="utility", meaning="satisfaction gained by a year of care at capability 1 rather than 0; 0: none",
        ge=0.0, le=10.0,
    )  # fmt: skip
    soothing: Share = value(
        0.3, unit="share", meaning="part of a grievance that a visit at capability 1 removes; 0: none"
    )
    referral: float = value(
        0.5, unit="log points per unit of utility", meaning="louder talk of satisfied owners; 0: all talk alike",
        ge=0.0, le=10.0,
    )  # fmt: skip
    time_on_platform: float = value(
        0.15, unit="ratio", meaning="time on a platform gained by owners whose car it cares for; 0: none",
        ge=0.0, le=10.0,
    )  # fmt: skip
    platform_loyalty: float = value(
        0.3, unit="utility", meaning="pull at replacement of offers sold by the platform that cared last; 0: none",
        ge=0.0, le=20.0,
    )  # fmt: skip
    discount_per_year: float = value(
        0.08, unit="per year", meaning="rate at which a lifetime value is discounted", ge=0.0, le=1.0
    )

    def spendings(self) -> tuple[Spending, ...]:
        """The categories in the order of CATEGORIES."""
        return tuple(getattr(self, category) for category in CATEGORIES)


def liking(section: Aftersales) -> Floats:
    """Constants of the provider choice, in utility: (categories, sides)."""
    return np.array([[s.platform, s.maker, 0.0] for s in section.spendings()], np.float32)


def standing(section: Aftersales, near: Floats) -> Floats:
    """Utility of each side before trust, package and habit: the constants, and what it can do in the own city.

    `near` (..., categories, sides) is capability 0-1, NaN where a side is absent: its utility is minus infinity.
    """
    utility = liking(section) + np.float32(section.capability) * near
    return np.where(np.isnan(near), np.float32(-np.inf), utility)


def provider_utility(
    section: Aftersales,
    standing: Floats,
    trust: Floats | None,
    packaged: NDArray[np.integer],
    habit: NDArray[np.integer],
) -> Floats:
    """Utility of each side for each category, before shocks: (sides, categories, rows).

    `standing` is (sides, categories, rows); `trust` (sides, rows) beyond the baseline, None: at it; `packaged` and
    `habit` (rows,) a provider as the column keeps it, 0 for nobody.
    """
    sides = np.arange(1, len(SIDES) + 1, dtype=np.int8)[:, None]
    by_side = np.float32(section.package) * (packaged == sides)
    by_side += np.float32(section.habit) * (habit == sides)
    if trust is not None:
        by_side += np.float32(section.trust) * trust
    return standing + by_side[:, None, :]


def provider_utility_of_one(
    section: Aftersales, category: str, side: str, near: float | None, trust: float, packaged: str, habit: str,
) -> float:  # fmt: skip
    """The readable rule behind `provider_utility`: one category at one side; `near` None where the side is absent."""
    if near is None:
        return -math.inf
    terms: Spending = getattr(section, category)
    constant = {"platform": terms.platform, "maker": terms.maker, "independent": 0.0}[side]
    utility = constant + section.trust * trust + section.capability * near
    return utility + section.package * (packaged == side) + section.habit * (habit == side)


_SHOCKS = np.arange(len(SIDES))[:, None]


def choose_provider(chance: Chance, utility: Floats, rows: Rows, day: NDArray[np.integer]) -> NDArray[np.int8]:
    """The side each consumer turns to on a day, by category: (rows, categories), a position in SIDES plus 1.

    `utility` is (sides, categories, rows), from `provider_utility`.
    What draws somebody to a side on a day draws for all categories: people like to have it all done at one place.
    """
    shocks = chance.gumbel("provider", rows, day, _SHOCKS)
    platform, maker, independent = utility + shocks[:, None, :]
    chosen = np.where(maker > platform, np.int8(MAKER), np.int8(PLATFORM))
    chosen[independent > np.maximum(platform, maker)] = INDEPENDENT
    return chosen.T


def choose_provider_of_one(chance: Chance, utility: Sequence[Sequence[float]], row: int, day: int) -> list[int]:
    """The readable rule behind `choose_provider`; `utility` is one consumer's, by category and side."""
    luck = [-math.log(-math.log(chance.one("provider", row, columns=(day, s)))) for s in range(len(SIDES))]
    chosen = []
    for sides in utility:
        total = [v + shock for v, shock in zip(sides, luck, strict=True)]
        chosen.append(1 + total.index(max(total)))
    return chosen


class Terms(NamedTuple):
    """What owners spend in a year, as arrays over categories."""

    median: Floats
    sigma: Floats

    @classmethod
    def of(cls, section: Aftersales) -> Terms:
        """Lay the categories out."""
        terms = [s.cny_per_year for s in section.spendings()]
        return cls(*np.array([[t.median, t.sigma] for t in terms], np.float32).T)


def spending(chance: Chance, section: Aftersales | Terms, rows: Rows, years: Floats) -> Floats:
    """What some owners spend on each category in so many years, in CNY: (rows, categories).

    Big spenders are big spenders in everything and stay so: the luck is the consumer's own, whatever the car.
    """
    median, sigma = section if isinstance(section, Terms) else Terms.of(section)
    draws = chance.inborn("normal", "spending", rows)
    cny = np.exp(sigma[:, None] * draws)
    cny *= median[:, None] * years
    return cny.T


def spending_of_one(section: Aftersales, category: str, shock: float, years: float) -> float:
    """The readable rule behind `spending`; `shock` is this consumer's standard normal luck."""
    terms: LogNormal = getattr(section, category).cny_per_year
    return terms.median * math.exp(terms.sigma * shock) * years


def failure_chance(
    section: Aftersales, kinds: Sequence[str], rates: NDArray[np.floating], years: Floats, served: Floats,
    renting: NDArray[np.bool_],
) -> Floats:  # fmt: skip
    """Probability that each kind of failure has met an owner since the last visit: (rows, kinds).

    `rates` (rows, kinds) are per household-year at usual service. Service fails the more often the less who cares for
    the car can do (`served`, 0-1), and only who rents a battery has trouble swapping it.
    """
    hazard = np.asarray(rates.T, np.float32) * years
    for k, kind in enumerate(kinds):
        if kind == "service_failure":
            hazard[k] *= (1 - served) / np.float32(max(1.0 - section.usual_capability, 1e-3))
        elif kind == "swap_trouble":
            hazard[k] *= renting
    return (-np.expm1(-hazard)).T


def failure_chance_of_one(
    section: Aftersales, kind: str, rate: float, years: float, served: float, renting: bool
) -> float:
    """The readable rule behind `failure_chance`."""
    hazard = rate * years
    if kind == "service_failure":
        hazard *= (1.0 - served) / max(1.0 - section.usual_capability, 1e-3)
    if kind == "swap_trouble" and not renting:
        hazard = 0.0
    return -math.expm1(-hazard)


def after_visit(
    section: Aftersales, satisfaction: Floats, grievance: Floats, served: Floats, hurt: Floats, years: Floats
) -> tuple[Floats, Floats]:
    """Satisfaction and grievance after a visit, in utility, (rows,) each.

    Good care makes up for the past; what failed since the last visit (`hurt`, utility) hurts anew.
    """
    gain = np.float32(section.service_worth) * (served - np.float32(section.usual_capability)) * years
    left = grievance * (1 - np.float32(section.soothing) * served)
    return satisfaction + gain - hurt, left + hurt


def after_visit_of_one(
    section: Aftersales, satisfaction: float, grievance: float, served: float, hurt: float, years: float
) -> tuple[float, float]:
    """The readable rule behind `after_visit`."""
    gain = section.service_worth * (served - section.usual_capability) * years
    return satisfaction + gain - hurt, grievance * (1.0 - section.soothing * served) + hurt
