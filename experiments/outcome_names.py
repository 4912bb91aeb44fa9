"""What outcomes are called, in which unit they are, and which of them a case has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from market import Case


class Described(NamedTuple):
    """An outcome as a reader meets it."""

    label: str
    unit: str


class Shown(NamedTuple):
    """An outcome as it is printed: its label, its unit there, and what its numbers are multiplied with."""

    label: str
    unit: str
    scale: float


Words = tuple[str, str, str, str]
"""Label and unit in English, label and unit in Chinese; `{name}` stands for a car or an organisation."""

HOUSEHOLDS, CARS, SHARE, RATIO, CNY = (
    ("households", "户"), ("cars", "辆"), ("share", "份额"), ("ratio", "比值"), ("CNY", "元"),
)  # fmt: skip


def _words(english: str, chinese: str, unit: tuple[str, str]) -> Words:
    return english, unit[0], chinese, unit[1]


OF_CAR: Mapping[str, Words] = {
    "orders": _words("Orders: {name}", "订单：{name}", HOUSEHOLDS),
    "cancellations": _words("Cancelled orders: {name}", "取消订单：{name}", HOUSEHOLDS),
    "deliveries": _words("Deliveries: {name}", "交付：{name}", CARS),
    "reservations": _words("Reservations: {name}", "预约：{name}", HOUSEHOLDS),
    "share": _words("Share of deliveries: {name}", "交付份额：{name}", SHARE),
    "share_end": _words("Share of deliveries, last 13 weeks: {name}", "最后 13 周交付份额：{name}", SHARE),
    "order_share": _words("Share of orders: {name}", "订单份额：{name}", SHARE),
    "cancelled_share": _words("Cancelled, of orders: {name}", "订单取消率：{name}", SHARE),
    "backlog_end": _words("Waiting at the end: {name}", "期末待交付：{name}", CARS),
    "lost": _words("Lost to lost trust: {name}", "因失去信任而流失：{name}", HOUSEHOLDS),
    "deferred": _words("Deferred by a story: {name}", "因故事而推迟：{name}", HOUSEHOLDS),
    "informed": _words("Knew of one story about {name}", "知道同一故事的家庭：{name}", HOUSEHOLDS),
    "misattribution": _words("Blamed against contribution", "与实际责任不符的指责", ("share of blame", "占指责的份额")),
}
OF_MARKET: Mapping[str, Words] = {
    "stories": _words("Stories that became public", "成为公共事件的故事", ("stories", "个")),
    "hhi": _words("Concentration of brands (HHI)", "品牌集中度（HHI）", ("0-10000", "0-10000")),
    "customised_share": _words("Defined with a platform, of deliveries", "平台参与定义的车占交付", SHARE),
    "makers_customising": _words("Makers with such a car on sale", "有此类车在售的车企", ("makers", "家")),
    "interface_share": _words("Interface share of profit", "界面环节利润份额", SHARE),
    "interface_here": _words("Interface share of profit: {name}", "界面环节利润份额：{name}", SHARE),
    "outside_share": _words("Chose a car not listed", "选择未列车型", ("share of decisions", "占决策的份额")),
    "attention": _words(
        "Attention", "关注度", ("media contacts of an average consumer a week", "平均每位消费者每周的媒体接触次数")
    ),
}
BY_ORGANISATION: Mapping[str, Words] = {
    "profit": _words("Profit: {name}", "利润：{name}", CNY),
    "profit_here": _words("Profit on the car: {name}", "此车利润：{name}", CNY),
    "definition_power": _words("Definition power: {name}", "定义权：{name}", SHARE),
    "blamed": _words("Blamed: {name}", "受到的指责：{name}", ("share of blame", "占指责的份额")),
    "blamed_here": _words("Blamed for the car: {name}", "因此车受到的指责：{name}", ("share of blame", "占指责的份额")),
    "control_here": _words(
        "Blame due by control: {name}", "按控制应受的指责：{name}", ("share of blame", "占指责的份额")
    ),
    "contribution_here": _words(
        "Blame due by contribution: {name}", "按责任应受的指责：{name}", ("share of blame", "占指责的份额")
    ),
    "blame_to_control": _words("Blame to control: {name}", "责备/控制比：{name}", RATIO),
    "blame_to_contribution": _words("Blame to contribution: {name}", "责备/责任比：{name}", RATIO),
    "trust": _words("Trust at the end: {name}", "期末信任：{name}", ("0-1", "0-1")),
    "closed_loop": _words(
        "Closed-loop share: {name}", "闭环份额：{name}", ("share of owners' spending", "占车主花费的份额")
    ),
    "returning": _words("Owners who come back: {name}", "回头车主：{name}", SHARE),
    "lifetime": _words("Worth of an owner: {name}", "车主终身价值：{name}", CNY),
}
WEEKLY: Mapping[str, Words] = {
    "orders": _words("Orders a week: {name}", "每周订单：{name}", HOUSEHOLDS),
    "cancellations": _words("Cancelled orders a week: {name}", "每周取消订单：{name}", HOUSEHOLDS),
    "deliveries": _words("Deliveries a week: {name}", "每周交付：{name}", CARS),
    "backlog": _words("Waiting: {name}", "待交付：{name}", CARS),
    "share": _words("Share of deliveries: {name}", "交付份额：{name}", SHARE),
    "order_share": _words("Share of orders: {name}", "订单份额：{name}", SHARE),
    "market_deliveries": _words("Deliveries of all listed cars a week", "所列车型每周交付合计", CARS),
    "informed": _words("Knew of one story about {name}", "知道同一故事的家庭：{name}", HOUSEHOLDS),
}
WEEKLY_BY_ORGANISATION: Mapping[str, Words] = {
    "trust": _words("Trust: {name}", "信任：{name}", ("0-1", "0-1")),
    "profit": _words("Profit a week: {name}", "每周利润：{name}", CNY),
}
WHOLE_MARKET = ("all listed cars", "所列车型合计")


def involved(case: Case, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """Organisations whose outcomes are kept, in alphabetical order.

    Those with a role or a face on the focal car, those that a decision hands a role of it to, and those named beside;
    all where there is no focal car.
    """
    if case.focal_car is None:
        return tuple(sorted(case.organisations))
    car = case.cars[case.focal_car]
    found = {key for function in case.functions for key in car.holders(function)} | set(car.public_face())
    moves = (move for move in (*case.decisions, *case.happenings) if getattr(move, "car", None) == case.focal_car)
    found |= {getattr(move, role) for move in moves for role in ("taker", "heir") if hasattr(move, role)}
    return tuple(sorted(found | (set(beside) & set(case.organisations))))


def names(case: Case, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the outcomes that a run of a case has, in the order in which they are kept."""
    parties = involved(case, beside)
    return (*OF_CAR, *OF_MARKET, *(f"{name}.{key}" for key in parties for name in BY_ORGANISATION))


def weekly_names(case: Case, beside: Iterable[str] = ()) -> tuple[str, ...]:
    """The same for the outcomes that have one number a week."""
    parties = involved(case, beside)
    return (*WEEKLY, *(f"{name}.{key}" for key in parties for name in WEEKLY_BY_ORGANISATION))


def about(name: str, case: Case, lang: str = "en", *, weekly: bool = False) -> Described:
    """Label and unit of an outcome in a language, with the names that the case shows.

    `weekly` asks for the outcome of that name that has one number a week. Raises KeyError if there is none.
    """
    kind, _, key = name.partition(".")
    if key:
        of_run, of_week = BY_ORGANISATION, WEEKLY_BY_ORGANISATION
        called = case.label("organisations", key, lang)
    else:
        of_run, of_week = {**OF_CAR, **OF_MARKET}, WEEKLY
        focal = case.focal_car
        called = WHOLE_MARKET[lang == "zh"] if focal is None else case.label("cars", focal, lang)
    words = {**of_run, **of_week}[kind] if weekly else {**of_week, **of_run}[kind]
    label, unit = words[2:] if lang == "zh" else words[:2]
    return Described(label.format(name=called), unit)


def shown(name: str, case: Case, lang: str, *, weekly: bool = False) -> Shown:
    """An outcome as it is printed: shares in percent, profits in millions, all else as it is.

    One that nobody has described keeps its name and has no unit.
    """
    try:
        label, unit = about(name, case, lang, weekly=weekly)
    except KeyError:
        return Shown(name, "", 1.0)
    if re.match(r"share|份额|占", unit):
        of = re.sub(r"^(share( of )?|份额|占(.*)的份额)", lambda found: found.group(3) or "", unit).strip()
        percent = {"en": f"% of {of}", "zh": f"占{of}的 %"}[lang] if of else "%"
        return Shown(label, percent, 100.0)
    if name.startswith("profit"):
        return Shown(label, "CNY mn" if lang == "en" else "百万元", 1e-6)
    return Shown(label, unit, 1.0)
