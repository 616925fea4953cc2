"""The pipeline as separate steps for a scheduler. Each step runs in its own process; steps share data only by files.

fetch_group … -> record -> for each stage: plan, work …, commit -> publish -> check. Every step can be killed and called
again. `folder` is where a run keeps the files that one step leaves for the next. `dateline run` does the same steps,
except fetching, in one process.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter

from etl.configuration.settings import Settings
from etl.configuration.sources import followed
from etl.engine.stage import FailedUnit, Job, Outcome, plan, unit_states
from etl.engine.update import commit_in_groups, run
from etl.errors import Fatal, Retryable
from etl.ingest.files import complete_days
from etl.ingest.registry import register_new_files
from etl.pipeline.api import Warehouse
from etl.pipeline.run import check_archives_to_read, check_configuration, publish_all
from etl.pipeline.stages import all_stages, stage_named
from etl.publish.exports import export_marts
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, FETCHES, RUNS

if TYPE_CHECKING:
    from etl.fetch.stage import VisitResult

_MAX_GROUPS = 100  # schedulers limit the number of parallel tasks in a step
_MAX_FETCH_GROUPS = 4  # as many as the fetch pool has slots; one process can fetch from hundreds of hosts at once
_MIN_GROUP_SIZE = 8  # sources or jobs: starting a process takes longer than the work of a smaller group
_MAX_PROBLEMS_NAMED = 5
_JOBS = TypeAdapter(list[Job])
_OUTCOMES: TypeAdapter[list[Outcome]] = TypeAdapter(list[Outcome])
Item = TypeVar("Item")


@dataclass(frozen=True)
class StageCommit:
    """The number of a stage's units that were committed, failed, or dropped.

    `late` units were dropped: another run computed them, or changed their inputs, after they were planned.
    """

    done: int
    failed: int
    late: int


def run_folder(settings: Settings, name: str) -> Path:
    """Return a run's folder in staging/. `name` can be any text."""
    return settings.layout.run_staging(name)


def source_groups(settings: Settings, as_of: datetime, clock: Callable[[], datetime]) -> list[list[str]]:
    """Return the names of the sources to visit, in groups.

    Reads the whole configuration and raises ConfigError, so that a mistake stops a night before it begins.
    """
    check_configuration(settings)
    sources = followed(settings.folder("sources"))
    if sources:
        # Imported here because it loads the HTTP client: half a second that the other steps need not pay.
        from etl.fetch.stage import make_client_settings

        make_client_settings(settings, as_of, clock)
    return _grouped([source.name for source in sources], _MAX_FETCH_GROUPS)


def fetch_group(
    settings: Settings, names: Sequence[str], as_of: datetime, clock: Callable[[], datetime], last_try: bool
) -> list[str]:
    """Visit the sources of a group; return a line for each.

    Raises Retryable if some could not be read, except on the last try. Another try visits only those.
    """
    from etl.fetch.stage import fetch

    visited = fetch(settings, names, as_of, clock)
    lines = [visited_line(visit) for visit in visited]
    failed = [line for line, visit in zip(lines, visited, strict=True) if visit.error]
    if failed and not last_try:
        raise Retryable("; ".join(failed))
    return lines


def visited_line(visit: VisitResult) -> str:
    """Return a line on a visit: `tass: 41 pages, 43 requests`, or the error if the source could not be read."""
    result = visit.error or f"{visit.pages} pages, {visit.requests} requests"
    return f"{visit.source}: {result}"


def record(settings: Settings, as_of: datetime) -> list[str]:
    """Register the WARC files of visits, and check the files that are going to be read; return the new batches."""
    store = Store(settings.warehouse)
    with store.writing():
        store.mend()
        registered = register_new_files(store, settings.warehouse, as_of)
        check_archives_to_read(settings, store)
    return [file.row.batch for file in registered]


def import_archives(
    settings: Settings,
    paths: Sequence[str],
    source: str | None,
    complete: tuple[str | None, str | None],
    as_of: datetime,
) -> list[str]:
    """Import files or folders; return their batches.

    `complete`: the first and last day for which the archive is complete, as text. Raises InputError for the first file
    that cannot be used, after all others are imported.
    """
    result = Warehouse(settings).import_files(paths, source=source, complete=complete_days(*complete), as_of=as_of)
    if result.errors:
        raise result.errors[0]
    return [file.batch for file in result.imported]


def plan_stage(settings: Settings, name: str, folder: Path) -> list[str]:
    """Write the jobs of a stage's stale units to files, one for each group; return their paths."""
    stage_folder = folder / name
    shutil.rmtree(stage_folder, ignore_errors=True)
    stage_folder.mkdir(parents=True)
    paths = []
    for number, jobs in enumerate(_grouped(plan(stage_named(name), settings, Store(settings.warehouse)))):
        path = stage_folder / f"group-{number:03d}.json"
        path.write_bytes(_JOBS.dump_json(jobs))
        paths.append(str(path))
    return paths


def work_group(settings: Settings, name: str, path: str) -> str:
    """Compute a group's jobs and write their rows to files beside it; return the path of the file of outcomes.

    `path` is the group's file. Raises Fatal if it no longer exists: commit_stage or publish deletes it.
    """
    group = Path(path)
    if not group.exists():
        raise Fatal(
            f"{group}: this plan no longer exists (it was committed, or its run has ended); "
            f"clear the task {name}.plan, too"
        )
    outcomes: list[Outcome] = []
    for job in _JOBS.validate_json(group.read_bytes()):
        outcomes += run(stage_named(name).run, settings, job, group.parent)
    outcomes_path = group.with_suffix(".outcomes")
    outcomes_path.write_bytes(_OUTCOMES.dump_json(outcomes))
    return str(outcomes_path)


def commit_stage(settings: Settings, name: str, folder: Path) -> StageCommit:
    """Write the outcomes of a stage's groups to the tables.

    A unit is written only if it is still stale and has the stamp with which it was planned: another run may have
    computed it in the meantime, or changed its inputs. Raises Retryable if another process is writing.
    """
    stage, store = stage_named(name), Store(settings.warehouse)
    paths = sorted((folder / name).glob("*.outcomes"))
    outcomes = [outcome for path in paths for outcome in _OUTCOMES.validate_json(path.read_bytes())]
    with store.writing():
        opened = {table.name: store.open(table) for table in stage.writes}
        stamps = {state.unit.id: state.unit.stamp for state in unit_states(stage, settings, store, stale_only=True)}
        current = [outcome for outcome in outcomes if stamps.get(outcome.unit.id) == outcome.unit.stamp]
        commit_in_groups(stage, store, ([outcome] for outcome in current), opened)
    shutil.rmtree(folder / name, ignore_errors=True)
    failed = sum(isinstance(outcome, FailedUnit) for outcome in current)
    return StageCommit(len(current) - failed, failed, len(outcomes) - len(current))


def publish(settings: Settings, as_of: datetime, folder: Path) -> list[str]:
    """Publish what is up to date, and delete this run's files.

    Return a line for each unit that is held back, with the reason, and one if articles belong to another story than
    before. Raises Fatal if the edition is withheld.
    """
    with Store(settings.warehouse).writing():
        published = publish_all(settings, as_of)
    shutil.rmtree(folder, ignore_errors=True)
    if published.withheld:
        raise Fatal(
            f"not published, the edition before stays: {'; '.join(published.withheld)}; publish all the same with: "
            "dateline publish --accept"
        )
    n = published.story_changes
    story_changes = [f"{n} articles belong to another story than before, see: story_changes"] if n else []
    return [*story_changes, *(f"held back: {unit}" for unit in published.held_back)]


def check(settings: Settings, as_of: datetime, visited: bool) -> None:
    """Check that a run did its work.

    Raises Fatal if units failed, or, with `visited`, if a source was not visited at all on the day of `as_of`: its
    process crashed; a site that is down counts as visited. Raises Retryable if units are stale but none failed.
    """
    store, problems = Store(settings.warehouse), []
    with reading(store, [RUNS, FETCHES, BATCHES]) as connection:
        if visited:
            rows = connection.execute("SELECT DISTINCT source FROM fetches WHERE batch LIKE ?", [f"{as_of:%Y%m%d}-%"])
            names = {name for (name,) in rows.fetchall()}
            sources = followed(settings.folder("sources"))
            problems += [f"{source.name} was not visited" for source in sources if source.name not in names]
        damaged = connection.execute("SELECT warc_file FROM batches WHERE damaged_sha256 IS NOT NULL").fetchall()
        problems += [f"{file} is damaged" for (file,) in damaged]
        failed = {
            (stage, unit): error
            for stage, unit, error in connection.execute(
                "SELECT stage, unit, error FROM runs WHERE state = 'failed' AND stage <> 'fetch' "
                "QUALIFY row_number() OVER (PARTITION BY stage, unit ORDER BY seq DESC) = 1"
            ).fetchall()
        }
    stale = []
    for stage in all_stages():
        units = [state.unit.id for state in unit_states(stage, settings, store, stale_only=True)]
        problems += [
            f"{stage.name} {unit}: {failed[stage.name, unit]}" for unit in units if (stage.name, unit) in failed
        ]
        stale += [f"{stage.name} {unit} is not up to date" for unit in units if (stage.name, unit) not in failed]
    if lines := problems + stale:
        kind = Fatal if problems else Retryable
        n_more = len(lines) - _MAX_PROBLEMS_NAMED
        more = f", and {n_more} more" if n_more > 0 else ""
        raise kind("; ".join(lines[:_MAX_PROBLEMS_NAMED]) + more + "; see: dateline status")


def maintain(settings: Settings, as_of: datetime) -> list[str]:
    """Keep the warehouse small; return a line for each thing that was done."""
    done = Warehouse(settings).maintain(as_of=as_of)
    return [*done.mended, *done.problems, *done.lines]


def export(settings: Settings) -> str:
    """Write the marts as Parquet files; return their folder."""
    return str(export_marts(settings.warehouse))


def _grouped(items: Sequence[Item], max_groups: int = _MAX_GROUPS) -> list[list[Item]]:
    """Split items into at most `max_groups` groups of at least _MIN_GROUP_SIZE; the last group may be smaller."""
    size = max(_MIN_GROUP_SIZE, ceil(len(items) / max_groups))
    return [list(items[start : start + size]) for start in range(0, len(items), size)]
