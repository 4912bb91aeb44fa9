"""Result folders: a folder appears whole or not at all, and never in the place of another.

It is written beside its place under another name, which a lock guards against a second run, and renamed when
everything is in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from market import CaseError, Fault
from market.casefile.faults import show


def faults_of(out: Path) -> Iterator[Fault]:
    """What speaks against writing a new folder at a place; nothing is touched."""
    if out.name in ("", "..") or "\0" in str(out):
        yield Fault("--out", f"{_shown(out)} names no folder", "allowed: a new or empty folder", "give a name")
        return
    remedy = "choose another folder or remove it"
    try:
        if out.is_symlink() and not out.exists():
            yield Fault(
                "--out", f"{_shown(out)} is a link that leads nowhere", "allowed: a new or empty folder", remedy
            )
        elif out.exists() and not out.is_dir():
            yield Fault("--out", f"{_shown(out)} exists and is no folder", "allowed: a new or empty folder", remedy)
        elif out.is_dir() and any(out.iterdir()):
            what = "holds the result of a run" if (out / "manifest.json").exists() else "is not empty"
            yield Fault("--out", f"{_shown(out)} {what}", "nothing is overwritten", remedy)
    except OSError as error:
        yield _unwritable(out, error)


@contextmanager
def new_folder(out: Path) -> Iterator[Path]:
    """A folder to write into that takes the place of `out` when the block ends well, and else leaves nothing.

    Raises CaseError if there is something at that place, if another run is writing to it, or if it cannot be written.
    """
    _check(out)
    made: list[Path] = []
    part, guard = out.with_name(f".{out.name}.part"), out.with_name(f".{out.name}.lock")
    try:
        for parent in reversed([p for p in out.parents if not p.exists()]):
            parent.mkdir()
            made.append(parent)
        with _locked(guard, out):
            try:
                _check(out)
                _empty(part)
                part.mkdir()
                yield part
                _check(out)
                if out.exists():
                    out.rmdir()
                part.rename(out)
                made.clear()
            finally:
                _empty(part)
    except OSError as error:
        raise CaseError([_unwritable(out, error)]) from error
    finally:
        for parent in reversed(made):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _check(out: Path) -> None:
    if faults := list(faults_of(out)):
        raise CaseError(faults)


def _unwritable(out: Path, error: OSError) -> Fault:
    reason = (error.strerror or str(error)).lower()
    return Fault("--out", f"{_shown(out)} cannot be written: {reason}", remedy="choose another folder")


def _shown(out: Path) -> str:
    return show(str(out), 200)


def _empty(part: Path) -> None:
    """Take away an unfinished folder of ours: this run's, or one whose run was killed."""
    if part.is_dir() and not part.is_symlink():
        for file in part.iterdir():
            file.unlink()
        part.rmdir()


@contextmanager
def _locked(guard: Path, out: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however that ends."""
    with guard.open("ab") as stream:
        try:
            _lock(stream)
        except OSError as error:
            remedy = "wait until it has finished, or choose another folder"
            raise CaseError([Fault("--out", f"another run is writing to {_shown(out)}", remedy=remedy)]) from error
        try:
            yield
        finally:
            if sys.platform != "win32":
                guard.unlink(missing_ok=True)
    if sys.platform == "win32":
        guard.unlink(missing_ok=True)


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
