"""The stages as plain commands: files in, JSON lines out, nothing written."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from etl.cli.options import PATH, Options, as_of_option, now_or
from etl.cli.output import print_json_line
from etl.cli.progress import print_error
from etl.errors import InputError

if TYPE_CHECKING:
    from schemas.values import MentionLevel


@click.command()
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.option("--url", help="The address the page was read at.")
@as_of_option
@click.pass_obj
def extract(options: Options, paths: tuple[Path, ...], url: str | None, as_of: str | None) -> None:
    """Articles of HTML files, folders of them, WARC files or - (with --url), as JSON lines. Writes nothing."""
    from etl.configuration.sources import load_sources
    from etl.workbench.single_files import extract_paths

    sources = load_sources(options.settings().folder("sources"))
    _print_objects(extract_paths(paths, url, sources, now_or(as_of)))


@click.command()
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.pass_obj
def annotate(options: Options, paths: tuple[Path, ...]) -> None:
    """Names and quotes of text files, JSON lines (id, text, language) or -, as JSON lines. Writes nothing."""
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.workbench.single_files import annotate_texts, read_texts

    settings = options.settings()
    table = load_gazetteer(settings.folder("gazetteer"))
    annotated = (
        row
        for given in read_texts(paths)
        for row in ([given] if isinstance(given, InputError) else annotate_texts([given], table, settings.annotator))
    )
    _print_objects(annotated)


@click.command()
@click.argument("file", type=PATH)
@click.option("--window", type=click.IntRange(0, 3660), help="Days back in which a copy is looked for.")
@as_of_option
@click.pass_obj
def stories(options: Options, file: Path, window: int | None, as_of: str | None) -> None:
    """Which texts copy which, of JSON lines with id, title, text, published_date. Writes nothing."""
    from etl.workbench.single_files import read_texts, story_rows

    days = options.settings().story_window_days if window is None else window
    _print_objects(story_rows(list(_readable(read_texts([file]))), days, now_or(as_of)))


@click.command()
@click.argument("file", type=PATH)
@click.option("--query", help="A query, as in a topic's file.")
@click.option("--topic", help="A topic of the configuration.")
@click.option(
    "--within", type=click.Choice(("sentence", "paragraph", "article")), default="sentence", show_default=True
)
@click.pass_obj
def match(options: Options, file: Path, query: str | None, topic: str | None, within: MentionLevel) -> None:
    """Where texts (JSON lines with id, text, and entities if annotated) satisfy a query. Writes nothing."""
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.topics.files import find_topic
    from etl.topics.matcher import Wanted
    from etl.topics.query import parse_query
    from etl.workbench.single_files import match_texts, read_texts

    if (query is None) == (topic is None):
        raise click.UsageError("give one of --query and --topic")
    settings = options.settings()
    if topic is not None:
        found = find_topic(settings.folder("topics"), topic)
        wanted, languages = Wanted(found.name, found.query, found.within), list(found.languages)
    else:
        wanted, languages = Wanted("query", parse_query(query or ""), within), None
    table = load_gazetteer(settings.folder("gazetteer"))
    _print_objects(match_texts(_readable(read_texts([file])), wanted, languages, table, settings.annotator))


def _print_objects(rows: Iterable[dict[str, Any] | InputError]) -> None:
    """Prints objects; an unreadable input is reported, costs only itself, and makes the exit status 1."""
    failed = False
    for row in rows:
        if isinstance(row, InputError):
            failed = True
            print_error(row)
        else:
            print_json_line(row)
    if failed:
        sys.exit(1)


def _readable(texts: Iterable[Any]) -> Iterator[Any]:
    """Texts, up to the first that cannot be read. Raises InputError."""
    for text in texts:
        if isinstance(text, InputError):
            raise text
        yield text
