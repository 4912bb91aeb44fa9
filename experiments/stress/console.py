"""What a stress test says to a person: sentences to read aloud, and behind each of them a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.text import Text

from experiments import console
from experiments.stress import words as stress_words
from experiments.stress.regret import ALL, STRATEGY
from experiments.stress.tables import OVER_ALL, at, row_of
from experiments.stress.words import MILLION, Speaker, number
from experiments.stress.worlds import AXES, NONE, WORLD, Stress

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from experiments.stress.design import Plan
    from experiments.stress.tables import Findings
    from experiments.sweep.dry_run import Estimate
    from market import Case

MOST_ROWS = 24
"""Strategies in a table; of more, those of the least maximum regret."""

TEXTS = {
    "test": ("Stress test", "压力测试"),
    "what": ("What is tested", "内容"),
    "worlds": ("Worlds", "情景数"),
    "strategies": ("Strategies, by the numbers of the tables below", "策略（编号用于下列各表）"),
    "strategy": ("No.", "策略"),
    "after": ("Share\nlost,\n{weeks} weeks", "份额\n损失\n{weeks} 周"),
    "interval": ("95 %\ninterval", "95%\n区间"),
    "tail": ("Worst\n5 %", "最差\n5%"),
    "weeks": ("Back,\nweeks", "恢复\n周数"),
    "never": ("never", "未恢复"),
    "profit": ("Profit\nlost,\n{weeks} weeks", "利润\n损失\n{weeks} 周"),
    "by_strategy": (
        "{crisis}: what each strategy loses (share of deliveries in points, profit of all in million CNY)",
        "{crisis}：各策略的损失（交付份额为百分点，利润为各方合计、百万元）",
    ),
    "by_party": ("{crisis}, {nothing}: who bears it (million CNY)", "{crisis}，{nothing}：由谁承担（百万元）"),
    "party": ("Who", "各方"),
    "part": ("Of all\nlosses,\n%", "占各方\n损失\n%"),
    "blamed": ("Blamed\nin it,\n%", "危机中\n受指责\n%"),
    "control": ("Blame\nover\ncontrol", "指责与\n控制\n之比"),
    "regret": (
        "Regret over all crises: the most that a strategy earns less than the best one in the whole run, million CNY",
        "综合全部危机的后悔值：整个模拟期内与当时最优策略相比最多少得的利润，百万元",
    ),
    "mean": ("All,\nmean", "合计\n平均"),
    "worst_crisis": ("Worst in", "最差情形"),
    "marks": (
        "* least maximum regret of its column; + on the Pareto front (share, profit of all, blame over control), mean "
        "of all crises.",
        "* 该列最大后悔值最小；+ 位于帕累托前沿（份额、各方利润、指责与控制之比），取全部危机的平均。",
    ),
    "more": ("{count} more strategies are in the tables of the folder.", "其余 {count} 个策略见结果文件夹中的表格。"),
    "runs": (
        "{runs:,} runs, as worlds that are the same are run once, and {part:.0%} of their weeks, as worlds share those "
        "before they differ: about {minutes:,.0f} min with {workers} workers, {megabytes:,.0f} MB on disk "
        "(from {timed} whole runs timed here: {seconds} s each).",
        "相同情景只运行一次，共 {runs:,} 次；情景出现差异之前的各周共用，实际运行 {part:.0%} 的周数："
        "{workers} 个进程约需 {minutes:,.0f} 分钟，约占磁盘 {megabytes:,.0f} MB"
        "（在此完整试运行 {timed} 次：每次 {seconds} 秒）。",
    ),
    "failing": ("A run failed: {error}", "有一次运行失败：{error}"),
    "not_written": ("Nothing was written.", "未写入任何文件。"),
    "axes": (
        "Crises: {crises}\nAnswers: {answers}\nDecisions: {decisions}\nContracts: {contracts}",
        "危机：{crises}\n回应：{answers}\n决策：{decisions}\n合同：{contracts}",
    ),
    "dropped": ("{count} runs failed and are left out.", "{count} 次运行失败，已略去。"),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def show(
    stress: Stress, case: Case, found: Findings, values: int, *, failed: int = 0, lang: str = "en",
    written: str | None = None,
) -> None:  # fmt: skip
    """Print the findings of a stress test; `values` were drawn in each future, `failed` runs are missing."""
    from experiments.manifest import banner

    speaker, out = Speaker(stress, case, found, lang), console.console()
    out.print(Text(case.told(stress.title, lang), style="bold"))
    out.print(stress_words.futures(stress, values, lang))
    for sentence in speaker.sentences():
        out.print()
        out.print(sentence)
    _show_tables(out, Tables(speaker))
    for caution in speaker.cautions():
        out.print(caution)
    if failed:
        out.print(say("dropped", lang, count=failed))
    if said := banner(case, lang):
        out.print(said, style="italic")
    if written is not None:
        out.print(console.say("written", lang, out=written), soft_wrap=True)


def _show_tables(out: Console, tables: Tables) -> None:
    speaker, lang = tables.speaker, tables.speaker.lang
    out.print(Text("\n" + say("strategies", lang), style="bold"))
    console.print_table(out, tables.strategies())
    for crisis in speaker.crises:
        title = speaker.title("crises", crisis)
        title = title[:1].upper() + title[1:]
        out.print(Text("\n" + say("by_strategy", lang, crisis=title), style="bold"))
        console.print_table(out, tables.by_strategy(crisis))
        out.print(Text("\n" + say("by_party", lang, crisis=title, nothing=speaker.say("nothing")), style="bold"))
        console.print_table(out, tables.by_party(crisis))
    out.print(Text("\n" + say("regret", lang), style="bold"))
    console.print_table(out, tables.regrets())
    out.print(say("marks", lang), style="dim")
    if tables.left_out:
        out.print(say("more", lang, count=tables.left_out))


@dataclass(frozen=True)
class Tables:
    """The tables of a test; strategies are numbered from 1 in the order of its file."""

    speaker: Speaker

    @property
    def _together(self) -> Any:
        regret = self.speaker.found.regret
        return regret[(regret["measure"] == "profit") & (regret["party"] == ALL)]

    def numbered(self) -> list[tuple[int, tuple[str, ...]]]:
        """The strategies that are shown: all, or those of the least maximum regret and doing nothing."""
        ordered = self._together.sort_values("max_regret", kind="stable")
        kept = set(ordered[list(STRATEGY)].head(MOST_ROWS).itertuples(index=False, name=None)) | {(NONE, NONE, NONE)}
        every = self._together[list(STRATEGY)].itertuples(index=False, name=None)
        return [(number, one) for number, one in enumerate(every, start=1) if one in kept]

    @property
    def left_out(self) -> int:
        """Strategies that are not shown."""
        return len(self._together) - len(self.numbered())

    def strategies(self) -> Table:
        """What each number stands for."""
        made = console.table("", "")
        made.show_header = False
        made.columns[0].justify, made.columns[1].justify, made.columns[1].no_wrap = "right", "left", False
        made.columns[0].vertical = "top"
        for place, strategy in self.numbered():
            made.add_row(str(place), self.speaker.strategy(dict(zip(STRATEGY, strategy, strict=True))))
        return made

    def by_strategy(self, crisis: str) -> Table:
        """What each strategy loses in a crisis."""
        found, lang, horizons = self.speaker.found, self.speaker.lang, self.speaker.stress.horizons_weeks
        longest = horizons[-1]
        heads = [say("after", lang, weeks=weeks) for weeks in horizons]
        heads += [say(key, lang) for key in ("interval", "tail", "weeks")]
        made = console.table(say("strategy", lang), *heads, say("profit", lang, weeks=longest), say("tail", lang))
        made.columns[0].justify = "right"
        for place, strategy in self.numbered():
            world = dict(zip(WORLD, (crisis, *strategy), strict=True))
            own = at(found.risk, world)
            shares = [row_of(own, weeks, "share") for weeks in horizons]
            money, last = row_of(own, longest, "profit.all"), shares[-1]
            if last is None or money is None:
                continue
            back = at(found.recovery, world | {"series": "order_share"})["median"]
            made.add_row(
                str(place), *("-" if one is None else number(one["mean"], 2, 100.0) for one in shares),
                _span(last, 2, 100.0),
                number(last["shortfall"], 2, 100.0), self._weeks(float(back.iloc[0]) if len(back) else math.nan),
                number(money["mean"], 0, MILLION), number(money["shortfall"], 0, MILLION),
            )  # fmt: skip
        return made

    def by_party(self, crisis: str) -> Table:
        """Who bears a crisis if nothing is done, and who is blamed for it."""
        found, lang, horizons = self.speaker.found, self.speaker.lang, self.speaker.stress.horizons_weeks
        quiet = dict(zip(WORLD, (crisis, NONE, NONE, NONE), strict=True))
        own, blame = at(found.risk, quiet), at(found.blame, quiet).set_index("measure")["mean"]
        bearers = at(found.bearers, quiet | {"measure": "profit"})
        heads = [say("profit", lang, weeks=weeks) for weeks in horizons]
        heads += [say(key, lang) for key in ("interval", "tail", "part", "blamed", "control")]
        made = console.table(say("party", lang), *heads)
        for party, part in zip(bearers["party"], bearers["part"], strict=True):
            lost = [row_of(own, weeks, f"profit.{party}") for weeks in horizons]
            last = lost[-1] or dict.fromkeys(("mean_low", "mean_high", "shortfall"), math.nan)
            made.add_row(
                self.speaker.party(party), *("-" if one is None else number(one["mean"], 1, MILLION) for one in lost),
                _span(last, 0, MILLION),
                number(last["shortfall"], 0, MILLION), number(part, 0, 100.0),
                number(float(blame.get(f"blamed.{party}", math.nan)), 1, 100.0),
                number(float(blame.get(f"blame_to_control.{party}", math.nan)), 2),
            )  # fmt: skip
        return made

    def regrets(self) -> Table:
        """The regret of every strategy, for each party and in all."""
        found, lang = self.speaker.found, self.speaker.lang
        profit = found.regret[found.regret["measure"] == "profit"]
        parties = [*(party for party in profit["party"].unique() if party != ALL), ALL]
        made = console.table(
            say("strategy", lang), *map(self.speaker.party, parties), say("mean", lang), say("worst_crisis", lang)
        )
        front = found.pareto[(found.pareto["crisis"] == OVER_ALL) & found.pareto["front"]]
        on_front = set(front[list(STRATEGY)].itertuples(index=False, name=None))
        for place, strategy in self.numbered():
            rows = at(profit, dict(zip(STRATEGY, strategy, strict=True))).set_index("party")
            most, least = rows["max_regret"].to_dict(), rows["minimax"].to_dict()
            cells = [number(most[party], 0, MILLION) + (" *" if least[party] else "  ") for party in parties]
            mean, worst = rows["mean_regret"].to_dict(), rows["worst_crisis"].to_dict()
            crisis = self.speaker.title("crises", str(worst[ALL])) if most[ALL] > 0.0 else "-"
            mark = "+ " if strategy in on_front else ""
            made.add_row(mark + str(place), *cells, number(float(mean[ALL]), 0, MILLION), crisis)
        made.columns[0].justify = "right"
        made.columns[-1].justify, made.columns[-1].no_wrap = "left", False
        return made

    def _weeks(self, value: float) -> str:
        return say("never", self.speaker.lang) if math.isinf(value) else number(value, 0)


def _span(row: Mapping[str, float], digits: int, scale: float) -> str:
    """An interval from end to end, "-" where there is none."""
    ends = row["mean_low"], row["mean_high"]
    return "-" if math.isnan(ends[0]) else "..".join(number(end, digits, scale) for end in ends)


def show_plan(plan: Plan, estimate: Estimate, lang: str) -> None:
    """Say what would be run, how long that takes and how much it writes."""
    stress, case, out = plan.stress, plan.base, console.console()
    out.print(Text(case.told(stress.title, lang), style="bold"))
    out.print(case.told(stress.summary, lang))
    out.print(stress_words.futures(stress, len(plan.drawn[0]) if stress.draws else 0, lang))
    joint = "；" if lang == "zh" else "; "
    titles = {axis: joint.join(case.told(one.title, lang) for one in stress.options(axis).values()) for axis in AXES}
    out.print(say("axes", lang, **titles))
    seconds = ", ".join(f"{each:.2f}" for each in estimate.seconds_each)
    words = {"runs": estimate.runs, "workers": estimate.workers, "timed": len(estimate.seconds_each)}
    size = {
        "part": estimate.part_run,
        "minutes": math.ceil(estimate.seconds / 60.0),
        "megabytes": estimate.disk_bytes / 1e6,
    }
    out.print(say("runs", lang, **words, **size, seconds=seconds))
    for _, error in estimate.failures:
        out.print(say("failing", lang, error=error))
    out.print(say("not_written", lang))


def show_library(tests: dict[str, Stress], lang: str) -> None:
    """The stress tests of the library, with their summaries and sizes."""
    made = console.table(say("test", lang), say("what", lang), say("worlds", lang))
    made.columns[0].no_wrap, made.columns[0].vertical = True, "top"
    made.columns[1].justify, made.columns[1].no_wrap, made.columns[1].overflow = "left", False, "fold"
    made.columns[2].vertical = "top"
    for name, stress in tests.items():
        made.add_row(name, getattr(stress.summary, lang), str(len(stress.worlds())))
        made.add_row()
    console.print_table(console.console(), made)
