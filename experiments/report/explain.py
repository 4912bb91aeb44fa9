"""The report of an explanation: which assumptions decide each outcome, how sure that is, and when it goes wrong."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from experiments import explain, outcome_names
from experiments.explain import sensitivity
from experiments.explain.swings import METHOD as ALONE
from experiments.figures import scenarios as figures_scenarios
from experiments.figures import sensitivity as figures_sensitivity
from experiments.report import parts, swings
from experiments.report.inputs import spelled
from experiments.report.parts import Column, Section, phrase

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from experiments.designs import Design
    from experiments.report.folder import Folder
    from experiments.report.parts import Picture, Table

TEXTS = {
    "verdict": ("Which assumptions decide", "哪些假设起决定作用"),
    "decides": ("{label}: {factors} decides.", "{label}：{factors} 起决定作用。"),
    "decide": ("{label}: {factors} decide.", "{label}：{factors} 起决定作用。"),
    "open": (
        "{label}: nothing is shown to decide; more runs would tell.",
        "{label}：尚未显示有起决定作用者，需要更多运行。",
    ),
    "luck": (
        "{part} % of the spread between points is luck: more replicates would lower it.",
        "设计点间差异的 {part} % 来自随机数，增加重复次数可降低。",
    ),
    "unsettled": (
        "The indices still move as the sample grows (by {change}): take a larger one.",
        "随样本增大指数仍在变动（{change}），请加大样本。",
    ),
    "outcome": ("Outcome", "结果"),
    "mean": ("Mean", "平均"),
    "sd": ("Spread between points (sd)", "点间标准差"),
    "points": ("Points", "设计点"),
    "missing": ("Runs missing", "缺失运行"),
    "of_luck": ("Luck, % of the variance", "随机数所致，占方差 %"),
    "settled": ("Settled", "已稳定"),
    "quality": ("How sure this is", "可靠程度"),
    "factor": ("Factor", "因子"),
    "measure": ("Measure", "量"),
    "value": ("Value", "值"),
    "low": ("95 %: from", "95 %：从"),
    "high": ("to", "到"),
    "alt": ("{label}: {rows}.", "{label}：{rows}。"),
    "growing": ("{label}: indices on growing parts of the sample.", "{label}：样本逐步增大时的指数。"),
    "box": ("Box {place}: {rows}.", "盒 {place}：{rows}。"),
    "boxes": ("When it goes wrong: {bad}", "什么情况下会出问题：{bad}"),
    "least": ("Sample: least", "样本最小"),
    "most": ("Sample: most", "样本最大"),
    "words": ("Levels", "水平"),
    "doubt": ("By chance as dense, p", "偶然同样密集的概率"),
    "none": ("No box sets the bad runs apart.", "没有能区分坏结果的盒。"),
}
MOST_OUTCOMES = 8
"""Outcomes that have figures; the tables of the folder have all."""
CURVES = {"total": "", "mu_star": "mu*", "unique": "R²"}
"""What the curves of a growing sample are called; empty: as the figure says."""


def sections(folder: Folder, lang: str) -> list[Section]:
    """What a folder of `whosecar explain --out` has to say."""
    quality = folder.table("quality")
    names = [str(name) for name in quality["outcome"]]
    told = [_verdict(folder, quality, lang)]
    return [*told, *(_of_outcome(folder, name, lang) for name in names[:MOST_OUTCOMES])]


def commands(folder: Folder) -> list[str]:
    """None: an explanation is made from a sweep, by the command that was typed."""
    return []


def _own(folder: Folder, table: str, name: str) -> pd.DataFrame:
    whole = folder.table(table)
    return whole[whole["outcome"] == name]


def _verdict(folder: Folder, quality: pd.DataFrame, lang: str) -> Section:
    say, case = phrase(TEXTS, lang), folder.case
    sentences, rows = [], []
    for line in quality.to_dict("records"):
        name, luck = str(line["outcome"]), float(line["luck"])
        shown = outcome_names.shown(name, case, lang)
        ranked = explain.ranking(_own(folder, "sensitivity", name), luck)
        deciding = [spelled(case, str(one)) for one in ranked.loc[ranked["verdict"] == "decides", "factor"]]
        said = (
            say("decides" if len(deciding) == 1 else "decide", label=shown.label, factors=", ".join(deciding))
            if deciding
            else say("open", label=shown.label)
        )
        if luck > explain.HARDLY:
            said += (" " if lang == "en" else "") + say("luck", part=parts.number(luck, 100.0, 0))
        if not line["settled"] and math.isfinite(float(line["change"])):
            said += (" " if lang == "en" else "") + say("unsettled", change=parts.number(line["change"], 1.0, 2))
        sentences.append(said)
        rows.append(line | {"label": f"{shown.label} ({shown.unit})" if shown.unit else shown.label})
        rows[-1] |= {key: parts.number(line[key], shown.scale) for key in ("mean", "sd")}
        rows[-1] |= {} if math.isfinite(float(line["change"])) else {"settled": math.nan}
    columns = {"label": Column(say("outcome")), "mean": Column(say("mean")), "sd": Column(say("sd"))}
    columns |= {"points": Column(say("points"), 1.0, 0), "missing": Column(say("missing"), 1.0, 0)}
    columns |= {"luck": Column(say("of_luck"), 100.0, 1), "settled": Column(say("settled"))}
    table = parts.table(_frame(rows), say("quality"), columns, lang=lang)
    numbers = replace(table, right=(False, *(True,) * (len(table.right) - 2), False))
    return Section(say("verdict"), tuple(sentences), (numbers,))


def _of_outcome(folder: Folder, name: str, lang: str) -> Section:
    say, case, drawn = phrase(TEXTS, lang), folder.case, parts.drawable(lang)
    shown, there = outcome_names.shown(name, case, lang), outcome_names.shown(name, case, drawn)
    measures = _own(folder, "sensitivity", name)
    runs = _runs(folder, name)
    parts_of: list[Picture | Table] = []
    alone = folder.manifest["method"] == ALONE
    if len(measures) and alone:
        parts_of.append(swings.tornado(folder, _design(folder), measures, name, lang))
    elif len(measures):
        in_units = str(measures["method"].iloc[0]) in ("morris", ALONE)
        scale = shown.scale if in_units else 1.0
        labelled = measures.assign(label=[spelled(case, str(one)) for one in measures["factor"]])
        columns = {"label": Column(say("factor")), "measure": Column(say("measure"))}
        columns |= {key: Column(say(key), scale, 3) for key in ("value", "low", "high")}
        leading = sensitivity.leading(measures["measure"])
        first = labelled[labelled["measure"] == leading].sort_values("value", ascending=False, kind="stable")
        rows = "; ".join(f"{line['label']} {parts.number(line['value'], scale)}" for line in first.to_dict("records"))
        figure = _figure(folder, labelled, there.label, there.unit, scale, runs, drawn)
        numbers = parts.table(labelled, shown.label, columns, lang=lang)
        if figure is not None:
            parts_of.append(parts.picture(figure, say("alt", label=shown.label, rows=rows), numbers))
        growing = _own(folder, "convergence", name)
        growing = growing[(growing["measure"] == leading) & (growing["factor"] != "")]
        if len(growing["size"].unique()) > 1:
            curves = growing.assign(label=[spelled(case, str(one)) for one in growing["factor"]])
            figure = figures_sensitivity.convergence(
                curves, there.label, index=CURVES[leading], source=folder.source(drawn), lang=drawn
            )
            parts_of.append(parts.picture(figure, say("growing", label=shown.label)))
    boxes = _own(folder, "boxes", name)
    parts_of += _boxes(folder, name, boxes, lang)
    return Section(shown.label, () if len(boxes) or alone else (say("none"),), tuple(parts_of))


def _runs(folder: Folder, name: str) -> int:
    """Runs behind an outcome."""
    own = _own(folder, "quality", name).iloc[0]
    return int(own["points"]) * _design(folder).replicates - int(own["missing"])


def _design(folder: Folder) -> Design:
    from experiments.designs import Design

    return Design.load(folder.path / "design.toml", tried=False)


def _asked(question: str, label: str, scale: float, unit: str) -> str:
    """A question such as `share_end < 0.02` in words."""
    found = re.fullmatch(r"\S+ *([<>]=?) *(\S+)", question)
    if found is None:
        return question
    return f"{label} {found.group(1)} {parts.number(float(found.group(2).replace(',', '')), scale)} {unit}".strip()


def _figure(
    folder: Folder, measures: pd.DataFrame, label: str, unit: str, scale: float, runs: int, lang: str
) -> Figure | None:
    """The figure of the method: Sobol bars, the plane of Morris, or bars of coefficients."""
    source, method = folder.source(lang), str(measures["method"].iloc[0])
    wide = {kind: own.set_index("label") for kind, own in measures.groupby("measure")}
    if method == "sobol":
        columns = {f"{kind}{end}": wide[kind][key] for kind in ("first", "total") for end, key in ENDS.items()}
        return figures_sensitivity.sobol(_frame(columns).reset_index(), label, runs, source=source, lang=lang)
    if method == "morris":
        columns = {"mu_star": wide["mu_star"]["value"], "sigma": wide["sigma"]["value"]}
        columns |= {key: wide["mu_star"][key] for key in ("low", "high")}
        table = _frame(columns).reset_index()
        return figures_sensitivity.morris(table, label, unit, runs, scale=scale, source=source, lang=lang)
    kept = measures[measures["measure"].isin(("coefficient", "rank_coefficient"))]
    if kept.empty:
        return None
    return figures_sensitivity.regression(kept.assign(coefficient=kept["value"]), label, runs, source=source, lang=lang)


ENDS = {"": "value", "_low": "low", "_high": "high"}


def _boxes(folder: Folder, name: str, boxes: pd.DataFrame, lang: str) -> list[Picture | Table]:
    say, case, drawn = phrase(TEXTS, lang), folder.case, parts.drawable(lang)
    shown: list[Picture | Table] = []
    for place, own in boxes.groupby("box", sort=True):
        limits = own.assign(label=[spelled(case, str(one)) for one in own["factor"]])
        held = {key: float(own[key].iloc[0]) for key in ("coverage", "density")}
        bad, there = (
            _asked(str(own["bad"].iloc[0]), one.label, one.scale, one.unit)
            for one in (outcome_names.shown(name, case, language) for language in (lang, drawn))
        )
        figure = figures_scenarios.box(limits, held, there, source=folder.source(drawn), lang=drawn)
        rows = "; ".join(
            f"{line['label']}: {line['words'] or parts.number(line['low']) + ' - ' + parts.number(line['high'])}"
            for line in limits.to_dict("records")
        )
        columns = {"label": Column(say("factor"))}
        columns |= {key: Column(say(key)) for key in ("low", "high", "least", "most", "words")}
        columns["doubt"] = Column(say("doubt"), 1.0, 4)
        numbers = parts.table(limits, say("boxes", bad=bad), columns, lang=lang)
        shown.append(parts.picture(figure, say("box", place=place, rows=rows), numbers))
    return shown


def _frame(rows: Any) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)
