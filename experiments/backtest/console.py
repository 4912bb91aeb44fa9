"""What a backtest says to a person, in English or Chinese, and what it writes into a folder."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from experiments.backtest.benchmarks import ATTRACTION, SMOOTHING
from experiments.backtest.launches import FEWEST_PAST
from experiments.backtest.scores import STRUCTURE
from experiments.console import console, print_table, table
from experiments.manifest import banner
from market import __version__

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.backtest.rolling import Backtest

TABLES = ("cells", "scores", "differences", "launches", "parameters")
MOST_NAMED = 8
DIFFERENCE = ("difference", "low_90", "high_90")
Said = tuple[str, str]
TEXTS: dict[str, Said] = {
    "title": ("Backtest on {first} to {last}: what was forecast, and what came", "回测 {first} 至 {last}：预测与实际"),
    "run": (
        "{origins} origins, {horizon} months ahead; {draws} runs of {consumers} consumers each; case {fingerprint}.",
        "{origins} 个起点，向前 {horizon} 个月；每个起点运行 {draws} 次，"
        "每次 {consumers} 位消费者；案例 {fingerprint}。",
    ),
    "brand": ("Brands", "品牌"),
    "model": ("Models", "车型"),
    STRUCTURE: ("simulated market", "模拟市场"),
    "last value": ("last value", "上月值"),
    "last value x season": ("last value x season", "上月值 × 季节"),
    "seasonal naive": ("seasonal naive", "去年同月值"),
    "drift": ("drift", "线性外推"),
    SMOOTHING: ("exponential smoothing", "指数平滑"),
    ATTRACTION: ("attraction regression", "份额吸引力回归"),
    "cells": ("Cells", "格数"),
    "mase": ("MASE", "MASE"),
    "to_seasonal_naive": ("To seasonal\nnaive", "与去年同月\n之比"),
    "rmse_log": ("RMSE of\nlog", "对数\nRMSE"),
    "crps": ("CRPS\nscaled", "CRPS\n（缩放）"),
    "covers_90": ("90 % covers\n%", "90 % 区间\n覆盖 %"),
    "ahead": ("MASE less\nits [90 %]", "MASE 之差\n[90 %]"),
    "launches": ("New models: first {months} months, before any was sold", "新车型：上市前预测前 {months} 个月"),
    "count": ("Launches scored", "计分的新车型"),
    "rank": ("Rank correlation with volume [90 %]", "与销量的秩相关 [90 %]"),
    "share_rank": ("Rank correlation with share [90 %]", "与份额的秩相关 [90 %]"),
    "average_rank": ("  of the average of past launches", "  以往新车型平均值"),
    "error": ("Median absolute log error", "对数误差绝对值中位数"),
    "average_error": ("  of the average of past launches", "  以往新车型平均值"),
    "covers": ("90 % intervals cover, %", "90 % 区间覆盖，%"),
    "few": ("Too few launches to score.", "新车型太少，不计分。"),
    "unknown": (
        "No row in the cars file, so forecast from sales alone and not as new models: {names}.",
        "车型文件未收录，仅按销量预测，不作为新车型预测：{names}。",
    ),
    "and_more": (" and {count} more", " 等另外 {count} 款"),
    "notes": (
        "Cells are listed at origin and target. MASE: absolute error over the mean change in twelve months seen before "
        "the origin, mean over series; to seasonal naive: on the same cells. Brands are sums of listed models.",
        "只计起点与目标月都上榜的格。MASE：绝对误差除以起点之前所见的同比变化均值，再对序列取平均；"
        "与去年同月之比：在相同的格上。品牌为上榜车型之和。",
    ),
    "written": ("Written to {out}", "结果已写入 {out}"),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def number(value: float, digits: int = 2, scale: float = 1.0) -> str:
    """A score, or a dash where there is none.

    >>> number(0.8213), number(float("nan")), number(0.905, 0, 100.0)
    ('0.82', '-', '90')
    """
    return "-" if math.isnan(value) else f"{scale * value:.{digits}f}"


def show(found: Backtest, lang: str, written: str | None = None) -> None:
    """Print the scores, misses included."""
    plan, out = found.plan, console()
    out.print(Text(say("title", lang, first=plan.months[0], last=plan.months[-1]), style="bold"))
    size = {"draws": plan.draws, "consumers": f"{plan.consumers:,}", "fingerprint": plan.case.fingerprint}
    out.print(say("run", lang, origins=plan.origins, horizon=plan.horizon, **size))
    for level in ("brand", "model"):
        print_table(out, _scores(found, level, lang))
    if plan.launches:
        print_table(out, _launches(found, lang))
    if found.unknown:
        names = ", ".join(" ".join(model) for model in found.unknown[:MOST_NAMED])
        more = len(found.unknown) - MOST_NAMED
        out.print(say("unknown", lang, names=names + (say("and_more", lang, count=more) if more > 0 else "")))
    out.print("\n" + say("notes", lang), style="dim")
    if said := banner(plan.case, lang):
        out.print(said, style="italic")
    if written is not None:
        out.print(say("written", lang, out=written), soft_wrap=True)


def _scores(found: Backtest, level: str, lang: str) -> Table:
    names = ("cells", "mase", "to_seasonal_naive", "rmse_log", "crps", "covers_90", "ahead")
    made = table("\n" + say(level, lang), *(say(name, lang) for name in names))
    rows = found.differences[found.differences["level"] == level].to_dict("records")
    apart = {str(row["method"]): [number(float(row[key])) for key in DIFFERENCE] for row in rows}
    for row in found.scores[found.scores["level"] == level].to_dict("records"):
        method = str(row["method"])
        ahead = ""
        if method in apart:
            by, low, high = apart[method]
            ahead = f"{by} [{low}, {high}]"
        made.add_row(
            say(method, lang), f"{row['cells']:,}", *(number(row[name]) for name in names[1:5]),
            number(row["covers_90"], 0, 100.0), ahead, style="bold" if method == STRUCTURE else "",
        )  # fmt: skip
    return made


def _launches(found: Backtest, lang: str) -> Table:
    from experiments.backtest.launches import MONTHS

    scores = found.launch_scores
    made = table("\n" + say("launches", lang, months=MONTHS), "")
    made.add_row(say("count", lang), f"{scores['launches']:.0f}")
    if scores["launches"] < FEWEST_PAST:
        made.add_row(say("few", lang), "")
        return made

    def correlation(key: str) -> str:
        low, high = (number(scores[f"{key}_{end}"]) for end in ("low", "high"))
        return f"{number(scores[key])} [{low}, {high}]"

    made.add_row(say("rank", lang), correlation("rank_correlation"))
    made.add_row(say("average_rank", lang), number(scores["average_rank_correlation"]))
    made.add_row(say("share_rank", lang), correlation("share_rank_correlation"))
    made.add_row(say("error", lang), number(scores["median_abs_log_error"]))
    made.add_row(say("average_error", lang), number(scores["average_median_abs_log_error"]))
    made.add_row(say("covers", lang), number(scores["covers_90"], 0, 100.0))
    return made


def write(found: Backtest, folder: Path, name: str, command: Sequence[str]) -> None:
    """Fill a folder: every table as CSV, and a manifest with all that is needed to make them again."""
    plan = found.plan
    for key in TABLES:
        content = getattr(found, key)
        content.to_csv(folder / f"{key}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    about = {
        "whosecar": __version__,
        "command": shlex.join(["whosecar", *command]),
        "case": name,
        "fingerprint": plan.case.fingerprint,
        "origins": list(plan.months),
        "horizon": plan.horizon,
        "consumers": plan.consumers,
        "draws": plan.draws,
        "seed": plan.seed,
        "units": "cars a month",
        "launch_scores": {key: None if math.isnan(value) else value for key, value in found.launch_scores.items()},
        "models_without_attributes": [" ".join(model) for model in found.unknown],
        "banner": banner(plan.case),
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))
