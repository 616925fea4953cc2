"""What is in a warehouse, what is stale, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, wanted_units
from etl.warehouse.delta import Store
from etl.warehouse.duck import query, reading
from schemas import TABLES
from schemas.values import LISTING_KINDS

# Sources whose latest visit failed, with the visits since they were last read.
_UNREAD = f"""
WITH visits AS (
    SELECT
        source, batch, max(requested_at) AS visited_at,
        bool_and(outcome IN ('ok', 'not_modified')) FILTER (
            kind IN {LISTING_KINDS}
        ) AS reached,
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

_DELAYS_CUT = """
SELECT source, url, detail FROM fetches WHERE kind = 'robots'
QUALIFY row_number() OVER (PARTITION BY source, url ORDER BY requested_at DESC) = 1 AND detail LIKE 'Crawl-delay%'
ORDER BY source, url
"""


@dataclass(frozen=True)
class StageStatus:
    """Units of a stage by state."""

    stage: str
    done: int
    stale: int


@dataclass(frozen=True)
class Failure:
    """A unit whose latest run failed."""

    stage: str
    unit: str
    error: str


@dataclass(frozen=True)
class Unread:
    """A live source that its latest visit could not read: since when, in how many visits, and why."""

    source: str
    last_reached: datetime | None
    visits: int
    error: str


@dataclass(frozen=True)
class DelayCut:
    """A host whose robots.txt asks for a longer Crawl-delay than it gets."""

    source: str
    url: str
    detail: str


@dataclass(frozen=True)
class Status:
    """The state of a warehouse. `published` is the file readers open, or null; `days_unobserved` of live sources."""

    rows: dict[str, int]
    stages: tuple[StageStatus, ...]
    failures: tuple[Failure, ...]
    damaged: tuple[tuple[str, int], ...]
    missing: tuple[Path, ...]
    unread: tuple[Unread, ...]
    delays_cut: tuple[DelayCut, ...]
    unfinished: tuple[str, ...]
    days_unobserved: tuple[tuple[str, int, date], ...]
    published: str | None


def read_status(settings: Settings, store: Store, stages: Sequence[Stage]) -> Status:
    """Reads the tables; writes nothing."""
    units, waiting = [], set()
    for stage in stages:
        wanted = wanted_units(stage, settings, store)
        stale = [w.unit.id for w in wanted if w.stale]
        units.append(StageStatus(stage.name, len(wanted) - len(stale), len(stale)))
        waiting |= {(stage.name, unit) for unit in stale}
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
        unread = connection.execute(_UNREAD).fetchall()
        cut = connection.execute(_DELAYS_CUT).fetchall()
        files = connection.execute("SELECT warc_file FROM batches ORDER BY batch").fetchall()
    paths = [settings.layout.file(file) for (file,) in files]
    missing = tuple(path for path in paths if not path.exists())
    unfinished = tuple(batch for batch, _ in settings.layout.visit_journals())
    link = settings.layout.published
    return Status(
        dict(counts), tuple(units), tuple(Failure(*row) for row in failed if row[:2] in waiting),
        tuple(damaged), missing, tuple(Unread(*row) for row in unread),
        tuple(DelayCut(*row) for row in cut), unfinished, _days_unobserved(settings),
        str(link) if link.exists() else None,
    )  # fmt: skip


def _days_unobserved(settings: Settings) -> tuple[tuple[str, int, date], ...]:
    """(source, days, the last of them) of the latest published edition."""
    if not settings.layout.published.exists():
        return ()
    rows = query(
        settings.warehouse,
        "SELECT source, count(*) AS n, max(day) AS last FROM coverage "
        "WHERE basis = 'no listing reached' GROUP BY source ORDER BY source",
    ).to_pylist()
    return tuple((row["source"], row["n"], row["last"]) for row in rows)
