"""A user's own configuration and warehouse."""

from __future__ import annotations

import shutil
from pathlib import Path

from etl.configuration.settings import PACKAGED
from etl.errors import InputError


def make_project(folder: Path) -> list[Path]:
    """Copies the packaged configuration to `folder`/config and makes `folder`/warehouse; returns what was made.

    Raises InputError where a configuration is there already: nothing is overwritten.
    """
    config, warehouse = folder / "config", folder / "warehouse"
    if config.exists():
        raise InputError(f"{config}: is there already; edit it, or choose another folder: dateline init FOLDER")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(PACKAGED, config)
        warehouse.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    return [config, warehouse]
