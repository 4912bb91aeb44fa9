"""Cases that build on other cases: `base = "name"` and `remove = [...]`, resolved into one table."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from market.casefile import shares, toml, tree
from market.casefile.faults import CaseError, Fault, listed, nearest, show
from market.casefile.sources import Sources


def bundled(folder: Traversable) -> list[str]:
    """Names of the TOML files in a folder."""
    return sorted(file.name.removesuffix(".toml") for file in folder.iterdir() if file.name.endswith(".toml"))


@dataclass(frozen=True)
class Reader:
    """Finds cases by name or path and puts them on top of what they build on."""

    folder: Traversable
    rows: Iterable[str]

    def load(self, name_or_path: str | os.PathLike[str]) -> dict[str, Any]:
        """The resolved tables of a bundled case or of a file."""
        name = os.fspath(name_or_path)
        if isinstance(name_or_path, str):
            return self._resolved(self._find(name, Path(), "case"), ())
        path = Path(name)
        return self._resolved(path if _exists(path) else self._find(str(path), None, "case"), ())

    def resolve(self, tables: Mapping[str, Any], beside: Path | None, chain: tuple[str, ...] = ()) -> dict[str, Any]:
        """Tables on top of what they build on; `base` is looked up among the bundled ones, then from `beside`."""
        own = {name: entry for name, entry in tables.items() if name not in ("base", "remove")}
        if isinstance(own.get("sources"), Mapping):
            own["sources"] = _flat_sources(own["sources"])
        base, gone = tables.get("base"), tables.get("remove", [])
        if not isinstance(gone, list) or not all(isinstance(name, str) for name in gone):
            raise CaseError(
                [
                    Fault(
                        "remove",
                        f"given {show(gone)}",
                        "allowed: a list of full names",
                        'write for example remove = ["cars.ut_super"]',
                    )
                ]
            )
        if "base" not in tables:
            if gone:
                raise CaseError(
                    [Fault("remove", "nothing is inherited, as there is no base", remedy="add a base or drop it")]
                )
            return own
        if not isinstance(base, str) or not base:
            raise CaseError(
                [
                    Fault(
                        "base",
                        f"given {show(base)}",
                        "allowed: the name of a bundled case or a path",
                        f"bundled: {listed(bundled(self.folder))}",
                    )
                ]
            )
        inherited = self._resolved(self._find(base, beside, "base"), chain)
        faults = list(_remove(inherited, gone))
        if faults:
            raise CaseError(faults)
        return self._on_top(own, inherited)

    def _resolved(self, file: Traversable, chain: tuple[str, ...]) -> dict[str, Any]:
        path = Path(file) if isinstance(file, Path) else None
        mark = str(path.resolve()) if path else str(file)
        if mark in chain:
            names = [Path(link).stem for link in (*chain[chain.index(mark) :], mark)]
            raise CaseError(
                [
                    Fault(
                        "base", f"a circle: {' -> '.join(names)}", "a case cannot build on itself", "take one base away"
                    )
                ]
            )
        return self.resolve(toml.read(file), path.parent if path else None, (*chain, mark))

    def _find(self, name: str, beside: Path | None, path: str) -> Traversable:
        names = bundled(self.folder)
        if name in names:
            return self.folder / f"{name}.toml"
        if name and beside is not None and _exists(beside / name):
            return beside / name
        guess = nearest(Path(name).stem, names, "bundled") or "give the path of a TOML file"
        remedy = f"{guess} bundled: {listed(names)}" if guess.startswith("did") else guess
        if path == "base":
            raise CaseError([Fault(path, f"given {show(name)}", "no such bundled case or file", remedy)])
        raise CaseError([Fault(show(name, 300)[1:-1] or "case", "no such bundled case or file", remedy=remedy)])

    def _on_top(self, own: dict[str, Any], inherited: dict[str, Any]) -> dict[str, Any]:
        merged: dict[str, Any] = tree.merge(inherited, own)
        for row in shares.rows(own, (pattern for pattern in self.rows if pattern.endswith("*"))):
            total = row.total()  # a row that sums to 1 by itself leaves nothing to the inherited shares
            if row.members and total is not None and row.fault() is None:
                tree.store(merged, row.container, tree.at(own, row.container))
        merged["sources"] = _restated(own, inherited, merged)
        return merged


def _exists(file: Path) -> bool:
    try:
        return file.exists()
    except (OSError, ValueError) as error:
        reason = str(getattr(error, "strerror", None) or error).lower()
        raise CaseError([Fault(show(str(file)), f"cannot be read: {reason}", remedy="name a readable file")]) from error


def _remove(inherited: dict[str, Any], gone: list[str]) -> Iterable[Fault]:
    for name in gone:
        path = tree.split(name)
        if tree.at(inherited, path) is tree.MISSING:
            known = [".".join(leaf[:n]) for leaf, _ in tree.leaves(inherited) for n in range(1, len(leaf) + 1)]
            level = [n for n in dict.fromkeys(known) if n.count(".") == len(path) - 1 and n.split(".")[0] == path[0]]
            yield Fault(
                "remove", f"given {show(name)}: nothing of this name is inherited", remedy=nearest(name, level or known)
            )
            continue
        tree.store(inherited, path, None)
        if isinstance(inherited.get("sources"), Mapping):
            book = Sources(inherited["sources"])
            book.replace(path, None, gone=True)
            inherited["sources"] = book.table


def _flat_sources(table: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Sources by full names, also where a name was written without quotes and so became tables in tables."""
    flat: dict[str, Any] = {}
    for name, entry in table.items():
        if isinstance(entry, Mapping) and entry and all(isinstance(inner, Mapping) for inner in entry.values()):
            flat |= _flat_sources(entry, f"{above}{name}.")
        else:
            flat[f"{above}{name}"] = entry
    return flat


def _restated(own: dict[str, Any], inherited: dict[str, Any], merged: dict[str, Any]) -> Any:
    """The merged sources; an inherited source does not vouch for a value that is stated anew."""
    stated, known = own.get("sources", {}), inherited.get("sources", {})
    if not isinstance(stated, Mapping) or not isinstance(known, Mapping):
        return merged.get("sources", {})
    book, before = Sources(stated), Sources(known)
    fresh = {}
    for path, value in tree.leaves({name: entry for name, entry in own.items() if name != "sources"}):
        same = tree.at(inherited, path) == value
        if path and not same and path[-1] != "id" and before.find(path) is not None and book.find(path) is None:
            fresh[".".join(path)] = {"grade": "D", "source": "stated in the case without a source"}
    return {**known, **fresh, **stated}
