"""Dateline from Python: open a warehouse, import files, run the pipeline, query.

The command line is built on this module. Everything here is also available as `etl.open_warehouse`, `etl.annotate` and
so on. Times are UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from etl.configuration.settings import Settings, find_settings, refuse_snapshot
from etl.errors import InputError, Retryable

if TYPE_CHECKING:
    import pyarrow as pa

    from etl.engine.stage import Progress
    from etl.fetch.stage import VisitResult
    from etl.ingest.archive_check import Problem
    from etl.ingest.files import Imported
    from etl.nlp.annotate import Annotation
    from etl.pipeline.doctor import Finding
    from etl.pipeline.maintain import Maintenance
    from etl.pipeline.status import StageStatus, Status
    from etl.pipeline.takedown import Takedown
    from etl.publish.publish import PublishResult
    from etl.publish.snapshots import Snapshot
    from etl.warehouse.delta_schema import TableUpgrade

ImportProgress = Callable[["Imported | InputError", int, int], None]  # one file's result, its number, all files


@dataclass(frozen=True)
class ImportReport:
    """What became of imported files: one bad file does not stop the others."""

    imported: list[Imported]
    errors: list[InputError]


@dataclass(frozen=True)
class RunReport:
    """What a run did: units computed and failed by stage, and what was published.

    `registered` are WARC files that lay in the warehouse without being registered; `rejected` is the number of pages
    and texts that are not articles, with their reasons in the table `rejects` (0 if nothing new was published).
    `damaged` has a line for each WARC file that is not as it was written, `mended` one for each table of which damaged
    files were computed again.
    """

    stages: list[Progress]
    published: PublishResult
    registered: list[str]
    rejected: int
    damaged: list[str]
    mended: list[str]

    @property
    def failed(self) -> int:
        """The number of units that failed; the next run tries them again."""
        return sum(stage.failed for stage in self.stages)


@dataclass(frozen=True)
class PlannedUpgrade:
    """What `run` would do to a warehouse of an earlier version: tables that get columns, and stale units by stage.

    Units that become stale only when those before them are computed again are not counted.
    """

    tables: list[TableUpgrade]
    stages: list[StageStatus]


@dataclass(frozen=True)
class Warehouse:
    """A warehouse with the configuration that it is run by. Made by `open_warehouse`.

    `wait` is how many seconds to wait for another process that is writing to the warehouse.
    """

    settings: Settings
    wait: float = 0

    def import_files(
        self,
        paths: str | Path | Iterable[str | Path],
        *,
        source: str | None = None,
        complete: tuple[date, date] | None = None,
        as_of: datetime | None = None,
        report: ImportProgress | None = None,
    ) -> ImportReport:
        """Add WARC files, JSON lines, CSV or Parquet files, or folders of them. A file is only ever added once.

        `paths` is one path or several.
        `source` names the archive (default: the file's name). `complete` are the first and last day for which the
        archive lacks nothing. Raises InputError for a path that does not exist or is of an unknown kind, Retryable if
        another process is writing.
        """
        from etl.ingest.files import Incoming, import_files, importable_files
        from etl.warehouse.delta import Store

        files = importable_files(map(Path, [paths] if isinstance(paths, str | Path) else paths))
        store = Store(self.settings.warehouse)
        result = ImportReport([], [])
        incoming = [Incoming(path, source, complete) for path in files]
        with store.writing(self.wait):
            outcomes = import_files(incoming, store, self.settings.warehouse, _now_if_none(as_of))
            for number, outcome in enumerate(outcomes, 1):
                if isinstance(outcome, InputError):
                    result.errors.append(outcome)
                else:
                    result.imported.append(outcome)
                if report:
                    report(outcome, number, len(files))
        return result

    def fetch(
        self,
        names: str | Sequence[str] = (),
        *,
        as_of: datetime | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> list[VisitResult]:
        """Visit the sources in `names` (one or several; default: all) and keep what is new as WARC files.

        `clock` gives the time of requests to live sites. Raises ConfigError, InputError, Retryable.
        """
        from etl.fetch.stage import fetch
        from etl.ingest.registry import register_new_files
        from etl.warehouse.delta import Store

        refuse_snapshot(self.settings.warehouse)
        store, now = Store(self.settings.warehouse), _now_if_none(as_of)
        store.planned_upgrades()  # raises an error for tables of a newer version before any site is visited
        visited = fetch(self.settings, [names] if isinstance(names, str) else names, now, clock)
        try:
            with store.writing(self.wait):
                register_new_files(store, self.settings.warehouse, now)
        except Retryable:  # another process is writing: the next run or fetch registers the files
            pass
        return visited

    def run(self, *, as_of: datetime | None = None, report: Callable[[Progress], None] = lambda _: None) -> RunReport:
        """Bring everything stale up to date and publish it. A failed unit does not stop the others: see the report.

        Raises ConfigError for a mistake in the configuration, Retryable if another process is writing.
        """
        from etl.ingest.registry import register_new_files
        from etl.pipeline.run import (
            check_archives_to_read,
            check_configuration,
            is_up_to_date,
            publish_all,
            run_stages,
        )
        from etl.publish.publish import PublishResult
        from etl.warehouse.delta import Store
        from etl.warehouse.duck import query

        now = _now_if_none(as_of)
        store = Store(self.settings.warehouse)
        with store.writing(self.wait):
            if is_up_to_date(self.settings, store):
                registered, damaged, stages = [], [], []
                published = PublishResult(self.settings.layout.published, False, ())
            else:
                check_configuration(self.settings)
                store.mend()
                registered = [file.row.warc_file for file in register_new_files(store, self.settings.warehouse, now)]
                damaged = check_archives_to_read(self.settings, store)
                stages = run_stages(self.settings, report)
                published = publish_all(self.settings, now)
        mended = [damage.message for damage in store.mended]
        rejected = 0
        if published.new:
            [rejects] = query(self.settings.warehouse, "SELECT count(*) AS n FROM rejects").to_pylist()
            rejected = rejects["n"]
        return RunReport(stages, published, registered, rejected, damaged, mended)

    def publish(self, *, accept: bool = False, as_of: datetime | None = None) -> PublishResult:
        """Publish what is up to date, without computing anything.

        With `accept` also if it shows less than the current edition or something unusual. Raises Retryable if another
        process is writing.
        """
        from etl.pipeline.run import publish_all
        from etl.warehouse.delta import Store

        with Store(self.settings.warehouse).writing(self.wait):
            return publish_all(self.settings, _now_if_none(as_of), accept)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
        """The result of an SQL statement over what is published, as an Arrow table; `.to_pandas()` makes a data frame.

        `parameters` fill `$name` in the statement. The tables are described in docs/data-dictionary.md. Raises
        InputError for a mistake in the statement, WarehouseError if nothing is published yet.
        """
        from etl.warehouse.duck import query

        return query(self.settings.warehouse, sql, parameters)

    def status(self) -> Status:
        """What is in the warehouse, what is stale, and what failed. Raises InputError for a snapshot."""
        from etl.pipeline.stages import all_stages
        from etl.pipeline.status import read_status
        from etl.warehouse.delta import Store

        warehouse = self.settings.warehouse
        if self.settings.layout.is_snapshot():
            raise InputError(f"{warehouse}: is a snapshot: nothing in it becomes stale; query it with: dateline sql")
        return read_status(self.settings, Store(warehouse), all_stages())

    def planned_upgrade(self) -> PlannedUpgrade:
        """What has to be done to a warehouse of an earlier version. Raises WarehouseError if a newer one wrote it."""
        from etl.pipeline.stages import all_stages
        from etl.pipeline.status import stage_status
        from etl.warehouse.delta import Store

        store = Store(self.settings.warehouse)
        tables = store.planned_upgrades()
        return PlannedUpgrade(tables, [stage_status(stage, self.settings, store)[0] for stage in all_stages()])

    def verify(self) -> list[Problem]:
        """Read every file again and return those that are not as they were written. Nothing is changed."""
        from etl.pipeline.verify import verify

        return verify(self.settings)

    def maintain(self, *, as_of: datetime | None = None) -> Maintenance:
        """Merge small files, and delete what nothing needs any more; see `retention` in the settings.

        Raises Retryable if another process is writing.
        """
        from etl.pipeline.maintain import maintain
        from etl.warehouse.delta import Store

        with Store(self.settings.warehouse).writing(self.wait):
            return maintain(self.settings, _now_if_none(as_of))

    def take_down(
        self, subject: str, reason: str, *, logs: Sequence[Path] = (), as_of: datetime | None = None
    ) -> Takedown:
        """Remove an article, named by its URL or article_id, from everywhere, and keep it from coming back.

        `logs` are folders in which its addresses are blacked out. Raises InputError for an unknown id, Retryable if
        another process is writing.
        """
        from etl.pipeline.takedown import take_down
        from etl.warehouse.delta import Store

        with Store(self.settings.warehouse).writing(self.wait):
            return take_down(self.settings, subject, reason, logs, _now_if_none(as_of))

    def examine(self, *, as_of: datetime | None = None) -> list[Finding]:
        """Check whether this machine, the configuration and the warehouse are fit for the nightly run."""
        from etl.pipeline.doctor import examine

        return examine(self.settings, _now_if_none(as_of))

    def freeze(self, name: str, *, as_of: datetime | None = None) -> Snapshot:
        """Keep what is published under a name, as a snapshot that never changes. Raises InputError if it is taken."""
        from etl.pipeline.run import freeze_published
        from etl.warehouse.delta import Store

        with Store(self.settings.warehouse).writing(self.wait):
            return freeze_published(self.settings, name, _now_if_none(as_of))


def open_warehouse(
    folder: str | Path | None = None,
    *,
    config: str | Path | None = None,
    workers: int | None = None,
    wait: float = 0,
) -> Warehouse:
    """Open a warehouse; it is created when something is first written.

    `folder` is the warehouse (default: DATELINE_WAREHOUSE, else what the configuration says); `config` the folder of
    the configuration (default: DATELINE_CONFIG, else ./config, else the packaged one); `workers` the number of
    processes; `wait` how many seconds to wait for another process that is writing. Raises ConfigError.
    """
    return Warehouse(find_settings(Path(config) if config else None, Path(folder) if folder else None, workers), wait)


def annotate(
    text: str, *, language: str | None = None, day: date | None = None, config: str | Path | None = None
) -> Annotation:
    """The names and quotes of one text, as records of the tables `entities` and `quotes`.

    `language` is an ISO 639-1 code (default: identified from the text). `day` is the text's date: it decides who held
    which office. Offsets are characters of the text, half-open. Raises ConfigError.
    """
    from etl.extract.language import identify
    from etl.nlp.annotate import TextToAnnotate
    from etl.nlp.annotate import annotate as annotate_all
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.text import identifier

    settings = find_settings(Path(config) if config else None)
    gazetteer = load_gazetteer(settings.folder("gazetteer"))
    subject = TextToAnnotate("", "", "", identifier("text", text), text, language or identify(text), day)
    [annotation] = annotate_all([subject], gazetteer, settings.annotator)
    return annotation


def _now_if_none(as_of: datetime | None) -> datetime:
    return as_of or datetime.now(UTC)
