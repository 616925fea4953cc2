"""Reads model files, and checks that they are as they were shipped.

Each folder of models holds SHA256SUMS in the form of sha256sum(1). What makes a model records
its hash there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from etl.errors import MachineError

SUMS = "SHA256SUMS"
_DIGITS = 16  # of a hash in a stamp


def read_model(path: Path) -> bytes:
    """Return the bytes of a model's file. Raises MachineError if it is missing or not as it was shipped."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise MachineError(f"{path}: cannot be read: {error.strerror}; install Dateline again") from None
    if hashlib.sha256(content).hexdigest() != _sums(path.parent).get(path.name):
        raise MachineError(f"{path}: is damaged: its SHA-256 is not the one in {SUMS}; install Dateline again")
    return content


def models_stamp(paths: Sequence[Path]) -> str:
    """Return a hash that changes when other models are shipped. The files themselves are not read."""
    sums = [f"{path.name} {_sums(path.parent).get(path.name)}" for path in paths]
    return hashlib.sha256("\n".join(sums).encode()).hexdigest()[:_DIGITS]


def damaged_models(folder: Path) -> list[Path]:
    """Return the files of a folder of models that are missing or not as they were shipped."""
    damaged = []
    for name in _sums(folder):
        try:
            read_model(folder / name)
        except MachineError:
            damaged.append(folder / name)
    return damaged


def record_sum(path: Path) -> None:
    """Write the hash of a model that was just made to its folder's SHA256SUMS."""
    _sums.cache_clear()
    sums = _sums(path.parent) if (path.parent / SUMS).exists() else {}
    sums = {**sums, path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    lines = [f"{sha256}  {name}\n" for name, sha256 in sorted(sums.items())]
    (path.parent / SUMS).write_text("".join(lines), encoding="utf-8")
    _sums.cache_clear()


@cache
def _sums(folder: Path) -> dict[str, str]:
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise MachineError(f"{folder / SUMS}: cannot be read: {error}; install Dateline again") from None
    return {name: sha256 for sha256, _, name in (line.partition("  ") for line in lines)}
