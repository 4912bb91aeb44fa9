"""What was reported: figures of the two crises and of car markets, each with grade and source, and when one is matched.

None of them is an input of a case, but for those marked as such. Only figures of grade A and B can be matched; C and D
are set beside the simulation for comparison.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

CRISIS, SAFETY, FACTS = "jd-gac-catl", "full-stack", "facts"
Verdict = Literal["matched", "missed", "says nothing", "built in", "not judged", "-"]
WEIBO, CARS = "Weibo hot-list archive", "Open EV Charts"

Letter = Literal["A", "B", "C", "D"]
"""How good a source is: A raw data, B named press or academic, C one weak source, D judgement."""


@dataclass(frozen=True)
class Figure:
    """A reported figure: a point (`low` = `high`), a range, or a sign (one end infinite)."""

    of: str
    """the bundled case it is about, or `facts`"""
    key: str
    """name of the moment that answers to it"""
    en: str
    zh: str
    low: float
    high: float
    grade: Letter
    source: str
    percent: bool = True
    """shown in percent"""
    quiet: bool = False
    """whether the same can be told of the world without the event"""
    built_in: bool = False
    """whether the case was given what the figure follows from: verification, not evidence"""

    @property
    def point(self) -> bool:
        """Whether one number was reported, and no range."""
        return self.low == self.high


class Spread(NamedTuple):
    """Simulated values of a moment: median and the limits of 90 % of them."""

    median: float
    low: float
    high: float


def _at(of: str, key: str, en: str, zh: str, value: float, grade: Letter, source: str, **more: bool) -> Figure:
    return Figure(of, key, en, zh, value, value, grade, source, **more)


FIGURES = (
    _at(CRISIS, "cancelled_share", "orders cancelled in the week after", "其后一周取消的订单", 0.34, "C",
        "one self-published page; .15-.40 to explore", quiet=True),
    _at(CRISIS, "blame_jd", "blame on JD", "归责于京东", 0.68, "C", "11 media items, one coder; JD .39-.88"),
    _at(CRISIS, "blame_gac", "blame on GAC (Aion)", "归责于广汽(埃安)", 0.23, "C", "11 media items, one coder"),
    _at(CRISIS, "blame_catl", "blame on CATL", "归责于宁德时代", 0.09, "C", "11 media items, one coder"),
    _at(CRISIS, "response_days", "days to the answer", "回应所用天数", 6.0, "B", "guancha, 36kr, 2025-12-01",
        percent=False, built_in=True),
    _at(CRISIS, "attention_left", "attention that came after the answer", "回应之后的关注", 0.06, "A",
        f"{WEIBO}: six days at a half-life of 1.5"),
    _at(CRISIS, "remaining_loss", "loss of orders left, against silence", "相对沉默的剩余订单损失", 0.75, "D",
        "apology and compensation on day 6; only the sign is published"),
    _at(SAFETY, "orders_change", "SU7 orders, the month after", "SU7 其后一月订单", -0.57, "B", "press", quiet=True),
    *(_at(SAFETY, f"share_{n}", f"SU7 share, month {n}", f"SU7 份额,第 {n} 月", value, "A", CARS, quiet=True)
      for n, value in enumerate((0.09, 0.02, -0.25, -0.14, -0.38, -0.49), 1)),
    _at(SAFETY, "brand_august", "Xiaomi share, August on March", "小米份额,八月比三月", 0.17, "A", CARS, quiet=True),
    _at(SAFETY, "launch_orders", "YU7 orders, first days", "YU7 上市初订单", 240_000.0, "B",
        "press: locked in 18 hours", percent=False, quiet=True),
    Figure(SAFETY, "three_days", "attention inside three days", "三天内的关注", 0.65, 0.87, "A", WEIBO, built_in=True),
    _at(SAFETY, "lag_months", "months from orders falling to deliveries", "订单下降到交付下降的月数", 2.0, "A",
        f"press and {CARS}", percent=False),
    Figure(FACTS, "ramp_months", "hit: months to 80 % of its peak", "热销车:达峰值八成的月数", 3.0, 7.0, "A", CARS,
           percent=False),
    Figure(FACTS, "peak_months", "hit: months to its peak", "热销车:达峰的月数", 5.0, 11.0, "A", CARS, percent=False),
    _at(FACTS, "after_peak", "hit: share 4-6 months after the peak", "热销车:峰后四至六月", 0.61, "A", CARS),
    _at(FACTS, "volatility", "monthly change of log share, robust sd", "月度对数份额变动", 0.25, "A", CARS,
        percent=False, built_in=True),
    _at(FACTS, "kept_a_month", "five best sellers kept for a month", "前五车型次月仍在", 0.78, "A", CARS),
    _at(FACTS, "kept_a_year", "five best sellers kept for a year", "前五车型一年后仍在", 0.53, "A", CARS),
    Figure(FACTS, "double_jeopardy", "loyalty of buyers v size of brand, rank correlation", "忠诚度与品牌规模的秩相关",
           0.0, math.inf, "B", "Ehrenberg et al. 1990: positive", percent=False),
)  # fmt: skip
"""All figures, in the order in which they are shown."""


def error_of(median: float, low: float, high: float) -> float:
    """How far a simulated median lies above (+) or below (-) what was reported; 0 inside a range.

    >>> error_of(0.2, 0.34, 0.34), error_of(0.7, 0.65, 0.87)
    (-0.14, 0.0)
    """
    return median - min(max(median, low), high)


def fits(spread: Spread, figure: Figure) -> bool:
    """Whether a point lies inside the simulated 90 %, or the simulated median inside a range or on the right side."""
    if figure.point:
        return spread.low <= figure.low <= spread.high
    return figure.low <= spread.median <= figure.high


def verdict(figure: Figure, spread: Spread, without: Spread | None = None) -> Verdict:
    """What a figure says about the market: matched, missed, or nothing, as the world `without` the event fits it too.

    What fits because the case was given it is built in, and no evidence.

    >>> figure = Figure("facts", "a", "a", "a", 0.5, 0.5, "A", "a")
    >>> verdict(figure, Spread(0.4, 0.3, 0.6)), verdict(figure, Spread(0.4, 0.3, 0.45))
    ('matched', 'missed')
    >>> verdict(figure, Spread(0.4, 0.3, 0.6), Spread(0.5, 0.4, 0.6))
    'says nothing'
    """
    if math.isnan(spread.median):
        return "-"
    if figure.grade not in "AB":
        return "not judged"
    if not fits(spread, figure):
        return "missed"
    if figure.built_in:
        return "built in"
    return "says nothing" if without is not None and fits(without, figure) else "matched"
