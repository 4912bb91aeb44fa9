"""Result folders: a folder appears whole or not at all, and never in the place of another.

It is written beside its place under another name, which a lock guards against a second run, and renamed when
everything is in it.
"""

from __future__ import annotations

import os
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
            what = "holds a result" if (out / "manifest.json").exists() else "is not empty"
            yield Fault("--out", f"{_shown(out)} {what}", "nothing is overwritten", remedy)
    except OSError as error:
        yield unwritable(out, error)


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
        with locked(guard, out):
            try:
                _check(out)
                empty(part)
                part.mkdir()
                yield part
                _check(out)
                if out.exists():
                    out.rmdir()
                part.rename(out)
                made.clear()
            finally:
                empty(part)
    except OSError as error:
        raise CaseError([unwritable(out, error)]) from error
    finally:
        for parent in reversed(made):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _check(out: Path) -> None:
    if faults := list(faults_of(out)):
        raise CaseError(faults)


def unwritable(out: Path, error: OSError) -> Fault:
    """The fault of a folder that cannot be written."""
    reason = (error.strerror or str(error)).lower()
    return Fault("--out", f"{_shown(out)} cannot be written: {reason}", remedy="choose another folder")


def _shown(out: Path) -> str:
    return show(str(out), 200)


def empty(part: Path) -> None:
    """Take away an unfinished folder of ours: this run's, or one whose run was killed."""
    if part.is_dir() and not part.is_symlink():
        for file in part.iterdir():
            file.unlink()
        part.rmdir()


@contextmanager
def locked(guard: Path, out: Path) -> Iterator[None]:
    """Hold the lock file of a folder; it ends with this process, however that ends.

    Raises CaseError if another process holds it, OSError if there can be none.
    """
    with _held(guard, out):
        try:
            yield
        finally:
            if sys.platform != "win32":
                guard.unlink(missing_ok=True)
    if sys.platform == "win32":
        guard.unlink(missing_ok=True)


@contextmanager
def _held(guard: Path, out: Path) -> Iterator[None]:
    """The lock itself, on a file that is still in its place: one taken away by who held it before guards nothing."""
    while True:
        with guard.open("ab") as stream:
            try:
                _lock(stream)
            except OSError as error:
                remedy = "wait until it has finished, or choose another folder"
                raise CaseError([Fault("--out", f"another run is writing to {_shown(out)}", remedy=remedy)]) from error
            if sys.platform != "win32" and not _in_place(guard, stream):
                continue
            yield
            return


def _in_place(guard: Path, stream: IO[bytes]) -> bool:
    try:
        return os.path.samestat(guard.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def _lock(stream: IO[bytes]) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        import fcntl

        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
