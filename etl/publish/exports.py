"""Marts and tables as files for others: Parquet, CSV or JSON lines, with checksums and a manifest.

In the safe tier nothing is passed on that an outlet may hold rights in: no full text, quotes up to a length, links.
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
from etl.warehouse.batches import file_sha256
from etl.warehouse.duck import published
from etl.warehouse.layout import MANIFEST, SUMS, WarehouseLayout, replace_link
from etl.warehouse.relocatable import quoted
from schemas import TABLES
from schemas.marts import MARTS

FORMS = {"parquet": "parquet", "csv": "csv", "json": "jsonl"}
QUOTATION_GRAPH = "quotation_graph"
EXPORTABLE = (*MARTS, "articles", "entities", "quotes", "mentions", "stories", "topics", "sources", QUOTATION_GRAPH)
QUOTE_WORDS = 50  # of a quote in the safe tier; a reader who wants more follows the link
# Columns of the safe tier that hold an outlet's words: left out (null), or cut.
_LEFT_OUT = {
    "articles": ("text",), "quotes": ("context_before", "context_after", "quote_key"),
}  # fmt: skip
_CUT = {"quotes": ("text",), "topic_quotes": ("text",), "quotes_everywhere": ("text",), "utterances": ("text",)}
_SPACELESS = ("Han", "Hiragana", "Katakana", "Thai", "Khmer", "Myanmar", "Lao")
_KEPT = 2  # exports kept for dashboards, the newest included: one may still read the one before
_PAGES = 1000
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
    """Writes one file each, SHA256SUMS and manifest.json into a new folder; rows are in the order of their keys.

    Raises InputError where a name is unknown or the folder is not empty, WarehouseError where nothing is published.
    """
    if unknown := [name for name in names if name not in EXPORTABLE]:
        raise InputError(f"nothing to export is called {unknown[0]!r}; there are: {', '.join(EXPORTABLE)}")
    if folder.exists() and any(folder.iterdir()):
        raise InputError(f"{folder}: is not empty; give a new folder")
    building = folder.with_name(f".{folder.name}.building")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    try:
        with published(warehouse) as connection:
            files = [_write(connection, name, building, form, tier) for name in dict.fromkeys(names)]
            about = connection.sql("SELECT * FROM about").to_arrow_table().to_pylist()[0]
        _write_manifest(building, files, about, tier)
        building.replace(folder)
    except duckdb.Error as error:  # a data file that is gone, or a mart that an older version did not publish
        raise WarehouseError(f"cannot be exported: {str(error).splitlines()[0]}; run: dateline run") from None
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return [folder / str(file["name"]) for file in files]


def _write(connection: duckdb.DuckDBPyConnection, name: str, folder: Path, form: str, tier: str) -> dict[str, Any]:
    if name == QUOTATION_GRAPH:
        return _write_graph(connection, folder, tier)
    columns = {str(c): str(t) for c, t, *_ in connection.execute(f"DESCRIBE {name}").fetchall()}
    select = f"SELECT {', '.join(_column(name, c, kind, form, tier) for c, kind in columns.items())} FROM {name}"
    if name in TABLES:  # a mart has its order already
        select += f" ORDER BY {', '.join(TABLES[name].key)}"
    path = folder / f"{name}.{FORMS[form]}"
    options = {"parquet": "FORMAT parquet, COMPRESSION zstd", "csv": "FORMAT csv, HEADER", "json": "FORMAT json"}[form]
    (rows,) = connection.execute(f"COPY ({select}) TO {quoted(str(path))} ({options})").fetchone() or (0,)
    return {"name": path.name, "rows": rows, "columns": list(columns)}


def _column(name: str, column: str, kind: str, form: str, tier: str) -> str:
    value = f'"{column}"'
    if tier == "safe" and column in _LEFT_OUT.get(name, ()):
        value = f"NULL::{kind}"
    if tier == "safe" and column in _CUT.get(name, ()):
        value = cut_sql(value)
    if form == "csv" and kind not in ("VARCHAR", "BIGINT", "INTEGER", "DOUBLE", "DATE", "BOOLEAN", "HUGEINT"):
        value = f"to_json({value})::VARCHAR" if "TIMESTAMP" not in kind else value
    if form == "csv" and kind == "VARCHAR":  # as etl.text.safe_cell: a spreadsheet would run it
        value = f"CASE WHEN regexp_matches({value}, '^[=+@\\t\\r-]') THEN '''' || {value} ELSE {value} END"
    return f'{value} AS "{column}"'


def cut_sql(text: str) -> str:
    """The first words of a text, and an ellipsis where there are more. Scripts without spaces: as many characters."""
    characters = "".join(f"\\p{{{script}}}" for script in _SPACELESS)
    space = "\\s\\p{Z}"
    words = f"regexp_extract_all({text}, '[{characters}]|[^{space}{characters}]+[{space}]*|[{space}]+')"
    return (
        f"CASE WHEN len({words}) > {QUOTE_WORDS} "
        f"THEN rtrim(array_to_string({words}[1:{QUOTE_WORDS}], '')) || ' …' ELSE {text} END"
    )


def _write_graph(connection: duckdb.DuckDBPyConnection, folder: Path, tier: str) -> dict[str, Any]:
    """Quotations as GDELT's Global Quotation Graph has them: an object an article, with what stands around a quote."""
    path, rows = folder / f"{QUOTATION_GRAPH}.jsonl.gz", 0
    cut = f"list_transform(quotes, lambda q: {{'pre': '', 'quote': {cut_sql('q.quote')}, 'post': ''}})"
    select = f"SELECT * REPLACE ({cut} AS quotes) FROM ({_GRAPH})" if tier == "safe" else _GRAPH
    found = connection.execute(select)
    # mtime 0: the same rows are the same bytes.
    with path.open("wb") as raw, gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as file:
        while page := found.fetchmany(_PAGES):
            for date, url, title, lang, quotes in page:
                row = {"date": date, "url": url, "title": title, "lang": lang, "quotes": quotes}
                file.write((json.dumps(row, ensure_ascii=False) + "\n").encode("utf-8", "surrogatepass"))
            rows += len(page)
    return {"name": path.name, "rows": rows, "columns": ["date", "url", "title", "lang", "quotes"]}


def _write_manifest(folder: Path, files: Sequence[dict[str, Any]], about: Mapping[str, Any], tier: str) -> None:
    described = [
        {**file, "bytes": (folder / file["name"]).stat().st_size, "sha256": file_sha256(folder / file["name"])}
        for file in files
    ]
    manifest = {"made_by": f"Dateline {__version__}", "tier": tier, "about": dict(about), "files": described}
    if tier == "safe":
        manifest["left_out"] = f"texts of articles; what stands around quotes; quotes after {QUOTE_WORDS} words"
    text = json.dumps(manifest, default=str, ensure_ascii=False, indent=1)
    (folder / MANIFEST).write_text(text + "\n", encoding="utf-8")
    sums = [f"{file['sha256']}  {file['name']}\n" for file in described]
    (folder / SUMS).write_text("".join(sums), encoding="utf-8")


def export_marts(warehouse: Path) -> Path:
    """Every mart of the published file as Parquet, and `exports/latest` pointed at the new folder.

    All files of a folder are of one edition. Raises WarehouseError where nothing is published.
    """
    exports = WarehouseLayout(warehouse).exports
    with published(warehouse) as connection:
        ((stamp,),) = connection.execute("SELECT stamp FROM about").fetchall()
    target = exports / str(stamp)
    if not target.exists():
        export(warehouse, target)
    link = exports / "latest"
    replace_link(link, target.name)
    folders = [path for path in exports.iterdir() if path.is_dir() and not path.is_symlink() and path != target]
    for old in sorted(folders, key=lambda path: path.stat().st_mtime)[: -(_KEPT - 1)]:
        shutil.rmtree(old)
    return link
