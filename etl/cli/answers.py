"""`dateline timeline`, `quotes` and `explain`: answers from the published file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import click

from etl.cli.options import PATH, Options, format_option
from etl.cli.output import FORMATS, print_arrow, print_json_line, print_rows, print_text
from etl.cli.progress import console, warn
from etl.configuration.settings import Settings
from etl.days import first_day, last_day
from etl.errors import InputError

since_option = click.option("--since", help="First day, month or year (2025-09-01, 2025-09, 2025).")
until_option = click.option("--until", help="Last day, month or year.")
_TIMELINE_MARTS = ("topic_daily", "topic_periods", "topic_articles", "dated_articles", "coverage")


@click.command()
@click.argument("topic")
@click.option("--by", "period", type=click.Choice(("day", "week", "month", "year")), default="month", show_default=True)
@click.option("--split", "part", type=click.Choice(("outlet", "country", "language")), help="A series for each.")
@click.option("--panel", type=click.Choice(("all", "fixed")), default="all", show_default=True,
              help="fixed: only sources that were observed on every day.")  # fmt: skip
@since_option
@until_option
@click.option("--format", "form", type=click.Choice((*FORMATS, "png")), default="table", show_default=True)
@click.option("--output", type=PATH, help="Where to write the PNG (default: TOPIC.png).")
@click.pass_obj
def timeline(
    options: Options, topic: str, period: str, part: str | None, panel: str, since: str | None, until: str | None,
    form: str, output: Path | None,
) -> None:  # fmt: skip
    """Coverage of TOPIC over time: articles, stories, outlets, quotes, share. Empty where nothing is known."""
    from etl.answers.timeline import CAUTION, PANEL_SQL, mart_timeline_sql, timeline_sql
    from etl.answers.timeline_plot import Series, plot, plot_parts
    from etl.warehouse.duck import query

    if output and form != "png":
        raise click.UsageError("--output goes with --format png")
    settings = options.settings()
    title = _published_topic(settings, topic)
    given = {"topic": topic, **_days(since, until)}
    if panel == "fixed":
        sources = query(settings.warehouse, PANEL_SQL, given, marts=_TIMELINE_MARTS).to_pylist()
        if not sources:
            raise InputError("no source was observed on each of these days; choose fewer with --since and --until")
        names = ", ".join(row["source"] for row in sources)
        console.print(f"note: fixed panel, {len(sources)} sources: {names}", soft_wrap=True, highlight=False)
    if part or since or until or panel == "fixed":
        table = query(settings.warehouse, timeline_sql(period, part, panel == "fixed"), given, marts=_TIMELINE_MARTS)
    else:
        table = query(settings.warehouse, mart_timeline_sql(period), {"topic": topic}, marts=_TIMELINE_MARTS)
    if not table.num_rows:
        span = query(settings.warehouse, "SELECT min(day) AS a, max(day) AS b FROM topic_daily").to_pylist()[0]
        raise InputError(f"nothing lies between these days; the series goes from {span['a']} to {span['b']}")
    if form == "png":
        path, series = output or Path(f"{topic}.png"), Series(title, period, table.to_pylist())
        plot_parts(series, part, path) if part else plot(series, path)
        print_text(str(path))
    else:
        print_arrow(table, form)
        if form == "table":
            console.print(f"note: {CAUTION}", soft_wrap=True, highlight=False)


@click.command()
@click.option("--speaker", help="Part of the speaker's name, or the speaker's id.")
@click.option("--topic", help="Only quotes that overlap a mention of this topic.")
@click.option("--kind", type=click.Choice(("direct", "mixed", "indirect")), help="Only quotes of this kind.")
@click.option("--confidence", type=click.FloatRange(0, 1), default=0.0, help="Only quotes at least so probable.")
@since_option
@until_option
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
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
    """Who said what: quotes with speaker, outlet, day and link, and how many outlets have the same words."""
    from etl.answers.quotes import MARTS_READ, TABLE_COLUMNS, quotes_sql
    from etl.warehouse.duck import query

    settings = options.settings()
    if topic:
        _published_topic(settings, topic)
    given = {"speaker": speaker, "topic": topic, "kind": kind, "confidence": confidence, **_days(since, until)}
    table = query(settings.warehouse, quotes_sql(), {**given, "limit": limit}, marts=MARTS_READ)
    print_arrow(table.select(TABLE_COLUMNS) if form == "table" else table, form)
    if not table.num_rows:
        warn("no quote is so; --speaker takes part of a name, or an id")
    if table.num_rows == limit:
        warn(f"only the latest {limit} are shown; for more: --limit")


def _published_topic(settings: Settings, name: str) -> str:
    """A topic's title. Raises InputError where it is not published yet; warns where its file changed since."""
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
    """All that is known of one article, by id or address, as a JSON object: row, names, quotes, mentions, story."""
    from etl.answers.article import article_details

    print_json_line(article_details(options.settings().warehouse, name))


@click.command()
@click.argument("topic")
@click.argument("day")
@click.option("--format", "form", type=click.Choice(("table", "json")), default="table", show_default=True)
@click.pass_obj
def explain(options: Options, topic: str, day: str, form: str) -> None:
    """What is behind the DAY (2025-09-01) of TOPIC: its numbers, the sources missing, its stories and sentences."""
    from dataclasses import asdict

    from etl.answers.explain import explain as explained

    settings = options.settings()
    _published_topic(settings, topic)
    if first_day(day) != last_day(day):
        raise InputError(f"{day!r} is more than a day; give one, for instance {first_day(day)}")
    found = explained(settings.warehouse, topic, first_day(day))
    if form == "json":
        print_json_line(asdict(found))
        return
    print_rows(list(found.day), [tuple(found.day.values())], "table")
    if found.burst:
        print_text("\nin a burst from {first_day} to {last_day}".format(**found.burst))
    if found.unobserved:
        missing = ", ".join(f"{row['source']} ({row['basis']})" for row in found.unobserved)
        print_text(f"\nnot observed: {missing}")
    for story in found.stories:
        print_text(f"\n{story['title'] or 'untitled'}\n{story['url']}")
        print_text(f"articles: {story['n_articles']}, outlets: {story['n_outlets']}, first in {story['first_in']}")
        for mention in (m for m in found.mentions if m["story_id"] == story["story_id"]):
            said = f" (said by {mention['speaker_name']})" if mention["speaker_name"] else ""
            print_text(f"  {mention['outlet']}: {' '.join((mention['text'] or '').split())}{said}")
