"""What the command says to a person: aligned tables in English or Chinese, and nothing that a pipe cannot use."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

from rich.console import Console
from rich.measure import Measurement
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from experiments.run import Outcome
    from experiments.summary import CarSummary, Figure
    from market import Case

PIPED_WIDTH = 100
WIDEST = 1_000
MOST_CARS = 20

TEXTS = {
    "run": (
        "{weeks} weeks from {start}; {consumers} consumers stand for {households} households.",
        "自 {start} 起 {weeks} 周；{consumers} 位消费者代表 {households} 户家庭。",
    ),
    "luck": ("{seeds}, fingerprint {fingerprint}", "{seeds}，指纹 {fingerprint}"),
    "seed": ("Seed {first}", "种子 {first}"),
    "seeds": ("Mean of {count} runs, seeds {first}-{last}", "{count} 次运行的平均，种子 {first}-{last}"),
    "car": ("Car", "车型"),
    "share": ("Share of\ndeliveries, %", "交付份额\n%"),
    "order_share": ("Share of\norders, %", "订单份额\n%"),
    "deliveries": ("Deliveries,\ncars", "交付\n辆"),
    "orders": ("Orders,\ncars", "订单\n辆"),
    "cancellations": ("Cancelled,\norders", "取消\n单"),
    "more": ("{count} more cars", "另外 {count} 款车"),
    "all": ("all listed cars", "所列车型合计"),
    "headlines": ("Headline figures", "主要指标"),
    "unit": ("Unit", "单位"),
    "customised": ("Defined with a partner", "与伙伴共同定义的车"),
    "customised_unit": ("% of cars delivered", "占交付车辆的 %"),
    "outside": ("Chose a car not listed", "选择未列车型"),
    "outside_unit": ("% of decisions, mean of the weeks", "占决策的 %，各周平均"),
    "backlog": ("Waiting at the end", "期末待交付"),
    "stopped": (
        "stopped; this is what the {done} of {total} runs say that were finished",
        "已停止；以上结果来自已完成的 {done} 次运行（共 {total} 次）",
    ),
    "households": ("households", "户"),
    "backlog_unit": ("cars", "辆"),
    "stories": ("Stories that became public", "成为公共事件的故事"),
    "stories_unit": ("stories", "个"),
    "misattribution": ("Blamed against contribution", "与实际责任不符的指责"),
    "misattribution_unit": ("% of blame, where contributions are stated", "占指责的 %，仅计已设定责任的事件"),
    "lost": ("Lost to lost trust: {name}", "因失去信任而流失：{name}"),
    "deferred": ("Deferred by a story: {name}", "因故事而推迟：{name}"),
    "after_hearing": ("Cancelled after hearing: {name}", "听说之后取消：{name}"),
    "after_hearing_unit": ("% of cancelled orders followed", "占被跟踪的取消订单的 %"),
    "interface": ("Interface share of profit", "界面环节利润份额"),
    "interface_here": ("Interface share: {name}", "界面环节利润份额：{name}"),
    "interface_unit": ("% of profit", "占利润的 %"),
    "error": ("± standard error, from the number of consumers.", "± 为标准误，依消费者人数计算。"),
    "error_runs": ("± standard error, from the spread of the runs.", "± 为标准误，依各次运行的离散程度计算。"),
    "thin": (
        "* rests on fewer than 30 effective consumers: run it with more (--consumers).",
        "* 有效消费者不足 30 人：请增加消费者数（--consumers）。",
    ),
    "written": ("Written to {out}", "结果已写入 {out}"),
    "no_font": (
        "No font with Chinese was found: share.png is in English.",
        "没有找到中文字体：share.png 用英文。",
    ),
    "case": ("Case", "案例"),
    "what": ("What it is", "内容"),
    "usual": ("the default", "默认"),
    "ok": ("ok: {name}, fingerprint {fingerprint}", "无误：{name}，指纹 {fingerprint}"),
    "progress": ("weeks", "周"),
    "progress_rows": ("rows", "行"),
    "progress_mutants": ("mutants", "个变异"),
    "progress_outcomes": ("outcomes", "项结果"),
    "progress_runs": ("runs", "次运行"),
    "progress_steps": ("steps", "步"),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def listed(names: Sequence[str], lang: str) -> str:
    """Names as they are read aloud.

    >>> listed(["CATL", "GAC", "JD"], "en"), listed(["CATL", "GAC", "JD"], "zh"), listed(["JD"], "en")
    ('CATL, GAC and JD', 'CATL、GAC和JD', 'JD')
    """
    joint, last = ("、", "和") if lang == "zh" else (", ", " and ")
    return last.join([*([joint.join(names[:-1])] if names[1:] else []), *names[-1:]])


def console() -> Console:
    """Where tables go: as wide as the terminal, or a fixed width without colours when piped."""
    terminal = sys.stdout.isatty()
    return Console(
        file=sys.stdout,
        force_terminal=terminal,
        width=None if terminal else PIPED_WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )


class Step(Protocol):
    """Called after each piece of work."""

    def __call__(self) -> None:
        """One piece is done."""


@contextmanager
def progress(total: int | None, lang: str, quiet: bool = False, what: str = "progress") -> Iterator[Step]:
    """A bar that is shown on a terminal only and leaves no trace; `what` names its steps, `total` None: unknown."""
    shown = console()
    if quiet or not sys.stdout.isatty():
        yield lambda: None
        return
    columns = (
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TextColumn(say(what, lang)),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=shown, transient=True) as bar:
        task = bar.add_task("", total=total)
        yield lambda: bar.advance(task)


def number(figure: Figure, digits: int = 1, scale: float = 100.0) -> Text:
    """A number with its standard error where that is known, marked and dimmed where too few consumers are behind it.

    `scale` is what it is multiplied with: 100 makes percent of a share.
    """
    if figure.effective == 0 or math.isnan(figure.value):
        return Text("-")
    error = "" if math.isnan(figure.error) else f" ± {scale * figure.error:,.{digits}f}"
    said = f"{'*' if figure.thin else ''}{scale * figure.value:,.{digits}f}{error}"
    return Text(said, style="dim" if figure.thin else "")


def show_outcome(outcome: Outcome, lang: str, written: str | None = None) -> None:
    """Shares of cars and the headline figures with units and sampling errors, and where the result was written."""
    from experiments import run, summary, whose
    from experiments.manifest import banner

    case, runs = outcome.case, len(outcome.seeds)
    out = console()
    out.print(Text(case.told(case.title, lang), style="bold"))
    size = {"consumers": f"{case.population.consumers:,}", "households": f"{case.population.market_size:,.0f}"}
    out.print(say("run", lang, weeks=case.calendar.weeks, start=case.calendar.start, **size))
    seeds = say("seed" if runs == 1 else "seeds", lang, first=outcome.seeds[0], last=outcome.seeds[-1], count=runs)
    out.print(say("luck", lang, seeds=seeds, fingerprint=case.fingerprint))
    cars = summary.by_car(outcome.sales, list(case.cars), runs)
    cars.sort(key=lambda row: row.car != case.focal_car)
    headlines, shown = _headlines(outcome, lang)
    print_table(out, _cars(case, cars, lang))
    shown += [*(row.share for row in cars), *whose.show(out, outcome, lang)]
    print_table(out, headlines)
    out.print(say("error" if runs == 1 else "error_runs", lang), style="dim")
    if any(figure.thin and figure.effective > 0.0 for figure in shown):
        out.print(say("thin", lang))
    if said := banner(case, lang):
        out.print(said, style="italic")
    if written is not None:
        out.print(say("written", lang, out=written), soft_wrap=True)
        if lang == "zh" and not run.has_chinese_font():
            out.print(say("no_font", lang))


def table(*headings: str) -> Table:
    """A table without lines: words on the left, numbers on the right."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, heading in enumerate(headings):
        made.add_column(heading, justify="left" if place == 0 else "right", vertical="bottom", no_wrap=place > 0)
    return made


def print_table(out: Console, made: Table) -> None:
    """Print a table with nothing cut off: where the terminal is too narrow for it, it is as wide as it needs to be."""
    wide = out.options.update(max_width=WIDEST)
    for column in made.columns:
        sizes = [Measurement.get(out, wide, cell) for cell in (column.header, *column.cells)]
        column.min_width = max(size.maximum if column.no_wrap else size.minimum for size in sizes)
    needed = Measurement.get(out, wide, made).minimum
    if needed > out.width:
        made.width = needed
    out.print(made, crop=False)


def _cars(case: Case, cars: list[CarSummary], lang: str) -> Table:
    from experiments.summary import FLOWS

    names = ("car", "share", "order_share", "deliveries", "orders", "cancellations")
    made = table(*(say(name, lang) for name in names))
    total = {flow: sum(row.flows[flow] for row in cars) for flow in FLOWS}

    def cells(flows: Mapping[str, float]) -> list[str]:
        part = f"{100 * flows['orders'] / total['orders']:.1f}" if total["orders"] else "-"
        return [part, *(f"{flows[flow]:,.0f}" for flow in ("deliveries", "orders", "cancellations"))]

    made.add_row()
    for row in cars[:MOST_CARS]:
        made.add_row(case.label("cars", row.car, lang), number(row.share), *cells(row.flows))
    if small := cars[MOST_CARS:]:
        rest = {flow: sum(row.flows[flow] for row in small) for flow in FLOWS}
        share = f"{100 * rest['deliveries'] / total['deliveries']:.1f}" if total["deliveries"] else "-"
        made.add_row(say("more", lang, count=len(small)), share, *cells(rest))
    made.add_row(say("all", lang), "100.0" if total["deliveries"] else "-", *cells(total), style="bold")
    return made


def _headlines(outcome: Outcome, lang: str) -> tuple[Table, list[Figure]]:
    """Figures of the whole market and of the focal car, and those of them that may rest on few consumers."""
    from experiments import findings, summary

    case, runs = outcome.case, len(outcome.seeds)
    made = table("\n" + say("headlines", lang), "", say("unit", lang))
    made.columns[2].justify = "left"
    shown: list[Figure] = []

    def row(key: str, figure: Figure | None, unit: str, digits: int = 1, scale: float = 100.0, **words: str) -> None:
        if figure is not None:
            made.add_row(say(key, lang, **words), number(figure, digits, scale), say(unit, lang))
            shown.append(figure)

    if partners := summary.defined_with_a_partner(case):
        share = summary.share_of(outcome.sales, partners, list(case.cars), runs)
        row("customised", share, "customised_unit", 2)
    weekly = outcome.market
    made.add_row(say("outside", lang), f"{100 * weekly['outside_share'].mean():.1f}", say("outside_unit", lang))
    waiting = weekly.loc[weekly["week"] == weekly["week"].max(), "backlog"].mean()
    made.add_row(say("backlog", lang), f"{waiting:,.0f}", say("backlog_unit", lang))
    stories = findings.of_market(outcome.findings, "stories")
    row("stories", stories, "stories_unit", 0 if runs == 1 else 1, 1.0)
    row("misattribution", findings.of_market(outcome.findings, "misattribution"), "misattribution_unit")
    if case.focal_car is not None:
        name = case.label("cars", case.focal_car, lang)
        for key in ("lost", "deferred"):
            row(key, findings.of_market(outcome.findings, key), "households", 0, 1.0, name=name)
        row("after_hearing", findings.of_market(outcome.findings, "after_hearing"), "after_hearing_unit", name=name)
        row("interface_here", findings.of_market(outcome.findings, "interface_here"), "interface_unit", name=name)
    row("interface", findings.of_market(outcome.findings, "interface"), "interface_unit")
    return made, shown


def show_cases(cases: dict[str, Case], usual: str, lang: str | None) -> None:
    """The bundled cases, each with its summary in both languages or in one."""
    listed = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0), header_style="bold")
    listed.add_column(say("case", lang or "en"), no_wrap=True)
    listed.add_column(say("what", lang or "en"), overflow="fold")
    for name, case in cases.items():
        said = [getattr(case.summary, language) for language in ([lang] if lang else ["en", "zh"])]
        listed.add_row(name + (f"\n({say('usual', lang or 'en')})" if name == usual else ""), "\n".join(said))
    console().print(listed)
