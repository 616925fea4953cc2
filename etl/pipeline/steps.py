"""The pipeline in steps that share nothing but the disk: what a scheduler calls, each in a process of its own.

fetch_group … -> record -> for each stage: plan, work …, commit -> publish -> check. Every step may be killed and called
again. `folder` is the run's own place for what passes between steps; `dateline run` takes all of this in one process.
"""

from __future__ import annotations

import secrets
import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from etl.configuration.settings import Settings
from etl.configuration.sources import followed
from etl.engine.stage import GROUP, Failed, Job, Outcome, commit, plan, run, wanted_units
from etl.errors import Fatal, Retryable
from etl.ingest.files import Incoming, complete_days, import_files, importable_files
from etl.ingest.registry import register_new_files
from etl.pipeline.run import check_configuration, publish_all
from etl.pipeline.stages import all_stages, stage_named
from etl.publish.exports import export_marts
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import FETCHES, RUNS

if TYPE_CHECKING:
    from etl.fetch.stage import VisitResult

_GROUPS = 100  # at most: schedulers limit how wide a step may be
_FETCHERS = 4  # of sources: one process waits for hundreds of hosts at once, and none need wait for a free place
_SMALLEST = 8  # sources or jobs a group: a process costs more than a small group's work
_KEPT_DAYS = 7  # what a run that was given up left behind
_JOBS = TypeAdapter(list[Job])
_OUTCOMES: TypeAdapter[list[Outcome]] = TypeAdapter(list[Outcome])
Item = TypeVar("Item")


@dataclass(frozen=True)
class Committed:
    """What became of a stage's units; `late` ones were computed for inputs that changed meanwhile, and were dropped."""

    done: int
    failed: int
    late: int


def run_folder(settings: Settings, name: str) -> Path:
    """A run's own folder below staging/; `name` may be any text."""
    return settings.layout.run_staging(name)


def source_groups(settings: Settings, as_of: datetime, clock: Callable[[], datetime]) -> list[list[str]]:
    """The names of the sources to visit, in groups. Raises ConfigError: a typo stops a night before it begins."""
    check_configuration(settings)
    sources = followed(settings.folder("sources"))
    if sources:
        # Imported here because it loads the HTTP client: half a second that the other steps need not pay.
        from etl.fetch.stage import make_client_settings

        make_client_settings(settings, as_of, clock)
    return _grouped([source.name for source in sources], _FETCHERS)


def fetch_group(
    settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime], last_try: bool
) -> list[str]:
    """Visits the sources of a group; a line for each. Raises Retryable, but on the last try, where some were not read.

    What was read stays read: another try asks only the others.
    """
    from etl.fetch.stage import fetch

    visited = fetch(settings, names, as_of, clock)
    lines = [visited_line(item) for item in visited]
    failed = [line for line, item in zip(lines, visited, strict=True) if item.error]
    if failed and not last_try:
        raise Retryable("; ".join(failed))
    return lines


def visited_line(item: VisitResult) -> str:
    """`tass: 41 pages, 43 requests`, or what kept it from being read."""
    return (
        f"{item.source}: {item.error}" if item.error else f"{item.source}: {item.pages} pages, {item.requests} requests"
    )


def record(settings: Settings, as_of: datetime) -> list[str]:
    """Puts the WARC files that visits left into the tables; returns their batches."""
    store = Store(settings.warehouse)
    with store.writing():
        return [file.row.batch for file in register_new_files(store, settings.warehouse, as_of)]


def import_archives(
    settings: Settings,
    paths: Sequence[str],
    source: str | None,
    complete: tuple[str | None, str | None],
    as_of: datetime,
) -> list[str]:
    """Imports files or folders; returns their batches. `complete`: days for which they lack nothing, as written.

    Raises InputError for the first that cannot be used, after all the others are in.
    """
    store = Store(settings.warehouse)
    batches, errors = [], []
    incoming = [Incoming(path, source, complete_days(*complete)) for path in importable_files(map(Path, paths))]
    with store.writing():
        for result in import_files(incoming, store, settings.warehouse, as_of):
            if isinstance(result, Exception):
                errors.append(result)
            else:
                batches.append(result.batch)
    if errors:
        raise errors[0]
    return batches


def plan_stage(settings: Settings, name: str, folder: Path) -> list[str]:
    """What is stale of a stage, as files of jobs, one a group; returns their paths."""
    place = folder / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    paths = []
    for number, jobs in enumerate(_grouped(plan(stage_named(name), settings, Store(settings.warehouse)))):
        path = place / f"group-{number:03d}.json"
        path.write_bytes(_JOBS.dump_json(jobs))
        paths.append(str(path))
    return paths


def work_group(settings: Settings, name: str, path: str) -> str:
    """Computes a group's jobs and leaves their rows beside it; returns the path of the outcomes.

    Raises Fatal where the plan is gone: it was committed, or a run that ended cleared it away.
    """
    group = Path(path)
    if not group.exists():
        raise Fatal(f"{group}: what was planned is committed or given up; clear the task {name}.plan as well")
    outcomes: list[Outcome] = []
    for job in _JOBS.validate_json(group.read_bytes()):
        outcomes += run(stage_named(name).run, settings, job, group.parent)
    done = group.with_suffix(".outcomes")
    done.write_bytes(_OUTCOMES.dump_json(outcomes))
    return str(done)


def commit_stage(settings: Settings, name: str, folder: Path) -> Committed:
    """Puts the outcomes of a stage's groups into the tables.

    Only what is still wanted as it was planned is written: another run may have done it meanwhile, or changed its
    inputs. Raises Retryable while another process writes.
    """
    stage, store = stage_named(name), Store(settings.warehouse)
    files = sorted((folder / name).glob("*.outcomes"))
    outcomes = [outcome for file in files for outcome in _OUTCOMES.validate_json(file.read_bytes())]
    with store.writing():
        opened = {table.name: store.open(table) for table in stage.writes}
        wanted = {w.unit.id: w.unit.stamp for w in wanted_units(stage, settings, store) if w.stale}
        current = [outcome for outcome in outcomes if wanted.get(outcome.unit.id) == outcome.unit.stamp]
        for start in range(0, len(current), GROUP):
            commit(stage, store, current[start : start + GROUP], secrets.token_hex(8), opened)
    shutil.rmtree(folder / name, ignore_errors=True)
    failed = sum(isinstance(outcome, Failed) for outcome in current)
    return Committed(len(current) - failed, failed, len(outcomes) - len(current))


def publish(settings: Settings, as_of: datetime, folder: Path) -> list[str]:
    """Publishes what is current. Clears what this run and dead ones left behind.

    Returns a line for each unit that is held back, and why, and one if articles belong to another story than before.
    """
    with Store(settings.warehouse).writing():
        published = publish_all(settings, as_of)
    shutil.rmtree(folder, ignore_errors=True)
    limit = time.time() - _KEPT_DAYS * 86_400
    for left in settings.layout.staging.glob("*"):
        if left.stat().st_mtime < limit:
            shutil.rmtree(left, ignore_errors=True)
    changes = published.story_changes
    moved = [f"{changes} articles belong to another story than before, see: story_changes"] if changes else []
    return [*moved, *(f"held back: {unit}" for unit in published.held)]


def check(settings: Settings, as_of: datetime, visited: bool) -> None:
    """Looks whether a run did its work. Raises Fatal where units failed, or (`visited`) a source was not visited on the
    day `as_of` at all (a crash, not a site that is down); Retryable where only something is not up to date."""
    store, trouble = Store(settings.warehouse), []
    with reading(store, [RUNS, FETCHES]) as connection:
        if visited:
            rows = connection.execute("SELECT DISTINCT source FROM fetches WHERE batch LIKE ?", [f"{as_of:%Y%m%d}-%"])
            seen = {source for (source,) in rows.fetchall()}
            trouble += [f"{s.name} was not visited" for s in followed(settings.folder("sources")) if s.name not in seen]
        failed = {
            (stage, unit): error
            for stage, unit, error in connection.execute(
                "SELECT stage, unit, error FROM runs WHERE state = 'failed' AND stage <> 'fetch' "
                "QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1"
            ).fetchall()
        }
    late = []
    for stage in all_stages():
        stale = [w.unit.id for w in wanted_units(stage, settings, store) if w.stale]
        trouble += [
            f"{stage.name} {unit}: {failed[stage.name, unit]}" for unit in stale if (stage.name, unit) in failed
        ]
        late += [f"{stage.name} {unit} is not up to date" for unit in stale if (stage.name, unit) not in failed]
    if trouble or late:
        kind = Fatal if trouble else Retryable
        more = f", and {len(trouble + late) - 5} more" if len(trouble + late) > 5 else ""
        raise kind("; ".join((trouble + late)[:5]) + more + "; see: dateline status")


def export(settings: Settings) -> str:
    """Writes the marts as Parquet files; returns the folder."""
    return str(export_marts(settings.warehouse))


def _grouped(items: Sequence[Item], most: int = _GROUPS) -> list[list[Item]]:
    size = max(_SMALLEST, ceil(len(items) / most))
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
