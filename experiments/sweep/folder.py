"""The folder of a sweep: what must hold before it is written, how it begins, and what its manifest says."""

from __future__ import annotations

import json
import os
import platform
import shlex
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments import folder
from experiments.designs import CASE_FILE, DESIGN_FILE, POINTS_FILE, Design
from experiments.manifest import banner
from experiments.sweep import parts
from market import CaseError, Fault
from market.casefile.faults import listed, show

if TYPE_CHECKING:
    from experiments.sweep.running import Tally

LOCK, BEGINNING, MANIFEST = ".lock", ".part", "manifest.json"
REMEDY = "choose another folder"


def design_of(place: Path) -> Design:
    """The design of a sweep's folder. Raises CaseError if there is none."""
    if not is_sweep(place):
        raise CaseError(
            [Fault(show(str(place), 200), "holds no sweep", remedy="give a folder that a sweep has written")]
        )
    return Design.load(place / DESIGN_FILE, tried=False)


def origin_of(place: Path) -> tuple[str, str]:
    """Version of the code, and fingerprint of the base case, with which a sweep was made; empty where not said."""
    return code_of(place), str(_manifest(place).get("fingerprint", ""))


def code_of(place: Path) -> str:
    """Version of the code that made a sweep; empty if its manifest does not say."""
    return str(_manifest(place).get("code", ""))


def _manifest(place: Path) -> dict[str, Any]:
    with suppress(OSError, ValueError):
        found = json.loads((place / MANIFEST).read_text(encoding="utf-8"))
        if isinstance(found, dict):
            return found
    return {}


def check(place: Path, design: Design, code: str) -> None:
    """Raise CaseError if a sweep cannot be written to a place or gone on with there; nothing is touched."""
    if is_sweep(place):
        faults = list(_differences(place, design, code))
    elif _ours_only(place):
        faults = []
    else:
        faults = list(folder.faults_of(place))
    if faults:
        raise CaseError(faults)


def is_sweep(place: Path) -> bool:
    """Whether a place holds a sweep that has begun."""
    begun = (place / DESIGN_FILE).is_file() and not (place / BEGINNING).exists()
    return begun and {"code", "design"} <= _manifest(place).keys()


def _ours_only(place: Path) -> bool:
    """Whether a folder holds nothing but what a sweep leaves that was killed as it began, or a lock."""
    with suppress(OSError):
        found = {entry.name for entry in place.iterdir()}
        return bool(found) and found <= {LOCK, BEGINNING} | (
            {MANIFEST, CASE_FILE, POINTS_FILE, DESIGN_FILE} if BEGINNING in found else set()
        )
    return False


def _differences(place: Path, design: Design, code: str) -> Iterator[Fault]:
    """What speaks against going on with the sweep of a folder."""
    name = show(str(place), 200)
    if _manifest(place)["design"] != design.fingerprint:
        yield Fault("--out", f"{name} holds the runs of another design", "a sweep goes on with its own", REMEDY)
    elif (other := code_of(place)) != code:
        yield Fault(
            "--out",
            f"{name} was begun with another version of whosecar ({other or 'not stated'}, now {code})",
            "all runs of a sweep are made by one version",
            f"install that version, or {REMEDY}",
        )


def begin(place: Path, design: Design, code: str, command: Sequence[str]) -> dict[str, Any]:
    """Write design, case and manifest if they are not there yet; the manifest. The lock is held."""
    if not is_sweep(place):
        beginning = place / BEGINNING
        if beginning.is_dir():
            folder.empty(beginning)
        beginning.mkdir()
        try:
            design.write_to(beginning)
            _replace(beginning / MANIFEST, _text(_first(design, code, command)))
            for file in sorted(beginning.iterdir(), key=lambda file: file.name == DESIGN_FILE):
                os.replace(file, place / file.name)
        finally:
            folder.empty(beginning)
    elif _limit(text := design.to_toml()) != _limit((place / DESIGN_FILE).read_text(encoding="utf-8")):
        _replace(place / DESIGN_FILE, text)
    for kind in (parts.RUNS, parts.SERIES)[: 1 + design.series]:
        (place / kind).mkdir(exist_ok=True)
    return _manifest(place)


def _limit(text: str) -> list[str]:
    """What a design file says of the time limit, all in which designs of the same runs can differ."""
    return [line for line in text.splitlines() if line.startswith("time_limit_s")]


def finish(place: Path, manifest: Mapping[str, Any], tally: Tally, when: datetime) -> None:
    """Write down how many runs there are now, and when the last of them was done."""
    counts = {"runs": tally.total, "done": tally.finished, "failed": tally.failed}
    _replace(place / MANIFEST, _text({**manifest, **counts, "finished": when.isoformat(timespec="seconds")}))


def _replace(file: Path, text: str) -> None:
    """Put a text in the place of a file, whole or not at all."""
    unfinished = file.with_name(f".{file.name}{parts.UNFINISHED}")
    try:
        unfinished.write_bytes(text.encode("utf-8", "backslashreplace"))
        os.replace(unfinished, file)
    finally:
        unfinished.unlink(missing_ok=True)


def _first(design: Design, code: str, command: Sequence[str]) -> dict[str, Any]:
    from experiments import outcomes

    case = design.base
    names = [*outcomes.names(case), *(outcomes.weekly_names(case) if design.series else ())]
    described = {name: outcomes.about(name, case) for name in names}
    return {
        "kind": "sweep",
        **about(design, code),
        "title": case.title.en,
        "consumers": case.population.consumers,
        "weeks": case.calendar.weeks,
        "seeds": list(design.seeds),
        "points": design.number_of_points,
        "command": shlex.join(["whosecar", *command]) if command else "",
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "outcomes": {name: {"label": one.label, "unit": one.unit} for name, one in described.items()},
    }


def about(design: Design, code: str) -> dict[str, str]:
    """What every part file says of itself."""
    from market import __version__

    return {
        "whosecar": __version__, "code": code, "case": design.origin, "fingerprint": design.base.fingerprint,
        "design": design.fingerprint, "banner": banner(design.base),
    }  # fmt: skip


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def set_aside(place: Path, series: bool) -> Iterator[str]:
    """Put part files that cannot be used out of the way, and say of each where it is; their runs are done again.

    With `series`, those whose weeks are gone are among them.
    """
    for file, status in list(parts.statuses(place)):
        if status is None or (series and not parts.readable_series(place, file)):
            kind = parts.RUNS if status is None else parts.SERIES
            now = parts.set_aside(place, file)
            yield (
                f"{kind}/{file.name}: cannot be read; "
                f"{parts.RUNS}/{file.name} was moved to {now.parent.name}, its runs are done again"
            )


def unreadable(place: Path, files: Sequence[Path], error: Exception) -> CaseError:
    """The fault of part files that cannot be read."""
    names = listed((f"{file.parent.name}/{file.name}" for file in files), 4) or place.name
    return CaseError(
        [Fault(names, "cannot be read", batch_reason(error), "start the sweep again to do its runs again")]
    )


def batch_reason(error: Exception) -> str:
    """The first line of an error."""
    return next(iter(str(error).splitlines()), type(error).__name__)[:200]


def no_such_run(run_id: str, several: int) -> CaseError:
    """The fault of a run id that names none, or several."""
    what = "names several runs" if several else "names no run of this sweep"
    return CaseError([Fault("RUN_ID", f"{show(run_id)} {what}", remedy="take one from the column run_id of runs/")])
