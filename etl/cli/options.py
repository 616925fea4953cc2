"""What the commands of `dateline` share: the options before the command, and common ones behind it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from etl.cli.output import FORMATS
from etl.configuration.settings import Settings, find_settings
from etl.days import moment

PATH = click.Path(path_type=Path)
as_of_option = click.option("--as-of", help="The moment to run as if it were now (ISO, UTC).")
format_option = click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)


@dataclass(frozen=True)
class Options:
    """The options before the command; settings are read when a command needs them."""

    config: Path | None
    warehouse: Path | None
    workers: int | None

    def settings(self) -> Settings:
        return find_settings(self.config, self.warehouse, self.workers)


def now_or(as_of: str | None) -> datetime:
    """The moment that everything below takes for now: the only place that reads the clock for data."""
    return moment(as_of) if as_of else clock()


def clock() -> datetime:
    """The time of requests to live sites."""
    return datetime.now(UTC)
