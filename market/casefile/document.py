"""A case as a document: loaded from TOML, checked as a whole, changed by full names, written back with its sources."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from importlib import resources
from importlib.resources.abc import Traversable
from os import PathLike
from pathlib import Path
from typing import Any, ClassVar, Self

from pydantic import BaseModel, Field, ValidationError
from pydantic.fields import FieldInfo
from pydantic.json_schema import DEFAULT_REF_TEMPLATE

from market.casefile import inheritance, kinds, shares, toml, tree, wording
from market.casefile.faults import CaseError, Fault, show
from market.casefile.sources import RESCALED, SET, Provenance, Source, Sources
from market.fields import Section

_UNSTATED = "not stated"
_WITHOUT_SOURCE = "stated in the case without a source"


class Document(Section):
    """What every case can do, whatever its sections are. `load` or `parse` one, then `change` it.

    Sections hold things in tables by id or in lists of items with an `id`; both are addressed by full names such as
    `cars.ut_super.price_cny`. Only `load`, `parse` and `change` check a document as a whole (rows of shares, sources,
    `checks`); building one from keywords checks its fields alone. Content is validated as strict JSON: text is no
    number, true is no 1, but 1e6 serves where a whole number is asked for.
    """

    rows: ClassVar[tuple[str, ...]] = ()
    """Patterns of shares that sum to 1; the last `*` ranges over the row. Fields marked `sums_to_one` need none."""

    presentation: ClassVar[frozenset[str]] = frozenset({"title", "summary", "display", "sources"})
    """Top-level fields that cannot change a run, and so not the fingerprint."""

    sources: dict[str, Source] = Field(
        default_factory=dict, description="grade and source of a value, by its full name (* stands for any one part)"
    )

    @classmethod
    def folder(cls) -> Traversable:
        """Where the bundled documents are."""
        return resources.files("market") / "cases"

    @classmethod
    def bundled(cls) -> list[str]:
        """Names of the bundled documents."""
        return inheritance.bundled(cls.folder())

    @classmethod
    def load(cls, name_or_path: str | PathLike[str]) -> Self:
        """A bundled document by its name, or a TOML file by its path. Raises CaseError naming every fault."""
        return cls._build(inheritance.Reader(cls.folder(), cls._rows()).load(name_or_path))

    @classmethod
    def parse(cls, data: Mapping[str, Any] | str) -> Self:
        """A document from TOML text or from the tables such a text holds. Raises CaseError naming every fault."""
        tables = toml.loads(data, "TOML text") if isinstance(data, str) else dict(data)
        return cls._build(inheritance.Reader(cls.folder(), cls._rows()).resolve(tables, Path()))

    def checks(self) -> Iterator[Fault]:
        """Rules across sections. Asked only when every field is valid."""
        yield from ()

    @classmethod
    @lru_cache(maxsize=64)
    def _rows(cls) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*cls.rows, *kinds.rows_of(cls))))

    @classmethod
    def _build(cls, tables: Mapping[str, Any]) -> Self:
        faults: list[Fault] = []
        content = tree.canonical(tables, faults)
        try:
            document = cls.model_validate_json(json.dumps(content), strict=True)
        except ValidationError as error:
            known = {fault.path for fault in faults}
            faults += [fault for fault in wording.translate(cls, tables, error) if fault.path not in known]
            faults += [fault for row in shares.rows(content, cls._rows()) if row.members and (fault := row.fault())]
            raise CaseError(faults) from None
        unambiguous = not faults
        faults += document._row_faults()
        faults += document._source_faults()
        faults += document.checks() if unambiguous else ()
        if faults:
            raise CaseError(faults)
        return document

    def rows_of_shares(self) -> list[dict[str, float]]:
        """Every row of shares that sums to 1: its values by full name. Changing one makes the others give way."""
        return [row.by_name() for row in shares.rows(tree.plain(self), self._rows()) if row.members]

    def _row_faults(self) -> Iterator[Fault]:
        for row in shares.rows(tree.plain(self), self._rows()):
            if row.members or not self._may_be_empty(row.container):
                yield from filter(None, [row.fault()])

    def _may_be_empty(self, path: tree.Path) -> bool:
        """True where the default is an empty row, which then means that nothing is stated."""
        value, annotation, _ = self._place(path[:-1])
        info = (kinds.inside(annotation, path[-1], value) or (None, None))[1]
        return info is not None and not info.is_required() and not kinds.default_of(info)

    def _source_faults(self) -> Iterator[Fault]:
        for name in self.sources:
            parts = tree.split(name)
            if "*" not in parts:
                try:
                    self._place(parts)
                except CaseError as error:
                    yield Fault(f"sources.{name}", "names nothing in this case", remedy=error.faults[0].remedy)
            elif not self._may_name(parts):
                yield Fault(f"sources.{name}", "can name nothing in a case", remedy="correct the name")

    @classmethod
    @lru_cache(maxsize=4_096)
    def _may_name(cls, pattern: tree.Path) -> bool:
        return kinds.fits(cls, pattern)

    def _place(self, parts: tree.Path) -> tuple[Any, Any, FieldInfo | None]:
        """The value of a full name (None where it is not set), its annotation, and the field or what it is in."""
        value: Any = self
        annotation: Any = type(self)
        info: FieldInfo | None = None
        for part in parts:
            found = kinds.inside(annotation, part, value)
            holder, value = value, tree.item(value, part)
            if found is None or (value is tree.MISSING and isinstance(holder, Mapping | list | tuple)):
                raise CaseError([self._unknown(parts)])
            value = None if value is tree.MISSING else value
            annotation, field = found
            info = field or info
        return value, annotation, info

    def _unknown(self, parts: tree.Path) -> Fault:
        """A fault for a name that names nothing, with the names that may have been meant."""
        return Fault(".".join(parts), "no such name", remedy=tree.guess(parts, [path for path, _ in self._leaves()]))

    def _leaves(self) -> Iterator[tuple[tree.Path, Any]]:
        def below(value: Any, path: tree.Path) -> Iterator[tuple[tree.Path, Any]]:
            inside: list[tuple[str, Any]] = []
            if isinstance(value, BaseModel | Mapping):
                inside = toml.entries(value)
            elif toml.is_keyed(value):
                inside = [(str(tree.identity(entry)), entry) for entry in value]
            if not inside:
                yield path, value
            for key, entry in inside:
                if (*path, key) != ("sources",):
                    yield from below(entry, (*path, key))

        return below(self, ())

    def get(self, name: str) -> Any:
        """The value, table or section of a full name; None where it is not set."""
        return self._place(tree.split(name))[0]

    def fields(self) -> dict[str, Any]:
        """Every single value by its full name, in the order of the sections; None where one is not set."""
        return {".".join(path): value for path, value in self._leaves()}

    def change(self, values: Mapping[str, Any]) -> Self:
        """A new document with other values, checked as a whole; each changed name has the grade `user`.

        A table or row given whole replaces the old one. Of a row of shares given in part, the others are rescaled so
        that it still sums to 1. None unsets a field, or takes away an item. Raises CaseError naming every fault.
        """
        content = tree.plain(self)
        faults: list[Fault] = []
        given = {tree.split(name): tree.plain(value) for name, value in values.items()}
        for path in sorted(given, key=len):
            faults += self._store(content, path, given[path])
        if faults:
            raise CaseError(faults)
        outcome = list(shares.rescale(content, self._rows(), given))
        if any(isinstance(change, Fault) for change in outcome):
            raise CaseError(change for change in outcome if isinstance(change, Fault))
        changed = dict.fromkeys(given, SET)
        changed |= {path: RESCALED for path in outcome if isinstance(path, tuple)}
        book = Sources(content.get("sources", {}))
        for path, why in changed.items():
            if path[0] != "sources":
                book.replace(path, {"grade": "user", "source": why}, gone=given.get(path, 0) is None)
        content["sources"] = book.table
        return self._build(content)

    def _store(self, content: dict[str, Any], path: tree.Path, value: Any) -> Iterator[Fault]:
        """Put one changed value in its place, beginning tables that are not there yet where that is plain."""
        holder: Any = content
        annotation: Any = type(self)
        for part in path[:-1]:
            found = kinds.inside(annotation, part, holder)
            inner = tree.item(holder, part)
            if inner is tree.MISSING and found is not None and kinds.may_begin(annotation, found[0]):
                inner = holder[part] = [] if kinds.only_list(found[0]) else {}
            if found is None or inner is tree.MISSING:
                yield self._unknown(path)
                return
            annotation, above, holder = found[0], holder, inner
        name = path[-1]
        known = tree.item(holder, name) is not tree.MISSING
        if kinds.inside(annotation, name, holder) is None or (
            value is None and not known and not kinds.is_field(annotation, name)
        ):
            yield self._unknown(path)
        elif name == "id" and len(path) > 1 and isinstance(above, list) and value != path[-2]:
            yield Fault(
                ".".join(path), f"given {show(value)}", "an id cannot be changed", "take the item away and add it anew"
            )
        elif isinstance(holder, list) and value is not None and not isinstance(value, Mapping):
            yield Fault(".".join(path), f"given {show(value)}", "allowed: a table", "give the whole item")
        elif isinstance(holder, list) and value is not None and value.get("id", name) != name:
            yield Fault(f"{'.'.join(path)}.id", f"given {show(value['id'])}", f"allowed: {name}", "use one id")
        else:
            tree.store(content, path, value)

    def provenance(self, name: str) -> Provenance:
        """Where a value comes from, its unit and meaning.

        An exact source is preferred, then a change by the user to what the value is in, then the most specific source
        with wildcards or of what the value is in, then what its field says of its default. A value that differs from
        a default is not vouched for by the default's source.
        """
        return self._provenance(tree.split(name), Sources(self.sources))

    def _provenance(self, parts: tree.Path, book: Sources) -> Provenance:
        value: Any = self
        annotation: Any = type(self)
        unit, meaning = "", ""
        vouchers: list[tuple[Any, bool, str, str]] = []  # each field's default, whether it has none, grade, source
        for part in parts:
            found = kinds.inside(annotation, part, value)
            value = tree.item(value, part)
            if found is None or value is tree.MISSING:
                raise CaseError([self._unknown(parts)])
            annotation, field = found
            vouchers = [(tree.item(default, part), *rest) for default, *rest in vouchers]
            if field is None:
                continue
            extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
            if field.description is not None:
                meaning = field.description if "grade" in extra or not meaning else f"{meaning}: {field.description}"
            unit = str(extra.get("unit", unit))
            if "grade" in extra:
                default = tree.MISSING if field.is_required() else kinds.default_of(field)
                vouchers.insert(
                    0, (default, field.is_required(), str(extra["grade"]), str(extra.get("source", _UNSTATED)))
                )
        stated = book.find(parts)
        if stated is None:
            same = [known for known in vouchers if tree.plain(known[0]) == tree.plain(value)]
            best = next(iter(same + [known for known in vouchers[:1] if known[1]]), None)
            stated = best[2:] if best else ("D", _WITHOUT_SOURCE if vouchers else _UNSTATED)
        return Provenance(*stated, unit, meaning)

    def to_toml(self) -> str:
        """The whole document as TOML, defaults included, with unit, grade and source beside each value.

        It loads back equal.
        """
        book = Sources(self.sources)

        def comment(parts: tree.Path) -> str:
            found = self._provenance(parts, book)
            origin = "" if found.source == _UNSTATED else f"{found.grade}: {found.source}"
            return "; ".join(filter(None, [found.unit, origin]))

        body = {name: value for name, value in toml.entries(self) if name != "sources"}
        lines = list(toml.write(body, comment))
        if self.sources:
            stated = ((name, {"grade": s.grade, "source": s.source}) for name, s in self.sources.items())
            lines += ["", "[sources]", *(f"{toml.key(name)} = {toml.literal(source)}" for name, source in stated)]
        return "\n".join(lines).lstrip("\n") + "\n"

    @cached_property
    def fingerprint(self) -> str:
        """16 hexadecimal digits of the content: everything that can change a run, defaults included.

        Title, summary, display and sources are left out. Neither formatting nor the order of tables or of items with
        ids counts, so nothing in a run may depend on them.
        """
        content = {name: value for name, value in tree.plain(self).items() if name not in self.presentation}
        text = json.dumps(tree.unordered(tree.canonical(content, [])), sort_keys=True, separators=(",", ":"))
        return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    def __hash__(self) -> int:
        return hash(self.fingerprint)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """A copy with some sections replaced, unchecked; it has a fingerprint of its own."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("fingerprint", None)
        return copied

    @classmethod
    def schema(cls, by_alias: bool = True, ref_template: str = DEFAULT_REF_TEMPLATE) -> dict[str, Any]:
        """The JSON Schema of a file: of a whole case, or of one that builds on a `base` and so may leave tables out."""
        schema = cls.model_json_schema(by_alias, ref_template)
        schema["anyOf"] = [{"required": schema.pop("required", [])}, {"required": ["base"]}]
        schema["properties"] |= {
            "base": {"type": "string", "description": "the bundled case, or path from this file, to build on"},
            "remove": {"type": "array", "items": {"type": "string"}, "description": "full names not to take from base"},
        }
        return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
