"""`dateline topics`: list topics, test their examples, try a query, draw and score a sample to label by hand."""

from __future__ import annotations

import difflib
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.options import PATH, Options, format_option
from etl.cli.output import print_rows, print_text
from etl.cli.progress import warn
from etl.cli.stages import within_option
from etl.errors import InputError

if TYPE_CHECKING:
    from schemas.values import MentionLevel

_MOST = 20_000


@click.group()
def topics() -> None:
    """List, test, try and evaluate the topics.

    Each file in config/topics has the query of one topic, and examples that test it.
    """


@topics.command("list")
@format_option
@click.pass_obj
def list_topics(options: Options, form: str) -> None:
    """List all topics with their queries."""
    from etl.topics.files import load_topics

    rows = [(t.name, t.title, t.within, " ".join(t.languages), " ".join(t.query_text.split()))
            for t in load_topics(options.settings().folder("topics"))]  # fmt: skip
    print_rows(["topic", "title", "within", "languages", "query"], rows, form)


@topics.command("test")
@click.argument("names", nargs=-1)
@click.pass_obj
def test_topics(options: Options, names: tuple[str, ...]) -> None:
    """Check that topics give the right result on their examples.

    NAMES are the topics to check (default: all). Exits with status 1 if an example gives the wrong result.
    """
    from etl.nlp.gazetteer.gazetteer import load_gazetteer
    from etl.topics.files import find_topic, load_topics
    from etl.workbench.topic_trial import wrong_examples

    settings = options.settings()
    folder = settings.folder("topics")
    chosen = [find_topic(folder, name) for name in names] if names else load_topics(folder)
    wrong = list(wrong_examples(chosen, load_gazetteer(settings.folder("gazetteer")), settings.annotator))
    for item in wrong:
        print_text(f"{item.topic}: must {'' if item.must_match else 'not '}match: {item.example.text}")
    examples = sum(len(t.must_match) + len(t.must_not_match) for t in chosen)
    print_text(f"{len(chosen)} topics, {examples} examples, {len(wrong)} wrong")
    for topic in chosen:
        if not (topic.must_match and topic.must_not_match):
            warn(f"{topic.name}: has no examples of both kinds (tests: must_match, must_not_match)")
    if wrong:
        sys.exit(1)


most_option = click.option(
    "--most",
    type=click.IntRange(1),
    default=_MOST,
    show_default=True,
    help="Search at most this many articles, chosen at random.",
)


@topics.command("try")
@click.argument("query")
@within_option
@click.option("--language", "languages", multiple=True, help="Only articles in this language (default: all).")
@click.option(
    "--n", "shown", type=click.IntRange(0), default=10, show_default=True, help="Number of matching passages to show."
)
@most_option
@click.pass_obj
def try_topic(
    options: Options, query: str, within: MentionLevel, languages: tuple[str, ...], shown: int, most: int
) -> None:
    """Search the published articles for QUERY.

    Shows counts by month and some of the matching passages. QUERY may also be the name of a topic. Nothing is saved.
    """
    from etl.topics.files import find_topic
    from etl.topics.matcher import TopicQuery
    from etl.topics.query import parse_query
    from etl.workbench.topic_trial import read_articles, try_query

    settings = options.settings()
    if re.fullmatch(r"[\w.-]{1,100}", query) and (settings.folder("topics") / f"{query}.yaml").is_file():
        topic = find_topic(settings.folder("topics"), query)
        topic_query, languages = TopicQuery("query", topic.query, topic.within), languages or topic.languages
    else:
        topic_query = TopicQuery("query", parse_query(query), within)
    tried = try_query(topic_query, read_articles(settings.warehouse, languages, most), shown)
    print_rows(["month", "articles", "found", "hits"], tried.months, "table")
    for article, hit in tried.hits:
        document = article.document
        text = " ".join(document.text[hit.start : hit.end].split()) if hit.level != "article" else document.title
        print_text(f"\n{article.day} {document.outlet} [{', '.join(hit.matched_terms)}]\n  {text}")
    names = [path.stem for path in settings.folder("topics").glob("*.yaml")]
    if not tried.hits and (near := difflib.get_close_matches(query, names, n=1)):
        warn(f"{query!r} was searched as a word; there is a topic {near[0]!r}")
    found = sum(found for _, _, found, _ in tried.months)
    print_text(f"\n{found:,} of {tried.n_articles:,} articles")
    if tried.n_articles == most:
        warn(f"only a sample of {most:,} articles was searched; to search more: --most")


@topics.command("sample")
@click.argument("name")
@click.option(
    "--n", "size", type=click.IntRange(2), default=200, show_default=True, help="Number of passages in the sheet."
)
@click.option("--output", type=PATH, help="File to write (default: NAME.csv).")
@most_option
@click.pass_obj
def sample_topic(options: Options, name: str, size: int, output: Path | None, most: int) -> None:
    """Write random passages to a CSV sheet, to label by hand.

    The sheet holds matches of the topic NAME and near misses (passages that share a term with its query but do not
    match), spread over languages and years. Fill in the column `relevant` with 1 or 0, then run: dateline topics score
    SHEET.
    """
    from etl.topics.files import find_topic
    from etl.workbench.coding_sheet import draw_sheet, write_sheet
    from etl.workbench.topic_trial import read_articles

    settings = options.settings()
    topic = find_topic(settings.folder("topics"), name)
    path = output or Path(f"{name}.csv")
    if path.exists():
        raise InputError(f"{path}: already exists, and may be labelled; give another name with --output")
    rows = draw_sheet(topic, read_articles(settings.warehouse, topic.languages, most), size)
    if not rows:
        raise InputError(f"the topic {name!r} has neither matches nor near misses in what is published")
    write_sheet(rows, path)
    matches = sum(row.kind == "match" for row in rows)
    print_text(f"{path}: {matches} matches, {len(rows) - matches} near misses")
    print_text(f"Next: write 1 or 0 in the column 'relevant', then: dateline topics score {path}")


@topics.command("score")
@click.argument("sheet", type=PATH)
@format_option
def score_topic(sheet: Path, form: str) -> None:
    """Estimate precision and recall from a labelled SHEET.

    The estimates have 95 % confidence intervals.
    """
    from etl.workbench.coding_sheet import score_sheet

    score = score_sheet(sheet)
    if form != "table":
        print_rows(list(asdict(score)), [tuple(asdict(score).values())], form)
        return
    print_text(f"precision {score.precision:.3f} ({score.precision_low:.3f} to {score.precision_high:.3f})")
    if score.recall is None or score.recall_low is None or score.recall_high is None:
        print_text("recall unknown: no near miss is labelled, or nothing is relevant")
    else:
        interval = f"({score.recall_low:.3f} to {score.recall_high:.3f})"
        print_text(f"recall {score.recall:.3f} {interval}, of passages that share a term with the query")
    if score.uncoded:
        warn(f"{score.uncoded} rows are not labelled yet; they are assumed to be like the labelled ones")


COMMANDS = (topics,)
