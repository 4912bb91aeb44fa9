"""Reading a design from a file, and all that can be wrong with one, said before anything is run or written."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from os import PathLike, fspath
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, Field, ValidationError

from experiments.commandline import LARGEST_SEED
from experiments.designs import samplers
from experiments.designs.design import MOST_RUNS, Design
from experiments.designs.factors import Factor, annotation_of, overlapping, takes_whole
from experiments.designs.points import read_points
from experiments.designs.samplers import Kind
from experiments.designs.tried import point_faults
from market import Case, CaseError, Fault
from market.casefile import inheritance, toml, tree, wording
from market.casefile.faults import nearest, number, show
from market.fields import Section

D = TypeVar("D", bound=Design)


class FactorSection(Section):
    """One factor of a design file."""

    name: str = Field(min_length=1, description="full name of a value of the case")
    distribution: str | None = Field(None, description="a name of scipy.stats")
    arguments: tuple[float, ...] = Field((), description="shape parameters, location and scale of the distribution")
    levels: tuple[Any, ...] = Field((), description="values to choose from")


class DesignSection(Section):
    """A design file."""

    model_config = ConfigDict(populate_by_name=False)

    case: str = Field(min_length=1, description="a bundled case, or a path from the design file")
    design: Kind = Field(description="how points are chosen")
    runs: int | None = Field(None, ge=1, le=10**15, description="base sample N")
    replicates: int = Field(1, ge=1, le=10**15, description="runs at each point, each with a seed of its own")
    first_seed: int = Field(1, ge=0, le=LARGEST_SEED, description="first seed")
    sampling_seed: int = Field(1, ge=0, le=LARGEST_SEED, description="seed of the sampler")
    series: bool = Field(False, description="keep weekly series too")
    time_limit_s: float | None = Field(None, gt=0.0, description="a run that takes longer has failed")
    settings: dict[str, Any] = Field({}, alias="set", description="fixed for every run")
    factors: tuple[FactorSection, ...] = Field((), description="what varies")
    points: str | None = Field(None, alias="list", min_length=1, description="CSV or Parquet file of points")


def library() -> Traversable:
    """Where the designs that come with the package are."""
    return resources.files("experiments") / "library"


def designs() -> list[str]:
    """Names of the designs that come with the package: the files of the library that say how points are chosen."""
    names = inheritance.bundled(library())
    return [name for name in names if "design" in toml.read(library() / f"{name}.toml")]


def load(kind: type[D], path_or_library_name: str | PathLike[str], *, tried: bool = True) -> D:
    """A design from a file or the library; points are not `tried` where they are known. Raises CaseError."""
    file = _find(path_or_library_name)
    tables = toml.read(file, ("a design", 'case = "..." and design = "..."'))
    section = _section(tables)
    beside = file.parent if isinstance(file, Path) else Path()
    faults: list[Fault] = []
    base = _base(section, beside, faults)
    listed = _listed(section, beside, faults)
    faults += _kind_faults(section)
    if base is None:
        raise CaseError(faults)
    factors = [_factor(base, given, faults) for given in section.factors]
    faults += _name_faults(section)
    held = tuple(factor for factor in factors if factor is not None)
    if not faults:
        faults += _size_faults(section, held, len(listed))
    if faults:
        raise CaseError(dict.fromkeys(faults))
    made = kind(
        base,
        section.design,
        held,
        _runs(section, held, len(listed)),
        section.replicates,
        section.first_seed,
        section.series,
        section.time_limit_s,
        section.sampling_seed,
        listed,
        origin=section.case,
        fixed=tuple(flat(section.settings)),
    )
    if tried and (faults := list(point_faults(made))):
        raise CaseError(dict.fromkeys(faults))
    return made


def flat(settings: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Settings by full names, also where a name was written without quotes and so became tables in tables.

    >>> flat({"a": {"b": 1}, "c.d": {"x": 0.5}})
    {'a.b': 1, 'c.d': {'x': 0.5}}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        full = f"{above}{name}"
        plain = isinstance(value, Mapping) and value and "." not in name
        found |= flat(value, f"{full}.") if plain else {full: value}
    return found


def _find(path_or_library_name: str | PathLike[str]) -> Traversable:
    name = fspath(path_or_library_name)
    known = designs()
    if isinstance(path_or_library_name, str) and name in known:
        return library() / f"{name}.toml"
    if name and _exists(Path(name)):
        return Path(name)
    guess = nearest(Path(name.replace("\0", "")).stem, known, "in the library") or "give the path of a TOML file"
    raise CaseError([Fault(show(name, 300)[1:-1] or "design", "no such design or file", remedy=guess)])


def _section(tables: Mapping[str, Any]) -> DesignSection:
    """The file as a section. Raises CaseError for whatever cannot stand in any design."""
    faults: list[Fault] = []
    content = tree.canonical(tables, faults)
    try:
        section = DesignSection.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        raise CaseError([*faults, *wording.translate(DesignSection, tables, error)]) from None
    if faults:
        raise CaseError(faults)
    return section


def _base(section: DesignSection, beside: Path, faults: list[Fault]) -> Case | None:
    """The case that every run changes, or None and the reasons why there is none."""
    bundled = section.case in Case.bundled()
    if not bundled and not _exists(beside / section.case):
        remedy = nearest(Path(section.case).stem, Case.bundled(), "bundled")
        faults.append(Fault("case", f"given {show(section.case)}", "no such bundled case or file", remedy))
        return None
    try:
        found = Case.load(section.case if bundled else beside / section.case)
        return found.change(flat(section.settings)) if section.settings else found
    except CaseError as error:
        faults += error.faults
        return None


def _exists(file: Path) -> bool:
    """True for a file that is there; a name that no file can have is none."""
    try:
        return file.exists()
    except (OSError, ValueError):
        return False


def _listed(section: DesignSection, beside: Path, faults: list[Fault]) -> tuple[dict[str, Any], ...]:
    if section.points is None or section.design != "list":
        return ()
    try:
        return read_points(beside / section.points)
    except CaseError as error:
        faults += error.faults
        return ()


def _factor(base: Case, given: FactorSection, faults: list[Fault]) -> Factor | None:
    """A factor, or None and what is wrong with it."""
    if (given.distribution is None) == (not given.levels):
        what = "neither a distribution nor levels" if given.distribution is None else "a distribution and levels"
        faults.append(Fault(given.name, what, "allowed: distribution with arguments, or levels", "give one of them"))
        return None
    if given.levels and given.arguments:
        faults.append(Fault(given.name, "levels with arguments", "arguments belong to a distribution", "remove them"))
    try:
        annotation = annotation_of(base, given.name)
    except CaseError as error:
        faults += error.faults
        return None
    factor = Factor(given.name, given.distribution, given.arguments, given.levels, takes_whole(annotation))
    wrong = list(factor.faults(annotation))
    faults += wrong
    return None if wrong else factor


def _kind_faults(section: DesignSection) -> Iterator[Fault]:
    """What does not belong to this kind of design."""
    kind, runs = section.design, section.runs
    if kind in samplers.SAMPLED and runs is None:
        yield Fault("runs", "missing", f"allowed: a whole number, the base sample N of a {kind} design", "add it")
    if kind not in samplers.SAMPLED and runs is not None:
        sized = {
            "grid": "a grid is the product of its levels", "list": "a list is the rows of its file",
            "one-at-a-time": "a one-at-a-time design is the base case and two points for each factor",
        }  # fmt: skip
        yield Fault("runs", f"given {number(runs)}", f"the size of {sized[kind]}", "remove it")
    if kind == "list" and section.factors:
        yield Fault("factors", "given beside a list", "the columns of the file are its factors", "remove them")
    if kind == "list" and section.points is None:
        yield Fault("list", "missing", "allowed: the path of a CSV or Parquet file", "add it")
    if kind != "list" and section.points is not None:
        yield Fault("list", f"given in a {kind} design", 'allowed: with design = "list"', "remove it")
    if kind != "list" and not section.factors:
        yield Fault("factors", "none", "allowed: at least 1", "add [[factors]] with a name and levels or distribution")
    for factor in section.factors if kind == "grid" else ():
        if factor.distribution is not None:
            yield Fault(factor.name, "a distribution in a grid", "allowed: levels", "list the values to be combined")
    for factor in section.factors if kind == "one-at-a-time" else ():
        if factor.levels and len(factor.levels) != 2:
            given = f"{number(len(factor.levels))} levels in a {kind} design"
            yield Fault(factor.name, given, "allowed: two, the low and the high one", "give the ends, or a grid")
    if kind == "sobol" and runs is not None and runs & (runs - 1):
        below = 1 << (runs.bit_length() - 1)
        yield Fault(
            "runs", f"given {number(runs)}", "allowed: a power of 2 in a sobol design",
            f"take {number(below)} or {number(2 * below)}",
        )  # fmt: skip
    if kind in samplers.SAMPLED and runs == 1:
        yield Fault("runs", "given 1", f"allowed: at least 2 in a {kind} design", "take more")
    if section.replicates <= MOST_RUNS and section.first_seed + section.replicates - 1 > LARGEST_SEED:
        last = number(section.first_seed + section.replicates - 1)
        yield Fault(
            "first_seed", f"the last seed is {last}", f"allowed: at most {LARGEST_SEED}", "begin with a lower one"
        )


def _name_faults(section: DesignSection) -> Iterator[Fault]:
    """Names given twice, within another, or both fixed and varied."""
    names = [factor.name for factor in section.factors]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        yield Fault(name, f"a factor {names.count(name)} times", "factors must differ", "give it once")
    for first, second in overlapping(list(dict.fromkeys(names))):
        yield Fault(second, f"overlaps with the factor {first}", "factors must differ", "leave one out")
    for name in dict.fromkeys(names):
        for fixed in flat(section.settings):
            if fixed == name or fixed.startswith(f"{name}."):
                given = "fixed in [set] and a factor" if fixed == name else f"a factor, and {fixed} is fixed in [set]"
                yield Fault(name, given, "allowed: one of both", "leave one out")


def _runs(section: DesignSection, factors: tuple[Factor, ...], rows: int) -> int:
    """Base sample of a sampled design, else the number of points."""
    if section.runs is not None:
        return section.runs
    if section.design == "list":
        return rows
    if section.design == "one-at-a-time":
        return 1 + 2 * len(factors)
    return math.prod(len(factor.levels) for factor in factors)


def _size_faults(section: DesignSection, factors: tuple[Factor, ...], rows: int) -> list[Fault]:
    runs = _runs(section, factors, rows)
    points = samplers.points_of(section.design, runs, len(factors)) if section.design in samplers.SAMPLED else runs
    return Design.size_faults(section.design, points, section.replicates)
