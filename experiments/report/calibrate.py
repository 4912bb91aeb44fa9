"""The report of a calibration: what was learned, how the fitted market compares with the sales, and what it misses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from experiments.calibrate.moments import meaning
from experiments.calibrate.outcome import LITTLE
from experiments.calibrate.parameters import known
from experiments.figures import calibrate as figures
from experiments.figures.plate import short
from experiments.report import parts
from experiments.report.parts import Column, Section, phrase

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from experiments.report.folder import Folder
    from experiments.report.parts import Picture, Table

TEXTS = {
    "parameters": ("What the sales say of each parameter", "销量对各参数的说明"),
    "how": (
        "{count} simulations with parameters drawn from their priors; those whose moments are near those of the sales "
        "are kept and moved to where they would lie with the moments of the sales (regression adjustment).",
        "从先验抽取参数做 {count} 次模拟；保留矩与实际销量相近者，再用回归调整到与销量矩一致之处。",
    ),
    "little": ("The sales say little of: {names}.", "销量对以下参数说明不多：{names}。"),
    "fit": ("How the fitted market compares with the sales", "拟合市场与实际销量的对照"),
    "inside": (
        "{inside} of {count} moments of the sales lie inside the 90 % of markets drawn from the posterior.",
        "销量的 {count} 个矩中有 {inside} 个落在后验市场的 90 % 范围内。",
    ),
    "outside": ("Outside: {names}.", "在范围外：{names}。"),
    "constants": ("Constants of the cars", "各车型常数"),
    "together": (
        "All constants rise and fall with the taste for money, of which the sales alone say little: that is most of "
        "their intervals. What is left between two cars is known better.",
        "各常数随价格敏感度一同升降，而销量本身对它说明不多：区间大部分由此而来，车型之间的差别则更确定。",
    ),
    "censored": (
        "{count} cars are listed in none of the months to which they are fitted: half of the smallest listed share "
        "stands in, and their constants have grade D.",
        "{count} 款车在拟合月份中均未上榜：以榜上最小份额的一半代替，其常数为 D 级。",
    ),
    "missing": (
        "Listed models that no row describes stay in the aggregates: {names}.",
        "没有属性的上榜车型并入“其他”：{names}。",
    ),
    "recovery": ("Simulate, forget, recover", "模拟、遗忘、再找回"),
    "held": (
        "The 90 % intervals hold {held} of {count} true values ({share} %) over {sets} simulated data sets that were "
        "not learned from.",
        "在 {sets} 组未参与学习的模拟数据上，90 % 区间包含 {count} 个真值中的 {held} 个（{share} %）。",
    ),
    "parameter": ("Parameter", "参数"),
    "unit": ("Unit", "单位"),
    "before": ("Before: from", "先验：从"),
    "to": ("to", "到"),
    "median": ("Median", "中位数"),
    "low": ("90 %: from", "90 %：从"),
    "learned": ("Learned, %", "学到的 %"),
    "moment": ("Moment", "矩"),
    "data": ("Sales", "销量"),
    "inside_head": ("Inside", "在内"),
    "car": ("Car", "车型"),
    "target": ("Fitted to, %", "拟合份额 %"),
    "sold": ("Sold by the fitted case, %", "拟合案例的份额 %"),
    "listed": ("Months listed", "上榜月数"),
    "constant": ("Constant", "常数"),
    "sets": ("Data sets", "数据组"),
    "holds": ("Held", "包含"),
    "correlation": ("Correlation with the truth", "与真值的相关"),
    "all": ("all", "全部"),
    "alt": ("{label}: {rows}.", "{label}：{rows}。"),
}


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar calibrate --out` has to say."""
    return [_parameters(folder, lang), _fit(folder, lang), _constants(folder, lang), _recovery(folder, lang)]


def commands(folder: Folder) -> list[str]:
    """How to run what was fitted."""
    return ["whosecar run case.toml --out NEW"]


def _named(key: str, lang: str) -> str:
    if key == "all":
        return TEXTS["all"][lang == "zh"]
    return known(key).said(lang)[0]


def _parameters(folder: Folder, lang: str) -> Section:
    say, table = phrase(TEXTS, lang), folder.table("parameters")
    told = [known(key).said(lang) for key in table["parameter"]]
    shown = table.assign(label=[name for name, _ in told], unit=[unit for _, unit in told])
    scaled = shown.copy()
    for name in ("low", "median", "high"):
        scaled[name] = [
            float(known(key).probability(np.array(value)))
            for key, value in zip(table["parameter"], table[name], strict=True)
        ]
    limits = table[["median", "low", "high"]].to_numpy(float)
    scaled["words"] = [f"{short(middle)} [{short(low)}, {short(high)}]" for middle, low, high in limits]
    drawn = parts.drawable(lang)
    if drawn != lang:
        scaled["label"] = [_named(key, drawn) for key in table["parameter"]]
    columns = {
        "label": Column(say("parameter")), "unit": Column(say("unit")), "prior_low": Column(say("before")),
        "prior_high": Column(say("to")), "median": Column(say("median")), "low": Column(say("low")),
        "high": Column(say("to")), "learned": Column(say("learned"), 100.0, 0),
    }  # fmt: skip
    numbers = parts.table(shown, say("parameters"), columns, lang=lang)
    sentences = [say("how", count=f"{int(folder.manifest.get('simulations', 0)):,}")]
    if little := shown["label"][shown["learned"] < LITTLE].tolist():
        sentences.append(say("little", names=", ".join(little)))
    figure = figures.learned(scaled, source=folder.source(drawn), lang=drawn)
    return Section(
        say("parameters"), tuple(sentences), (_picture(figure, say("parameters"), scaled, numbers, lang), numbers)
    )


def _fit(folder: Folder, lang: str) -> Section:
    say, drawn = phrase(TEXTS, lang), parts.drawable(lang)
    table = folder.table("moments")
    shown = table.assign(label=[meaning(name, lang) for name in table["moment"]])
    drawn_table = table.assign(label=[meaning(name, drawn) for name in table["moment"]])
    inside = int(table["inside"].sum())
    sentences = [say("inside", inside=inside, count=len(table))]
    if out := [str(label) for label, ok in zip(shown["label"], table["inside"], strict=True) if not ok]:
        sentences.append(say("outside", names="; ".join(out)))
    columns = {
        "label": Column(say("moment")), "data": Column(say("data")), "median": Column(say("median")),
        "low": Column(say("low")), "high": Column(say("to")), "inside": Column(say("inside_head")),
    }  # fmt: skip
    numbers = parts.table(shown, say("fit"), columns, lang=lang)
    shares = folder.table("shares")
    names = {key: folder.case.label("cars", key, drawn) for key in shares["car"].unique()}
    path = shares.assign(label=shares["car"].map(names))
    pictures = (
        _picture(
            figures.moments(drawn_table, source=folder.source(drawn), lang=drawn), say("fit"), shown, numbers, lang
        ),
        parts.picture(figures.paths(path, source=folder.source(drawn), lang=drawn), say("fit")),
        numbers,
    )
    return Section(say("fit"), tuple(sentences), pictures)


def _constants(folder: Folder, lang: str) -> Section:
    say, table = phrase(TEXTS, lang), folder.table("constants")
    shown = table.assign(label=[folder.case.label("cars", key, lang) for key in table["car"]])
    shown = shown.sort_values("target", ascending=False, kind="stable")
    columns = {
        "label": Column(say("car")), "target": Column(say("target"), 100.0, 2),
        "fitted": Column(say("sold"), 100.0, 2), "months_listed": Column(say("listed")),
        "constant": Column(say("constant"), 1.0, 2), "low": Column(say("low"), 1.0, 2),
        "high": Column(say("to"), 1.0, 2),
    }  # fmt: skip
    unseen = int(((table["months_listed"] == 0) & table["target"].notna()).sum())
    sentences = [say("together")] + ([say("censored", count=unseen)] if unseen else [])
    missing = folder.manifest.get("without_row", []) if folder.case.display.names == "real" else []
    if missing:
        sentences.append(say("missing", names=", ".join(map(str, missing))))
    return Section(say("constants"), tuple(sentences), (parts.table(shown, say("constants"), columns, lang=lang),))


def _recovery(folder: Folder, lang: str) -> Section:
    say, drawn = phrase(TEXTS, lang), parts.drawable(lang)
    table, total = folder.table("recovery"), folder.table("coverage")
    scaled = table.assign(label=[_named(key, drawn) for key in table["parameter"]])
    for name in ("true", "low", "median", "high"):
        scaled[name] = [
            float(known(key).probability(np.array(value)))
            for key, value in zip(table["parameter"], table[name], strict=True)
        ]
    everything = total[total["parameter"] == "all"].iloc[0]
    sets = int(total["data_sets"].iloc[0])
    held = say(
        "held", held=int(everything["held"]), count=int(everything["data_sets"]), sets=sets,
        share=f"{100 * everything['share']:.0f}",
    )  # fmt: skip
    shown = total.assign(label=[_named(key, lang) for key in total["parameter"]])
    columns = {
        "label": Column(say("parameter")), "data_sets": Column(say("sets")), "held": Column(say("holds")),
        "correlation": Column(say("correlation"), 1.0, 2), "learned": Column(say("learned"), 100.0, 0),
    }  # fmt: skip
    numbers = parts.table(shown, say("recovery"), columns, lang=lang)
    figure = figures.recovery(scaled, source=folder.source(drawn), lang=drawn)
    return Section(say("recovery"), (held,), (parts.picture(figure, held), numbers))


def _picture(figure: Figure, label: str, rows: pd.DataFrame, numbers: Table, lang: str) -> Picture:
    words = ", ".join(str(row) for row in rows["label"].head(6))
    return parts.picture(figure, TEXTS["alt"][lang == "zh"].format(label=label, rows=words), None)
