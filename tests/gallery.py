"""One of each figure of the laboratory from hand-made tables, long names and all, in either language."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from experiments.figures import blame as figures_blame
from experiments.figures import compare as figures_compare
from experiments.figures import money as figures_money
from experiments.figures import risk as figures_risk
from experiments.figures import scenarios as figures_scenarios
from experiments.figures import sensitivity as figures_sensitivity

SOURCE = (
    "whosecar 0.1.0, case x, fingerprint 0123456789abcdef, 20,000 consumers, seeds 1-10\n" + "A long sentence. " * 9
)
FACTORS = (
    "profiles.jd_like.share",
    "cars.ut_super.face.jd",
    "attribution.weight_on_the_face_when_nothing_is_known_about_the_contribution_of_partners.mean",
    "news.half_life_days",
    "trust.loss_per_unit_of_blame",
    "orders.patience_weeks.median",
)
WORDS = {
    "en": ("Share of deliveries in the last 13 weeks", "% of listed cars"),
    "zh": ("最后 13 周的交付份额", "占所列车型的 %"),
}
PARTIES = {
    "en": ("JD", "GAC", "CATL", "An organisation with a very long name indeed", "Dealers"),
    "zh": ("京东", "广汽", "宁德时代", "一家名字非常非常长的机构股份有限公司", "经销商"),
}
STRATEGIES = {
    "en": ("answer in 48 hours; remedy; contract as it is", "say nothing", "answer after six days; joint; new contract",
           "blame the partner", "answer in 48 hours; the platform takes over service and pays for it in the first year"),
    "zh": ("48 小时内回应；补偿；合同不变", "不回应", "六天后联合回应；新合同", "指责合作方",
           "48 小时内回应；平台接手售后服务并承担第一年的全部费用"),
}  # fmt: skip
CRISES = {
    "en": ("none", "undisclosed term", "late deliveries", "recall", "platform exits"),
    "zh": ("无危机", "未展示条款", "交付延期", "召回", "平台退出"),
}


def weeks(count: int = 60) -> pd.DataFrame:
    """A base and a what-if that part in the middle, with an interval of their difference."""
    start, t = date(2025, 1, 6), np.arange(count)
    base = 0.010 + 0.003 * np.sin(t / 9)
    gap = np.where(t > count / 2, -0.002 * (1 - np.exp((count / 2 - t) / 8)), 0.0)
    spread = 0.0001 * np.sqrt(t)
    dates = [start + timedelta(weeks=int(w)) for w in t]
    return pd.DataFrame(
        {"week": t, "date": dates, "base": base, "what_if": base + gap, "difference": gap}
        | {"low": gap - spread, "high": gap + spread}
    )


def runs_over_time() -> pd.DataFrame:
    """Quantiles of many runs by week."""
    table, t = weeks(), np.arange(60)
    ends = zip(("low", "lower", "middle", "upper", "high"), (-2, -1, 0, 1, 2), strict=True)
    return table[["date"]].assign(**{name: table["base"] + k * 0.0005 * np.sqrt(t / 10) for name, k in ends})


def effects(lang: str) -> pd.DataFrame:
    """Effects: clear ones, one that is not, and one that cannot be given as a part."""
    label = WORDS[lang][0]
    return pd.DataFrame(
        [(f"{label} {i}", m, m - 0.03, m + 0.04) for i, m in enumerate((-0.21, 0.08, 0.01))] + [(label, np.nan, 0, 0)],
        columns=["label", "relative", "low", "high"],
    )


def parts(lang: str) -> pd.DataFrame:
    """Four causes of a loss."""
    names = CRISES[lang][1:]
    return pd.DataFrame(
        [(n, p, p - 0.0002, p + 0.0003) for n, p in zip(names, (-0.0030, -0.0011, 0.0004, -0.0001), strict=True)],
        columns=["label", "part", "low", "high"],
    )


def indices() -> pd.DataFrame:
    """Sobol indices of six factors."""
    rows = [
        (name, s, s - 0.05, s + 0.05, s + 0.1, s + 0.02, s + 0.18)
        for name, s in zip(FACTORS, (0.42, 0.03, 0.21, -0.01, 0.0, 0.1), strict=True)
    ]
    ends = [f"{kind}{end}" for kind in ("first", "total") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["label", *ends])


def effects_of_morris() -> pd.DataFrame:
    """Elementary effects, three of them all but equal."""
    rows = [
        (name, m, 0.8 * m, 1.2 * m, s)
        for name, m, s in zip(
            FACTORS, (0.5, 0.1, 0.09, 0.095, 0.3, 0.0), (0.1, 0.05, 0.051, 0.052, 0.35, 0.0), strict=True
        )
    ]
    return pd.DataFrame(rows, columns=["label", "mu_star", "low", "high", "sigma"])


def growing() -> pd.DataFrame:
    """Indices on an eighth, a quarter, a half and the whole of a sample."""
    rows = [
        (size, name, 0.1 * i + 1 / size, 0.1 * i - 3 / size**0.5, 0.1 * i + 3 / size**0.5)
        for size in (64, 128, 256, 512)
        for i, name in enumerate(FACTORS)
    ]
    return pd.DataFrame(rows, columns=["size", "label", "value", "low", "high"])


def coefficients() -> pd.DataFrame:
    """Standardised regression coefficients."""
    rows = [(name, b, b - 0.1, b + 0.1) for name, b in zip(FACTORS, (0.6, -0.4, 0.2, -0.1, 0.05, 0.0), strict=True)]
    return pd.DataFrame(rows, columns=["label", "coefficient", "low", "high"])


def swings() -> pd.DataFrame:
    """An outcome at the low and the high value of each factor."""
    rows = [
        (name, 0.012 - d, 0.012 + 0.8 * d, "0.2", "0.6")
        for name, d in zip(FACTORS, (0.004, -0.003, 0.002, 0.001, 0.0004, 0.0), strict=True)
    ]
    return pd.DataFrame(rows, columns=["label", "low", "high", "low_value", "high_value"])


def sure_swings() -> pd.DataFrame:
    """The same with intervals; the second moves the outcome farther, and up at both ends."""
    table = swings()
    table.loc[1, ["low", "high"]] = [0.017, 0.0125]
    return table.assign(
        low_least=table["low"] - 0.0006, low_most=table["low"] + 0.0006, high_least=table["high"] - 0.0009,
        high_most=table["high"] + 0.0009,
    )  # fmt: skip


def limits() -> pd.DataFrame:
    """A box: two sides, one side, the other side."""
    rows = [(FACTORS[0], 0.2, 0.35, 0.2, 0.6), (FACTORS[1], 0.6, 1.0, 0.0, 1.0), (FACTORS[2], 3.0, 7.5, 2.0, 14.0)]
    return pd.DataFrame(rows, columns=["label", "low", "high", "least", "most"])


def points() -> pd.DataFrame:
    """Runs inside and outside of that box."""
    luck = np.random.default_rng(1)
    low, high, least, most = (limits()[name].to_numpy(float) for name in ("low", "high", "least", "most"))
    drawn = luck.uniform(least, most, (120, 3))
    table = pd.DataFrame(drawn, columns=limits()["label"].tolist())
    return table.assign(bad=np.asarray(((drawn >= low) & (drawn <= high)).all(axis=1)))


def blame(lang: str) -> pd.DataFrame:
    """Blame that follows the face, control and contribution that do not."""
    rows = zip(
        PARTIES[lang],
        (0.68, 0.23, 0.06, 0.03, 0.0),
        (0.3, 0.45, 0.2, 0.05, 0.0),
        (0.2, 0.5, 0.3, 0.0, 0.0),
        strict=True,
    )
    return pd.DataFrame(rows, columns=["label", "blame", "control", "cause"])


def money(lang: str) -> pd.DataFrame:
    """Profits and losses, one without an interval."""
    rows = [
        (name, p, p - 4e7, p + 4e7, p / 3, p / 3 - 2e7, np.nan if i == 2 else p / 3 + 2e7)
        for i, (name, p) in enumerate(zip(PARTIES[lang], (6.7e8, 3.9e8, 1.7e8, -2.2e8, 0.0), strict=True))
    ]
    return pd.DataFrame(rows, columns=["label", "all", "all_low", "all_high", "here", "here_low", "here_high"])


def regrets(lang: str) -> pd.DataFrame:
    """Regret of five strategies in five crises."""
    luck = np.random.default_rng(2)
    return pd.DataFrame(luck.uniform(0, 2e9, (5, 5)), index=list(STRATEGIES[lang]), columns=list(CRISES[lang]))


def gains(lang: str) -> pd.DataFrame:
    """Two gains of five strategies, two of them all but equal."""
    x, y = [1.0, 0.6, 0.9, 0.62, 0.95], [200.0, 500.0, 350.0, 501.0, 150.0]
    front = [True, False, True, True, False]
    return pd.DataFrame({"label": STRATEGIES[lang], "x": x, "y": y, "front": front})


def gallery(lang: str) -> dict[str, Callable[[], Figure]]:
    """Each figure by its name, drawn when called."""
    label, unit = WORDS[lang]
    more: Any = {"source": SOURCE, "lang": lang}
    panels = {"all": label, "here": "Aion UT Super"}
    ends = {"without": 0.012, "with": 0.012 - 0.0038}
    figures = {"coverage": 0.91, "density": 0.84}
    return {
        "over_time": lambda: figures_compare.over_time(weeks(), label, unit, 30, scale=100.0, **more),
        "fan": lambda: figures_compare.fan(runs_over_time(), label, unit, 1200, scale=100.0, **more),
        "effects": lambda: figures_compare.effects(effects(lang), 30, **more),
        "waterfall": lambda: figures_compare.waterfall(parts(lang), ends, label, unit, 30, scale=100.0, **more),
        "sobol": lambda: figures_sensitivity.sobol(indices(), label, 5120, **more),
        "regression": lambda: figures_sensitivity.regression(coefficients(), label, 200, **more),
        "groups": lambda: figures_sensitivity.groups(effects_of_morris(), label, unit, 700, **more),
        "tornado": lambda: figures_sensitivity.tornado(swings(), 0.012, label, unit, scale=100.0, **more),
        "sure_tornado": lambda: figures_sensitivity.tornado(sure_swings(), 0.012, label, unit, scale=100.0, **more),
        "morris": lambda: figures_sensitivity.morris(effects_of_morris(), label, unit, 700, **more),
        "convergence": lambda: figures_sensitivity.convergence(growing(), label, **more),
        "box": lambda: figures_scenarios.box(limits(), figures, f"{label} < 0.5", points=points(), **more),
        "blame": lambda: figures_blame.blame(blame(lang), **more),
        "earnings": lambda: figures_money.earnings(money(lang), unit, "CNY mn", panels=panels, **more),
        "regret": lambda: figures_risk.regret(regrets(lang), label, "CNY mn", scale=1e-6, **more),
        "pareto": lambda: figures_risk.pareto(gains(lang), (label, unit), ("Profit", "CNY mn"), **more),
    }
