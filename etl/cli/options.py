"""The global options of `dateline`, given before the command, and options that several commands have."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from etl.cli.output import FORMATS
from etl.configuration.settings import Settings, find_settings
from etl.days import moment
from etl.pipeline.api import Warehouse

PATH = click.Path(path_type=Path)
as_of_option = click.option("--as-of", help="Use this time as the current time (ISO 8601, UTC; default: now).")
format_option = click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)


@dataclass(frozen=True)
class Options:
    """The options before the command. The settings are read when a command needs them."""

    config: Path | None
    warehouse_folder: Path | None
    workers: int | None
    wait: float

    def settings(self) -> Settings:
        """Read the settings. Raises ConfigError."""
        return find_settings(self.config, self.warehouse_folder, self.workers)

    def warehouse(self) -> Warehouse:
        """The warehouse that the command works on. Raises ConfigError."""
        return Warehouse(self.settings(), self.wait)


def now_or(as_of: str | None) -> datetime:
    """The time that a command takes for now: `--as-of`, else the clock's. Raises InputError."""
    return moment(as_of) if as_of else clock()


def clock() -> datetime:
    """The current time, also for requests to live sites."""
    return datetime.now(UTC)
