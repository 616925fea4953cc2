"""Print results: as a table for people, as CSV or JSON for programs."""

from __future__ import annotations

import csv
import io
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from etl.text import safe_cell, without_controls

FORMATS = ("table", "csv", "json")
_CELL_WIDTH = 110


def print_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], form: str) -> None:
    """Print rows in one of FORMATS.

    In CSV, lists are JSON, and text that a spreadsheet would take for a formula gets an apostrophe before it. In a
    table, long cells are cut.
    """
    if form == "json":
        names = _distinct(columns)
        objects = [dict(zip(names, map(_json_value, row), strict=True)) for row in rows]
        print_text(json.dumps(objects, default=_plain, ensure_ascii=False, indent=1))
    elif form == "csv":
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[safe_cell(_cell(value)) for value in row] for row in rows])
        text = out.getvalue().rstrip("\n")
        _write(without_controls(text) if sys.stdout.isatty() else text)
    else:
        _write(table_text(columns, rows, color=sys.stdout.isatty()))


def print_arrow(table: pa.Table, form: str) -> None:
    """Print an Arrow table in one of FORMATS."""
    print_rows(table.column_names, zip(*(column.to_pylist() for column in table.columns), strict=True), form)


def print_json_line(row: Mapping[str, Any]) -> None:
    """Print an object as JSON on one line."""
    print_text(json.dumps(row, default=_plain, ensure_ascii=False))


def print_text(text: str) -> None:
    """Print text as UTF-8 whatever the locale. Control characters and lone surrogates are printed as JSON escapes."""
    _write(without_controls(text))


def _write(text: str) -> None:
    sys.stdout.buffer.write((text + "\n").encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


def _distinct(columns: Sequence[str]) -> list[str]:
    """Column names, numbered where one occurs again: a JSON object has each name once."""
    return [name if name not in columns[:at] else f"{name}_{at + 1}" for at, name in enumerate(columns)]


def _json_value(value: Any) -> Any:
    """A value for JSON, which has no NaN and no infinity."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def table_text(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, color: bool = False) -> str:
    """Format rows as a table, as wide as it needs to be. A terminal wraps long lines; no column is left out."""
    table = RichTable(box=None, pad_edge=False, header_style="bold")
    listed = [list(row) for row in rows]
    for number, column in enumerate(columns):
        numeric = any(isinstance(row[number], int | float | Decimal) for row in listed)
        table.add_column(without_controls(column), justify="right" if numeric else "left", no_wrap=True)
    for row in listed:
        table.add_row(*(Text(_short(value)) for value in row))
    out = io.StringIO()
    Console(file=out, width=100_000, highlight=False, force_terminal=color, legacy_windows=False).print(table)
    return "\n".join(line.rstrip() for line in out.getvalue().splitlines())


def _short(value: Any) -> str:
    text = "–" if value is None else without_controls(str(_cell(value))).replace("\n", " ").replace("\t", " ")
    if isinstance(value, float):
        text = f"{value:.4g}"
    fits = len(text) <= _CELL_WIDTH or text.startswith("http")
    return text if fits else text[: _CELL_WIDTH - 1] + "…"


def _cell(value: Any) -> Any:
    if isinstance(value, list | dict):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return _plain(value) if isinstance(value, date | datetime | Decimal) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):  # DuckDB's sum() of integers
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value.isoformat() if isinstance(value, date) else str(value)
