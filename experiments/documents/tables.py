"""Tables of documents, made from the project itself, so that they cannot say what it no longer does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final

from pydantic.fields import FieldInfo

from experiments.documents.fields import Parameter, parameters
from market import Case, Market
from market.people.consumers import Consumer
from market.people.population import Column, Derived

MOST_ROWS: Final = 4
"""Rows that are named for each public function."""
GRADES: Final = ("A", "B", "C", "D", "fitted", "user")


_case = cache(Case.load)


def markdown(header: Sequence[str], rows: Iterable[Sequence[object]], numbers: Iterable[int] = ()) -> str:
    """A table of Markdown, aligned in its source; `numbers` are the columns set to the right."""
    right = set(numbers)
    body = [[str(cell).replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows]
    width = [max(3, *(len(row[at]) for row in [list(header), *body])) for at in range(len(header))]

    def line(cells: Sequence[str]) -> str:
        placed = (cell.rjust(width[at]) if at in right else cell.ljust(width[at]) for at, cell in enumerate(cells))
        return f"| {' | '.join(placed)} |"

    rule = ("-" * (width[at] - 1) + ":" if at in right else "-" * width[at] for at in range(len(header)))
    return "\n".join([line(list(header)), f"| {' | '.join(rule)} |", *map(line, body)])


def state() -> str:
    """What is stored of a consumer, and what is worked out when asked for."""
    rows = []
    for name, attribute in vars(Consumer).items():
        if isinstance(attribute, Column):
            kind = "fixed" if attribute.static else "state"
            rows.append((f"`{name}`", kind, attribute.unit or "-", str(attribute.dtype), attribute.meaning))
        elif isinstance(attribute, Derived):
            rows.append((f"`{name}`", "derived", attribute.unit or "-", "-", attribute.meaning))
    return markdown(("attribute", "kind", "unit", "stored as", "meaning"), rows)


def acts() -> str:
    """The acts of a week in order, and how often each runs."""
    said = dict(re.findall(r"\d+\. `(\w+)`: ((?:[^\n]|\n(?!\n|\s+\d+\.))+)", Market.__doc__ or ""))
    rows = [
        (n, f"`{act}`", "week" if act in Market.AT_WEEKS_END else "round", " ".join(said[act].split()))
        for n, act in enumerate(Market.ACTS, 1)
    ]
    return markdown(("", "act", "once a", "what happens"), rows, [0])


def of_section(name: str, case: str = "jd-gac-catl") -> str:
    """The parameters of a section of a case: unit, what is allowed, value or range of values, grade, meaning."""
    return _parameters([found for found in _parameters_of(case) if found.section == name])


@cache
def _parameters_of(case: str) -> list[Parameter]:
    return parameters(_case(case))


def _parameters(found: Sequence[Parameter]) -> str:
    rows = [(f"`{p.name}`", p.unit or "-", p.allowed, p.values, p.grade, p.meaning) for p in found]
    return markdown(("parameter", "unit", "allowed", "value", "grade", "meaning"), rows)


def grades(*names: str) -> str:
    """How many numbers of each case have which grade."""
    rows = []
    for name in names or Case.bundled():
        case = _case(name)
        count = Counter(
            case.provenance(field).grade
            for field, value in case.fields().items()
            if isinstance(value, int | float) and not isinstance(value, bool)
        )
        rows.append((f"`{name}`", sum(count.values()), *(count[grade] or "" for grade in GRADES[:5])))
    return markdown(("case", "numbers", *GRADES[:5]), rows, range(1, 7))


def cases() -> str:
    """The bundled cases: what each is, and how large."""
    rows = []
    for name in Case.bundled():
        case = _case(name)
        rows.append((f"`{name}`", case.title.en, len(case.cars), len(case.organisations), case.summary.en))
    return markdown(("case", "title", "cars", "parties", "in a sentence"), rows, [2, 3])


def roles(name: str, car: str | None = None) -> str:
    """Who holds which part of each function of a car, and of its face, in a case."""
    case = _case(name)
    which = case.cars[car or case.focal_car or next(iter(case.cars))]
    rows: dict[str, Mapping[str, float]] = {function: which.holders(function) for function in case.functions}
    rows["*face*"] = which.public_face()
    held = [o for o in case.organisations if any(row.get(o) for row in rows.values())]
    body = [(key, *(f"{row[o]:.2f}" if row.get(o) else "" for o in held)) for key, row in rows.items()]
    return markdown(("function", *(case.label("organisations", o) for o in held)), body, range(1, 1 + len(held)))


def happenings(name: str) -> str:
    """The dated events of a case."""
    case = _case(name)
    rows = [
        (h.on, h.kind, f"`{h.id}`", (known := case.provenance(f"happenings.{h.id}.on")).grade, known.source)
        for h in sorted(case.happenings, key=lambda h: (h.on, h.id))
    ]
    return markdown(("date", "kind", "id", "grade", "source of the date"), rows)


def cars(name: str) -> str:
    """The cars of a case: maker, price, range, constant, and where the price comes from."""
    case, rows = _case(name), []
    for key, car in case.cars.items():
        known = case.provenance(f"cars.{key}.price_cny")
        rows.append((
            f"`{key}`", case.label("cars", key), case.label("organisations", car.maker), f"{car.price_cny:,.0f}",
            f"{car.range_km:.0f}", f"{car.appeal:+.2f}", known.grade, known.source,
        ))  # fmt: skip
    return markdown(("car", "name", "maker", "CNY", "km", "constant", "grade", "source of the price"), rows, [3, 4, 5])


def outcomes() -> str:
    """What a sweep keeps of a run."""
    from experiments.outcome_names import BY_ORGANISATION, OF_CAR, OF_MARKET

    def rows(of: str, words: Mapping[str, Any]) -> list[tuple[str, str, str]]:
        what = {"car": "the focal car", "organisation": "an organisation"}.get(of, of)
        return [(f"`{key}`", said[0].format(name=what), said[1]) for key, said in words.items()]

    body = [*rows("car", OF_CAR), *rows("market", OF_MARKET), *rows("organisation", BY_ORGANISATION)]
    return markdown(("outcome", "meaning", "unit"), body)


def sections() -> str:
    """The sections of a case, what each holds, and how many numbers the default case states in it."""
    case = _case("jd-gac-catl")
    count = Counter(name.split(".")[0] for name in case.fields())
    described: dict[str, FieldInfo] = type(case).model_fields
    rows = [(f"`{name}`", count[name], info.description or "") for name, info in described.items() if count[name]]
    return markdown(("section", "values", "what it holds"), rows, [1])


def oracles() -> str:
    """The rows of the verification: what each asks, against what, and how; a list for each kind."""
    from experiments.verify import rows
    from experiments.verify.console import NOUNS

    lines: list[str] = []
    for noun, (title, _) in NOUNS.items():
        lines += ["", f"### {title}", ""]
        lines += [f"- `{row.key}`: {row.en}. *Against*: {row.source}. {row.how}" for row in rows([noun])]
    return "\n".join(lines[1:])


def functions() -> str:
    """The public functions that the verification goes through, with their signatures: a list for each module."""
    from experiments.verify import rows
    from experiments.verify.public import functions as public

    lines, module = list[str](), ""
    for one in public(rows()):
        if one.module != module:
            module = one.module
            lines += ["", f"### `{module}`", ""]
        keys = ", ".join(f"`{key}`" for key in one.rows[:MOST_ROWS]) + (", ..." if len(one.rows) > MOST_ROWS else "")
        lines.append(f"- `{one.short}{one.signature}`: {one.says} *Rows*: {keys}")
    return "\n".join(lines[1:])


TABLES: Final[Mapping[str, Callable[..., str]]] = {
    "state": state, "acts": acts, "parameters": of_section, "grades": grades, "cases": cases, "roles": roles,
    "happenings": happenings, "cars": cars, "outcomes": outcomes, "sections": sections,
    "oracles": oracles, "functions": functions,
}  # fmt: skip
