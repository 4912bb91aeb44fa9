"""How the command takes its input and refuses it: status 2 and one line for each fault, never a traceback."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from market import Case, Fault

FAILED, BAD_INPUT, STOPPED = 1, 2, 130
DEFAULT_CASE = "jd-gac-catl"
LANGUAGES = ("en", "zh")
LARGEST_SEED = 2**32 - 1

CaseName = Annotated[str, typer.Argument(metavar="CASE", help="A bundled case (see `whosecar cases`) or a TOML file.")]
Lang = Annotated[str, typer.Option(metavar="en|zh", help="Language of what is printed.")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Change a value by its full name: cars.ut_super.price_cny=79_900; repeatable.",
    ),
]
Consumers = Annotated[
    str | None, typer.Option(metavar="N", help="Simulated consumers; short for --set population.consumers=N.")
]
Weeks = Annotated[str | None, typer.Option(metavar="W", help="Weeks to run; short for --set calendar.weeks=W.")]
Workers = Annotated[str | None, typer.Option(metavar="K", help="Processes at once.", show_default="one for each core")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be run, and how long it takes; write nothing.")]
Retry = Annotated[bool, typer.Option("--retry", help="Do runs that have failed again.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but faults.")]
Seed = Annotated[str, typer.Option(metavar="S", help="Seed of all luck, a whole number.")]

USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""What every complaint of the command line is derived from; typer does not export it."""


class Commands(TyperGroup):
    """The commands together: whatever is wrong with the input ends in status 2 and a line for each fault."""

    def main(self, args: Sequence[str] | None = None, *more: Any, **others: Any) -> NoReturn:
        """Run a command and leave with its status."""
        typed = list(sys.argv[1:] if args is None else args)
        others |= {"prog_name": "whosecar", "standalone_mode": False, "obj": typed}
        _speak_utf8()
        try:
            status = super().main(typed, **others)
        except USAGE_ERROR as error:
            leave([_usage(error)])
        except (typer.Abort, KeyboardInterrupt):
            status = STOPPED
        except MemoryError:
            leave(["population.consumers: there is not enough memory; give fewer (--consumers)"])
        except ValueError as error:
            faults = getattr(error, "faults", None)  # market.CaseError, which is not imported for a page of help
            if faults is None:
                raise
            leave([str(fault) for fault in faults])
        except RuntimeError as error:
            from concurrent.futures import BrokenExecutor  # not loaded for a page of help

            if not isinstance(error, BrokenExecutor):
                raise
            leave([f"stopped: {error}"], FAILED)
        if status == STOPPED:
            leave(["stopped; nothing was written"], STOPPED)
        sys.exit(status if isinstance(status, int) else 0)


def leave(messages: Sequence[str], status: int = BAD_INPUT) -> NoReturn:
    """Say what is wrong, a line each, and end with a status."""
    sys.stdout.flush()
    sys.stderr.write("".join(f"{message}\n" for message in messages))
    sys.exit(status)


def _usage(error: Any) -> str:
    """A usage error as one line that ends in where to read on."""
    said = " ".join(str(error.format_message()).split())
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "whosecar"
    return f"{path}: {said.rstrip('.')}; see {path} --help"


def _speak_utf8() -> None:
    """Write UTF-8 into pipes and files whatever the locale, and to a terminal whatever it can show."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def whole(option: str, given: str, low: int, high: int, faults: list[Fault]) -> int:
    """A whole number within limits, or a fault more."""
    from market import Fault
    from market.casefile.faults import number, show

    value = int(given.replace("_", "")) if re.fullmatch(r"[+-]?[0-9][0-9_]{0,30}", given) else low - 1
    if not low <= value <= high:
        faults.append(
            Fault(
                option,
                f"given {show(given)}",
                f"allowed: a whole number from {low} to {number(high)}",
                "choose one within these limits",
            )
        )
    return value


def one_of(option: str, given: str, allowed: Sequence[str], faults: list[Fault]) -> None:
    """One of a few words, or a fault more."""
    from market import Fault
    from market.casefile.faults import show

    if given not in allowed:
        faults.append(Fault(option, f"given {show(given)}", f"allowed: {' or '.join(allowed)}", "choose one of these"))


def chosen_case(name: str, consumers: str | None, weeks: str | None, settings: Sequence[str]) -> Case:
    """The case as the command line changes it. Raises CaseError naming every fault."""
    from market import Case, CaseError

    short = {"population.consumers": consumers, "calendar.weeks": weeks}
    given = [f"{key}={value}" for key, value in short.items() if value is not None] + list(settings)
    faults: list[Fault] = []
    changes = changes_of(given, faults)
    try:
        case = Case.load(name)
        return case.change(changes) if changes and not faults else _unless(faults, case)
    except CaseError as error:
        raise CaseError(dict.fromkeys((*faults, *error.faults))) from None


def changes_of(settings: Sequence[str], faults: list[Fault]) -> dict[str, Any]:
    """What some KEY=VALUE change, by full name, and faults more for those that say nothing or say it twice."""
    from market import CaseError, Fault, parse_setting

    changes: dict[str, Any] = {}
    for setting in settings:
        try:
            key, value = parse_setting(setting)
        except CaseError as error:
            faults += error.faults
            continue
        if key in changes:
            faults.append(Fault(key, "set twice", remedy="set it once"))
        changes[key] = value
    return changes


def _unless(faults: Sequence[Fault], case: Case) -> Case:
    from market import CaseError

    if faults:
        raise CaseError(faults)
    return case
