"""`dateline init`, `import`, `fetch`, `run`, `publish` and `status`: work on a warehouse."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.options import PATH, Options, as_of_option, clock, now_or
from etl.cli.output import print_rows, print_text
from etl.cli.progress import bar, print_error, stage_bars, warn
from etl.errors import DatelineError, InputError
from etl.text import readable_bytes

if TYPE_CHECKING:
    from etl.ingest.files import Imported
    from etl.pipeline.disk import DiskUse
    from etl.pipeline.status import Status
    from etl.publish.publish import PublishResult

_HELD_BACK_SHOWN = 20
_PROBLEMS_SHOWN = 100
_FAR_DAYS = 3_660


@click.command()
@click.argument("folder", type=PATH, default=Path())
def init(folder: Path) -> None:
    """Create a configuration and an empty warehouse.

    They are created in FOLDER (default: the current folder).
    """
    from etl.configuration.scaffold import make_project

    for path in make_project(folder):
        print_text(f"created {path}")
    enter = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    print_text(f"Next: {enter}dateline import YOUR-FILES && dateline run")


@click.command("import")
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.option("--source", help="Name of the archive (default: taken from the file's name).")
@click.option("--complete-from", help="First day for which the archive has every article (such as 2025-09-01).")
@click.option("--to", "complete_to", help="Last day for which the archive has every article.")
@as_of_option
@click.pass_obj
def import_(
    options: Options, paths: tuple[Path, ...], source: str | None, complete_from: str | None, complete_to: str | None,
    as_of: str | None,
) -> None:  # fmt: skip
    """Add WARC files or files of articles to the warehouse.

    Files of articles are JSON lines, CSV or Parquet. A file that was added before is skipped.
    """
    from etl.ingest.files import complete_days

    complete = complete_days(complete_from, complete_to)
    declared = f", complete from {complete[0]} to {complete[1]}" if complete else ""
    with bar("import") as advance:

        def report(result: Imported | InputError, number: int, files: int) -> None:
            advance(number, files)
            if isinstance(result, InputError):
                print_error(result)
                return
            what = "already imported" if result.already_imported else f"{result.records:,} records"
            print_text(f"{result.path}: {what}{declared} -> {result.batch}")
            for note in result.notes:
                warn(f"{result.path}: {note}")

        warehouse = options.warehouse()
        imported = warehouse.import_files(paths, source=source, complete=complete, as_of=now_or(as_of), report=report)
    if imported.errors:
        sys.exit(1)


@click.command()
@click.argument("names", nargs=-1)
@as_of_option
@click.pass_obj
def fetch(options: Options, names: tuple[str, ...], as_of: str | None) -> None:
    """Visit sources and store new pages as WARC files.

    NAMES are the sources to visit (default: all).
    """
    from etl.pipeline.steps import visited_line

    warehouse = options.warehouse()
    visits = warehouse.fetch(names, as_of=now_or(as_of), clock=clock)
    if not visits:
        folder = warehouse.settings.folder("sources")
        raise InputError(f"no source in {folder} has listings; add one, then fetch again")
    for visit in visits:
        (print_text if visit.error is None else warn)(visited_line(visit))
    print_text("Next: dateline run")
    if all(visit.error for visit in visits):
        sys.exit(1)


@click.command()
@as_of_option
@click.pass_obj
def run(options: Options, as_of: str | None) -> None:
    """Bring every table up to date, then publish the result."""
    with stage_bars() as report:
        result = options.warehouse().run(as_of=now_or(as_of), report=report)
    for file in result.registered:
        warn(f"{file}: was not registered; it is now")
    for line in (*result.mended, *result.damaged):
        warn(line)
    for stage in result.stages:
        if stage.total:
            print_text(f"{stage.stage}: {stage.done - stage.failed} done, {stage.failed} failed")
    if not any(stage.total for stage in result.stages):
        print_text("everything was up to date")
    published = result.published
    if published.story_changes:
        warn(f"{published.story_changes} articles belong to another story than before, see: story_changes")
    for unit in published.held_back[:_HELD_BACK_SHOWN]:
        warn(f"held back: {unit}")
    _print_published(published)
    if published.new and result.rejected:
        print_text(
            f'rejected: {result.rejected:,}; why: dateline sql "SELECT reason, count(*) FROM rejects GROUP BY ALL"'
        )
    if result.failed:
        print_error(DatelineError("some units failed; see: dateline status"))
    if result.failed or result.damaged or published.withheld:
        sys.exit(1)


def _print_published(published: PublishResult) -> None:
    for line in published.withheld:
        warn(f"withheld: {line}")
    if published.withheld:
        message = f"not published: {published.path} is still the edition before; publish all the same with: dateline "
        print_error(DatelineError(f"{message}publish --accept"))
    else:
        print_text(f"published: {published.path}" if published.new else f"nothing new to publish: {published.path}")


@click.command()
@click.option("--accept", is_flag=True, help="Publish even if something is lost or unusual.")
@as_of_option
@click.pass_obj
def publish(options: Options, accept: bool, as_of: str | None) -> None:
    """Publish what is up to date, without computing anything.

    An edition that shows less than the current one, or in which a night is unusual, is withheld: the current one stays
    until this is accepted.
    """
    published = options.warehouse().publish(accept=accept, as_of=now_or(as_of))
    _print_published(published)
    if published.withheld:
        sys.exit(1)


@click.command()
@click.pass_obj
def status(options: Options) -> None:
    """Show what the warehouse holds and what is out of date.

    Also shows what failed, and how to retry it.
    """
    warehouse = options.warehouse()
    state = warehouse.status()
    print_text(f"warehouse: {warehouse.settings.warehouse}")
    print_text(f"published: {state.published or 'nothing yet'}\n")
    print_rows(["table", "rows, all versions"], list(state.rows.items()), "table")
    print_text("")
    print_rows(["stage", "up to date", "stale"], [(s.stage, s.done, s.stale) for s in state.stages], "table")
    print_text(f"\ndisk: {_disk(state.disk)}")
    problems = _problems(state)
    for line in problems[:_PROBLEMS_SHOWN]:
        print_text(f"\n{line}")
    if len(problems) > _PROBLEMS_SHOWN:
        print_text(f"\nand {len(problems) - _PROBLEMS_SHOWN:,} more of these")
    if state.failures:
        print_text("")
        print_rows(["failed stage", "unit", "error"], [(f.stage, f.unit, f.error) for f in state.failures], "table")
    if state.failures or any(stage.stale for stage in state.stages):
        print_text("\nto bring it up to date: dateline run")


def _disk(disk: DiskUse) -> str:
    """What the warehouse uses and when the disk is full, in a line."""
    parts = sorted(disk.folders.items(), key=lambda part: -part[1])
    used = ", ".join(f"{name} {readable_bytes(size)}" for name, size in parts)
    line = f"{readable_bytes(disk.total)} used ({used}), {readable_bytes(disk.free)} free" if parts else "nothing used"
    if disk.bytes_per_day is None or disk.days_left is None:
        return line
    until = f"{disk.days_left:,} days" if disk.days_left < _FAR_DAYS else "more than ten years"
    return f"{line}; it grows by {readable_bytes(disk.bytes_per_day)} a day, so it is full in {until}"


def _problems(state: Status) -> list[str]:
    """A line for each thing that somebody should know or mend."""
    lines = [
        f"damaged: {batch}: {lost:,} bytes of the file could not be read; import an undamaged copy to replace it"
        for batch, lost in state.damaged
    ]
    lines += [f"withheld: {line}; publish all the same with: dateline publish --accept" for line in state.withheld]
    lines += [f"missing: {path}; put it back, or import the same file again" for path in state.missing]
    for source in state.unread:
        since = f"since {source.last_reached:%Y-%m-%d %H:%M} UTC" if source.last_reached else "ever"
        lines.append(f"not read {since}: {source.source}, {source.visits} tries: {source.error}")
    lines += [f"Crawl-delay capped: {host.source}: {host.url}: {host.detail}" for host in state.capped_delays]
    lines += [f"unfinished visit: {batch}; the next fetch continues or closes it" for batch in state.unfinished]
    lines += [
        f"unobserved: {source}: {days} days, the last {last}; the counts of those days are too low"
        for source, days, last in state.days_unobserved
    ]
    return lines


COMMANDS = (init, import_, fetch, run, publish, status)
