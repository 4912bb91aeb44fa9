"""One self-contained page from a result folder: what went in, what came out, and how to make it again.

The page needs no network: figures are inside it, as shapes rather than letters. It holds nothing of this machine but
what the user typed, and the same folder gives the same page.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from importlib import import_module, resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from experiments.manifest import banner
from experiments.report import inputs as report_inputs
from experiments.report import parts
from experiments.report.folder import Folder
from experiments.report.parts import Report, Section, phrase
from market import CaseError, Fault, __version__
from market.casefile.faults import show

if TYPE_CHECKING:
    from collections.abc import Mapping

TEXTS = {
    "run": ("Report of a run", "运行报告"),
    "sweep": ("Report of a sweep", "批量实验报告"),
    "compare": ("Report of a comparison", "对比报告"),
    "stress": ("Report of a stress test", "压力测试报告"),
    "explain": ("Report: which assumptions decide", "报告：哪些假设起决定作用"),
    "calibrate": ("Report of a fit to sales", "销量拟合报告"),
    "again": ("How to make it again", "如何重现"),
    "typed": ("As it was typed:", "当时的命令："),
    "from_folder": ("From the case in this folder:", "用本文件夹中的案例："),
    "manifest": ("Manifest", "清单"),
    "field": ("Entry", "条目"),
    "value": ("Value", "值"),
    "files": ("Files and units", "文件与单位"),
    "file": ("File", "文件"),
    "rows": ("Rows", "行数"),
    "consumers": ("Consumers", "消费者"),
    "stand_for": ("{consumers}, standing for {households} households", "{consumers}，代表 {households} 户家庭"),
    "time": ("Time", "时间"),
    "weeks": ("{weeks} weeks from {start}", "自 {start} 起 {weeks} 周"),
    "seeds": ("Seeds", "种子"),
    "fingerprint": ("Fingerprint of the case", "案例指纹"),
    "made": ("Made", "完成"),
    "contents": ("Contents", "目录"),
    "numbers": ("The numbers of this figure", "本图的数字"),
    "no_font": (
        "Figures are in English: no font with Chinese is installed here.",
        "图为英文：本机未安装中文字体（例如 fonts-noto-cjk）。",
    ),
}
MODULES: Final = {
    kind: f"experiments.report.{kind}" for kind in ("run", "sweep", "compare", "stress", "explain", "calibrate")
}
NAMING = ("case", "command", "title", "bad", "failed", "files", "without_row", "left_out")
"""Entries of a manifest that hold names, which are not shown where names are fictional."""
MARK = '<meta name="generator" content="whosecar'
"""By which a page of ours is known, which may be written over."""


def read(path: Path, lang: str = "en") -> Report:
    """The report of a result folder. Raises CaseError where the folder is none, or where a table is missing."""
    folder = Folder.open(path)
    case, say = folder.case, phrase(TEXTS, lang)
    module: Any = import_module(MODULES[folder.kind])
    tell: Callable[[Folder, str], list[Section]] = module.sections
    beside = module.factors(folder) if hasattr(module, "factors") else ()
    told = module.named if hasattr(module, "named") else _of_case
    title, summary = told(folder, lang)
    found = [
        *tell(folder, lang),
        report_inputs.inputs(case, lang, beside),
        _again(folder, lang),
        _manifest(folder, lang),
    ]
    notes = (say("no_font"),) if parts.drawable(lang) != lang else ()
    return Report(
        title, say(folder.kind), summary, _facts(folder, lang),
        tuple(found), banner(case, lang), lang, notes,
    )  # fmt: skip


def _of_case(folder: Folder, lang: str) -> tuple[str, str]:
    return folder.case.told(folder.case.title, lang), folder.case.told(folder.case.summary, lang)


def page(report: Report) -> str:
    """A report as HTML text."""
    from jinja2 import Environment, StrictUndefined

    text = (resources.files("experiments.report") / "page.html").read_text(encoding="utf-8")
    made = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_unbroken
    )
    made.filters["signed"] = _signed
    say = phrase(TEXTS, report.lang)
    return made.from_string(text).render(
        report=report, version=__version__, contents=say("contents"), numbers=say("numbers")
    )


def _unbroken(said: object) -> object:
    """A number stays on the line of its sign: 34 % is never parted."""
    return re.sub(r"(?<=\d) %", "\u00a0%", said) if type(said) is str else said


def _signed(sentence: str) -> str:
    """Negative numbers with the sign that they have in tables and figures; dates and names keep their hyphens.

    >>> _signed("from -0.5 to .3 on 2025-11-25 (UT-2)")
    'from −0.5 to .3 on 2025-11-25 (UT-2)'
    """
    return re.sub(r"(?<![\w.-])-(?=\.?\d)", "−", sentence)


def faults_of(file: Path) -> list[Fault]:
    """What speaks against writing a page to a place: anything there but an older page of ours."""
    given, remedy = show(str(file), 200), "choose another name"
    if file.is_dir():
        return [Fault("--out", f"{given} is a folder", "allowed: a new file, or an older report", remedy)]
    if not file.parent.is_dir():
        return [Fault("--out", f"{given}: there is no such folder", remedy="make it first, or choose another")]
    try:
        with file.open("rb") as stream:
            ours = MARK.encode() in stream.read(600)
    except FileNotFoundError:
        return []
    except OSError as error:
        return [_unwritable(file, error)]
    return [] if ours else [Fault("--out", f"{given} exists and is no report", "nothing is overwritten", remedy)]


def write(text: str, file: Path) -> None:
    """Put a page in its place, whole or not at all. Raises CaseError where it cannot be written."""
    if faults := faults_of(file):
        raise CaseError(faults)
    part = file.with_name(f".{file.name}.part")
    try:
        part.write_text(text, encoding="utf-8", newline="\n")
        os.replace(part, file)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CaseError([_unwritable(file, error)]) from error


def _unwritable(file: Path, error: OSError) -> Fault:
    reason = (error.strerror or str(error)).lower()
    return Fault("--out", f"{show(str(file), 200)} cannot be written: {reason}", remedy="choose another place")


def _facts(folder: Folder, lang: str) -> tuple[tuple[str, str], ...]:
    say, case = phrase(TEXTS, lang), folder.case
    size = {"consumers": f"{case.population.consumers:,}", "households": f"{case.population.market_size:,.0f}"}
    seeds = folder.seeds
    rows = [
        (say("consumers"), say("stand_for", **size)),
        (say("time"), say("weeks", weeks=case.calendar.weeks, start=case.calendar.start)),
        (say("seeds"), f"{min(seeds)}-{max(seeds)}" if len(seeds) > 1 else str(seeds[0]) if seeds else ""),
        (say("fingerprint"), case.fingerprint),
        (say("made"), str(folder.manifest.get("finished", ""))),
    ]
    return tuple((name, value) for name, value in rows if value)


def _again(folder: Folder, lang: str) -> Section:
    """The command that was typed, unless names are fictional, and one that needs no more than the folder."""
    say, real = phrase(TEXTS, lang), folder.case.display.names == "real"
    typed = str(folder.manifest.get("command", "")) if real else ""
    module: Any = import_module(MODULES[folder.kind])
    needed = module.commands(folder) if hasattr(module, "commands") else [_rerun(folder)]
    commands = [f"# {say('typed')}\n{typed}"] if typed else []
    commands += [f"# {say('from_folder')}\n{command}" for command in needed]
    return Section(say("again"), (), (), tuple(commands))


def _rerun(folder: Folder) -> str:
    seeds = folder.seeds or (1,)
    return f"whosecar run case.toml --seed {seeds[0]} --replicates {len(seeds)} --out NEW"


def _manifest(folder: Folder, lang: str) -> Section:
    say, real = phrase(TEXTS, lang), folder.case.display.names == "real"
    withheld = {"tables", "banner", "outcomes", "series", *(() if real else NAMING)}
    rows = [(str(key), _plain(value)) for key, value in folder.manifest.items() if key not in withheld]
    told = [parts.Table(say("manifest"), (say("field"), say("value")), tuple(rows), (False, False), folded=True)]
    tables = folder.manifest.get("tables", {})
    if isinstance(tables, dict) and tables:
        files = [(name, f"{_rows_in(about):,}", _units(about)) for name, about in tables.items()]
        headings = (say("file"), say("rows"), say("files"))
        told.append(parts.Table(say("files"), headings, tuple(files), (False, True, False), folded=True))
    return Section(say("manifest"), (), tuple(told))


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(part) for part in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {_plain(part)}" for key, part in value.items())
    return "-" if value is None or value == "" else str(value)


def _rows_in(about: Any) -> int:
    return int(about.get("rows", 0)) if isinstance(about, dict) else 0


def _units(about: Any) -> str:
    known: Mapping[str, str] = about.get("units", {}) if isinstance(about, dict) else {}
    return "; ".join(f"{key}: {unit}" for key, unit in known.items() if unit)
