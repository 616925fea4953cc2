"""One frozen Settings, read once at the edge."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from etl.config import ConfigModel, load_model
from etl.errors import ConfigError

PACKAGED = next(p for p in (Path(__file__).parent.parent / "config", Path(__file__).parent / "config") if p.is_dir())


class SettingsFile(ConfigModel):
    """`config/dateline.yaml`."""

    warehouse: str = Field(default="warehouse", min_length=1)
    workers: int = Field(default=2, ge=1, le=256)
    story_window_days: int = Field(default=7, ge=0, le=60)


@dataclass(frozen=True)
class Settings:
    """All that a run depends on besides its data.

    `config` is the folder with dateline.yaml, sources/, topics/ and gazetteer/; `warehouse` the folder of the tables;
    `workers` processes; `story_window_days` how many days back a copy is looked for.
    """

    config: Path
    warehouse: Path
    workers: int = 2
    story_window_days: int = 7

    def folder(self, name: str) -> Path:
        """A folder of the configuration; the packaged one where the user's has none."""
        own = self.config / name
        return own if own.is_dir() else PACKAGED / name


def find_settings(config: Path | None = None, warehouse: Path | None = None, workers: int | None = None) -> Settings:
    """Settings from `config`, else DATELINE_CONFIG, else ./config, else the packaged configuration.

    A relative warehouse is taken from the folder above the configuration, or from here for the packaged one.
    Raises ConfigError.
    """
    folder = _find_config(config)
    path = folder / "dateline.yaml"
    read = load_model(path, SettingsFile) if path.exists() else SettingsFile()
    base = Path.cwd() if folder.resolve() == PACKAGED.resolve() else folder.resolve().parent
    named = os.environ.get("DATELINE_WAREHOUSE")
    return Settings(
        config=folder,
        warehouse=_usable(warehouse or (Path(named) if named else base / read.warehouse)),
        workers=workers or read.workers,
        story_window_days=read.story_window_days,
    )


def _usable(warehouse: Path) -> Path:
    """The warehouse's path without links. Raises ConfigError for characters that are patterns in file names."""
    resolved = warehouse.expanduser().resolve()
    if bad := sorted(set(str(resolved)) & set("%[]{}?*#")):
        raise ConfigError(f"{resolved}: a warehouse's path may not hold {' '.join(bad)}; choose another folder")
    return resolved


def _find_config(given: Path | None) -> Path:
    named = given or (Path(os.environ["DATELINE_CONFIG"]) if os.environ.get("DATELINE_CONFIG") else None)
    if named is not None:
        if not named.is_dir():
            raise ConfigError(f"{named}: no such configuration folder; make one with: dateline init {named.parent}")
        return named
    here = Path("config")
    return here.absolute() if (here / "dateline.yaml").exists() else PACKAGED
