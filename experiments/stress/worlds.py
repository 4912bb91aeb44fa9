"""A stress test as a file states it: crises, answers, decisions and contracts, of which every combination is a world.

All worlds are one case with changes, so that they share every bit of luck; the uncertain values of grade C and D are
drawn once, and each world is run with each draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import Field, PrivateAttr, ValidationError, field_validator

from market import CaseError, Fault
from market.casefile import toml, tree, wording
from market.casefile.faults import nearest, show
from market.casefile.sources import Source
from market.fields import Id, Section, Text, value
from market.happenings import FAILURES

NONE = "none"
"""Id of the option of each axis that changes nothing."""
AXES = ("crises", "answers", "decisions", "contracts")
WORLD = ("crisis", "answer", "decision", "contract")
"""An option of each axis, in the same order."""
NOTHING = {
    "crises": ("no crisis", "没有危机"),
    "answers": ("no answer", "不回应"),
    "decisions": ("roles stay", "分工不变"),
    "contracts": ("contracts stay", "合同不变"),
}
MOST_WORLDS, MOST_RUNS = 500, 1_000_000
LISTS = ("happenings", "decisions")
"""What of a case an option can add to; each item has an id."""

Items = list[dict[str, Any]]


class World(NamedTuple):
    """One option of each axis, by id."""

    crisis: str
    answer: str
    decision: str
    contract: str

    @property
    def strategy(self) -> tuple[str, str, str]:
        """What can be chosen: answer, decision and contract."""
        return (self.answer, self.decision, self.contract)

    def __str__(self) -> str:
        """What it chooses, by axis: what faults call it."""
        chosen = [f"{axis} {key}" for axis, key in self._asdict().items() if key != NONE]
        return f"the world of {', '.join(chosen)}" if chosen else "the world in which nothing happens"


class Option(Section):
    """One crisis, answer, decision or contract: what it changes in the case."""

    id: Id = Field(description="what the option is called")
    title: Text = value(..., unit="", meaning="a line for tables and figures", source="design")
    settings: dict[str, Any] = Field(default_factory=dict, alias="set", description="values by full name")
    remove: list[str] = value(list, unit="full names", meaning="what of the case is taken away", source="design")
    happenings: Items = value(list, unit="", meaning="dated events that it adds, as in a case", source="design")
    decisions: Items = value(list, unit="", meaning="moves of roles that it adds, as in a case", source="design")
    begins: date | None = value(
        None, unit="date", meaning="day from which horizons count; none: its first event", source="design"
    )


def _axis(name: str) -> Any:
    return value(list, unit="", meaning=f"{name} to combine with the others", source="design")


class Stress(Section):
    """A stress test. `load` one, then run `experiments.stress.design` of it."""

    title: Text = value(..., unit="", meaning="name of the test", source="design")
    summary: Text = value(..., unit="", meaning="the test in a sentence", source="design")
    case: str = value(..., unit="", meaning="bundled case, or path from this file, that is tested", source="design")
    horizons_weeks: list[int] = value(
        lambda: [4, 13, 52], unit="weeks", meaning="how long after the crisis losses are counted", source="design",
        min_length=1, max_length=12,
    )  # fmt: skip
    seeds: int = value(4, unit="seeds", meaning="runs of each world and draw", ge=1, le=10_000)
    first_seed: int = value(1, unit="", meaning="first of these seeds", ge=0, le=2**32 - 1)
    draws: int = value(
        8, unit="draws", meaning="samples of the uncertain values; 0: as the case states them", ge=0, le=100_000
    )
    settings: dict[str, Any] = Field(
        default_factory=dict, alias="set", description="values by full name, in all worlds"
    )
    remove: list[str] = value(list, unit="full names", meaning="what of the case no world has", source="design")
    sources: dict[str, Source] = Field(default_factory=dict, description="grades of what this file states")
    crises: list[Option] = _axis("crises")
    answers: list[Option] = _axis("answers")
    decisions: list[Option] = _axis("decisions")
    contracts: list[Option] = _axis("contracts")

    _beside: Path | None = PrivateAttr(None)
    """the folder beside which the case is looked up, where the test was read from a file"""

    @property
    def case_path(self) -> str:
        """Name of a bundled case, or path of the file, as seen from here."""
        if self._beside is not None and (self._beside / self.case).is_file():
            return str(self._beside / self.case)
        return self.case

    @field_validator("horizons_weeks")
    @classmethod
    def _rising(cls, weeks: list[int]) -> list[int]:
        """Horizons rise from at least a week, so that the last one is the longest."""
        if weeks != sorted(set(weeks)) or weeks[0] < 1:
            raise ValueError(f"given {weeks}; allowed: rising whole numbers from 1; sort them")
        return weeks

    @classmethod
    def load(cls, name_or_path: str | Path) -> Stress:
        """A stress test of the library by its name, or a TOML file. Raises CaseError naming every fault."""
        file, beside = _find(str(name_or_path))
        stress = cls.parse(toml.read(file, ("a stress test", "title, summary, case and [[crises]]")))
        stress._beside = beside
        return stress

    @classmethod
    def parse(cls, tables: Mapping[str, Any]) -> Stress:
        """A stress test from the tables of its file. Raises CaseError naming every fault."""
        faults: list[Fault] = []
        content = tree.canonical({**tables, "sources": dict(tables.get("sources", {}))}, faults)
        try:
            stress = cls.model_validate_json(tree_json(content), strict=True)
        except ValidationError as error:
            raise CaseError([*faults, *wording.translate(cls, dict(tables), error)]) from None
        if faults:
            raise CaseError(faults)
        stress.check()
        return stress.model_copy(update={axis: stress._with_none(axis) for axis in AXES})

    def check(self) -> None:
        """Raise CaseError naming all that is wrong with the test by itself, whatever its case."""
        if faults := list(self._own_faults()):
            raise CaseError(faults)

    def options(self, axis: str) -> dict[str, Option]:
        """The options of an axis by id, `none` first."""
        return {option.id: option for option in getattr(self, axis)}

    def worlds(self) -> list[World]:
        """Every combination of one option of each axis; the first is that in which nothing happens."""
        axes = [list(self.options(axis)) for axis in AXES]
        return [World(c, a, d, k) for c in axes[0] for a in axes[1] for d in axes[2] for k in axes[3]]

    def chosen(self, world: World) -> list[Option]:
        """The four options of a world."""
        return [self.options(axis)[key] for axis, key in zip(AXES, world, strict=True)]

    def begins(self, crisis: str) -> date | None:
        """The day from which a crisis is followed: as stated, or its first event; None for no crisis."""
        option = self.options("crises")[crisis]
        days = [date.fromisoformat(str(item["on"])) for item in option.happenings if "on" in item]
        return option.begins or min(days, default=None)

    def to_toml(self) -> str:
        """The whole test as TOML; it loads back equal where the case is found."""
        return "\n".join(toml.write(tree.plain(self), lambda _: "")) + "\n"

    def _with_none(self, axis: str) -> list[Option]:
        """The options of an axis behind the one that changes nothing, which a file may name but need not."""
        stated = self.options(axis)
        nothing = stated.pop(NONE, None) or Option(
            id=NONE, title=Text(**dict(zip(("en", "zh"), NOTHING[axis], strict=True)))
        )
        return [nothing, *stated.values()]

    def _own_faults(self) -> Iterator[Fault]:
        """What can be said without the case: ids, empty axes, `none` that does something, when crises begin."""
        for axis in AXES:
            for option in getattr(self, axis):
                empty = not (option.settings or option.remove or option.happenings or option.decisions)
                at = f"{axis}.{option.id}"
                if option.id == NONE and not empty:
                    yield Fault(at, "changes something", "it is the option that changes nothing", "give it another id")
                elif option.id != NONE and empty:
                    yield Fault(at, "changes nothing", remedy="state set, remove, happenings or decisions")
                for name in LISTS:
                    for item in getattr(option, name):
                        if not isinstance(item.get("id"), str):
                            yield Fault(f"{at}.{name}", "an item without an id", "allowed: text", "give it an id")
        yield from self._kind_faults()
        for option in self.crises:
            stated = [(item, item["on"]) for item in option.happenings if "on" in item]
            undated = [item for item in option.happenings if "on" not in item]
            if option.id != NONE and option.begins is None and not stated:
                at = f"crises.{option.id}"
                missing = f"{at}.happenings.{undated[0].get('id')}.on" if undated else f"{at}.begins"
                yield Fault(missing, "missing", "allowed: a date", "say when the crisis begins")
            for item, day in stated:
                try:
                    date.fromisoformat(str(day))
                except ValueError:
                    yield Fault(
                        f"crises.{option.id}.happenings.{item.get('id')}.on", f"given {show(day)}",
                        "allowed: a date such as 2025-01-06", "correct it",
                    )  # fmt: skip
        if not any(option.id != NONE for option in self.crises):
            yield Fault("crises", "no crisis", "allowed: at least one", "add [[crises]]")
        worlds = 1
        for axis in AXES:
            worlds *= len({NONE, *(option.id for option in getattr(self, axis))})
        if worlds > MOST_WORLDS:
            yield Fault("crises", f"{worlds} worlds", f"allowed: at most {MOST_WORLDS}", "state fewer options")
        runs = worlds * max(self.draws, 1) * self.seeds
        if runs > MOST_RUNS:
            yield Fault("draws", f"{runs:_} runs", f"allowed: at most {MOST_RUNS:_}", "give fewer draws or seeds")

    def _kind_faults(self) -> Iterator[Fault]:
        """An event that several options state has the same fields in all: one kind, or kinds of failure."""
        kinds: dict[str, tuple[Any, str]] = {}
        for axis in AXES:
            for option in getattr(self, axis):
                for item in option.happenings:
                    key, kind = str(item.get("id")), item.get("kind")
                    first, where = kinds.setdefault(key, (kind, f"{axis}.{option.id}"))
                    if kind != first and not (kind in FAILURES and first in FAILURES):
                        yield Fault(
                            f"{axis}.{option.id}.happenings.{key}.kind", f"given {show(kind)}",
                            f"allowed: {show(first)}, as in {where}", "give the event another id",
                        )  # fmt: skip


def tree_json(content: Any) -> str:
    """Canonical content as the text that strict validation reads."""
    import json

    return json.dumps(content)


# ------------------------------------------------------------------------------------------------ the library


def folder() -> Traversable:
    """Where designs and stress tests are that come with the project."""
    return resources.files("experiments") / "library"


def library() -> dict[str, Stress]:
    """The stress tests of the library by name."""
    found = {}
    for file in sorted(folder().iterdir(), key=lambda one: one.name):
        if file.name.endswith(".toml") and "crises" in (tables := toml.read(file)):
            found[file.name.removesuffix(".toml")] = Stress.parse(tables)
    return found


def _find(name: str) -> tuple[Traversable, Path | None]:
    """The file of a name, and the folder beside which paths in it are meant; None for the library."""
    bundled = folder() / f"{name}.toml"
    if name and "/" not in name and "\\" not in name and bundled.is_file():
        return bundled, None
    try:
        if Path(name).exists() and name:
            return Path(name), Path(name).parent
    except (OSError, ValueError) as error:
        raise CaseError([Fault(show(name, 300), f"cannot be read: {error}", remedy="name a readable file")]) from error
    known: Sequence[str] = sorted(library())
    remedy = nearest(Path(name).stem, known, "in the library")
    raise CaseError([Fault(show(name, 300)[1:-1] or "stress", "no such stress test or file", remedy=remedy)])
