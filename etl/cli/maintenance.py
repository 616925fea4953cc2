"""`dateline verify`, `maintain` and `upgrade`: keep a warehouse sound over the years."""

from __future__ import annotations

import sys

import click

from etl.cli.options import Options, as_of_option, now_or
from etl.cli.output import print_text, readable_bytes
from etl.cli.pipeline import run
from etl.cli.progress import warn
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
    for table in result.compacted:
        print_text(f"table {table.table}: {table.files_before:,} files merged to {table.files_after:,}")
    for what, size in result.freed.items():
        if size:
            print_text(f"{what}: {readable_bytes(size)} deleted")
    if not result.compacted and not any(result.freed.values()):
        print_text("nothing to do")


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


COMMANDS = (verify, maintain, upgrade)
