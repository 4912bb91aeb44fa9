"""What-ifs: one difference between two worlds, or several causes that can be switched off one at a time.

A what-if file is TOML. `[set]` and `remove` say what is changed. Each of `[[causes]]` has a name, a title, and a `set`
or `remove` that switches the cause off in the base case. The what-if world has all of these changes; with causes, what
`[set]` changes counts as one more cause.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Any, Self

from experiments.compare.attribution import MOST_CAUSES
from market import Case, CaseError, Fault
from market.casefile import tree
from market.casefile.faults import listed, nearest, show
from market.casefile.toml import key, literal, read
from market.fields import Text

NAMES = ("case", "title", "set", "remove", "causes")
CAUSE_NAMES = ("name", "title", "set", "remove")
OTHER = "other_changes"
OTHER_TITLE = Text(en="the other changes", zh="其他改变")


@dataclass(frozen=True)
class Cause:
    """Something in the base case, and the changes that switch it off."""

    name: str
    title: Text
    changes: Mapping[str, Any]
    """by full name, as `Case.change` takes them; None takes an item away"""


@dataclass(frozen=True)
class WhatIf:
    """What is different in the other world."""

    changes: Mapping[str, Any] = field(default_factory=dict)
    causes: tuple[Cause, ...] = ()
    title: Text | None = None
    case: str | None = None
    """the case that the file was written for"""

    @classmethod
    def load(cls, path_or_library_name: str | PathLike[str]) -> Self:
        """A what-if from a TOML file, or from one that comes with the package, by its name. Raises CaseError."""
        found = _find(path_or_library_name)
        try:
            return cls.parse(read(found))
        except CaseError as error:
            raise CaseError(
                dataclasses.replace(fault, path=_told(fault.path, found)) for fault in error.faults
            ) from None

    @classmethod
    def parse(cls, tables: Mapping[str, Any]) -> Self:
        """A what-if from the tables of a file. Raises CaseError naming every fault."""
        faults = [*_unknown(tables, NAMES, "")]
        changes = _changes(tables, "", faults)
        given = tables.get("causes", [])
        if not isinstance(given, list) or not all(isinstance(one, Mapping) for one in given):
            faults.append(Fault("causes", f"given {show(given)}", "allowed: tables [[causes]]", "write it so"))
            given = []
        causes = [_cause(one, place, faults) for place, one in enumerate(given, start=1)]
        title = None if "title" not in tables else _title(tables["title"], "title", faults)
        case = tables.get("case")
        if case is not None and not isinstance(case, str):
            faults.append(Fault("case", f"given {show(case)}", "allowed: a name or path as text", "put it in quotes"))
        if not changes and not causes and not faults:
            faults.append(Fault("set", "nothing is changed", "allowed: [set], remove or [[causes]]", "add one"))
        faults += _clashes(causes, changes)
        if faults:
            raise CaseError(faults)
        return cls(changes, tuple(causes), title, case)

    def and_set(self, changes: Mapping[str, Any]) -> Self:
        """With some more changes, or others of the same names."""
        made = dataclasses.replace(self, changes={**self.changes, **changes})
        if faults := list(_clashes(made.causes, made.changes)):
            raise CaseError(faults)
        return made

    @property
    def parts(self) -> tuple[Cause, ...]:
        """The causes to which the effect is attributed; none where only one change was asked for."""
        if not self.causes:
            return ()
        return (*self.causes, *([Cause(OTHER, OTHER_TITLE, self.changes)] if self.changes else []))

    def world(self, base: Case) -> Case:
        """The what-if world: the base with every change. Raises CaseError naming every fault."""
        return without(base, self.causes, dict(self.changes))

    def to_toml(self) -> str:
        """The what-if as TOML that loads back equal."""
        lines = [] if self.case is None else [f"case = {literal(self.case)}"]
        if self.title is not None:
            lines.append(f"title = {literal(_texts(self.title))}")
        lines += list(_written(self.changes, "[set]"))
        for cause in self.causes:
            lines += ["", "[[causes]]", f"name = {literal(cause.name)}", f"title = {literal(_texts(cause.title))}"]
            lines += list(_written(cause.changes, "[causes.set]"))
        return "\n".join(lines).lstrip("\n") + "\n"


def without(base: Case, causes: Sequence[Cause], changes: Mapping[str, Any] | None = None) -> Case:
    """The base with some causes switched off, and with further changes. Raises CaseError naming every fault."""
    every: dict[str, Any] = functools.reduce(
        lambda all_of, cause: {**all_of, **cause.changes}, causes, dict(changes or {})
    )
    return base.change(every) if every else base


# ------------------------------------------------------------------------------------------------------ reading


def _find(name: str | PathLike[str]) -> Traversable:
    """A file by its path, or one of the library by its name."""
    if not str(name):
        raise CaseError([Fault("--with", "given nothing", "allowed: a file, or one of the library", "name one")])
    path = Path(name)
    library = resources.files("experiments") / "library"
    inside = library / f"{name}.toml"
    if not path.exists() and isinstance(name, str) and Path(name).name == name and name and inside.is_file():
        return inside
    if not path.exists():
        known = sorted(f.name.removesuffix(".toml") for f in library.iterdir() if f.name.endswith("-causes.toml"))
        raise CaseError([Fault(str(name), "no such file", f"in the library: {listed(known)}", "correct the name")])
    return path


def _told(path: str, file: Traversable) -> str:
    """The name of a field after that of its file."""
    return path if path == str(file) else f"{file.name}: {path}"


def _unknown(tables: Mapping[str, Any], allowed: Sequence[str], before: str) -> Iterator[Fault]:
    for name in tables:
        if name not in allowed:
            yield Fault(f"{before}{name}", "no such name", remedy=nearest(name, allowed))


def _changes(tables: Mapping[str, Any], before: str, faults: list[Fault]) -> dict[str, Any]:
    """What `set` and `remove` change, by full name."""
    given, gone = tables.get("set", {}), tables.get("remove", [])
    if not isinstance(given, Mapping):
        faults.append(Fault(f"{before}set", f"given {show(given)}", "allowed: a table of full names", "write [set]"))
        given = {}
    if not isinstance(gone, list) or not all(isinstance(name, str) for name in gone):
        remedy = 'write for example remove = ["happenings.announced"]'
        faults.append(Fault(f"{before}remove", f"given {show(gone)}", "allowed: a list of full names", remedy))
        gone = []
    for name, value in given.items():
        if isinstance(value, Mapping) and "." not in name:
            example = next(iter(_names(value, name)))
            faults.append(
                Fault(f"{before}set.{name}", "a table", "allowed: full names in quotes", f'write "{example}" = ...')
            )
    for name in gone:
        if name in given:
            faults.append(Fault(f"{before}remove", f"{name} is also in set", "one change for a name", "drop one"))
    return {**given, **dict.fromkeys(gone)}


def _names(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _names(inner, f"{path}.{name}")
    else:
        yield path


def _cause(given: Mapping[str, Any], place: int, faults: list[Fault]) -> Cause:
    name = given.get("name")
    before = f"causes.{name}." if isinstance(name, str) and name else f"causes[{place}]."
    if (
        not isinstance(name, str)
        or not name
        or not name.replace("_", "").isalnum()
        or not name.isascii()
        or name == OTHER
    ):
        allowed = f"allowed: letters, digits and underscores, not {OTHER}"
        faults.append(Fault(f"causes[{place}].name", f"given {show(name)}", allowed, "name the cause"))
        name = f"cause_{place}"
    faults += _unknown(given, CAUSE_NAMES, before)
    plain = {"en": name.replace("_", " "), "zh": name.replace("_", " ")}
    title = _title(given.get("title", plain), f"{before}title", faults)
    changes = _changes(given, before, faults)
    if not changes:
        faults.append(Fault(f"{before}set", "switches nothing off", "allowed: full names and values", "add one"))
    return Cause(name, title, changes)


def _title(given: Any, path: str, faults: list[Fault]) -> Text:
    fits = (
        isinstance(given, Mapping)
        and set(given) == {"en", "zh"}
        and all(isinstance(t, str) and t for t in given.values())
    )
    if not fits:
        faults.append(Fault(path, f"given {show(given)}", "allowed: a table with en, zh", "give both"))
        return OTHER_TITLE
    return Text(en=given["en"], zh=given["zh"])


def _clashes(causes: Sequence[Cause], changes: Mapping[str, Any]) -> Iterator[Fault]:
    """Faults where causes have one name, where two change one thing, or where there are too many."""
    if len(causes) + bool(changes) > MOST_CAUSES:
        yield Fault("causes", f"given {len(causes)}", f"allowed: at most {MOST_CAUSES}", "put some together")
    names = [cause.name for cause in causes]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Fault(f"causes.{name}", "two causes have this name", "names must differ", "rename one")
    owner: dict[str, str] = {}
    every = [(f"causes.{cause.name}", cause.changes) for cause in causes] + [("set", changes)]
    for who, these in every:
        for name in these:
            for other, whose in owner.items():
                short, long = sorted((tree.split(name), tree.split(other)), key=len)
                if whose != who and long[: len(short)] == short:
                    yield Fault(f"{who}.{name}", f"{whose} changes {other}", "one cause for a value", "drop one")
            owner[name] = who


def _texts(text: Text) -> dict[str, str]:
    return {"en": text.en, "zh": text.zh}


def _written(changes: Mapping[str, Any], heading: str) -> Iterator[str]:
    gone = [name for name, value in changes.items() if value is None]
    given = {name: value for name, value in changes.items() if value is not None}
    if gone:
        yield f"remove = {literal(gone)}"
    if given:
        yield heading if heading == "[causes.set]" else f"\n{heading}"
        yield from (f"{key(name)} = {literal(tree.plain(value))}" for name, value in given.items())
