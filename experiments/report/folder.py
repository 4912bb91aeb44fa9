"""A result folder as a report reads it: what kind it is, its case, its manifest, its tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from experiments.manifest import figure_source
from market import Case, CaseError, Fault
from market.casefile.faults import show

if TYPE_CHECKING:
    import pandas as pd

Kind = Literal["run", "sweep", "compare", "stress", "explain", "calibrate"]
SIGNS: Mapping[Kind, tuple[str, ...]] = {
    "calibrate": ("coverage",),
    "explain": ("sensitivity", "convergence", "boxes"),
    "stress": ("risk", "regret"),
    "compare": ("effects", "pairs"),
    "run": ("sales",),
}
"""Tables by which a folder is known; a sweep is known by its design and its runs."""
FORMS = ("parquet", "csv")


@dataclass(frozen=True)
class Folder:
    """One result folder. Tables are read when asked for."""

    path: Path
    kind: Kind
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def open(cls, path: Path) -> Folder:
        """A folder that one of the commands wrote. Raises CaseError where it is none."""
        kind = _kind(path)
        if kind is None:
            allowed = "allowed: a folder written by run, sweep, compare, stress, explain or calibrate with --out"
            raise CaseError([Fault("DIR", f"{show(str(path), 200)} holds no result", allowed, "give such a folder")])
        if kind == "sweep" and (path / "stress.toml").is_file():
            given = f"{show(str(path), 200)} holds a stress test that is not finished"
            raise CaseError([Fault("DIR", given, remedy="start it again: it goes on where it was")])
        try:
            manifest = json.loads((path / "manifest.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            manifest = {}
        except (OSError, ValueError) as error:
            file = show(str(path / "manifest.json"), 200)
            raise CaseError([Fault("DIR", f"{file} cannot be read", remedy="make the result again")]) from error
        return cls(path, kind, manifest if isinstance(manifest, dict) else {})

    @cached_property
    def case(self) -> Case:
        """The case of the folder; of a comparison or a stress test the base case. Raises CaseError if there is none."""
        for name in ("case.toml", "base.toml"):
            if (self.path / name).is_file():
                return Case.load(self.path / name)
        raise CaseError(
            [Fault("DIR", f"{show(str(self.path), 200)} holds no case.toml", remedy="make the result again")]
        )

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Seeds of all luck, where the manifest says them."""
        return tuple(int(seed) for seed in self.manifest.get("seeds", ()) if isinstance(seed, int))

    @property
    def name(self) -> str:
        """The case as the user typed it."""
        return Path(str(self.manifest.get("case", ""))).name

    def has(self, name: str) -> bool:
        """Whether a table is there."""
        return _file(self.path, name) is not None

    def table(self, name: str) -> pd.DataFrame:
        """A table by its name. Raises CaseError where it is missing or cannot be read."""
        import pandas as pd

        file = _file(self.path, name)
        if file is None:
            raise CaseError([Fault("DIR", f"{show(str(self.path), 200)}: no table {name}", remedy="make it again")])
        try:
            return pd.read_csv(file) if file.suffix == ".csv" else pd.read_parquet(file)
        except (OSError, ValueError) as error:
            raise CaseError([Fault("DIR", f"{show(str(file), 200)} cannot be read", remedy="make it again")]) from error

    def source(self, lang: str) -> str:
        """What stands below every figure of the report."""
        return figure_source(self.case, self.seeds, lang, self.name)


def _kind(path: Path) -> Kind | None:
    if not path.is_dir():
        return None
    for kind, names in SIGNS.items():
        if any(_file(path, name) is not None for name in names):
            return kind
    return "sweep" if (path / "design.toml").is_file() and (path / "runs").is_dir() else None


def _file(path: Path, name: str) -> Path | None:
    return next((file for form in FORMS if (file := path / f"{name}.{form}").is_file()), None)
