"""`dateline sql` and `tables`: query the published tables, and describe their columns."""

from __future__ import annotations

import sys

import click

from etl.cli.options import Options, format_option
from etl.cli.output import print_arrow, print_rows, print_text
from etl.cli.progress import warn
from etl.errors import InputError


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("statement")
@click.option("--safe", is_flag=True, help="For untrusted SQL: allow one SELECT only, in a limited subprocess.")
@click.option(
    "--seconds", type=click.FloatRange(0.1, 3600), default=30.0, show_default=True, help="Time limit with --safe."
)
@click.option(
    "--memory", type=click.IntRange(64, 65536), default=1024, show_default=True, help="Memory limit in MiB with --safe."
)
@format_option
@click.pass_obj
def sql(options: Options, statement: str, safe: bool, seconds: float, memory: int, form: str) -> None:
    """Run an SQL STATEMENT over the published tables.

    If STATEMENT is -, it is read from standard input.
    """
    from etl.warehouse.safe_sql import Limits, safe_query

    text = sys.stdin.read() if statement == "-" else statement
    warehouse = options.warehouse()
    if not safe:
        print_arrow(warehouse.query(text), form)
        return
    if not seconds < float("inf"):  # click accepts nan as a number in the range
        raise click.UsageError("--seconds is a number of seconds")
    limits = Limits(seconds=seconds, memory_mib=memory)
    table = safe_query(warehouse.settings.warehouse, text, limits)
    if table.num_rows == limits.rows:
        warn(f"only the first {limits.rows:,} rows are shown")
    print_arrow(table, form)


@click.command()
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(("table", "markdown")), default="table", show_default=True)
def tables(name: str | None, form: str) -> None:
    """Describe the columns of the tables, views and marts.

    With NAME, only those of the table, view or mart called NAME. A mart is a ready-made table of results, such as daily
    counts.
    """
    from schemas.dictionary import described, markdown

    if form == "markdown":
        print_text(markdown().rstrip("\n"))
        return
    chosen = [table for table in described() if name in (None, table.name)]
    if not chosen:
        raise InputError(f"no table {name!r}; there are: {', '.join(table.name for table in described())}")
    for table in chosen:
        print_text(f"{table.name} ({table.kind}): {table.description}")
        rows = [(f"  {column}" if column else "", type_, line) for column, type_, line in table.lines()]
        print_rows(["  column", "type", "holds"], rows, "table")
        print_text("")


COMMANDS = (sql, tables)
