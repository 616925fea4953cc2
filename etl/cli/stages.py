"""`dateline extract`, `annotate`, `stories` and `match`: run one stage on files, and print JSON lines."""

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

within_option = click.option(
    "--within",
    type=click.Choice(("sentence", "paragraph", "article")),
    default="sentence",
    show_default=True,
    help="The part of a text in which the whole query must match (a topic's file sets its own).",
)


@click.command()
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.option("--url", help="The URL of the page; needed for standard input.")
@as_of_option
@click.pass_obj
def extract(options: Options, paths: tuple[Path, ...], url: str | None, as_of: str | None) -> None:
    """Extract articles from HTML or WARC files.

    PATHS are HTML files, folders of HTML files, WARC files, or - for standard input. Prints a JSON object for each
    page: the article, or why there is none. The warehouse is not changed.
    """
    from etl.configuration.sources import load_sources
    from etl.workbench.single_files.extract_pages import extract_paths

    sources = load_sources(options.settings().folder("sources"))
    _print_objects(extract_paths(paths, url, sources, now_or(as_of)))


@click.command()
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.pass_obj
def annotate(options: Options, paths: tuple[Path, ...]) -> None:
    """Find the names and quotes in texts.

    PATHS are text files, files of JSON lines (id, text, language), or - for standard input. Prints a JSON object for
    each text. The warehouse is not changed.
    """
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.workbench.single_files.annotate_texts import annotate_texts
    from etl.workbench.single_files.read_texts import read_texts

    settings = options.settings()
    gazetteer = load_gazetteer(settings.folder("gazetteer"))
    _print_objects(
        row
        for text in read_texts(paths)
        for row in ([text] if isinstance(text, InputError) else annotate_texts([text], gazetteer, settings.annotator))
    )


@click.command()
@click.argument("file", type=PATH)
@click.option(
    "--window",
    type=click.IntRange(0, 3660),
    help="How many days before a text to look for its original (default: story_window_days in dateline.yaml).",
)
@as_of_option
@click.pass_obj
def stories(options: Options, file: Path, window: int | None, as_of: str | None) -> None:
    """Find which texts are copies of which other texts.

    A story is a text together with its copies. FILE has JSON lines with id, title, text and published_date. Prints a
    JSON object for each text. The warehouse is not changed.
    """
    from etl.workbench.single_files.read_texts import read_texts
    from etl.workbench.single_files.story_texts import story_rows

    days = options.settings().story_window_days if window is None else window
    _print_objects(story_rows(list(_readable(read_texts([file]))), days, now_or(as_of)))


@click.command()
@click.argument("file", type=PATH)
@click.option("--query", help="A query, written as in the file of a topic.")
@click.option("--topic", help="The name of a topic in config/topics.")
@within_option
@click.pass_obj
def match(options: Options, file: Path, query: str | None, topic: str | None, within: MentionLevel) -> None:
    """Find where texts match a query or a topic.

    FILE has JSON lines with id and text, and with entities if the texts come from `dateline annotate`. Give exactly one
    of --query and --topic. Prints a JSON object for each match. The warehouse is not changed.
    """
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.topics.files import find_topic
    from etl.topics.matcher import TopicQuery
    from etl.topics.query import parse_query
    from etl.workbench.single_files.match_texts import match_texts
    from etl.workbench.single_files.read_texts import read_texts

    if (query is None) == (topic is None):
        raise click.UsageError("give one of --query and --topic")
    settings = options.settings()
    if topic is not None:
        loaded = find_topic(settings.folder("topics"), topic)
        topic_query, languages = TopicQuery(loaded.name, loaded.query, loaded.within), list(loaded.languages)
    else:
        topic_query, languages = TopicQuery("query", parse_query(query or ""), within), None
    gazetteer = load_gazetteer(settings.folder("gazetteer"))
    texts = _readable(read_texts([file]))
    _print_objects(match_texts(texts, topic_query, languages, gazetteer, settings.annotator))


def _print_objects(rows: Iterable[dict[str, Any] | InputError]) -> None:
    """Print objects. An input that cannot be read is reported, affects no other, and makes the exit status 1."""
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
    """The texts up to the first that cannot be read. Raises InputError there."""
    for text in texts:
        if isinstance(text, InputError):
            raise text
        yield text


COMMANDS = (extract, annotate, stories, match)
