"""What a verification says to a person, in English or Chinese, and what it writes into a folder."""

from __future__ import annotations

import csv
import json
import shlex
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from experiments.console import console, print_table
from experiments.verify.mutants import MUTANTS
from experiments.verify.row import short
from experiments.verify.verification import Result
from experiments.verify.verification import table as every_row
from market import __version__

Said = tuple[str, str]
WIDTHS: dict[str, dict[str, Any]] = {
    "oracle": {"ratio": 1, "min_width": 30}, "expected": {"no_wrap": True}, "got": {"no_wrap": True},
    "tolerance": {"max_width": 20}, "verdict": {"min_width": 8, "max_width": 14},
    "wrong": {"ratio": 1, "min_width": 30}, "red": {"justify": "right"}, "which": {"ratio": 1},
}  # fmt: skip
"""How wide the columns of a terminal are."""
UNSEEN = 1e-9
"""What is smaller than this is 0 on a terminal: the last digits differ between machines."""
MOST = 3
"""Numbers of a row that a terminal shows; the file has them all."""
MOST_NAMED = 4
"""Rows that are named for a mutant on a terminal."""
TEXTS: dict[str, Said] = {
    "title": ("Verification: the market's own functions against known answers", "验证：以已知答案检验市场自身的函数"),
    "oracle": ("Oracle", "基准"),
    "expected": ("Expected", "应为"),
    "got": ("Got", "实得"),
    "tolerance": ("Tolerance", "容差"),
    "verdict": ("Verdict", "结论"),
    "holds": ("holds", "成立"),
    "missed": ("MISSED", "不成立"),
    "failed": ("FAILED", "出错"),
    "not run": ("not run: needs {needs}", "未运行：需要 {needs}"),
    "more": ("+ {count}", "另 {count} 个"),
    "sum": (
        "{rows} rows: {holds} hold, {missed} missed, {failed} failed, {not_run} not run. {seconds:.0f} s of work.",
        "共 {rows} 行：成立 {holds}，不成立 {missed}，出错 {failed}，未运行 {not_run}。计算用时 {seconds:.0f} s。",
    ),
    "notes": (
        "SE: standard errors of the mean over fixed seeds. Several numbers: as the row lists them. A whole number of "
        "what breaks a promise must be 0.",
        "SE：固定种子下均值的标准误。多个数值依行内所述顺序。违反承诺的个数须为 0。",
    ),
    "mutants": ("Mutants: one formula made wrong at a time", "变异检验：每次改错一个公式"),
    "wrong": ("What is wrong", "改错之处"),
    "red": ("Red rows", "变红行数"),
    "which": ("Which", "哪些行"),
    "survived": ("NONE: not noticed", "无：未被发现"),
    "mutant_sum": ("{mutants} mutants: {noticed} noticed.", "共 {mutants} 个变异：发现 {noticed} 个。"),
    "written": ("Written to {out}", "结果已写入 {out}"),
}
NOUNS: dict[str, Said] = {
    "choice": ("Choice", "选择"),
    "pricing": ("Prices", "定价"),
    "libraries": ("Libraries nobody here wrote", "外部程序库"),
    "diffusion": ("Diffusion", "扩散"),
    "networks": ("Networks", "网络"),
    "stories": ("Stories", "舆情"),
    "trust": ("Trust", "信任"),
    "blame": ("Blame and roles", "归责与分工"),
    "supply": ("Supply", "供给"),
    "design": ("Design", "设计"),
    "industry": ("Industry", "产业"),
    "laboratory": ("The laboratory", "实验室"),
    "luck": ("Luck", "随机数"),
    "metamorphic": ("Changes that must change nothing", "变形检验：选择"),
    "markets": ("Whole markets, all else off", "整体市场：其余机制关闭"),
    "worlds": ("Worlds that differ in one thing", "变形检验：两个世界"),
}


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def verdict(one: Result, lang: str) -> str:
    """The verdict on a row, in a language."""
    return say(one.verdict, lang, needs=", ".join(one.missing))


def some(numbers: Sequence[float], lang: str) -> str:
    """The first numbers of a row, a line each.

    >>> some([0.5, 1e-6, 1e-15], "en").split()
    ['0.5', '1e-06', '0']
    """
    shown = [short(number if abs(number) >= UNSEEN else 0.0) for number in numbers[:MOST]]
    if len(numbers) > MOST:
        shown[-1] += f"  {say('more', lang, count=len(numbers) - MOST)}"
    return "\n".join(shown)


def counted(results: Iterable[Result]) -> dict[str, int]:
    """Rows by verdict, in words that fit into a text."""
    found = {"holds": 0, "missed": 0, "failed": 0, "not_run": 0}
    for one in results:
        found[one.verdict.replace(" ", "_")] += 1
    return found


def show(results: Sequence[Result], lang: str) -> None:
    """Print every row, those that miss or fail in bold."""
    out = console()
    out.print(Text(say("title", lang), style="bold"))
    print_table(out, _table(results, lang))
    out.print()
    seconds = sum(one.seconds for one in results)
    out.print(say("sum", lang, rows=len(results), seconds=seconds, **counted(results)))
    out.print(say("notes", lang), style="dim")


def _table(results: Sequence[Result], lang: str) -> Table:
    made = _bare("oracle", "expected", "got", "tolerance", "verdict", lang=lang)
    noun = ""
    for one in results:
        row = every_row()[one.key]
        if (now := row.key.partition(".")[0]) != noun:
            made.add_row(Text("\n" + NOUNS[now][lang == "zh"], style="bold"))
            noun = now
        told = one.finding
        cells = (some(told.expected, lang), some(told.got, lang), told.tolerance) if told else (one.error, "", "")
        style = "bold red" if one.red else "dim" if told is None else ""
        made.add_row(row.title(lang), *cells, verdict(one, lang), style=style)
    return made


def _bare(*headings: str, lang: str) -> Table:
    """A table without lines whose columns fold; no word of a verdict is cut."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in headings:
        made.add_column(say(heading, lang), overflow="fold", **WIDTHS[heading])
    return made


def show_mutants(noticed: Mapping[str, Sequence[str]], lang: str) -> None:
    """Print which rows each mutant turns red."""
    out = console()
    out.print(Text(say("mutants", lang), style="bold"))
    made = _bare("wrong", "red", "which", lang=lang)
    for mutant in MUTANTS:
        if mutant.key in noticed:
            keys = noticed[mutant.key]
            named = ", ".join(keys[:MOST_NAMED]) + (", ..." if len(keys) > MOST_NAMED else "")
            style = "" if keys else "bold red"
            made.add_row(mutant.title(lang), str(len(keys)), named or say("survived", lang), style=style)
    print_table(out, made)
    out.print()
    out.print(say("mutant_sum", lang, mutants=len(noticed), noticed=sum(bool(keys) for keys in noticed.values())))


def written(out: str, lang: str) -> None:
    """Say where the result was written."""
    console().print(say("written", lang, out=out), soft_wrap=True)


COLUMNS = (
    "row",
    "oracle",
    "oracle_zh",
    "expected",
    "got",
    "tolerance",
    "miss",
    "verdict",
    "seconds",
    "source",
    "through",
    "how",
)


def records(results: Iterable[Result]) -> list[dict[str, str]]:
    """A row of text for each row: all its numbers, separated by spaces, with all their digits."""
    made = []
    for one in results:
        row, told = every_row()[one.key], one.finding
        numbers = (told.expected, told.got) if told else ((), ())
        expected, got = (" ".join(repr(number) for number in some_) for some_ in numbers)
        values = (
            row.key, row.en, row.zh, expected, got, told.tolerance if told else "", short(told.miss) if told else "",
            verdict(one, "en") + (f": {one.error}" if one.error else ""), f"{one.seconds:.3f}", row.source,
            " ".join(row.through), row.how,
        )  # fmt: skip
        made.append(dict(zip(COLUMNS, values, strict=True)))
    return made


def write(
    results: Sequence[Result], noticed: Mapping[str, Sequence[str]] | None, folder: Path, command: Sequence[str]
) -> None:
    """Fill a folder: `verification.csv`, `mutants.csv` if there were any, and `manifest.json`."""
    if noticed is None:
        _csv(folder / "verification.csv", COLUMNS, records(results))
    else:
        titles = {mutant.key: mutant for mutant in MUTANTS}
        rows = [
            {"mutant": key, "wrong": titles[key].en, "wrong_zh": titles[key].zh, "function": titles[key].at,
             "rows": " ".join(keys)}
            for key, keys in noticed.items()
        ]  # fmt: skip
        _csv(folder / "mutants.csv", ("mutant", "wrong", "wrong_zh", "function", "rows"), rows)
    about = {
        "whosecar": __version__,
        "command": shlex.join(["whosecar", *command]),
        "rows": counted(results) if noticed is None else {},
        "mutants": {} if noticed is None else {key: len(keys) for key, keys in noticed.items()},
    }
    (folder / "manifest.json").write_bytes((json.dumps(about, indent=2) + "\n").encode())


def _csv(file: Path, columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> None:
    with file.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.DictWriter(stream, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
