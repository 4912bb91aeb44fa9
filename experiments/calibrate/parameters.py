"""The dynamic parameters that are fitted: which values of a case each one sets, and what was thought of it before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from market import Case
from market.happenings import Failure

Floats = NDArray[np.float64]
UNITS_ZH = {
    "ratio": "比值", "contacts a week": "次接触/周", "per week": "每周", "log points a month": "对数点/月",
    "weeks": "周", "days": "天",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One number that is fitted. Before the data it is thought to lie evenly between two ends, or its log is."""

    key: str
    low: float
    high: float
    log: bool
    unit: str
    en: str
    zh: str

    def said(self, lang: str) -> tuple[str, str]:
        """Its name and unit in one language."""
        return (self.zh, UNITS_ZH.get(self.unit, self.unit)) if lang == "zh" else (self.en, self.unit)

    def at(self, chance: Floats) -> Floats:
        """The values below which a prior probability lies."""
        if self.log:
            return np.asarray(np.exp(np.log(self.low) + chance * np.log(self.high / self.low)))
        return self.low + chance * (self.high - self.low)

    def probability(self, value: Floats) -> Floats:
        """Prior probability below some values: where they stand between the ends, in [0, 1]."""
        if self.log:
            return np.asarray(np.log(value / self.low) / np.log(self.high / self.low))
        return np.asarray((value - self.low) / (self.high - self.low))


MEDIA = Parameter(
    "media", 0.3, 3.0, True, "ratio", "remembered media contacts, to the case", "记得的媒体接触，相对案例"
)
TALK = Parameter("word_of_mouth", 0.02, 0.6, True, "contacts a week", "word of mouth", "口碑")
FORGETTING = Parameter("forgetting", 0.01, 0.15, True, "per week", "forgetting", "遗忘")
PRICE = Parameter("price", 0.35, 2.5, True, "ratio", "taste for money, to that of the case", "价格敏感度，相对案例")
AGEING = Parameter(
    "ageing", -0.02, 0.12, False, "log points a month", "attractiveness lost with age", "随车龄下降的吸引力"
)
RAMP = Parameter("ramp", 0.0, 40.0, False, "weeks", "ramp of a new car's line", "新车产线爬坡")
WALK = Parameter("walk", 0.03, 0.45, False, "log points a month", "lasting change of appeal", "吸引力的持久变动")
NOISE = Parameter("noise", 0.0, 0.3, False, "log points a month", "passing change of appeal", "吸引力的短暂变动")
TRUST = Parameter("trust_half_life", 7.0, 240.0, True, "days", "half-life of lost trust", "信任损失的半衰期")

KNOWN = 5.0
"""Remembered contacts at which nearly everybody (99.3 %) knows the aggregates: they stand for many cars."""

ALWAYS = (MEDIA, TALK, FORGETTING, PRICE, AGEING, RAMP, WALK, NOISE)


def parameters(case: Case, first_day: int, last_day: int) -> tuple[Parameter, ...]:
    """What months of sales can say something about: trust only where something public happens within them.

    Days are counted from the start of the case.
    """
    return (*ALWAYS, TRUST) if crises(case, first_day, last_day) else ALWAYS


def crises(case: Case, first_day: int, last_day: int) -> tuple[Failure, ...]:
    """Dated failures of listed cars within some days."""
    within = (h for h in case.happenings if first_day <= case.calendar.day_of(h.on) <= last_day)
    return tuple(h for h in within if isinstance(h, Failure))


def changes(case: Case, value: Mapping[str, float], fitted: Sequence[str]) -> dict[str, Any]:
    """What values of the parameters change in a case, by full name; `fitted` are its single cars that are calibrated.

    Media are stated as what is remembered in the long run, so that forgetting says how quickly a new car becomes known
    and not how well. Ageing is a trend of all single cars against the aggregates, which are renewed all the time.
    """
    found: dict[str, Any] = {}
    forgetting = value.get("forgetting", case.media.forgetting_per_week)
    faster = forgetting / case.media.forgetting_per_week
    for key, car in case.cars.items():
        if car.aggregate and "forgetting" in value:
            name = f"cars.{key}.exposure.contacts_per_week"
            found[name] = max(car.exposure.contacts_per_week * faster, KNOWN * forgetting)
    for key in fitted:
        car = case.cars[key]
        if "media" in value or "forgetting" in value:
            contacts = car.exposure.contacts_per_week * value.get("media", 1.0) * faster
            found[f"cars.{key}.exposure.contacts_per_week"] = contacts
        if "ageing" in value:
            found[f"cars.{key}.trend_per_month"] = -value["ageing"]
        if "ramp" in value and car.launch is not None:
            found[f"cars.{key}.production.ramp_weeks"] = value["ramp"]
    if "price" in value:
        for key, profile in case.profiles.items():
            name = f"profiles.{key}.price_per_10k_cny.median"
            found[name] = profile.price_per_10k_cny.median * value["price"]
    single = {
        "word_of_mouth": "media.word_of_mouth_per_week",
        "forgetting": "media.forgetting_per_week",
        "walk": "drift.permanent_sd_per_month",
        "noise": "drift.transitory_sd_per_month",
        "trust_half_life": "trust.half_life_days",
    }
    return found | {name: value[key] for key, name in single.items() if key in value}


def known(key: str) -> Parameter:
    """The parameter of a name."""
    return next(parameter for parameter in (*ALWAYS, TRUST) if parameter.key == key)
