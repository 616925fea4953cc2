"""One frozen Settings, read once at the edge."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from etl.configuration.yaml_models import ConfigModel, load_model
from etl.errors import ConfigError, WarehouseError

_ETL = Path(__file__).parents[1]
PACKAGED = next(p for p in (_ETL.parent / "config", _ETL / "config") if p.is_dir())  # in a checkout, in a wheel
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"  # of a snapshot, and of what is exported

_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+")
_SCHEDULE = re.compile(r"\S+( \S+){4}")


class Replay(ConfigModel):
    """A server that plays all hosts as the world stood at the time a request names: the sample site, an archive.

    `server` is its address, `first_night` and `last_night` the days whose nights are run.
    """

    server: str = Field(pattern=r"^http://[^/]+$")
    first_night: date
    last_night: date

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_night < self.first_night:
            raise ValueError("last_night is before first_night")
        return self


class SettingsFile(ConfigModel):
    """`config/dateline.yaml`."""

    warehouse: str = Field(default="warehouse", min_length=1)
    workers: int = Field(default=2, ge=1, le=256)
    story_window_days: int = Field(default=7, ge=0, le=60)
    contact: str | None = None
    delay_seconds: float = Field(default=2.0, ge=0, le=300)
    pages_per_visit: int = Field(default=500, ge=1, le=100_000)
    megabytes_per_visit: int = Field(default=500, ge=1, le=1_000_000)
    minutes_per_visit: float = Field(default=40, gt=0, le=24 * 60)
    revisit_days: list[int] = [1, 7]
    private_networks: list[str] = []
    schedule: str = "0 23 * * *"
    annotator: str = "encoder"
    replay: Replay | None = None

    @field_validator("contact")
    @classmethod
    def _reachable(cls, value: str | None) -> str | None:
        if value is not None and not _CONTACT.fullmatch(value):
            raise ValueError("must be a mail address or the address of a page")
        return value

    @field_validator("revisit_days")
    @classmethod
    def _days(cls, value: list[int]) -> list[int]:
        if any(not 1 <= day <= 365 for day in value):
            raise ValueError("must be numbers of days from 1 to 365")
        return sorted(set(value))

    @field_validator("private_networks")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for network in value:
            ip_network(network)  # its ValueError says what is wrong
        return value

    @field_validator("annotator")
    @classmethod
    def _known(cls, value: str) -> str:
        if not re.fullmatch(r"encoder|gazetteer|spacy:\S+", value):
            raise ValueError("must be encoder, gazetteer, or spacy: and a pipeline's name")
        return value

    @field_validator("schedule")
    @classmethod
    def _five_fields(cls, value: str) -> str:
        if not _SCHEDULE.fullmatch(value):
            raise ValueError("must be a cron line of five fields, such as '0 23 * * *'")
        return value


@dataclass(frozen=True)
class Settings:
    """All that a run depends on besides its data.

    `config` is the folder with dateline.yaml, sources/, topics/ and gazetteer/; `warehouse` the folder of the tables;
    `workers` processes; `story_window_days` how many days back a copy is looked for; `contact` who answers for the
    crawl; `delay_seconds` between two requests to one host; `pages_per_visit`, `megabytes_per_visit` and
    `minutes_per_visit` at most, a source; `revisit_days` after its first reading a page is asked for again;
    `private_networks` that may be fetched from though they are not public; `schedule` of the nightly run (cron, UTC);
    `annotator` who finds names besides the gazetteer: "encoder", "spacy:PIPELINE", or "gazetteer" for nobody;
    `replay` the server that plays the web, if any.
    """

    config: Path
    warehouse: Path
    workers: int = 2
    story_window_days: int = 7
    contact: str | None = None
    delay_seconds: float = 2.0
    pages_per_visit: int = 500
    megabytes_per_visit: int = 500
    minutes_per_visit: float = 40
    revisit_days: tuple[int, ...] = (1, 7)
    private_networks: tuple[str, ...] = ()
    schedule: str = "0 23 * * *"
    annotator: str = "encoder"
    replay: Replay | None = None

    def folder(self, name: str) -> Path:
        """A folder of the configuration; the packaged one where the user's has none."""
        own = self.config / name
        return own if own.is_dir() else PACKAGED / name


def find_settings(config: Path | None = None, warehouse: Path | None = None, workers: int | None = None) -> Settings:
    """Settings from `config`, else DATELINE_CONFIG, else ./config, else the packaged configuration.

    A relative warehouse is taken from the folder above the configuration, or from here for the packaged one. A
    snapshot's configuration is its own. Raises ConfigError.
    """
    named = os.environ.get("DATELINE_WAREHOUSE")
    given = warehouse or (Path(named) if named else None)
    folder = _find_config(config or (given / "config" if given and is_snapshot(given) else None))
    path = folder / "dateline.yaml"
    read = load_model(path, SettingsFile) if path.exists() else SettingsFile()
    base = Path.cwd() if folder.resolve() == PACKAGED.resolve() else folder.resolve().parent
    return Settings(
        config=folder,
        warehouse=_usable(given or base / read.warehouse),
        workers=workers or read.workers,
        story_window_days=read.story_window_days,
        contact=os.environ.get("DATELINE_CONTACT") or read.contact,
        delay_seconds=read.delay_seconds,
        pages_per_visit=read.pages_per_visit,
        megabytes_per_visit=read.megabytes_per_visit,
        minutes_per_visit=read.minutes_per_visit,
        revisit_days=tuple(read.revisit_days),
        private_networks=tuple(read.private_networks),
        schedule=read.schedule,
        annotator=read.annotator,
        replay=read.replay,
    )


def is_snapshot(warehouse: Path) -> bool:
    """Was it made by `dateline freeze`?"""
    return all((warehouse / name).is_file() for name in (MANIFEST, SUMS))


def refuse_snapshot(warehouse: Path) -> None:
    """Raises WarehouseError where the warehouse is a snapshot, which nothing changes."""
    if is_snapshot(warehouse):
        raise WarehouseError(f"{warehouse}: is a snapshot, which nothing changes; use the warehouse it is from")


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
