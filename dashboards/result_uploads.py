"""A small result that a visitor brings along: a zip file, looked at closely before anything of it is opened.

It comes in pieces, since one message of a browser may hold a quarter of a megabyte. Only files that the laboratory
writes are taken out of it, under names of their own folder; it is kept for that visitor alone.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
import tempfile
import tomllib
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from market import Case

LARGEST = 5_000_000
"""Bytes of the zip file."""

LARGEST_UNPACKED = 40_000_000
LARGEST_TEXT = 2_000_000
"""Bytes of one file of settings."""

MOST_ENTRIES = 1_000
MOST_PIECES = 200
MOST_VALUES = 5_000_000
"""Values of one table."""

MOST_RUNS = 20_000
"""Runs of an uploaded design, which are counted before they are listed."""

UNIX, SYMBOLIC_LINK, TYPE_BITS = 3, 0o120000, 0o170000

TABLES = (
    "sales|market|organisations|finance|events|panel|sensitivity|convergence|boxes|quality|risk|regret|regret_by_crisis"
    "|losses|recovery|bearers|blame|pareto|effects|pairs|weeks|causes|worlds"
)
KNOWN = re.compile(
    rf"(manifest|points)\.json|(case|base|design|stress|what-if|what-if-case)\.toml|verdict\.txt|share\.png"
    rf"|({TABLES})\.(parquet|csv)|(runs|series)/[0-9a-z-]{{1,80}}\.parquet"
)
"""What the laboratory writes into its folders."""

REFERENCES = {"case": {"case.toml", "base.toml"}, "list": {"points.json"}, "points": {"points.json"}}
"""Entries of a file that name another file, and which."""


class RefusedError(Exception):
    """An upload that is not taken; the word ends a key of the table of texts."""


class Upload:
    """The file of one visitor, in pieces and then unpacked; a new one takes the place of the last."""

    def __init__(self) -> None:
        """Hold nothing."""
        self._pieces: list[bytes] = []
        self._size = 0
        self._refused = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def take(self, piece: Any) -> Path | None:
        """Take the next piece; the folder of the result once the last is there. Raises RefusedError."""
        if not isinstance(piece, Mapping):
            raise RefusedError("no_zip")
        number, of, text = (piece.get(key) for key in ("number", "of", "text"))
        if not (type(number) is int and type(of) is int and isinstance(text, str) and 1 <= of <= MOST_PIECES):
            raise RefusedError("no_zip")
        if number == 0:
            self._pieces, self._size, self._refused = [], 0, ""
        if self._refused:
            raise RefusedError(self._refused)
        if number != len(self._pieces) or number >= of:
            raise RefusedError("no_zip")
        try:
            content = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError) as error:
            raise RefusedError("no_zip") from error
        self._size += len(content)
        if self._size > LARGEST:
            self._pieces, self._refused = [], "large"
            raise RefusedError("large")
        self._pieces.append(content)
        if len(self._pieces) < of:
            return None
        whole, self._pieces = b"".join(self._pieces), []
        folder = tempfile.TemporaryDirectory(prefix="whosecar-")
        try:
            unpack(whole, Path(folder.name))
        except RefusedError:
            folder.cleanup()
            raise
        self.close()
        self._folder = folder
        return Path(folder.name)

    def close(self) -> None:
        """Let go of the folder."""
        self._pieces = []
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def unpack(content: bytes, folder: Path) -> None:
    """Write the known files of a zip into a folder. Raises RefusedError and has then written nothing that is kept."""
    if len(content) > LARGEST:
        raise RefusedError("large")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            names = _names(entries)
            read: dict[str, bytes] = {}
            left = LARGEST_UNPACKED
            for entry, name in zip(entries, names, strict=True):
                with archive.open(entry) as stream:
                    read[name] = stream.read(left + 1)
                left -= len(read[name])
                if left < 0:
                    raise RefusedError("large")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError) as error:
        # What zipfile raises for damage, an unknown method, a password, an early end, broken data, a bad name.
        raise RefusedError("no_zip") from error
    for name, data in read.items():
        _check(name, data)
    for name, data in read.items():
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
    _check_design(folder)


def _names(entries: list[zipfile.ZipInfo]) -> list[str]:
    """The names inside the one folder that may stand around them all, each a known one and none twice."""
    if not entries:
        raise RefusedError("no_result")
    if len(entries) > MOST_ENTRIES or sum(entry.file_size for entry in entries) > LARGEST_UNPACKED:
        raise RefusedError("large")
    names = [entry.filename for entry in entries]
    around = {name.split("/", 1)[0] for name in names}
    if len(around) == 1 and all("/" in name for name in names) and not around & {"runs", "series", ".", "..", ""}:
        names = [name.split("/", 1)[1] for name in names]
    linked = any(e.create_system == UNIX and (e.external_attr >> 16) & TYPE_BITS == SYMBOLIC_LINK for e in entries)
    if linked or not all(KNOWN.fullmatch(name) for name in names) or len(set(names)) < len(names):
        raise RefusedError("unknown")
    return names


def _check(name: str, data: bytes) -> None:
    """Refuse a table too large to hold, and a text that names a file elsewhere."""
    if name.endswith(".parquet"):
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            about = pq.ParquetFile(io.BytesIO(data)).metadata
        except (pa.ArrowException, OSError, ValueError) as error:
            raise RefusedError("no_result") from error
        unpacked = sum(about.row_group(i).total_byte_size for i in range(about.num_row_groups))
        if about.num_rows * about.num_columns > MOST_VALUES or unpacked > LARGEST_UNPACKED:
            raise RefusedError("large")
    elif len(data) > LARGEST_TEXT and not name.endswith((".csv", ".png")):
        raise RefusedError("large")
    elif name.endswith(".toml"):
        try:
            content = tomllib.loads(data.decode("utf-8"))
        except (UnicodeDecodeError, ValueError, RecursionError) as error:
            raise RefusedError("no_result") from error
        for key, allowed in REFERENCES.items():
            named = content.get(key)
            if isinstance(named, str) and named not in allowed and named not in Case.bundled():
                raise RefusedError("unknown")


def _check_design(folder: Path) -> None:
    """Refuse a design of more runs than a small folder can hold."""
    from experiments.designs import Design
    from market import CaseError

    if not (folder / "design.toml").is_file():
        return
    try:
        runs = Design.load(folder / "design.toml", tried=False).number_of_runs
    except CaseError as error:
        raise RefusedError("no_result") from error
    if runs > MOST_RUNS:
        raise RefusedError("large")
