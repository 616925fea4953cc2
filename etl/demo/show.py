"""The demo: run the pipeline on the sample world, and show a timeline and the answers to three questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any

import yaml

from etl.answers.timeline import timeline_sql
from etl.answers.timeline_plot import Series, plot
from etl.configuration.settings import Settings
from etl.demo.archive import write_nights
from etl.demo.world import FIRST_DAY, LAST_DAY, load_world
from etl.engine.stage import Progress
from etl.errors import InputError
from etl.ingest.files import Incoming, import_files
from etl.pipeline.run import publish_all, run_stages
from etl.topics.files import find_topic
from etl.warehouse.delta import Store
from etl.warehouse.duck import query

_TOPIC = "china-russia"
NOW = datetime.combine(LAST_DAY, time(23, 30, tzinfo=UTC))
_QUESTIONS = (
    (
        "Who is quoted in articles on China–Russia relations?",
        "SELECT q.speaker_name, count(DISTINCT t.story_id) AS stories, count(*) AS printed\n"
        "FROM topic_articles t JOIN quotes q USING (article_id)\n"
        "WHERE t.topic = 'china-russia' AND q.speaker_name IS NOT NULL\n"
        "GROUP BY q.speaker_name ORDER BY stories DESC, printed DESC, q.speaker_name LIMIT 5",
    ),
    (
        "Which stories were copied most, and where did they appear first?",
        "SELECT any_value(f.outlet) AS first_in, any_value(f.title) AS title, count(*) - 1 AS copies\n"
        "FROM articles a JOIN articles f ON f.article_id = a.story_id\n"
        "GROUP BY a.story_id HAVING copies > 0 ORDER BY copies DESC, title LIMIT 5",
    ),
    (
        "Which texts were corrected after they were published?",
        "SELECT outlet, title, published_date, n_versions\n"
        "FROM articles WHERE n_versions > 1 ORDER BY published_date, outlet",
    ),
)


@dataclass(frozen=True)
class DemoResult:
    """What the demo shows.

    `runs`: how many runs Airflow made now. `stale`: how many units were computed again besides, because the code or the
    configuration has changed. `timeline`: columns and rows. `picture`, `published`: the files of the plot and of the
    published database. `examples`: questions, each with its SQL, columns and rows.
    """

    runs: int
    stale: int
    title: str
    timeline: tuple[Sequence[str], Sequence[Sequence[Any]]]
    picture: Path
    published: Path
    examples: Sequence[tuple[str, str, Sequence[str], Sequence[Sequence[Any]]]]


def demo_result(settings: Settings, runs: int, report: Callable[[Progress], None]) -> DemoResult:
    """Bring the demo's warehouse up to date, publish it, plot the timeline and answer the questions."""
    with Store(settings.warehouse).writing():
        stale = sum(stage.total for stage in run_stages(settings, report))
        publish_all(settings, NOW)
    folder = settings.config.parent
    topic = find_topic(settings.folder("topics"), _TOPIC)
    series = query(settings.warehouse, timeline_sql("day"), {"topic": _TOPIC, "since": None, "until": None})
    columns = ["period", "status", "n_articles", "n_stories", "n_outlets", "n_quotes", "all_articles", "share"]
    picture = folder / f"{_TOPIC}.png"
    plot(Series(f"{topic.title} in the sample world", "day", series.to_pylist()), picture)
    examples = []
    for question, statement in _QUESTIONS:
        table = query(settings.warehouse, statement)
        examples.append((question, statement, table.column_names, [tuple(r.values()) for r in table.to_pylist()]))
    rows = [tuple(row[c] for c in columns) for row in series.to_pylist()]
    return DemoResult(runs, stale, topic.title, (columns, rows), picture, settings.layout.published, examples)


def import_world(archive: Path, settings: Settings, store: Store, report: Callable[[Progress], None]) -> None:
    """Write the sample world's WARC files and import them as complete. The caller must hold the writer's lock."""
    files = list(write_nights(load_world(), archive))
    incoming = [Incoming(file.path, file.source, (FIRST_DAY, LAST_DAY)) for file in files]
    for number, result in enumerate(import_files(incoming, store, settings.warehouse, NOW), 1):
        if isinstance(result, InputError):
            raise result
        report(Progress("import", number, len(files), 0))


def demo_settings(folder: Path, workers: int) -> Settings:
    """Write a configuration with the invented outlets as sources; topics and gazetteer are the packaged ones."""
    config = folder / "config"
    try:
        (config / "sources").mkdir(parents=True, exist_ok=True)
        for site in load_world():
            source = {
                "title": f"{site.outlet.name} (invented)", "hosts": [site.outlet.host], "country": site.outlet.country,
                "language": site.outlet.language, "timezone": site.outlet.timezone,
                "feeds": [f"https://{site.outlet.host}/feed.xml"],
            }  # fmt: skip
            path = config / "sources" / f"{site.source}.yaml"
            path.write_text(yaml.safe_dump(source, allow_unicode=True, sort_keys=False), encoding="utf-8")
        (config / "dateline.yaml").write_text("warehouse: warehouse\n", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{folder}: cannot be written: {error.strerror}") from None
    return Settings(config=config.absolute(), warehouse=(folder / "warehouse").resolve(), workers=workers)
