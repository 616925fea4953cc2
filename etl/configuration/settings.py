"""The settings of a run: read once where a command or task begins, then passed on as one frozen value."""

from __future__ import annotations

import os
import re
from datetime import date
from ipaddress import ip_network
from pathlib import Path
from typing import Self

from pydantic import Field, field_validator, model_validator

from etl.configuration.yaml_models import ConfigModel, checked_value, load_model
from etl.errors import ConfigError, WarehouseError
from etl.warehouse.layout import WarehouseLayout

_ETL = Path(__file__).parents[1]
# The packaged configuration: beside etl/ in a checkout, inside it in a wheel.
PACKAGED = next(path for path in (_ETL.parent / "config", _ETL / "config") if path.is_dir())

_CONTACT = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|https?://\S+")
_CRON_LINE = re.compile(r"\S+( \S+){4}")


class Replay(ConfigModel):
    """A server that plays all hosts as they were at the time a request names: the sample sites, or an archive."""

    server: str = Field(pattern=r"^http://[^/]+$", description="Address of the server.")
    first_night: date = Field(description="Day of the first night to run.")
    last_night: date = Field(description="Day of the last night to run.")

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.last_night < self.first_night:
            raise ValueError("last_night is before first_night")
        return self


class Retention(ConfigModel):
    """How long `dateline maintain` and the DAG news_maintenance keep what is no longer needed."""

    editions: int = Field(default=2, ge=1, le=1000, description="How many editions of the published file are kept.")
    replaced_files_hours: int = Field(
        default=24, ge=0, le=24 * 365, description="Hours after which a data file that was replaced is deleted."
    )
    unfinished_runs_days: int = Field(
        default=7, ge=1, le=365, description="Days after which the files of a run that never ended are deleted."
    )
    damaged_files_days: int = Field(
        default=90, ge=0, le=3650, description="Days after which files that were damaged are deleted."
    )
    airflow_days: int = Field(
        default=90, ge=1, le=3650, description="Days after which runs in Airflow's database and their logs are deleted."
    )


class _CommonSettings(ConfigModel):
    """The settings that dateline.yaml and a run share."""

    workers: int = Field(default=2, ge=1, le=256, description="Number of processes.")
    story_window_days: int = Field(default=7, ge=0, le=60, description="How many days back copies are looked for.")
    contact: str | None = Field(
        default=None, description="Mail address or web page of the person who answers for the crawl."
    )
    delay_seconds: float = Field(default=2.0, ge=0, le=300, description="Seconds between two requests to one host.")
    pages_per_visit: int = Field(default=500, ge=1, le=100_000, description="Most pages read in a visit to a source.")
    megabytes_per_visit: int = Field(default=500, ge=1, le=1_000_000, description="Most megabytes read in a visit.")
    minutes_per_visit: float = Field(default=40, gt=0, le=24 * 60, description="Most minutes that a visit takes.")
    revisit_days: tuple[int, ...] = Field(
        default=(1, 7), description="How many days after its first reading a page is requested again."
    )
    private_networks: tuple[str, ...] = Field(
        default=(), description="Networks that may be fetched from although they are not public."
    )
    schedule: str = Field(default="0 23 * * *", description="When the nightly run starts: a cron line, in UTC.")
    annotator: str = Field(
        default="encoder",
        description="What finds names besides the gazetteer: encoder, spacy:PIPELINE, or gazetteer for nothing else.",
    )
    retention: Retention = Field(default=Retention(), description="How long what is no longer needed is kept.")
    replay: Replay | None = Field(default=None, description="A server that stands in for the web.")

    @field_validator("contact")
    @classmethod
    def _check_contact(cls, value: str | None) -> str | None:
        if value is not None and not _CONTACT.fullmatch(value):
            raise ValueError("must be a mail address or the address of a page")
        return value

    @field_validator("revisit_days")
    @classmethod
    def _check_days(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        if any(not 1 <= day <= 365 for day in value):
            raise ValueError("must be numbers of days from 1 to 365")
        return tuple(sorted(set(value)))

    @field_validator("private_networks")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)  # its ValueError says what is wrong
        return value

    @field_validator("annotator")
    @classmethod
    def _check_annotator(cls, value: str) -> str:
        if not re.fullmatch(r"encoder|gazetteer|[a-z]+:\S+", value):
            raise ValueError("must be encoder, gazetteer, or a tagger and its pipeline, such as spacy:en_core_web_sm")
        return value

    @field_validator("schedule")
    @classmethod
    def _check_schedule(cls, value: str) -> str:
        if not _CRON_LINE.fullmatch(value):
            raise ValueError("must be a cron line of five fields, such as '0 23 * * *'")
        return value


class SettingsFile(_CommonSettings):
    """The fields of `config/dateline.yaml`."""

    warehouse: str = Field(default="warehouse", min_length=1, description="Folder of the warehouse.")


class Settings(_CommonSettings):
    """Everything that a run depends on besides its data."""

    config: Path = Field(description="Folder with dateline.yaml, sources/, topics/ and gazetteer/.")
    warehouse: Path = Field(description="Folder of the warehouse.")

    @property
    def layout(self) -> WarehouseLayout:
        """Where everything in the warehouse lies."""
        return WarehouseLayout(self.warehouse)

    def folder(self, name: str) -> Path:
        """A folder of the configuration; the packaged one where the user has none."""
        folder = self.config / name
        return folder if folder.is_dir() else PACKAGED / name


def find_settings(config: Path | None = None, warehouse: Path | None = None, workers: int | None = None) -> Settings:
    """Read the settings from `config`, else DATELINE_CONFIG, else ./config, else the packaged configuration.

    The warehouse is `warehouse`, else DATELINE_WAREHOUSE, else the one that dateline.yaml names. A relative path in
    dateline.yaml starts at the folder above the configuration, or at the current folder for the packaged one. A
    snapshot has a configuration of its own. Raises ConfigError.
    """
    variable = os.environ.get("DATELINE_WAREHOUSE")
    chosen = warehouse or (Path(variable) if variable else None)
    if config is None and chosen and WarehouseLayout(chosen).is_snapshot():
        config = WarehouseLayout(chosen).config
    folder = _find_config(config)
    path = folder / "dateline.yaml"
    file = load_model(path, SettingsFile) if path.exists() else SettingsFile()
    base = Path.cwd() if folder.resolve() == PACKAGED.resolve() else folder.resolve().parent
    fields = dict(file) | {"config": folder, "warehouse": _checked_path(chosen or base / file.warehouse)}
    if workers is not None:
        fields["workers"] = checked_value(SettingsFile, "workers", workers, "workers")
    if contact := os.environ.get("DATELINE_CONTACT"):
        fields["contact"] = checked_value(SettingsFile, "contact", contact, "DATELINE_CONTACT")
    return Settings.model_construct(**fields)


def refuse_snapshot(warehouse: Path) -> None:
    """Raise WarehouseError if the warehouse is a snapshot: snapshots are never changed."""
    if WarehouseLayout(warehouse).is_snapshot():
        raise WarehouseError(f"{warehouse}: is a snapshot and cannot be changed; use the warehouse it was made from")


def _checked_path(warehouse: Path) -> Path:
    """The path of the warehouse without links. Raises ConfigError for characters that are patterns in file names."""
    if re.match(r"[a-z][a-z0-9+.-]+:/", str(warehouse)):
        raise ConfigError(f"{warehouse}: a warehouse is a folder of this machine; a URL cannot be used")
    resolved = warehouse.expanduser().resolve()
    if any(not char.isprintable() for char in str(resolved)):
        raise ConfigError(f"{str(resolved)!r}: the path of a warehouse cannot contain control characters")
    if bad := sorted(set(str(resolved)) & set("%[]{}?*#\\")):
        raise ConfigError(f"{resolved}: the path of a warehouse cannot contain {' '.join(bad)}; choose another folder")
    return resolved


def _find_config(chosen: Path | None) -> Path:
    variable = os.environ.get("DATELINE_CONFIG")
    folder = chosen or (Path(variable) if variable else None)
    if folder is not None:
        if not folder.is_dir():
            raise ConfigError(f"{folder}: no such configuration folder; make one with: dateline init {folder.parent}")
        return folder
    here = Path("config")
    return here.absolute() if (here / "dateline.yaml").exists() else PACKAGED
