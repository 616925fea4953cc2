"""`dateline verify`, `maintain`, `upgrade`, `takedown` and `doctor`: keep a warehouse sound over the years."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import PATH, Options, as_of_option, now_or
from etl.cli.output import print_rows, print_text
from etl.cli.pipeline import run
from etl.cli.progress import print_error, warn
from etl.errors import DatelineError
from schemas import SCHEMA_VERSION


@click.command()
@click.pass_obj
def verify(options: Options) -> None:
    """Read every file again, and say what is damaged.

    Tables, WARC files, the published file, snapshots and models are compared with the hashes that were stored when they
    were written. Nothing is changed.
    """
    problems = options.warehouse().verify()
    for problem in problems:
        print_text(f"{problem.what}; remedy: {problem.remedy}")
    print_text(f"{len(problems)} problems" if problems else "everything is as it was written")
    if problems:
        sys.exit(1)


@click.command()
@as_of_option
@click.pass_obj
def maintain(options: Options, as_of: str | None) -> None:
    """Merge small files, and delete what is no longer needed.

    Old editions, replaced data files, and files of interrupted runs are deleted as `retention` in dateline.yaml says.
    What the current edition, a snapshot or an open reader needs is kept.
    """
    result = options.warehouse().maintain(as_of=now_or(as_of))
    for line in result.mended:
        warn(f"{line}; run: dateline run")
    for line in result.problems:
        warn(line)
    for line in result.lines:
        print_text(line)


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@as_of_option
@click.pass_context
def upgrade(context: click.Context, dry_run: bool, as_of: str | None) -> None:
    """Bring a warehouse of an earlier version up to date.

    Does the same as `dateline run`, and says first which columns are added to which tables and how much is computed
    again.
    """
    options: Options = context.obj
    planned = options.warehouse().planned_upgrade()
    for table in planned.tables:
        columns = f": new columns {', '.join(table.columns)}" if table.columns else ""
        print_text(f"table {table.table}: from schema version {table.version} to {SCHEMA_VERSION}{columns}")
    for stage in planned.stages:
        if stage.stale:
            print_text(f"{stage.stage}: {stage.stale} of {stage.stale + stage.done} units to compute")
    if not planned.tables and not any(stage.stale for stage in planned.stages):
        print_text("everything is of this version and up to date")
    if not dry_run:
        context.invoke(run, as_of=as_of)


@click.command()
@click.argument("subject", metavar="URL|ID")
@click.option("--reason", required=True, help="Why; it is kept, and named in snapshots that had the article.")
@click.option("--logs", type=PATH, multiple=True, help="Folder of logs in which its addresses are blacked out.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_of_option
@click.pass_obj
def takedown(options: Options, subject: str, reason: str, logs: tuple[Path, ...], yes: bool, as_of: str | None) -> None:
    """Remove an article from everywhere, for good.

    It is removed from WARC files, tables and their history, the published file, exports for dashboards and snapshots,
    and is not fetched, imported or published again. Copies in backups and in files that you exported elsewhere are
    yours to delete.
    """
    if not yes:
        click.confirm(f"Remove {subject} for good?", abort=True, err=True)
    done = options.warehouse().take_down(subject, reason, logs=logs, as_of=now_or(as_of))
    articles = f"articles removed: {', '.join(done.article_ids)}" if done.article_ids else "no article had this address"
    print_text(f"{articles}; it will not come back")
    print_text(f"records removed from WARC files: {done.records:,}; log files changed: {done.logs:,}")
    if done.snapshots:
        print_text(f"snapshots changed: {', '.join(done.snapshots)}")
    for problem in done.problems:
        print_error(DatelineError(problem))
    if done.problems:
        sys.exit(1)


@click.command()
@click.option("--all", "show_all", is_flag=True, help="Show each source, not only those that were not read lately.")
@as_of_option
@click.pass_obj
def doctor(options: Options, show_all: bool, as_of: str | None) -> None:
    """Check this machine, the configuration and the warehouse.

    Looks at versions, settings, write access, free space (also of the temporary folder), limits, the clock, the models
    and each source's last visit. Ends with status 1 if something keeps the nightly run from working.
    """
    findings = options.warehouse().examine(as_of=now_or(as_of))
    shown = [f for f in findings if show_all or f.check != "sources" or f.state != "ok"]
    print_rows(["check", "state", "detail"], [(f.check, f.state, f.detail) for f in shown], "table")
    if any(finding.state == "problem" for finding in findings):
        sys.exit(1)


COMMANDS = (verify, maintain, upgrade, takedown, doctor)
