"""What a calibration says to a person, in English or Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich.text import Text

from experiments.calibrate.moments import meaning
from experiments.calibrate.outcome import LITTLE
from experiments.calibrate.parameters import TRUST, known
from experiments.console import console, print_table, table
from experiments.figures.plate import short
from experiments.manifest import banner

if TYPE_CHECKING:
    from rich.table import Table

    from experiments.calibrate.calibration import Calibration

MOST_CARS = 15
TEXTS = {
    "title": ("Calibration on sales from {first} to {last}", "按 {first} 至 {last} 销量校准"),
    "run": (
        "{cars} models have constants of their own; {count} simulations; the fitted case has {consumers} consumers.",
        "{cars} 款车有自己的常数；{count} 次模拟；拟合案例含 {consumers} 位消费者。",
    ),
    "parameters": ("Parameters", "参数"),
    "prior": ("Before", "先验"),
    "fitted": ("Median\n[5 %, 95 %]", "中位数\n[5 %, 95 %]"),
    "learned": ("Learned,\n% of prior", "学到的\n占先验 %"),
    "little": ("{part} (little)", "{part}（很少）"),
    "moments": ("Moments", "矩"),
    "sales": ("In the\nsales", "实际\n销量"),
    "inside": ("Inside\n90 %", "在 90 %\n之内"),
    "yes": ("yes", "是"),
    "no": ("NO", "否"),
    "cars": ("Models sold most", "销量最大的车型"),
    "target": ("Fitted to,\n% of sales", "拟合份额\n%"),
    "sold": ("Sold by the\nfitted case, %", "拟合案例\n份额 %"),
    "constant": ("Constant\n[5 %, 95 %]", "常数\n[5 %, 95 %]"),
    "recovery": (
        "Recovery: the 90 % intervals hold {held} of {count} true values ({share} %) over {sets} simulated data sets.",
        "找回检验：在 {sets} 组模拟数据上，90 % 区间包含 {count} 个真值中的 {held} 个（{share} %）。",
    ),
    "trust": (
        "The half-life of trust is not fitted: nothing public happens to a listed car in these months.",
        "信任半衰期未拟合：这些月份中上榜车型没有公共事件。",
    ),
    "missing": (
        "Models that no row of the cars file describes stay in the aggregates: {names}.",
        "车型属性文件中没有的车型并入“其他”：{names}。",
    ),
    "left": ("{count} models that sold least stay in the aggregates.", "销量最少的 {count} 款车并入“其他”。"),
    "written": (
        "Written to {out}: case.toml is the fitted case, report.html the report of the fit.",
        "已写入 {out}：case.toml 为拟合案例，report.html 为拟合报告。",
    ),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def show(found: Calibration, lang: str, written: str | None = None) -> None:
    """Print what was learned, how it fits, and what it misses."""
    out, built = console(), found.built
    out.print(Text(say("title", lang, first=built.first, last=built.last), style="bold"))
    sizes = {"cars": len(built.model_of), "count": f"{found.count:,}", "consumers": f"{found.consumers:,}"}
    out.print(say("run", lang, **sizes))
    print_table(out, _parameters(found, lang))
    print_table(out, _moments(found, lang))
    print_table(out, _cars(found, lang))
    everything = found.coverage.iloc[-1]
    out.print(
        "\n"
        + say(
            "recovery", lang, held=int(everything["held"]), count=int(everything["data_sets"]),
            share=f"{100 * everything['share']:.0f}", sets=int(found.coverage["data_sets"].iloc[0]),
        )
    )  # fmt: skip
    if TRUST.key not in set(found.parameters["parameter"]):
        out.print(say("trust", lang))
    if built.without_row:
        out.print(say("missing", lang, names=", ".join(" ".join(model) for model in built.without_row)))
    if built.left_out:
        out.print(say("left", lang, count=len(built.left_out)))
    out.print(banner(found.case, lang), style="italic")
    if written is not None:
        out.print(say("written", lang, out=written), soft_wrap=True)


def _spread(row: dict[str, Any], middle: str = "median") -> str:
    return f"{short(row[middle])} [{short(row['low'])}, {short(row['high'])}]"


def _parameters(found: Calibration, lang: str) -> Table:
    made = table("\n" + say("parameters", lang), say("prior", lang), say("fitted", lang), say("learned", lang))
    for row in found.parameters.to_dict("records"):
        name, unit = known(str(row["parameter"])).said(lang)
        part = f"{100 * row['learned']:.0f}"
        made.add_row(
            f"{name} ({unit})" if lang == "en" else f"{name}（{unit}）",
            f"{short(row['prior_low'])}-{short(row['prior_high'])}",
            _spread({str(key): value for key, value in row.items()}),
            say("little", lang, part=part) if row["learned"] < LITTLE else part,
        )
    return made


def _moments(found: Calibration, lang: str) -> Table:
    made = table("\n" + say("moments", lang), say("sales", lang), say("fitted", lang), say("inside", lang))
    for row in found.moments.to_dict("records"):
        inside = bool(row["inside"])
        made.add_row(
            meaning(str(row["moment"]), lang), short(row["data"]),
            _spread({str(key): value for key, value in row.items()}), say("yes" if inside else "no", lang),
            style="" if inside else "bold",
        )  # fmt: skip
    return made


def _cars(found: Calibration, lang: str) -> Table:
    made = table("\n" + say("cars", lang), say("target", lang), say("sold", lang), say("constant", lang))
    best = found.constants.sort_values("target", ascending=False, kind="stable").head(MOST_CARS)
    for row in best.to_dict("records"):
        name = found.case.label("cars", str(row["car"]), lang)
        values = {str(key): value for key, value in row.items()}
        shares = (f"{100 * row[column]:.1f}" for column in ("target", "fitted"))
        made.add_row(name, *shares, _spread(values, "constant"))
    return made
