"""Every input of a case with its unit, source and grade, those that somebody changed first."""

from __future__ import annotations

from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Any

from experiments.input_names import said
from experiments.report.parts import Section, Table, phrase
from market.casefile.sources import RESCALED, SET
from market.casefile.tree import split

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from market import Case

TEXTS = {
    "heading": ("Inputs", "输入"),
    "grades": (
        "Grades: A raw data or a primary document; B a named press or academic source; C one weak source; "
        "D a judgement; fitted: estimated here; user: changed for this result. {counts}.",
        "级别：A 原始数据或一手文件；B 有名称的媒体或学术来源；C 单一弱来源；D 判断；"
        "拟合：在此估计；使用者：为本结果所改。{counts}。来源按案例的原文引用。",
    ),
    "count": ("{grade}: {count} values", "{grade}：{count} 个"),
    "changed": ("Changed for this result", "为本结果所改的输入"),
    "none": ("Nothing was changed: every value is that of the case.", "没有改动：全部取值与案例一致。"),
    "section": ("{name}, {meaning}: {count} values", "{name}，{meaning}：{count} 个取值"),
    "name": ("Full name", "全名"),
    "value": ("Value", "取值"),
    "unit": ("Unit", "单位"),
    "grade": ("Grade", "级别"),
    "source": ("Source", "来源"),
    "meaning": ("Meaning", "含义"),
    "withheld": ("not shown with fictional names", "使用化名时不显示"),
}
HIDDEN = frozenset({"title", "summary", "display"})
NAMES = frozenset({"name", "fictional", "title"})
"""Fields that hold names; they are shown through the labels of things."""
KINDS = ("organisations", "brands", "cars", "channels", "packages", "plans", "profiles")


def inputs(case: Case, lang: str, beside: Iterable[str] = ()) -> Section:
    """The section of a report: what was changed, then every value in folded tables by section.

    `beside` are full names that count as changed, such as the factors of a design.
    """
    say, told = phrase(TEXTS, lang), partial(said, lang=lang)
    real, beside = case.display.names == "real", set(beside)
    known_as = _labels(case)
    groups: dict[str, list[tuple[str, ...]]] = {}
    changed: list[tuple[str, ...]] = []
    grades: Counter[str] = Counter()
    for name, value in case.fields().items():
        parts = split(name)
        if parts[0] in HIDDEN or value is None or NAMES & set(parts[1:]):
            continue
        known = case.provenance(name)
        where = told("sources", known.source) if real or known.source in (SET, RESCALED) else say("withheld")
        row = (
            ".".join(known_as.get(part, part) for part in parts),
            worded(_renamed(value, known_as)),
            told("units", known.unit),
            told("grades", known.grade),
            where,
            told("meanings", known.meaning),
        )
        grades[known.grade] += 1
        groups.setdefault(parts[0], []).append(row)
        if known.grade == "user" or name in beside:
            changed.append(row)
    headings = tuple(say(key) for key in ("name", "value", "unit", "grade", "source", "meaning"))
    right = (False,) * len(headings)
    counts = [say("count", grade=told("grades", grade), count=f"{grades[grade]:,}") for grade in sorted(grades)]
    sentences = [say("grades", counts=("; " if lang == "en" else "；").join(counts))]
    tables = [Table(say("changed"), headings, tuple(changed), right)] if changed else []
    sentences += [] if changed else [say("none")]
    tables += [
        Table(_about(case, name, len(rows), lang), headings, tuple(rows), right, folded=True)
        for name, rows in groups.items()
    ]
    return Section(say("heading"), tuple(sentences), tuple(tables))


def _about(case: Case, section: str, values: int, lang: str) -> str:
    """The caption of a section of a case: its name, what it is about, how many values it has."""
    meaning = said("meanings", type(case).model_fields[section].description or "", lang)
    return phrase(TEXTS, lang)("section", name=section, meaning=meaning, count=f"{values:,}")


def spelled(case: Case, name: str) -> str:
    """A full name; where names are fictional, the parts that name things carry their labels instead."""
    known = _labels(case)
    return ".".join(known.get(part, part) for part in split(name)) if known else name


def _labels(case: Case) -> dict[str, str]:
    """What to write for the id of a thing where names are fictional; empty where they are real."""
    if case.display.names == "real":
        return {}
    known = {key: case.label(kind, key) for kind in KINDS for key in getattr(case, kind)}
    return known | {h.id: h.kind.replace("_", " ") for h in case.happenings}


def worded(value: Any) -> str:
    """A value of a case as it was stated; "-" for none, or for an empty list or table.

    >>> worded(79_900.0), worded(0.45), worded(-0.05), worded(["jd", "gac"])
    ('79,900', '0.45', '−0.05', 'jd, gac')
    """
    if value is None or (isinstance(value, list | tuple | dict) and not value):
        return "-"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return f"{value:,.10g}".replace("-", "−")
    return ", ".join(str(part) for part in value) if isinstance(value, list | tuple) else str(value)


def _renamed(value: Any, known: Mapping[str, str]) -> Any:
    """A value with the ids in it replaced."""
    if isinstance(value, list | tuple):
        return [_renamed(one, known) for one in value]
    return known.get(value, value) if isinstance(value, str) else value
