"""A stress test as a design: one base case that holds every event, and a point for each world under each draw.

The base holds what any option adds, and a point takes away what its world does not have. So all runs of a test differ
by named changes of one case, which keeps their luck the same and lets the sweep identify and repeat each of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from experiments import uncertainty
from experiments.designs import Design
from experiments.stress.worlds import AXES, LISTS, NONE, WORLD, Stress, World
from market import Case, CaseError, Fault
from market.calendar import DAYS
from market.casefile import tree
from market.casefile.faults import listed, show
from market.happenings import FAILURES, Failure

if TYPE_CHECKING:
    import pandas as pd

AS_STATED = -1
"""Number of the draw when nothing is drawn."""
SAMPLING_SEED = 1
Changes = dict[str, Any]


@dataclass(frozen=True)
class Plan:
    """What a stress test runs. `Plan(stress)` checks every world; raises CaseError naming every fault."""

    stress: Stress

    def __post_init__(self) -> None:
        """Every world must be a case, and be followed as long as the horizons ask."""
        faults: dict[tuple[str, str], Fault] = {}
        base, checked = self.base, set()
        for world in self.stress.worlds():
            try:
                changes = self.changes(world)
                if (text := _text(changes)) not in checked:
                    checked.add(text)
                    base.change(changes)
            except CaseError as error:
                for fault in error.faults:
                    faults.setdefault((fault.path, fault.given), replace(fault, given=f"{fault.given} (in {world})"))
        faults |= {(fault.path, fault.given): fault for fault in self._time_faults()}
        if not faults:
            faults = {(fault.path, fault.given): fault for fault in (*self._focal_faults(), *self._idle_faults())}
        if faults:
            raise CaseError(faults.values())

    @cached_property
    def base(self) -> Case:
        """The case with everything that any option adds, and with what is set in all worlds."""
        return self._case(self._added)

    def changes(self, world: World) -> Changes:
        """What makes a world of the base, by full name, without drawn values.

        An answer to a failure that the world does not have is not given. Raises CaseError if two options of the world
        set the same value differently.
        """
        options = self.stress.chosen(world)
        found: Changes = {}
        for name in LISTS:
            wanted = _first(getattr(option, name) for option in reversed(options))
            for key, item in self._added[name].items():
                if key not in wanted or self._unasked(world, wanted[key]):
                    found[f"{name}.{key}"] = None
                elif wanted[key] != item:
                    found |= _differences(f"{name}.{key}", item, wanted[key])
        for option in options:
            for name, value in ((gone, None) for gone in option.remove):
                found[name] = value
            for name, value in option.settings.items():
                if name in found and found[name] != value and found[name] is not None:
                    raise CaseError([Fault(name, "set twice", remedy="let one option set it")])
                found[name] = value
        return found

    @cached_property
    def drawn(self) -> list[dict[str, float]]:
        """Where each draw lies in the range of every uncertain value, 0-1, by full name: the same in all worlds."""
        names = sorted({factor.name for crisis in self._factors for factor in self._factors[crisis]})
        factors = [uncertainty.Factor(name, 0.5, 0.0, 1.0, False) for name in names]
        return uncertainty.draws(factors, self.stress.draws, SAMPLING_SEED)

    @property
    def draws(self) -> list[int]:
        """Numbers of the draws from 0, or AS_STATED alone."""
        return list(range(self.stress.draws)) or [AS_STATED]

    def values(self, world: World, draw: int) -> Changes:
        """The uncertain values of a draw in a world; a value that an option of the world sets is not drawn.

        What a crisis says of its events is the middle of their ranges.
        """
        if draw == AS_STATED:
            return {}
        fixed = [tree.split(name) for option in self.stress.chosen(world) for name in option.settings]
        fixed += [
            (*path[:2], "face") for path in fixed if path[0] == "cars" and path[2:3] in (("mode",), ("partners",))
        ]
        found: Changes = {}
        changes = self.changes(world)
        for factor in self._factors[world.crisis]:
            path, value = tree.split(factor.name), factor.at(self.drawn[draw][factor.name])
            if any(path[: len(one)] == one for one in fixed):
                continue
            row = ".".join(path[:-1])
            stated = changes.get(row)
            found |= {row: _rescaled(stated, path[-1], value)} if isinstance(stated, Mapping) else {factor.name: value}
        return found

    @cached_property
    def _laid_out(self) -> tuple[list[tuple[World, int, int]], list[Changes]]:
        """Every world and draw with the number of its point, and the points; equal ones are run once."""
        places: list[tuple[World, int, int]] = []
        points: dict[str, tuple[int, Changes]] = {}
        for draw in self.draws:
            for world in self.stress.worlds():
                changes = self.changes(world) | self.values(world, draw)
                number, _ = points.setdefault(_text(changes), (len(points), changes))
                places.append((world, draw, number))
        return places, [changes for _, changes in points.values()]

    @property
    def places(self) -> list[tuple[World, int, int]]:
        """Every world and draw with the number of its point in the design."""
        return self._laid_out[0]

    def worlds(self) -> pd.DataFrame:
        """The same as a table: columns of WORLD, `draw`, `point`."""
        import pandas as pd

        rows = [(*world, draw, point) for world, draw, point in self.places]
        return pd.DataFrame(rows, columns=[*WORLD, "draw", "point"])

    def design(self) -> Design:
        """The runs: every different world under every draw with every seed, with weekly series."""
        first, stress = self.stress.first_seed, self.stress
        return Design.of_list(self.base, self._laid_out[1], range(first, first + stress.seeds), series=True)

    def begins(self, crisis: str) -> int:
        """The week in which a crisis begins; raises KeyError for no crisis."""
        day = self.stress.begins(crisis)
        if day is None:
            raise KeyError(crisis)
        return (day - self.base.calendar.start).days // DAYS

    # -------------------------------------------------------------------------------------------------- behind it

    @cached_property
    def _added(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What options add, by list and id, as the base holds it: as the first option that names it does."""
        stress = self.stress
        options = [*stress.crises, *stress.answers, *stress.decisions, *stress.contracts]
        return {name: _first(getattr(option, name) for option in options) for name in LISTS}

    def _case(self, added: Mapping[str, Mapping[str, dict[str, Any]]]) -> Case:
        """The case with some events, graded as a file would grade them, and what is set in all worlds."""
        stress = self.stress
        tables: dict[str, Any] = {"base": stress.case_path, "remove": stress.remove}
        tables |= {name: [{"id": key, **item} for key, item in items.items()] for name, items in added.items() if items}
        absent = {(name, key) for name in LISTS for key in self._added[name] if key not in added.get(name, {})}
        sources = {name: tree.plain(source) for name, source in stress.sources.items()}
        tables["sources"] = {name: said for name, said in sources.items() if tuple(name.split(".")[:2]) not in absent}
        if not stress.remove:
            del tables["remove"]
        try:
            case = Case.parse(tables)
        except CaseError as error:
            named = [replace(fault, path="case") if fault.path == "base" else fault for fault in error.faults]
            raise CaseError(named) from None
        return case.change(stress.settings) if stress.settings else case

    def _unasked(self, world: World, item: Mapping[str, Any]) -> bool:
        """Whether an item answers a failure that its world does not have."""
        if item.get("kind") != "answer":
            return False
        to = item.get("to")
        given = {one["id"] for option in self.stress.chosen(world) for one in option.happenings}
        return to in self._added["happenings"] and to not in given

    @cached_property
    def _factors(self) -> dict[str, list[uncertainty.Factor]]:
        """What is uncertain in the worlds of each crisis, with the range of each value."""
        found = {}
        for key, crisis in self.stress.options("crises").items():
            events = _first([crisis.happenings])
            case = self._case({"happenings": events})
            case = case.change(crisis.settings) if crisis.settings else case
            failures = [h.id for h in case.happenings if isinstance(h, Failure)]
            found[key] = uncertainty.factors(case, failures)
        return found

    def _time_faults(self) -> Iterator[Fault]:
        """Crises must begin within the run, and the run must last as long as the longest horizon asks."""
        calendar, horizon = self.base.calendar, self.stress.horizons_weeks[-1]
        for key in self.stress.options("crises"):
            if key == NONE:
                continue
            week = self.begins(key)
            if not 0 <= week <= calendar.weeks - horizon:
                yield Fault(
                    f"crises.{key}.begins", f"given {self.stress.begins(key)}, in week {week}",
                    f"allowed: from week 0 and {horizon} weeks (the longest horizon) before the run ends in week "
                    f"{calendar.weeks}",
                    "give another day, a longer run (calendar.weeks) or shorter horizons",
                )  # fmt: skip

    def _focal_faults(self) -> Iterator[Fault]:
        """What is lost is told of the focal car: some crisis must be about it."""
        focal = self.base.focal_car
        hit = {
            str(item["car"]): f"crises.{crisis.id}.happenings.{item['id']}.car"
            for crisis in self.stress.crises
            for item in crisis.happenings
            if item.get("kind") in FAILURES and "car" in item
        }
        if focal is not None and hit and focal not in hit:
            car, name = next(iter(hit.items()))
            yield Fault(
                name, f"given {show(car)}", f"the test would tell of {focal}, the focal car of the case",
                f'write "display.focal_car" = "{car}" under [set]',
            )  # fmt: skip

    def _idle_faults(self) -> Iterator[Fault]:
        """A decision must move something, and before the run is over."""
        stress, ends = self.stress, self.base.calendar.date_of(self.base.calendar.days)
        options = [(axis, option) for axis in AXES for option in getattr(stress, axis)]
        moved = [*(item for _, option in options for name in LISTS for item in getattr(option, name))]
        takers = {str(item[key]) for item in moved for key in ("to", "heir") if key in item}
        reset = {tree.split(name)[1] for _, option in options for name in option.settings if name.startswith("cars.")}
        for axis, option in options:
            for item in option.decisions:
                at, giver, car = f"{axis}.{option.id}.decisions.{item['id']}", str(item["from"]), str(item["car"])
                held = self.base.get(f"cars.{car}.roles.{item['function']}")
                if giver not in takers and car not in reset and not held.get(giver, 0.0) > 0.0:
                    holders = listed(key for key, share in held.items() if share > 0.0)
                    nothing = f"holds no {item['function']} of {car}"
                    yield Fault(f"{at}.from", f"given {show(giver)}", nothing, f"who does: {holders}")
                if date.fromisoformat(str(item["start"])) >= ends:
                    yield Fault(
                        f"{at}.start", f"given {item['start']}", f"the run ends on {ends}", "give an earlier day"
                    )


def _first(lists: Iterator[Sequence[Mapping[str, Any]]] | Sequence[Sequence[Mapping[str, Any]]]) -> dict[str, Any]:
    """Items by id, without the id; of several with the same id the first."""
    found: dict[str, Any] = {}
    for items in lists:
        for item in items:
            found.setdefault(str(item["id"]), {name: value for name, value in item.items() if name != "id"})
    return found


def _text(changes: Changes) -> str:
    """Changes as text that is equal where they are."""
    return json.dumps(tree.canonical(tree.plain(changes), []), sort_keys=True)


def _rescaled(row: Mapping[str, float], key: str, share: float) -> dict[str, float]:
    """A row of shares with one of them given; the others give way to it.

    >>> _rescaled({"jd": 0.5, "gac": 0.3, "catl": 0.2}, "jd", 0.0)
    {'jd': 0.0, 'gac': 0.6, 'catl': 0.4}
    """
    others = sum(value for name, value in row.items() if name != key)
    return {name: share if name == key else value * (1.0 - share) / others for name, value in row.items()}


def _differences(name: str, before: Any, after: Any) -> Changes:
    """What makes one item of the other, by full name; what only the first states goes back to its default."""
    found: Changes = {}
    for key in (*before, *(key for key in after if key not in before)):
        if before.get(key) != after.get(key):
            found[f"{name}.{key}"] = after.get(key)
    return found
