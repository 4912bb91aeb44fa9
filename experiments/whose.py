"""Whose car is it: organisations around the focal car, in two tables that answer the four questions of a run.

Who defines the car; who is blamed, against control and contribution; who keeps the owner; who earns.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from rich.console import Console
from rich.text import Text

from experiments import findings
from experiments.console import number, print_table, table
from experiments.summary import Figure

if TYPE_CHECKING:
    from experiments.run import Outcome
    from market import Case

MOST_DEFINERS = 5
"""Organisations listed where no car stands in front."""

TEXTS = {
    "around": ("Around {name}", "{name} 背后的各方"),
    "market": ("Who defines most cars", "定义最多车辆的各方"),
    "organisation": ("Who", "机构"),
    "defines": ("Defines,\n% of cars", "定义权\n占车辆 %"),
    "blamed": ("Blamed,\n% of blame", "受指责\n占指责 %"),
    "to_control": ("Blame over\ncontrol", "指责与\n控制之比"),
    "to_contribution": ("Blame over\ncontribution", "指责与\n责任之比"),
    "trust": ("Trust at the\nend, 0-1", "期末信任\n0-1"),
    "returning": ("Owners who\ncome back, %", "回头车主\n%"),
    "closed_loop": ("Closed-loop\nshare, %", "闭环份额\n%"),
    "lifetime": ("Worth of an\nowner, CNY", "车主终身价值\n元"),
    "profit": ("Profit, all\ncars, CNY mn", "利润（全部车型）\n百万元"),
    "profit_here": ("Profit, this\ncar, CNY mn", "利润（本车）\n百万元"),
    "note": (
        "Blame over control (contribution): 1 is as much as it controls (is assumed to contribute).",
        "指责与控制（责任）之比，按全部事件计：1 表示与其控制（所设责任）相当。",
    ),
}


class Column(NamedTuple):
    """How a figure of each organisation is shown."""

    name: str
    digits: int
    scale: float


FIRST = (
    Column("defines", 2, 100.0), Column("blamed", 1, 100.0), Column("to_control", 2, 1.0),
    Column("to_contribution", 2, 1.0), Column("trust", 4, 1.0),
)  # fmt: skip
SECOND = (
    Column("returning", 1, 100.0), Column("closed_loop", 1, 100.0), Column("lifetime", 0, 1.0),
    Column("profit", 0, 1e-6), Column("profit_here", 1, 1e-6),
)  # fmt: skip


def say(key: str, lang: str, **words: Any) -> str:
    """A text in a language, with its braces filled in."""
    return TEXTS[key][lang == "zh"].format(**words)


def show(out: Console, outcome: Outcome, lang: str) -> list[Figure]:
    """Print the two tables and what their ratios mean. Returns the figures that were shown."""
    case, focal = outcome.case, outcome.case.focal_car
    rows = organisations(outcome)
    heading = say("market", lang) if focal is None else say("around", lang, name=case.label("cars", focal, lang))
    out.print(Text("\n" + heading, style="bold"))
    shown: list[Figure] = []
    for columns in (FIRST, SECOND):
        found = {column: findings.by_organisation(outcome.findings, column.name) for column in columns}
        kept = [column for column in columns if found[column]]
        made = table(say("organisation", lang), *(say(column.name, lang) for column in kept))
        for key in rows:
            figures = [found[column][key] for column in kept]
            cells = [number(figure, c.digits, c.scale) for figure, c in zip(figures, kept, strict=True)]
            made.add_row(case.label("organisations", key, lang), *cells)
            shown += figures
        print_table(out, made)
        out.print()
    out.print(Text(say("note", lang), style="dim"))
    return shown


def organisations(outcome: Outcome) -> list[str]:
    """Who is listed: everybody with a role in the focal car or its face, else the largest definers; by that power."""
    case, focal = outcome.case, outcome.case.focal_car
    power = findings.by_organisation(outcome.findings, "defines")
    order = sorted(power, key=lambda key: (-_number(power[key]), key))
    if focal is None:
        return order[:MOST_DEFINERS]
    involved = held(case, focal)
    return [key for key in order if key in involved]


def held(case: Case, car: str) -> set[str]:
    """Who holds a part of any function of a car or of its face, at the start or after a decision that is planned."""
    rows = [case.cars[car].holders(function) for function in case.functions] + [case.cars[car].public_face()]
    holders = {key for row in rows for key, share in row.items() if share > 0.0}
    moves = [*case.decisions, *(h for h in case.happenings if h.kind == "decision")]
    heirs = {h.heir for h in case.happenings if h.kind == "exit" and h.car == car}
    return holders | {move.taker for move in moves if move.car == car} | heirs


def _number(figure: Figure) -> float:
    return figure.value if figure.value == figure.value else 0.0
