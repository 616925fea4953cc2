"""Checks whether this machine, the configuration and the warehouse are fit for the nightly run."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from etl import __version__
from etl.configuration.settings import Settings
from etl.configuration.sources import followed
from etl.errors import DatelineError
from etl.pipeline.disk import disk_use
from etl.pipeline.run import check_configuration
from etl.pipeline.verify import damaged_model_files
from etl.text import readable_bytes
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, FETCHES, SCHEMA_VERSION
from schemas.values import LISTING_KINDS

_LIBRARIES = ("apache-airflow", "duckdb", "deltalake", "pyarrow", "newspaper4k", "trafilatura", "onnxruntime")
_LEAST_SPACE = 1 << 30  # bytes, of the warehouse's disk
_LEAST_TEMPORARY = 256 << 20
_LEAST_OPEN_FILES = 1024
_FEW_DAYS = 30  # until the disk is full
_NAMED = 5
_STALE_DAYS = 3  # since a source was last read
_RELEASED = datetime(2026, 11, 1, tzinfo=UTC)
_LAST_READ = f"""
SELECT source, max(day) FROM (
    SELECT source, max(requested_at) AS day FROM fetches GROUP BY source, batch
    HAVING bool_and(outcome IN ('ok', 'not_modified')) FILTER (kind IN {LISTING_KINDS})
) GROUP BY source
"""


@dataclass(frozen=True)
class Finding:
    """The result of one check: `ok`, `warning` (the night runs, but look at it) or `problem`; in a line."""

    check: str
    state: Literal["ok", "warning", "problem"]
    detail: str


def examine(settings: Settings, now: datetime) -> list[Finding]:
    """Make all checks. Nothing is changed, except that a file is written to the warehouse and deleted again."""
    checks: tuple[Callable[[Settings, datetime], Iterator[Finding]], ...] = (
        _versions, _configuration, _write_access, _tables, _space, _limits, _clock, _models, _sources,
    )  # fmt: skip
    findings = []
    for check in checks:
        try:
            findings += list(check(settings, now))
        except DatelineError as error:
            findings.append(Finding(check.__name__.strip("_").replace("_", " "), "problem", str(error)))
    return findings


def _versions(_: Settings, __: datetime) -> Iterator[Finding]:
    versions = [f"Dateline {__version__}", f"Python {platform.python_version()}"]
    for name in _LIBRARIES:
        try:
            versions.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            if name == "apache-airflow":
                yield Finding("versions", "warning", "apache-airflow is not installed: only `dateline run` can be used")
    yield Finding("versions", "ok", ", ".join(versions))


def _configuration(settings: Settings, _: datetime) -> Iterator[Finding]:
    check_configuration(settings)
    n_sources = len(followed(settings.folder("sources")))
    yield Finding("configuration", "ok", f"{settings.config}: {n_sources} sources are followed")
    if n_sources and not settings.contact and settings.replay is None:
        yield Finding("configuration", "problem", "contact is not set in dateline.yaml: no live site is fetched")


def _write_access(settings: Settings, _: datetime) -> Iterator[Finding]:
    places = {"warehouse": settings.warehouse, "temporary folder": Path(tempfile.gettempdir())}
    for name, folder in places.items():
        existing = next(path for path in (folder, *folder.parents) if path.exists())
        try:
            with tempfile.NamedTemporaryFile(dir=existing, prefix=".dateline-doctor-") as file:
                file.write(bytes(4096))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            yield Finding("write access", "problem", f"{name} {existing}: {error.strerror}")
        else:
            yield Finding("write access", "ok", f"{name} {existing}")


def _tables(settings: Settings, _: datetime) -> Iterator[Finding]:
    planned = Store(settings.warehouse).planned_upgrades()
    if planned:
        names = ", ".join(upgrade.table for upgrade in planned)
        yield Finding("tables", "warning", f"of an earlier version: {names}; the next run upgrades them")
    else:
        yield Finding("tables", "ok", f"schema version {SCHEMA_VERSION}")
    if settings.layout.withheld.exists():
        yield Finding("tables", "warning", "the newest edition is withheld; see: dateline status")


def _space(settings: Settings, _: datetime) -> Iterator[Finding]:
    disk = disk_use(settings, Store(settings.warehouse))
    few_days = disk.days_left is not None and disk.days_left < _FEW_DAYS
    state: Literal["ok", "warning", "problem"] = "problem" if disk.free < _LEAST_SPACE else "ok"
    until = f", full in {disk.days_left:,} days" if disk.days_left is not None else ""
    yield Finding(
        "space",
        "warning" if few_days and state == "ok" else state,
        f"warehouse: {readable_bytes(disk.free)} free{until}",
    )
    free = shutil.disk_usage(tempfile.gettempdir()).free
    yield Finding(
        "space", "problem" if free < _LEAST_TEMPORARY else "ok",
        f"temporary folder {tempfile.gettempdir()}: {readable_bytes(free)} free",
    )  # fmt: skip


def _limits(_: Settings, __: datetime) -> Iterator[Finding]:
    n_files, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    enough = n_files == resource.RLIM_INFINITY or n_files >= _LEAST_OPEN_FILES
    yield Finding("limits", "ok" if enough else "warning", f"open files: {n_files:,} (ulimit -n)")
    size, _hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    if size != resource.RLIM_INFINITY:
        yield Finding("limits", "warning", f"files can have at most {readable_bytes(size)} (ulimit -f)")


def _clock(settings: Settings, now: datetime) -> Iterator[Finding]:
    with reading(Store(settings.warehouse), [BATCHES]) as connection:
        [(latest,)] = connection.execute("SELECT max(added_at) FROM batches").fetchall()
    line = f"{now:%Y-%m-%d %H:%M} UTC"
    if now < _RELEASED:
        yield Finding("clock", "problem", f"{line} is before this version was released; set the clock")
    elif latest and now < latest - timedelta(minutes=5) and settings.replay is None:
        yield Finding("clock", "problem", f"{line} is before the latest batch ({latest:%Y-%m-%d %H:%M} UTC)")
    else:
        yield Finding("clock", "ok", f"{line}, local time zone {time.tzname[0]}")


def _models(_: Settings, __: datetime) -> Iterator[Finding]:
    damaged = damaged_model_files()
    for path in damaged:
        yield Finding("models", "problem", f"{path}: is missing or damaged; install Dateline again")
    if not damaged:
        yield Finding("models", "ok", "all files are as they were released")


def _sources(settings: Settings, now: datetime) -> Iterator[Finding]:
    with reading(Store(settings.warehouse), [FETCHES]) as connection:
        last_read = dict(connection.execute(_LAST_READ).fetchall())
    names = [source.name for source in followed(settings.folder("sources"))]
    if never := [name for name in names if name not in last_read]:
        more = ", …" if len(never) > _NAMED else ""
        line = f"{len(never):,} were never read: {', '.join(never[:_NAMED])}{more}"
        yield Finding("sources", "warning", line)
    for name in names:
        if at := last_read.get(name):
            is_stale = now - at > timedelta(days=_STALE_DAYS)
            yield Finding("sources", "warning" if is_stale else "ok", f"{name}: last read {at:%Y-%m-%d %H:%M} UTC")
