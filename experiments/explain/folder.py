"""The folder of an explanation: its tables, the page as text, and what was explained."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.console import PIPED_WIDTH
from experiments.explain import console as explain_console
from experiments.explain import explanation as explain

if TYPE_CHECKING:
    from experiments.explain.explanation import Explanation

PAGE = "verdict.txt"
WIDTH = PIPED_WIDTH + 20


def write(found: Explanation, folder: Path, command: Sequence[str], lang: str = "en") -> None:
    """Fill a folder: the tables, the page as text, the case and design explained, and a manifest."""
    from rich.console import Console

    from experiments.manifest import banner
    from market import __version__

    design = found.design
    design.write_to(folder)
    for name in explain.TABLES:
        getattr(found, name).to_parquet(folder / f"{name}.parquet", index=False)
    with (folder / PAGE).open("w", encoding="utf-8", newline="\n") as stream:
        page = Console(file=stream, width=WIDTH, highlight=False, markup=False, emoji=False)
        explain_console.show(found, lang, out=page)
    about = {
        "whosecar": __version__,
        "kind": "explain",
        "case": design.origin,
        "title": design.base.title.en,
        "fingerprint": design.base.fingerprint,
        "design": design.fingerprint,
        "method": found.method,
        "outcomes": list(found.outcomes),
        "bad": {name: str(question) for name, question in found.questions.items()},
        "points": design.number_of_points,
        "seeds": list(design.seeds),
        "runs": design.number_of_runs,
        "command": shlex.join(["whosecar", *command]),
        "banner": banner(design.base),
    }
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    (folder / "manifest.json").write_bytes(text.encode("utf-8", "backslashreplace"))
