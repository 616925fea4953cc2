"""What is in a warehouse, what is stale, what failed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from etl.settings import Settings
from etl.stage import Stage, wanted_units
from etl.store import Store
from etl.warehouse import PUBLISHED, reading
from schemas import TABLES


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
class Status:
    """The state of a warehouse. `published` is the file readers open, or null."""

    rows: dict[str, int]
    stages: tuple[StageStatus, ...]
    failures: tuple[Failure, ...]
    damaged: tuple[tuple[str, int], ...]
    missing: tuple[str, ...]
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
        files = connection.execute("SELECT warc_file FROM batches ORDER BY batch").fetchall()
    missing = tuple(file for (file,) in files if not (settings.warehouse / file).exists())
    link = settings.warehouse / PUBLISHED
    return Status(
        dict(counts), tuple(units), tuple(Failure(*row) for row in failed if row[:2] in waiting),
        tuple(damaged), missing, str(link) if link.exists() else None,
    )  # fmt: skip
