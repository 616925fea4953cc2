"""The data dictionary, generated from the record classes, the views and the marts."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from schemas import TABLES, Table
from schemas.marts import MARTS, read_mart
from schemas.stable import stable_views
from schemas.views import description, view_sql

_OTHER_TABLES = ("batches", "fetches", "rejects", "runs")
# What analysts use comes first; `article_versions` has the columns of `articles`.
_VIEWS = ("articles", "article_versions", *(name for name in TABLES if name not in ("articles", *_OTHER_TABLES)))
_STORY_ID = (
    "Id of the story: the `article_id` of its first article. Following `copy_of` from article to article leads there."
)
_LINE = 100  # characters of a line that a terminal shows


@dataclass(frozen=True)
class DescribedColumn:
    """A column: its type (empty for marts), what it holds, and the values of a closed set with their meanings."""

    name: str
    type: str
    sentence: str
    meanings: Mapping[str, str] = field(default_factory=dict)


# Columns that a view adds to those of its table.
_ADDED = {
    "articles": (
        DescribedColumn("first_seen_at", "timestamp", "Moment when the article was first captured (UTC)."),
        DescribedColumn("n_versions", "integer", "Number of different wordings of the article that were captured."),
        DescribedColumn("story_id", "string", _STORY_ID),
    ),
    "stories": (DescribedColumn("story_id", "string", _STORY_ID),),
}


@dataclass(frozen=True)
class Described:
    """A table, view or mart of the published file with its columns in order."""

    name: str
    kind: str
    description: str
    key: tuple[str, ...]
    stable: bool
    columns: tuple[DescribedColumn, ...]

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Return the columns as lines of a terminal: (column, type, text); a long text goes on in lines of its own."""
        for column in self.columns:
            name, kind = column.name, column.type
            values = [f"{value}: {meaning}" for value, meaning in column.meanings.items()]
            for text in (column.sentence, *values):
                for line in textwrap.wrap(text, _LINE, subsequent_indent="" if text is column.sentence else "  "):
                    yield name, kind, line
                    name = kind = ""


def described() -> Iterator[Described]:
    """Return everything that a user can query, in the order of the dictionary."""
    for name in _VIEWS:
        table = TABLES["articles" if name == "article_versions" else name]
        columns = (*_columns(table), *_ADDED.get(name, ()))
        text = description(view_sql(name)) if table.rows_view else table.description
        yield Described(name, "view", text, table.key, _is_stable(name), columns)
    for name in MARTS:
        mart = read_mart(name)
        columns = tuple(DescribedColumn(column, "", sentence) for column, sentence in mart.columns.items())
        yield Described(name, "mart", mart.description, (), _is_stable(name), columns)
    for name in _OTHER_TABLES:
        table = TABLES[name]
        yield Described(name, "table", table.description, table.key, _is_stable(name), _columns(table))


def _columns(table: Table) -> tuple[DescribedColumn, ...]:
    return tuple(DescribedColumn(c.name, _type(str(c.type)), c.sentence, c.meanings) for c in table.columns)


def _is_stable(name: str) -> bool:
    return name in stable_views().views


def markdown() -> str:
    """Return the text of docs/data-dictionary.md."""
    lines = [
        "# Data dictionary",
        "",
        "Generated from `schemas/` by `make docs`; a test checks that it is up to date. `dateline tables` prints the "
        "same.",
        "",
        "Dashboards and your own queries may build on the views and marts that are marked *stable*. They have a "
        f"version, now {stable_views().version}, which is also in `about.views_version`. Columns may be added to them. "
        "If a column is dropped, renamed or changes its type, the version changes. Everything else may change with any "
        "release.",
        "",
        "Offsets (`char_start`, `char_end`) count Unicode code points of `articles.text`; the end is exclusive. Times "
        "are in UTC. Words that recur:",
        "",
        *(f"- **{word}**: {meaning}" for word, meaning in _WORDS.items()),
        "",
    ]
    for item in described():
        lines += [f"## {item.name}", "", f"*{item.kind}{', stable' if item.stable else ''}.* {item.description}", ""]
        if item.key:
            lines += [f"Key: {', '.join(f'`{column}`' for column in item.key)}.", ""]
        lines += ["| column | type | holds |", "|---|---|---|"]
        lines += [f"| `{c.name}` | {c.type} | {_cell(_with_values(c))} |" for c in item.columns]
        for column in item.columns:
            if column.meanings:
                lines += ["", f"| `{column.name}` | means |", "|---|---|"]
                lines += [f"| `{value}` | {_cell(meaning)} |" for value, meaning in column.meanings.items()]
        lines.append("")
    return "\n".join(lines)


_WORDS = {
    "batch": "one WARC file, fetched or imported.",
    "source": "a site that is followed (one file in `config/sources`), or an imported archive.",
    "outlet": "who publishes an article, usually its registrable domain.",
    "wording": "one version of the text of an article; a corrected article has several.",
    "story": "an article together with the articles that copy its text.",
    "mention": "a sentence, paragraph or article that satisfies the query of a topic.",
    "gazetteer": "the names that the project knows, with ids and countries: the files in `config/gazetteer`.",
    "linked": "a name is linked if it is known which row of the gazetteer it stands for.",
    "mart": "a table that is computed from the others and stored in the published file.",
}


def _with_values(column: DescribedColumn) -> str:
    if not column.meanings:
        return column.sentence
    return f"{column.sentence} One of {', '.join(f'`{value}`' for value in column.meanings)}; see below."


def _type(arrow: str) -> str:
    plain = arrow.replace("large_", "").replace("date32[day]", "date").replace("timestamp[us, tz=UTC]", "timestamp")
    plain = plain.replace(" not null", "").replace("item: ", "").replace("int64", "integer")
    return plain.replace("list<string>", "list of string")


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
