"""Exports marts and tables as Parquet, CSV or JSON lines files, with checksums and a manifest.

The safe tier contains no text that an outlet may have copyright in: full texts are left out, quotes are cut to 50
words, and links are kept.
"""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb

from etl import __version__
from etl.errors import InputError, WarehouseError
from etl.text import FORMULA_STARTS, SPACELESS_SCRIPTS
from etl.warehouse.batches import file_sha256
from etl.warehouse.duck import published
from etl.warehouse.layout import MANIFEST, SUMS, WarehouseLayout, replace_link
from etl.warehouse.relocatable import quoted
from schemas import TABLES
from schemas.marts import MARTS

FORMS = {"parquet": "parquet", "csv": "csv", "json": "jsonl"}
QUOTATION_GRAPH = "quotation_graph"
EXPORTABLE = (
    *MARTS, *(table.name for table in TABLES.values() if table.exported), "topics", "sources", QUOTATION_GRAPH,
)  # fmt: skip
QUOTE_WORDS = 50  # the most words of a quote in the safe tier
# Columns that hold an outlet's words. In the safe tier they are null or cut to QUOTE_WORDS.
_NULL_COLUMNS = {
    "articles": ("text",), "quotes": ("context_before", "context_after", "quote_key"),
}  # fmt: skip
_CUT_COLUMNS = {"quotes": ("text",), "topic_quotes": ("text",), "quotes_everywhere": ("text",), "utterances": ("text",)}
_CSV_TYPES = ("VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "DATE", "BOOLEAN", "HUGEINT")  # written without conversion
# RE2's form of FORMULA_STARTS: a character class in which every character is written as \x{NN}.
_FORMULA = "^[" + "".join(f"\\x{{{ord(char):x}}}" for char in FORMULA_STARTS) + "]"
_EXPORTS_KEPT = 2  # of those for dashboards: the newest, and the one before, which a dashboard may still be reading
_ROWS_PER_FETCH = 1000
_GRAPH_COLUMNS = ["date", "url", "title", "lang", "quotes"]
# An article with all its quotes in the format of GDELT's Global Quotation Graph.
_GRAPH = """
SELECT
    strftime(coalesce(a.published_at, a.published_date::TIMESTAMPTZ, a.first_seen_at), '%Y-%m-%dT%H:%M:%SZ') AS date,
    a.url, coalesce(a.title, '') AS title, coalesce(a.language, '') AS lang,
    list({'pre': q.context_before, 'quote': q.text, 'post': q.context_after} ORDER BY q.char_start, q.quote_id)
        AS quotes
FROM articles a JOIN quotes q USING (article_id)
GROUP BY ALL ORDER BY date, a.url
"""


def export(
    warehouse: Path, folder: Path, names: Sequence[str] = MARTS, form: str = "parquet", tier: str = "full"
) -> list[Path]:
    """Write each mart or table in `names`, SHA256SUMS and manifest.json to a new folder; return the paths of the data.

    Rows are ordered by their keys. `form` is a key of FORMS; `tier` is full or safe. Raises InputError if a name is
    unknown or the folder is not empty, WarehouseError if nothing is published or a data file cannot be read.
    """
    if unknown := [name for name in names if name not in EXPORTABLE]:
        raise InputError(f"{unknown[0]!r} cannot be exported; choose from: {', '.join(EXPORTABLE)}")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; choose a new folder")
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        with published(warehouse) as connection:
            files = [_write(connection, name, building, form, tier) for name in dict.fromkeys(names)]
            about = connection.sql("SELECT * FROM about").to_arrow_table().to_pylist()[0]
        _write_manifest(building, files, about, tier)
        building.replace(folder)
    except duckdb.Error as error:  # a missing data file, or a mart that an older version did not publish
        raise WarehouseError(f"cannot be exported: {str(error).splitlines()[0]}; run: dateline run") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return [folder / str(file["name"]) for file in files]


def _write(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, form: str, tier: str) -> dict[str, Any]:
    """Write one file; return its name, number of rows and columns for the manifest."""
    if name == QUOTATION_GRAPH:
        return _write_graph(connection, folder, tier)
    columns = {str(c): str(t) for c, t, *_ in connection.execute(f"DESCRIBE {name}").fetchall()}
    select = f"SELECT {', '.join(_column_sql(name, c, kind, form, tier) for c, kind in columns.items())} FROM {name}"
    if name in TABLES:  # marts are stored in order
        select += f" ORDER BY {', '.join(TABLES[name].key)}"
    path = folder / f"{name}.{FORMS[form]}"
    options = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "json": "FORMAT json"}[form]
    (rows,) = connection.execute(f"COPY ({select}) TO {quoted(str(path))} ({options})").fetchone() or (0,)
    return {"name": path.name, "rows": rows, "columns": list(columns)}


def _column_sql(name: str, column: str, kind: str, form: str, tier: str) -> str:
    """Return the SQL of a column in an export. `name` is the table's, `kind` the column's DuckDB type.

    In CSV, lists and structs are JSON, and text that a spreadsheet would run as a formula begins with an apostrophe, as
    in etl.text.safe_cell.
    """
    value = f'"{column}"'
    if tier == "safe" and column in _NULL_COLUMNS.get(name, ()):
        value = f"NULL::{kind}"
    if tier == "safe" and column in _CUT_COLUMNS.get(name, ()):
        value = cut_sql(value)
    if form == "csv" and kind not in _CSV_TYPES:
        value = f"to_json({value})::VARCHAR" if "TIMESTAMP" not in kind else value
    if form == "csv" and kind == "VARCHAR":
        value = f"CASE WHEN regexp_matches({value}, '{_FORMULA}') THEN '''' || {value} ELSE {value} END"
    return f'{value} AS "{column}"'


def cut_sql(text: str) -> str:
    """Return SQL that cuts a text to its first QUOTE_WORDS words and adds an ellipsis if there were more.

    In scripts without spaces each character counts as a word. `text` is an SQL expression.
    """
    characters = "".join(f"\\x{{{first:x}}}-\\x{{{last:x}}}" for first, last in SPACELESS_SCRIPTS)
    space = "\\s\\p{Z}"
    words = f"regexp_extract_all({text}, '[{characters}]|[^{space}{characters}]+[{space}]*|[{space}]+')"
    return (
        f"CASE WHEN len({words}) > {QUOTE_WORDS} "
        f"THEN rtrim(array_to_string({words}[1:{QUOTE_WORDS}], '')) || ' …' ELSE {text} END"
    )


def _write_graph(connection: duckdb.DuckDBPyConnection, folder: Path, tier: str) -> dict[str, Any]:
    """Write all quotes in the format of GDELT's Global Quotation Graph; return what _write returns.

    There is a JSON object for each article. In the safe tier the text before and after a quote is empty.
    """
    path, n_rows = folder / f"{QUOTATION_GRAPH}.jsonl.gz", 0
    cut = f"list_transform(quotes, lambda q: {{'pre': '', 'quote': {cut_sql('q.quote')}, 'post': ''}})"
    select = f"SELECT * REPLACE ({cut} AS quotes) FROM ({_GRAPH})" if tier == "safe" else _GRAPH
    result = connection.execute(select)
    # With mtime 0 the same rows give the same bytes.
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        while rows := result.fetchmany(_ROWS_PER_FETCH):
            for values in rows:
                row = dict(zip(_GRAPH_COLUMNS, values, strict=True))
                file.write((json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass"))
            n_rows += len(rows)
    return {"name": path.name, "rows": n_rows, "columns": _GRAPH_COLUMNS}


def _write_manifest(folder: Path, files: Sequence[dict[str, Any]], about: Mapping[str, Any], tier: str) -> None:
    entries = [
        {**file, "bytes": (folder / file["name"]).stat().st_size, "sha256": file_sha256(folder / file["name"])}
        for file in files
    ]
    manifest = {"made_by": f"Dateline {__version__}", "tier": tier, "about": dict(about), "files": entries}
    if tier == "safe":
        manifest["left_out"] = (
            f"the texts of articles; the text around quotes; all but the first {QUOTE_WORDS} words of quotes"
        )
    text = json.dumps(manifest, default=str, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    sums = [f"{file['sha256']}  {file['name']}\n" for file in entries]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def export_marts(warehouse: Path) -> Path:
    """Export every mart as Parquet to exports/<stamp>, and point the link `exports/latest` at this folder.

    All files in a folder are from one edition. Return the link. Raises WarehouseError if nothing is published.
    """
    layout = WarehouseLayout(warehouse)
    with published(warehouse) as connection:
        ((stamp,),) = connection.execute("SELECT stamp FROM about").fetchall()
    target = layout.export(str(stamp))
    if not target.exists():
        export(warehouse, target)
    replace_link(layout.latest_export, target.name)
    for old in layout.old_exports(target)[: -(_EXPORTS_KEPT - 1)]:
        shutil.rmtree(old)
    return layout.latest_export
