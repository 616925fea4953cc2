"""The state of a warehouse: what it contains, what is stale, what failed, and which sources could not be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow.compute as pc

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, unit_table
from etl.pipeline.disk import DiskUse, disk_use
from etl.warehouse.delta import Store
from etl.warehouse.duck import query, reading
from schemas import TABLES
from schemas.values import LISTING_KINDS

# Sources whose latest visit could not read every listing: (source, last time all were read, number of visits since
# then, error of the latest visit).
_UNREAD_SOURCES = f"""
WITH visits AS (
    SELECT
        source, batch, max(requested_at) AS visited_at,
        bool_and(outcome IN ('ok', 'not_modified')) FILTER (kind IN {LISTING_KINDS}) AS reached,
        any_value(concat_ws(': ', url, outcome, detail)) FILTER (
            kind IN {LISTING_KINDS} AND outcome NOT IN ('ok', 'not_modified')
        ) AS error
    FROM fetches GROUP BY source, batch
),
latest AS (SELECT source, max(visited_at) FILTER (reached) AS last_reached FROM visits GROUP BY source)
SELECT source, any_value(last_reached), count(*), max_by(error, batch)
FROM visits JOIN latest USING (source)
WHERE last_reached IS NULL OR visited_at > last_reached
GROUP BY source ORDER BY source
"""

# Hosts whose latest robots.txt asks for a longer Crawl-delay than Dateline keeps.
_CAPPED_DELAYS = """
SELECT source, url, detail FROM fetches WHERE kind = 'robots'
QUALIFY row_number() OVER (PARTITION BY source, url ORDER BY requested_at DESC) = 1 AND detail LIKE 'Crawl-delay%'
ORDER BY source, url
"""


@dataclass(frozen=True)
class StageStatus:
    """The number of a stage's units that are up to date and that are stale."""

    stage: str
    done: int
    stale: int


@dataclass(frozen=True)
class UnitFailure:
    """A stale unit whose latest run failed."""

    stage: str
    unit: str
    error: str


@dataclass(frozen=True)
class UnreadSource:
    """A source that could not be read in its latest visit.

    `last_reached` is the last time it was read (null: never), `visits` the number of visits since then.
    """

    source: str
    last_reached: datetime | None
    visits: int
    error: str


@dataclass(frozen=True)
class CappedDelay:
    """A host whose robots.txt asks for a longer Crawl-delay than Dateline keeps. `url` is that of the robots.txt."""

    source: str
    url: str
    detail: str


@dataclass(frozen=True)
class Status:
    """The state of a warehouse.

    `rows` counts the rows of each table. `damaged` are batches with the number of bytes that could not be read,
    `missing` the WARC files that are not on disk, and `unfinished` the batches of interrupted visits. `days_unobserved`
    are (source, number of days for which no listing was reached, the last of them). `published` is the path of the
    published file, or null. `withheld` says why the newest edition was not published. `disk` is the space that is used.
    """

    rows: dict[str, int]
    stages: tuple[StageStatus, ...]
    failures: tuple[UnitFailure, ...]
    damaged: tuple[tuple[str, int], ...]
    missing: tuple[Path, ...]
    unread: tuple[UnreadSource, ...]
    capped_delays: tuple[CappedDelay, ...]
    unfinished: tuple[str, ...]
    days_unobserved: tuple[tuple[str, int, date], ...]
    published: str | None
    withheld: tuple[str, ...]
    disk: DiskUse


def stage_status(stage: Stage, settings: Settings, store: Store) -> tuple[StageStatus, list[str]]:
    """Return how many units of a stage are up to date and stale, and the stale ones."""
    units = unit_table(stage, settings, store)
    stale = units.filter(pc.is_valid(units["stale"]))["unit"].to_pylist()
    return StageStatus(stage.name, len(units) - len(stale), len(stale)), stale


def read_status(settings: Settings, store: Store, stages: Sequence[Stage]) -> Status:
    """Read the state of a warehouse from its tables; nothing is written."""
    stage_statuses, stale_units = [], set()
    for stage in stages:
        status, stale = stage_status(stage, settings, store)
        stage_statuses.append(status)
        stale_units |= {(stage.name, unit) for unit in stale}
    with reading(store) as connection:
        counts = connection.execute(
            " UNION ALL ".join(f"SELECT '{name}', count(*) FROM {name}" for name in TABLES)
        ).fetchall()
        failed = connection.execute(
            """
            SELECT stage, unit, error FROM runs
            QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1 AND state = 'failed'
            ORDER BY stage, unit
            """
        ).fetchall()
        damaged = connection.execute(
            "SELECT batch, lost_bytes FROM batches WHERE lost_bytes > 0 ORDER BY batch"
        ).fetchall()
        unread = connection.execute(_UNREAD_SOURCES).fetchall()
        capped = connection.execute(_CAPPED_DELAYS).fetchall()
        files = connection.execute("SELECT warc_file FROM batches ORDER BY batch").fetchall()
    paths = [settings.layout.file(file) for (file,) in files]
    missing = tuple(path for path in paths if not path.exists())
    unfinished = tuple(batch for batch, _ in settings.layout.visit_journals())
    link = settings.layout.published
    return Status(
        dict(counts), tuple(stage_statuses),
        tuple(UnitFailure(*row) for row in failed if row[:2] in stale_units),
        tuple(damaged), missing, tuple(UnreadSource(*row) for row in unread),
        tuple(CappedDelay(*row) for row in capped), unfinished, _days_unobserved(settings),
        str(link) if link.exists() else None, _withheld(settings.layout.withheld),
        disk_use(settings, store),
    )  # fmt: skip


def _withheld(path: Path) -> tuple[str, ...]:
    return tuple(path.read_text(encoding="utf-8").splitlines()) if path.exists() else ()


def _days_unobserved(settings: Settings) -> tuple[tuple[str, int, date], ...]:
    """Return `Status.days_unobserved`, as it was when the current edition was published."""
    if not settings.layout.published.exists():
        return ()
    rows = query(
        settings.warehouse,
        "SELECT source, count(*) AS n, max(day) AS last FROM coverage "
        "WHERE basis = 'no listing reached' GROUP BY source ORDER BY source",
    ).to_pylist()
    return tuple((row["source"], row["n"], row["last"]) for row in rows)
