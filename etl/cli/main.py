"""The `dateline` command: parse, call, print."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl import __version__
from etl.cli.answers import article, explain, quotes, timeline
from etl.cli.exports import diff, export, freeze
from etl.cli.gazetteer import gazetteer
from etl.cli.options import PATH, Options, as_of_option, clock, format_option, now_or
from etl.cli.output import print_arrow, print_rows, print_text
from etl.cli.progress import bar, console, print_error, stage_bars, warn
from etl.cli.sources import sources
from etl.cli.stages import annotate, extract, match, stories
from etl.cli.topics import topics
from etl.configuration.settings import is_snapshot, refuse_snapshot
from etl.errors import DatelineError, Fatal, InputError
from etl.warehouse.delta import Store

if TYPE_CHECKING:
    from etl.demo.show import Shown
    from etl.pipeline.local_airflow import Airflow


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="dateline")
@click.option(
    "--config", type=PATH, help="Folder of the configuration (else DATELINE_CONFIG, ./config, the packaged one)."
)
@click.option("--warehouse", type=PATH, help="Folder of the tables (else DATELINE_WAREHOUSE, the configuration's).")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes.")
@click.pass_context
def cli(context: click.Context, config: Path | None, warehouse: Path | None, workers: int | None) -> None:
    """From news pages to who said what about whom, and when."""
    context.obj = Options(config, warehouse, workers)


_COMMANDS = (
    timeline, quotes, explain, article, export, freeze, diff, sources, topics, gazetteer, extract, annotate, stories,
    match,
)  # fmt: skip
for command in _COMMANDS:
    cli.add_command(command)


@cli.command()
@click.argument("folder", type=PATH, default=Path())
def init(folder: Path) -> None:
    """Make your own configuration and warehouse in FOLDER (default: here)."""
    from etl.configuration.scaffold import make_project

    for made in make_project(folder):
        print_text(f"made {made}")
    enter = "" if folder == Path() else f"cd {shlex.quote(str(folder))} && "
    print_text(f"Next: {enter}dateline import YOUR-FILES && dateline run")


@cli.command("import")
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.option("--source", help="Name of the archive (default: from the file's name).")
@click.option("--complete-from", help="First day for which the archive lacks nothing (2025-09-01).")
@click.option("--to", "complete_to", help="Last such day.")
@as_of_option
@click.pass_obj
def import_(
    options: Options, paths: tuple[Path, ...], source: str | None, complete_from: str | None, complete_to: str | None,
    as_of: str | None,
) -> None:  # fmt: skip
    """Add WARC files, or JSON lines, CSV or Parquet of texts, to the warehouse. The same file twice is added once."""
    from etl.ingest.files import Incoming, complete_days, import_files, importable

    settings, now = options.settings(), now_or(as_of)
    complete = complete_days(complete_from, complete_to)
    files = importable(paths)
    store = Store(settings.warehouse)
    incoming = [Incoming(path, source, complete) for path in files]
    failed = False
    with store.writing(), bar("import") as advance:
        for number, result in enumerate(import_files(incoming, store, settings.warehouse, now), 1):
            advance(number, len(files))
            if isinstance(result, InputError):
                failed = True
                print_error(result)
                continue
            what = "already imported" if result.already else f"{result.records:,} records"
            declared = f", complete from {complete[0]} to {complete[1]}" if complete else ""
            print_text(f"{result.path}: {what}{declared} -> {result.batch}")
            for note in result.notes:
                warn(f"{result.path}: {note}")
    if failed:
        sys.exit(1)


@cli.command()
@as_of_option
@click.pass_obj
def run(options: Options, as_of: str | None) -> None:
    """Bring everything stale up to date and publish it."""
    from etl.ingest.registry import register_found
    from etl.pipeline.stages import publish_all, run_stages
    from etl.warehouse.duck import query

    settings, now = options.settings(), now_or(as_of)
    store = Store(settings.warehouse)
    with store.writing():
        for batch in register_found(store, settings.warehouse, now):
            warn(f"{batch.row.warc_file}: was not registered; it is now")
        with stage_bars() as report:
            results = run_stages(settings, report)
        published = publish_all(settings, now)
    for result in results:
        if result.total:
            print_text(f"{result.stage}: {result.done - result.failed} done, {result.failed} failed")
    if not any(result.total for result in results):
        print_text("everything was up to date")
    if published.story_changes:
        warn(f"{published.story_changes} articles belong to another story than before, see: story_changes")
    for held in published.held[:20]:
        warn(f"held back: {held}")
    print_text(f"published: {published.path}" if published.new else f"nothing new to publish: {published.path}")
    if published.new and (
        rejects := query(settings.warehouse, "SELECT count(*) AS n FROM rejects").to_pylist()[0]["n"]
    ):
        print_text(f'rejected: {rejects:,}; why: dateline sql "SELECT reason, count(*) FROM rejects GROUP BY ALL"')
    if any(result.failed for result in results):
        print_error(DatelineError("some units failed; see: dateline status"))
        sys.exit(1)


@cli.command()
@click.argument("names", nargs=-1)
@as_of_option
@click.pass_obj
def fetch(options: Options, names: tuple[str, ...], as_of: str | None) -> None:
    """Visit the sources in NAMES (default: all) and keep what is new as WARC files."""
    from etl.fetch.stage import fetch as visit
    from etl.ingest.registry import register_found
    from etl.pipeline.steps import visited_line

    settings, now = options.settings(), now_or(as_of)
    refuse_snapshot(settings.warehouse)
    store = Store(settings.warehouse)
    visited = visit(settings, names, now, clock)
    with store.writing():
        register_found(store, settings.warehouse, now)
    if not visited:
        raise InputError(f"no source in {settings.folder('sources')} has listings; add one, then fetch again")
    for item in visited:
        (print_text if item.error is None else warn)(visited_line(item))
    print_text("Next: dateline run")
    if all(item.error for item in visited):
        sys.exit(1)


@cli.command()
@click.pass_obj
def status(options: Options) -> None:
    """What is there, what is stale, what failed, and the command that retries it."""
    from etl.pipeline.stages import STAGES
    from etl.pipeline.status import read_status

    settings = options.settings()
    if is_snapshot(settings.warehouse):
        raise InputError(f"{settings.warehouse}: is a snapshot: nothing in it becomes stale; ask it with: dateline sql")
    found = read_status(settings, Store(settings.warehouse), STAGES)
    print_text(f"warehouse: {settings.warehouse}")
    print_text(f"published: {found.published or 'nothing yet'}\n")
    print_rows(["table", "rows, all versions"], list(found.rows.items()), "table")
    print_text("")
    print_rows(["stage", "up to date", "stale"], [(s.stage, s.done, s.stale) for s in found.stages], "table")
    for batch, lost in found.damaged:
        print_text(
            f"\ndamaged: {batch}: {lost:,} bytes of the file could not be read; import a whole copy to replace it"
        )
    for file in found.missing:
        print_text(f"\nmissing: {settings.warehouse / file}; put it back, or import the same file again")
    for unread in found.unread:
        since = f"since {unread.last_reached:%Y-%m-%d %H:%M} UTC" if unread.last_reached else "ever"
        print_text(f"\nnot read {since}: {unread.source}, {unread.visits} tries: {unread.error}")
    for robots in found.delays_cut:
        print_text(f"\nslower was asked for: {robots.source}: {robots.url}: {robots.detail}")
    for batch in found.unfinished:
        print_text(f"\nunfinished visit: {batch}; the next fetch goes on with it, or closes it")
    for source, days, last in found.days_unobserved:
        print_text(f"\nunobserved: {source}: {days} days, the last {last}; counts of those days lack it")
    if found.failures:
        print_text("")
        print_rows(["failed stage", "unit", "error"], [(f.stage, f.unit, f.error) for f in found.failures], "table")
    if found.failures or any(s.stale for s in found.stages):
        print_text("\nto bring it up to date: dateline run")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("statement")
@click.option("--safe", is_flag=True, help="For statements of others: one SELECT, alone in a process, limited.")
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True, help="With --safe.")
@click.option("--memory", type=click.IntRange(64, 65536), default=1024, show_default=True, help="MiB, with --safe.")
@format_option
@click.pass_obj
def sql(options: Options, statement: str, safe: bool, seconds: float, memory: int, form: str) -> None:
    """Run an SQL STATEMENT on the published tables (- reads it from standard input)."""
    from etl.warehouse.duck import query
    from etl.warehouse.safe_sql import Limits, safe_query

    text = sys.stdin.read() if statement == "-" else statement
    warehouse = options.settings().warehouse
    if safe:
        if not seconds < float("inf"):  # click takes nan for a number in the range
            raise click.UsageError("--seconds is a number of seconds")
        limits = Limits(seconds=seconds, memory_mib=memory)
        table = safe_query(warehouse, text, limits)
        if table.num_rows == limits.rows:
            warn(f"only the first {limits.rows:,} rows are given")
        print_arrow(table, form)
    else:
        print_arrow(query(warehouse, text), form)


@cli.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("table", "markdown")), default="table")
def tables(name: str | None, form: str) -> None:
    """The data dictionary: every table, view and mart with its columns."""
    from schemas.dictionary import described, markdown

    if form == "markdown":
        print_text(markdown().rstrip("\n"))
        return
    chosen = [item for item in described() if name in (None, item.name)]
    if not chosen:
        raise InputError(f"no table {name!r}; there are: {', '.join(item.name for item in described())}")
    for item in chosen:
        print_text(f"{item.name} ({item.kind}): {item.description}")
        print_rows(
            ["  column", "type", "holds"], [(f"  {c}" if c else "", t, line) for c, t, line in item.lines()], "table"
        )
        print_text("")


home_option = click.option("--home", type=PATH, default=Path(".airflow"), show_default=True, help="Airflow's folder.")
port_option = click.option(
    "--port", type=click.IntRange(1024, 65535), help="Port of Airflow's page (default: a free one)."
)


@cli.command()
@click.option("--folder", type=PATH, default=Path(".demo"), show_default=True, help="Where the demo is made.")
@home_option
@port_option
@click.option("--stay", is_flag=True, help="Leave Airflow's page running until Ctrl-C.")
@click.pass_obj
def demo(options: Options, folder: Path, home: Path, port: int | None, stay: bool) -> None:
    """Run the nightly pipeline in Airflow on the bundled sample world and show what comes out."""
    from etl.demo.nights import run_nights
    from etl.demo.show import demo_settings, show

    settings = demo_settings(folder, options.workers or 2)
    signal.signal(signal.SIGTERM, _end)  # or Airflow's processes would be left behind
    console.print("starting Airflow: an archive of 16 days is imported, then five nights are run, one after another")
    with stage_bars() as report:

        def then(running: Airflow, runs: int) -> None:
            shown = show(settings, runs, report)
            _print_shown(shown, folder)
            if stay:
                _print_page(running)
                _wait_for_interrupt(running)

        run_nights(settings, home, port, report, then)


def _print_shown(shown: Shown, folder: Path) -> None:
    done = f"{shown.runs} runs of Airflow" if shown.runs else "all nights were run before: nothing was done twice"
    print_text(f"\n{done}" + (f"; {shown.stale} units made anew for newer code" if shown.stale else ""))
    print_text(f"\n{shown.title}\n")
    print_rows(*shown.timeline, "table")
    print_text(f"\nthe same as a picture: {shown.picture}")
    print_text(f"the tables:            {shown.published}")
    command = "dateline" if shutil.which("dateline") else sys.argv[0]
    print_text(f'your own SQL:          {command} --config {folder / "config"} sql "SELECT …"\n')
    for question, statement, columns, rows in shown.examples:
        print_text(f"-- {question}\n{statement}\n")
        print_rows(columns, rows, "table")
        print_text("")


@cli.command()
@home_option
@port_option
@click.pass_obj
def airflow(options: Options, home: Path, port: int | None) -> None:
    """Run Airflow on this machine with the DAGs and your configuration, until Ctrl-C. DAGs start paused."""
    from etl.pipeline import local_airflow

    settings = options.settings()
    signal.signal(signal.SIGTERM, _end)
    console.print("starting Airflow ...")
    with local_airflow.airflow(home, settings.config, port) as running:
        _print_page(running)
        _wait_for_interrupt(running)


def _end(*_: object) -> None:
    sys.exit(143)


def _print_page(running: Airflow) -> None:
    print_text(f"Airflow: {running.address}  user: admin  password: {running.password}")
    print_text("Ctrl-C stops it; what was run stays known.")


def _wait_for_interrupt(running: Airflow) -> None:
    """Until Ctrl-C, or until one of the processes ends by itself. Raises Fatal."""
    with suppress(KeyboardInterrupt):
        while not (dead := running.dead()):
            time.sleep(1)
        raise Fatal(dead)


def main() -> None:
    """Entry point: a user's mistake is one line and exit status 1."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        warn("stopped; what is finished is kept; go on with the same command")
        sys.exit(130)
    except DatelineError as error:
        print_error(error)
        sys.exit(1)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            where = f"{error.filename}: " if error.filename else ""
            print_error(InputError(f"{where}{error.strerror or error}"))
            sys.exit(1)
        # the reader of our output has gone: dateline … | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except KeyboardInterrupt:
        warn("stopped; what is finished is kept; go on with the same command")
        sys.exit(130)
