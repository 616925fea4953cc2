"""`dateline init`: copies the packaged configuration and makes an empty warehouse."""

from __future__ import annotations

import shutil
from pathlib import Path

from etl.configuration.settings import PACKAGED
from etl.errors import InputError


def make_project(folder: Path) -> list[Path]:
    """Copy the packaged configuration to `folder`/config and make `folder`/warehouse; return both paths.

    Raises InputError if `folder`/config exists, so that nothing is overwritten, or if `folder` cannot be written.
    """
    config, warehouse = folder / "config", folder / "warehouse"
    if config.exists():
        raise InputError(f"{config}: already exists; edit it, or choose another folder: dateline init FOLDER")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copytree(PACKAGED, config)
        warehouse.mkdir(exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    return [config, warehouse]
