"""`dateline timeline`, `quotes`, `article` and `explain`: questions answered from the published file."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.options import PATH, Options, format_option
from etl.cli.output import FORMATS, print_arrow, print_json_line, print_rows, print_text
from etl.cli.progress import note, warn
from etl.configuration.settings import Settings
from etl.days import first_day, last_day
from etl.errors import InputError

if TYPE_CHECKING:
    from etl.answers.explain import DayExplanation

since_option = click.option("--since", help="First day, month or year (such as 2025-09-01, 2025-09 or 2025).")
until_option = click.option("--until", help="Last day, month or year.")
_TIMELINE_MARTS = ("topic_daily", "topic_periods", "topic_articles", "dated_articles", "coverage")


@click.command()
@click.argument("topic")
@click.option("--by", "period", type=click.Choice(("day", "week", "month", "year")), default="month", show_default=True)
@click.option(
    "--split",
    "part",
    type=click.Choice(("outlet", "country", "language")),
    help="Print a separate series for each outlet, country or language.",
)
@click.option(
    "--panel",
    type=click.Choice(("all", "fixed")),
    default="all",
    show_default=True,
    help="all: count all sources; fixed: count only sources that were observed on every day shown.",
)
@since_option
@until_option
@click.option("--format", "form", type=click.Choice((*FORMATS, "png")), default="table", show_default=True)
@click.option("--output", type=PATH, help="File for the PNG (default: TOPIC.png).")
@click.pass_obj
def timeline(
    options: Options, topic: str, period: str, part: str | None, panel: str, since: str | None, until: str | None,
    form: str, output: Path | None,
) -> None:  # fmt: skip
    """Show the coverage of TOPIC over time.

    Shows numbers of articles, stories, outlets and quotes, and the share of all articles. A cell is empty if nothing is
    known about what was published in that period; shares are also empty if no articles were published.
    """
    from etl.answers.timeline import CAUTION, PANEL_SQL, mart_timeline_sql, timeline_sql
    from etl.answers.timeline_plot import Series, plot, plot_parts
    from etl.warehouse.duck import query

    if output and form != "png":
        raise click.UsageError("--output needs --format png")
    settings = options.settings()
    title = _published_topic(settings, topic)
    parameters = {"topic": topic, **_days(since, until)}
    if panel == "fixed":
        sources = query(settings.warehouse, PANEL_SQL, parameters, marts=_TIMELINE_MARTS).to_pylist()
        if not sources:
            raise InputError("no source was observed on each of these days; choose fewer with --since and --until")
        names = ", ".join(row["source"] for row in sources)
        note(f"fixed panel, {len(sources)} sources: {names}")
    if part or since or until or panel == "fixed":
        sql = timeline_sql(period, part, panel == "fixed")
        table = query(settings.warehouse, sql, parameters, marts=_TIMELINE_MARTS)
    else:
        table = query(settings.warehouse, mart_timeline_sql(period), {"topic": topic}, marts=_TIMELINE_MARTS)
    if not table.num_rows:
        [span] = query(settings.warehouse, "SELECT min(day) AS first, max(day) AS last FROM topic_daily").to_pylist()
        raise InputError(f"no data between these days; the series runs from {span['first']} to {span['last']}")
    if form == "png":
        path, series = output or Path(f"{topic}.png"), Series(title, period, table.to_pylist())
        plot_parts(series, part, path) if part else plot(series, path)
        print_text(str(path))
        return
    print_arrow(table, form)
    if form == "table":
        note(CAUTION)


@click.command()
@click.option("--speaker", help="Part of the speaker's name, or the speaker's entity id.")
@click.option("--topic", help="Only quotes that overlap a passage matching this topic.")
@click.option(
    "--kind",
    type=click.Choice(("direct", "mixed", "indirect")),
    help="Only quotes of this kind. direct: in quotation marks, or a turn in a transcript; indirect: without quotation "
    "marks; mixed: only some words in quotation marks.",
)
@click.option(
    "--confidence", type=click.FloatRange(0, 1), default=0.0, help="Only quotes with at least this confidence."
)
@since_option
@until_option
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True, help="Show at most this many quotes.")
@format_option
@click.pass_obj
def quotes(
    options: Options,
    speaker: str | None,
    topic: str | None,
    kind: str | None,
    confidence: float,
    since: str | None,
    until: str | None,
    limit: int,
    form: str,
) -> None:
    """List who said what, the latest first.

    Shows speaker, words, outlet, day, link, and how many outlets printed the same words.
    """
    from etl.answers.quotes import MARTS_READ, TABLE_COLUMNS, quotes_sql
    from etl.warehouse.duck import query

    settings = options.settings()
    if topic:
        _published_topic(settings, topic)
    filters = {"speaker": speaker, "topic": topic, "kind": kind, "confidence": confidence, **_days(since, until)}
    table = query(settings.warehouse, quotes_sql(), {**filters, "limit": limit}, marts=MARTS_READ)
    print_arrow(table.select(TABLE_COLUMNS) if form == "table" else table, form)
    if not table.num_rows:
        warn("no quotes match; --speaker takes part of a name, or an entity id")
    if table.num_rows == limit:
        warn(f"only the latest {limit} are shown; to see more: --limit")


def _published_topic(settings: Settings, name: str) -> str:
    """A topic's title. Warns if its file has changed since; raises InputError if the topic is not published."""
    from etl.topics.files import find_topic
    from etl.warehouse.duck import query

    topic = find_topic(settings.folder("topics"), name)
    rows = query(settings.warehouse, "SELECT topic_stamp FROM topics WHERE topic = $topic", {"topic": name}).to_pylist()
    if not rows:
        raise InputError(f"the topic {name!r} is not matched yet; run: dateline run")
    if rows[0]["topic_stamp"] != topic.stamp:
        warn(f"the topic {name!r} has changed since it was matched; run: dateline run")
    return topic.title


def _days(since: str | None, until: str | None) -> dict[str, date | None]:
    return {"since": first_day(since) if since else None, "until": last_day(until) if until else None}


@click.command()
@click.argument("name")
@click.pass_obj
def article(options: Options, name: str) -> None:
    """Print everything known about one article as JSON.

    Prints its row, names, quotes, topic mentions and story. NAME is the article's id or its URL.
    """
    from etl.answers.article import article_details

    print_json_line(article_details(options.settings().warehouse, name))


@click.command()
@click.argument("topic")
@click.argument("day")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.pass_obj
def explain(options: Options, topic: str, day: str, form: str) -> None:
    """Explain the counts of TOPIC on DAY (such as 2025-09-01).

    Shows the counts, the sources whose articles of that day are not all known (not `observed`), and the stories and
    sentences that were counted.
    """
    from etl.answers.explain import explain as explain_day

    settings = options.settings()
    _published_topic(settings, topic)
    if first_day(day) != last_day(day):
        raise InputError(f"{day!r} is more than one day; give a day, such as {first_day(day)}")
    explained = explain_day(settings.warehouse, topic, first_day(day))
    if form == "json":
        print_json_line(asdict(explained))
    else:
        _print_explained(explained)


def _print_explained(explained: DayExplanation) -> None:
    print_rows(list(explained.day), [tuple(explained.day.values())], "table")
    if explained.burst:
        print_text("\nin a burst from {first_day} to {last_day}".format(**explained.burst))
    if explained.unobserved:
        missing = ", ".join(f"{row['source']} ({row['basis']})" for row in explained.unobserved)
        print_text(f"\nnot observed: {missing}")
    for story in explained.stories:
        print_text(f"\n{story['title'] or 'untitled'}\n{story['url']}")
        print_text(f"articles: {story['n_articles']}, outlets: {story['n_outlets']}, first in {story['first_in']}")
        for mention in (m for m in explained.mentions if m["story_id"] == story["story_id"]):
            speaker = f" (said by {mention['speaker_name']})" if mention["speaker_name"] else ""
            print_text(f"  {mention['outlet']}: {' '.join((mention['text'] or '').split())}{speaker}")


COMMANDS = (timeline, quotes, explain, article)
