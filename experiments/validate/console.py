"""What a validation says to a person, in English or Chinese, and what it writes into a folder."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.text import Text

from experiments.console import console, print_table, table
from experiments.manifest import BANNER
from experiments.validate.reported import CRISIS, FACTS, FIGURES, SAFETY, Figure
from market import Case, __version__

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.validate.validation import Validation

TABLES = ("evidence", "placebo", "ablations", "parameters", "runs")
Said = tuple[str, str]
TEXTS: dict[str, Said] = {
    "title": ("Validation: the frozen market against what was reported", "检验：冻结参数的市场与所报道数字的对照"),
    "run": (
        "{consumers} consumers a run; {runs} draws of the uncertain values, each with its own seed; {seeds} seeds of "
        "the frozen market, on other days, and with mechanisms off.",
        "每次运行 {consumers} 位消费者；不确定参数抽样 {runs} 组，各用一个种子；"
        "冻结参数、换日期与关闭机制各用 {seeds} 个种子。",
    ),
    "frozen": (
        "Frozen: {case}, fingerprint {fingerprint}; {drawn} values of grade C and D drawn, {held} held.",
        "冻结：{case}，指纹 {fingerprint}；抽取 C、D 级参数 {drawn} 个，保持 {held} 个。",
    ),
    CRISIS: ("November 2025: JD + GAC + CATL", "2025 年 11 月：京东 + 广汽 + 宁德时代"),
    SAFETY: ("March 2025: a dated safety event, contribution unknown", "2025 年 3 月：一次安全事件，责任未知"),
    FACTS: ("Stylised facts: 104 weeks of jd-gac-catl, frozen values", "典型事实：jd-gac-catl 104 周，冻结参数"),
    "reported": ("Reported", "报道值"),
    "grade": ("Grade", "级别"),
    "median": ("Median\n[5 %, 95 %]", "中位数\n[5 %, 95 %]"),
    "at_frozen": ("At frozen\nvalues", "冻结\n参数下"),
    "without": ("Without\nthe event", "无事件时"),
    "error": ("Error", "误差"),
    "verdict": ("Verdict", "结论"),
    "sales": ("In your\nsales file", "销量\n文件"),
    "matched": ("matched", "吻合"),
    "missed": ("MISSED", "未吻合"),
    "says nothing": ("says nothing", "无信息"),
    "built in": ("built in", "内置"),
    "not judged": ("not judged", "不判定"),
    "-": ("-", "-"),
    "placebo": ("Placebo: the event on other days", "安慰剂检验：事件换到其他日期"),
    "date": ("Day of the event", "事件日期"),
    "with": ("With it", "有事件"),
    "effect": ("Effect", "效应"),
    "own": ("{date} (its own day)", "{date}（实际日期）"),
    "ablations": ("Ablations: one mechanism off, change on the same luck", "消融：关闭一种机制，同一运气下的变化"),
    "no face": ("no face: the public sees who contributed", "无面孔：公众看到实际责任"),
    "no network": ("no network: nobody talks", "无网络：无人谈论"),
    "no feed": ("no feed", "无信息流"),
    "constant hazard": ("constant hazard of cancelling", "取消风险恒定"),
    "no trust": ("no trust: nothing moves it", "无信任：信任不变"),
    "parameters": ("Free parameters against moments", "自由参数与矩"),
    "free": ("Parameters", "参数"),
    "moments": ("Moments", "矩"),
    "fitted": (
        "constants of cars, fitted to shares of orders of January to April 2025",
        "车型常数，按 2025 年 1-4 月订单份额拟合",
    ),
    "drawn": ("uncertain values of grade C and D, drawn, fitted to nothing", "C、D 级不确定参数：只抽取，不拟合"),
    "evidence": ("reported figures of grade A and B, kept for evidence", "A、B 级报道数字，留作证据"),
    "compared": (
        "reported figures of grade C and D, and those built in: for comparison",
        "C、D 级或内置的数字，仅供比较",
    ),
    "first_day_reservations": (
        "launch: excitement of the day, fitted to the reservations of the first day",
        "上市：当天的热度，按首日预订数拟合",
    ),
    "orders_before": (
        "launch: orders before the crisis, a floor; nothing was fitted to it",
        "上市：危机前订单数（下限）；未据此拟合",
    ),
    "notes": (
        "A point is matched when it lies in the simulated 90 %, a range when the median lies in it; only figures of "
        "grade A and B can be. 'Says nothing': the world without the event fits as well. 'Built in': the case was "
        "given what the figure follows from. Error: simulated median less reported. Uncertain values are drawn from "
        "half to twice their default, or from the range stated in experiments/uncertainty.py.",
        "点值落在模拟 90 % 区间内、或中位数落在报道区间内为吻合；只有 A、B 级数字可判吻合。"
        "“无信息”：没有事件的世界同样符合。“内置”：案例已给定其来源。误差：模拟中位数减报道值。"
        "抽样范围：默认值的一半到两倍，或 experiments/uncertainty.py 所列范围。",
    ),
    "written": ("Written to {out}", "结果已写入 {out}"),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def amount(value: float, figure: Figure | None = None) -> str:
    """A moment as a person reads it: in percent, in thousands, or with the digits that count.

    >>> amount(-0.574), amount(0.25, FIGURES[-4]), amount(float("nan"))
    ('-57 %', '0.25', '-')
    """
    if math.isnan(value):
        return "-"
    if figure is None or figure.percent:
        return f"{100 * value:.0f} %"
    return f"{value:,.0f}" if abs(value) >= 1_000.0 else f"{value:.2f}" if abs(value) < 1.0 else f"{value:.1f}"


def reported_amount(figure: Figure) -> str:
    """What was reported: a point, a range, or a sign."""
    if figure.point:
        return amount(figure.low, figure)
    return (
        f"> {figure.low:.0f}"
        if math.isinf(figure.high)
        else f"{amount(figure.low, figure)}-{amount(figure.high, figure)}"
    )


def show(found: Validation, lang: str, written: str | None = None) -> None:
    """Print everything, misses included."""
    out = console()
    out.print(Text(say("title", lang), style="bold"))
    out.print(say("run", lang, consumers=f"{found.consumers:,}", runs=found.draws, seeds=found.seeds))
    for of, fingerprint in found.fingerprints.items():
        out.print(say("frozen", lang, case=of, fingerprint=fingerprint, drawn=found.drawn[of], held=found.held[of]))
    for of in (CRISIS, SAFETY, FACTS):
        print_table(out, _evidence(found, of, lang))
    print_table(out, _placebo(found, lang))
    print_table(out, _ablations(found, lang))
    print_table(out, _parameters(found, lang))
    out.print("\n" + say("notes", lang), style="dim")
    out.print(BANNER[lang], style="italic")
    if written is not None:
        out.print(say("written", lang, out=written), soft_wrap=True)


def _evidence(found: Validation, of: str, lang: str) -> Table:
    facts = of == FACTS
    fourth = "sales" if facts else "without"
    made = table(
        "\n" + say(of, lang), *(say(key, lang) for key in ("reported", "grade", "median", fourth, "error", "verdict"))
    )
    rows = found.evidence[found.evidence["of"] == of]
    figures = {figure.key: figure for figure in FIGURES if figure.of == of}
    for row in rows.to_dict("records"):
        figure = figures[str(row["moment"])]
        interval = ", ".join(amount(row[end], figure) for end in ("low", "high"))
        spread = "-" if math.isnan(row["median"]) else f"{amount(row['median'], figure)} [{interval}]"
        made.add_row(
            figure.zh if lang == "zh" else figure.en,
            reported_amount(figure), figure.grade, spread,
            amount(row["in_sales_file" if facts else "without"], figure),
            amount(row["error"], figure), say(str(row["verdict"]), lang),
            style="bold" if row["verdict"] == "missed" else "",
        )  # fmt: skip
    return made


def _label(of: str, key: str, lang: str) -> str:
    figure = next(figure for figure in FIGURES if figure.of == of and figure.key == key)
    return figure.zh if lang == "zh" else figure.en


def _with_error(change: float, error: float) -> str:
    if math.isnan(change):
        return "-"
    return f"{100 * change:+.1f} ± {100 * error:.1f} %"


def _placebo(found: Validation, lang: str) -> Table:
    made = table("\n" + say("placebo", lang), *(say(key, lang) for key in ("with", "without", "effect")))
    for row in found.placebo.to_dict("records"):
        date = say("own", lang, date=row["date"]) if row["own_day"] else row["date"]
        name = f"{_label(row['of'], row['moment'], lang)}: {date}"
        made.add_row(name, amount(row["with"]), amount(row["without"]), _with_error(row["effect"], row["error"]))
    return made


def _ablations(found: Validation, lang: str) -> Table:
    rows = found.ablations.to_dict("records")
    made = table("\n" + say("ablations", lang), say("at_frozen", lang), say("effect", lang))
    for row in rows:
        name = f"{_label(row['of'], row['moment'], lang)}: {say(row['ablation'], lang)}"
        made.add_row(name, amount(row["frozen"]), _with_error(row["change"], row["error"]))
    return made


def _parameters(found: Validation, lang: str) -> Table:
    headings = ("free", "moments", "reported", "median")
    made = table("\n" + say("parameters", lang), *(say(key, lang) for key in headings))
    for row in found.parameters.to_dict("records"):
        told = not math.isnan(row["reported"])
        reported = f"{row['reported']:,.0f}" if told else ""
        spread = f"{row['median']:,.0f} [{row['low']:,.0f}, {row['high']:,.0f}]" if told else ""
        name = f"{row['of']}: {say(row['what'], lang)}"
        made.add_row(name, str(row["parameters"]), str(row["moments"]), reported, spread)
    return made


def write(found: Validation, folder: Path, command: Sequence[str]) -> None:
    """Fill a folder: every table as CSV, and a manifest with all that is needed to make them again."""
    for name in TABLES:
        getattr(found, name).to_csv(folder / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\n")
    about = {
        "whosecar": __version__,
        "command": shlex.join(["whosecar", *command]),
        "consumers": found.consumers,
        "runs": found.draws,
        "seeds": found.seeds,
        "fingerprints": dict(found.fingerprints),
        "banner": BANNER["en"] if Case.load(CRISIS).display.names == "real" else "",
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))
