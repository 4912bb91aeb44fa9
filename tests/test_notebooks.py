"""The examples under docs/examples run as they stand, and are shown with what they gave."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "docs" / "examples"
EXAMPLES = ("compare", "sweep")


@pytest.mark.parametrize("name", ["compare", pytest.param("sweep", marks=pytest.mark.slow)])
def test_an_example_runs_as_it_stands(name: str) -> None:
    """Every cell runs in a fresh kernel, and gives outputs of the kinds that are shown."""
    nbclient, nbformat = pytest.importorskip("nbclient"), pytest.importorskip("nbformat")
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    shown = [_kinds(cell) for cell in notebook.cells if cell.cell_type == "code"]
    nbclient.NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(FOLDER)}}).execute()
    assert [_kinds(cell) for cell in notebook.cells if cell.cell_type == "code"] == shown
    assert sum("image/png" in kinds for kinds in shown) == 1 and all(shown)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_shown_with_what_it_gave(name: str) -> None:
    """All cells were run in order, none failed, and nothing of a machine is in them."""
    nbformat = pytest.importorskip("nbformat")
    file = FOLDER / f"{name}.ipynb"
    cells = [cell for cell in nbformat.read(file, as_version=4).cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not any(output.output_type in ("error", "stream") for cell in cells for output in cell.outputs)
    assert not re.search(r"/(home|tmp|root|work|Users)/", re.sub(r'"image/png": "[^"]*"', "", file.read_text("utf-8")))


def _kinds(cell: object) -> set[str]:
    """Kinds of what a cell shows: not what a library writes to the terminal, nor words that stand for a picture."""
    kinds = {kind for output in getattr(cell, "outputs", ()) for kind in output.get("data", ())}
    return kinds - {"text/plain"} or kinds
