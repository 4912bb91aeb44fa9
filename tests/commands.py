"""Commands for tests: run in an empty folder and ending well, or in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from typer.testing import CliRunner, Result

from experiments import run
from experiments.cli import app

SMALL = ["--consumers", "3000", "--weeks", "6"]


def whosecar(*words: str) -> Result:
    """A command that must end well."""
    result = CliRunner().invoke(app, [*words])
    assert result.exit_code == 0, result.output
    return result


def in_python(code: str, *, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Python code in a process of its own that finds the project."""
    surroundings = {**os.environ, "PYTHONPATH": str(Path(run.__file__).parents[1])}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, env=surroundings, check=check, timeout=60)


def manifest(place: str) -> dict[str, Any]:
    """What a result folder says about itself."""
    found: dict[str, Any] = json.loads(Path(place, "manifest.json").read_text(encoding="utf-8"))
    return found
