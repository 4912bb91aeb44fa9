"""The command that tells one consumer's life. Nothing heavy is imported before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from experiments.commandline import (
    DEFAULT_CASE,
    LANGUAGES,
    LARGEST_SEED,
    Consumers,
    Lang,
    Settings,
    Weeks,
    chosen_case,
    one_of,
    whole,
)

if TYPE_CHECKING:
    from experiments.story.lives import Who
    from market import Fault

LARGEST_NUMBER = 10**9


def story(
    case: Annotated[str | None, typer.Argument(metavar="CASE", help="A bundled case or a TOML file.")] = None,
    consumer: Annotated[
        str | None, typer.Option(metavar="K", help="Number of a consumer: 0 to 499, or of a buyer who was followed.")
    ] = None,
    who: Annotated[
        str | None,
        typer.Option(
            metavar="WHAT",
            help="Anybody who cancelled, lost, heard, kept or deferred; if nothing is said, the first that there is.",
        ),
    ] = None,
    consumers: Consumers = None,
    weeks: Weeks = None,
    seed: Annotated[str | None, typer.Option(metavar="S", help="Seed of all luck, a whole number.")] = None,
    settings: Settings = None,
    source: Annotated[
        str | None, typer.Option("--from", metavar="DIR", help="A result folder, instead of running a case.")
    ] = None,
    lang: Lang = "en",
) -> None:
    """Tell one consumer's life in sentences."""
    from experiments import console
    from experiments.run import memory_fault
    from experiments.story import lives, telling
    from market import CaseError, Fault

    faults: list[Fault] = []
    row = None if consumer is None else whole("--consumer", consumer, 0, LARGEST_NUMBER, faults)
    if who is not None:
        one_of("--who", who, lives.WHO, faults)
    one_of("--lang", lang, LANGUAGES, faults)
    if consumer is not None and who is not None:
        faults.append(Fault("--who", "given together with --consumer", remedy="give one of them"))
    if source is not None:
        run_only = {"CASE": case, "--consumers": consumers, "--weeks": weeks, "--seed": seed, "--set": settings or None}
        if given := [name for name, value in run_only.items() if value is not None]:
            also = f"given together with {', '.join(given)}"
            faults.append(Fault("--from", also, "a result has been run already", "leave out one or the other"))
    else:
        first = whole("--seed", seed or "1", 0, LARGEST_SEED, faults)
        try:
            chosen = chosen_case(case or DEFAULT_CASE, consumers, weeks, settings or [])
            faults += memory_fault(chosen)
        except CaseError as error:
            faults += error.faults
    if faults:
        raise CaseError(faults)
    if source is not None:
        found = lives.of_folder(Path(source))
    else:
        with console.progress(chosen.calendar.weeks, lang) as on_week:
            found = lives.of_run(chosen, first, on_week)
    if row is None:
        row = found.first() if who is None else found.find(cast("Who", who))
    telling.tell(found, row, lang)
