"""The nightly run in real Airflow, measured undisturbed and with failures.

It runs on the sample world's three weeks and on a month of the Kremlin's site.

Airflow's scheduler, dag-processor and api-server run as processes on this machine, with SQLite. Prints, in order:
- 21 undisturbed nights: the time of each, and of the same work called directly in one process;
- the same nights with the scheduler killed for as long as three nights take, and a task killed in each of ten nights:
  whether the tables are equal;
- six nights, in the last two of which one source answers every request with HTTP 500: what coverage, series and
  `status` report;
- 30 nights of April 2017 of the Kremlin's site, replayed from the archive in ../shared/corpora, outside the repository,
  and compared with a direct import of that archive.

Run: make bench-nights (about half an hour), or parts of it:
python -m benchmarks.nights [undisturbed | disturbed | outage | kremlin] …
"""

from __future__ import annotations

import os
import re
import sqlite3
import statistics
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from urllib.parse import urlsplit

from etl.configuration.settings import PACKAGED, Settings
from etl.demo.site import NOT_FOUND, FeedEntry, SiteResponse, World, atom, sample_world
from etl.demo.world import FIRST_DAY, LAST_DAY, load_world
from etl.pipeline import steps
from etl.pipeline.local_airflow import DagRun
from etl.warc.reader import Record, read_warc
from etl.warc.writer import WarcFile
from etl.warehouse.delta import Store
from etl.warehouse.duck import query, reading
from evaluation.airflow_nights import (
    Disturbance,
    run_nights_directly,
    run_nights_in_airflow,
    run_stages_directly,
    sample_settings,
)
from evaluation.corpora import PROJECT, need_corpora
from evaluation.kremlin import KREMLIN, kremlin_index
from evaluation.table_hashes import table_hashes
from schemas import TABLES

MONTH = (date(2017, 4, 1), date(2017, 4, 30))
# Columns that say where and when a row was stored; the others say what is on the page.
_PROVENANCE = ("batch", "month", "fetched_at", "warc_file", "warc_offset", "extractor", "source")


# -- the parts -------------------------------------------------------------------------------------------------------


def undisturbed(folder: Path) -> None:
    """Compare nights in Airflow with the same work in one process."""
    settings = sample_settings(folder / "airflow")
    runs = run_nights_in_airflow(settings, sample_world(load_world()), (FIRST_DAY, LAST_DAY))
    walls = wall_times(settings, runs)
    direct = run_nights_directly(sample_settings(folder / "direct"), (FIRST_DAY, LAST_DAY))
    shares = [1 - seconds / wall for seconds, wall in zip(direct, walls, strict=True)]
    print_runs(runs)
    print(f"time a night in Airflow: median {statistics.median(walls):.1f} s, {min(walls):.1f} to {max(walls):.1f}")
    print(f"the same work in one process: median {statistics.median(direct):.1f} s")
    print(f"Airflow's own share (processes, imports, scheduling): median {statistics.median(shares):.0%}")
    are_equal = table_hashes(settings) == table_hashes(sample_settings(folder / "direct"))
    print(f"tables equal to those of one process: {are_equal}")


def disturbed(folder: Path) -> None:
    """Kill the scheduler and tasks, and compare the tables with those of undisturbed nights."""
    calm = sample_settings(folder / "direct")
    if not calm.warehouse.exists():
        run_nights_directly(calm, (FIRST_DAY, LAST_DAY))
    settings = sample_settings(folder / "disturbed")
    disturbance = Disturbance(stop_before=9, stopped_nights=3, kill_in=10)
    runs = run_nights_in_airflow(settings, sample_world(load_world()), (FIRST_DAY, LAST_DAY), disturbance)
    print_runs(runs)
    print(f"scheduler stopped for {disturbance.seconds_stopped:.0f} s; tasks killed: {len(disturbance.killed)}")
    print("; ".join(disturbance.killed))
    print(f"tables equal to those of undisturbed nights: {table_hashes(settings) == table_hashes(calm)}")


def outage(folder: Path) -> None:
    """Let a source fail for two nights, and print what the tables and `status` say of it."""
    settings = sample_settings(folder / "outage")
    days = (LAST_DAY - timedelta(days=5), LAST_DAY)
    failing_days = {LAST_DAY - timedelta(days=1), LAST_DAY}
    world = sample_world(load_world())

    def failing_world(host: str, path: str, as_of: datetime) -> SiteResponse:
        if "lanqiao" in host and as_of.date() in failing_days:
            return SiteResponse(500, "text/plain", b"out of order\n")
        return world(host, path, as_of)

    topics = settings.config / "topics"
    topics.mkdir()
    for path in Settings(config=PACKAGED, warehouse=settings.warehouse).folder("topics").glob("*.yaml"):
        (topics / path.name).write_bytes(path.read_bytes())
    text = (topics / "china-russia.yaml").read_text()
    (topics / "in-chinese.yaml").write_text(re.sub(r"^languages:.*$", "languages: [zh]", text, flags=re.MULTILINE))
    runs = run_nights_in_airflow(settings, failing_world, days)
    print_runs(runs)
    for sql in (
        "SELECT day, status, n_articles FROM coverage WHERE source = 'lanqiao-ribao' AND day >= '2025-09-16' "
        "ORDER BY day",
        "SELECT topic, day, status, sources_expected, sources_observed, n_articles FROM topic_daily "
        "WHERE topic IN ('china-russia', 'in-chinese') AND day >= '2025-09-16' ORDER BY topic, day",
        "SELECT source, n_visits, n_failed_visits, last_reached, n_articles FROM source_health",
    ):
        print(query(settings.warehouse, sql).to_pylist())
    os.system(f"{sys.executable} -m etl.cli.main --config {settings.config} status")


def kremlin(folder: Path) -> None:
    """Play a month of the Kremlin's site night by night, and compare the tables with those of an import."""
    world, pages = kremlin_world()
    replayed, imported = kremlin_settings(folder / "replayed"), kremlin_settings(folder / "imported")
    runs = run_nights_in_airflow(replayed, world, MONTH)
    walls = wall_times(replayed, runs)
    archive = folder / "month.warc.gz"
    copy_records(pages, archive)
    end = datetime.combine(MONTH[1], clock_time(23), UTC)
    steps.import_archives(imported, [str(archive)], None, (None, None), end)
    run_stages_directly(imported, end)
    print_runs(runs)
    print(f"pages {len(pages)}; time a night: median {statistics.median(walls):.1f} s")
    for name in ("articles", "entities", "quotes", "stories", "mentions"):
        replayed_rows, imported_rows = contents(replayed, name), contents(imported, name)
        are_equal = replayed_rows == imported_rows
        print(f"{name}: {len(replayed_rows)} rows replayed, {len(imported_rows)} imported, equal: {are_equal}")
    sql = "SELECT status, count(*) AS n FROM coverage WHERE month(day) = 4 GROUP BY ALL"
    print(f"coverage of the replayed month: {query(replayed.warehouse, sql).to_pylist()}")


def print_runs(runs: Sequence[DagRun]) -> None:
    print(f"nights {len(runs)}, successful {sum(run.state == 'success' for run in runs)}")


def wall_times(settings: Settings, runs: Sequence[DagRun]) -> list[float]:
    """The seconds that each run took, from Airflow's database."""
    with sqlite3.connect(settings.config.parent / ".airflow" / "airflow.db") as database:
        rows = database.execute(
            "SELECT run_id, (julianday(end_date) - julianday(start_date)) * 86400 FROM dag_run"
        ).fetchall()
    seconds = dict(rows)
    return [seconds[run.id] for run in runs]


# -- the Kremlin's site ----------------------------------------------------------------------------------------------


def kremlin_settings(folder: Path) -> Settings:
    """Settings with the Kremlin's site as the only source, in a new folder."""
    (folder / "config" / "sources").mkdir(parents=True)
    packaged = PROJECT / "config" / "sources" / "kremlin-en.yaml"
    (folder / "config" / "sources" / packaged.name).write_bytes(packaged.read_bytes())
    (folder / "config" / "dateline.yaml").write_text("warehouse: warehouse\n")
    return Settings(config=folder / "config", warehouse=folder / "warehouse", workers=1)


def kremlin_world() -> tuple[World, dict[str, Record]]:
    """The site in the month, and its pages by address. Pages come from the archive; the feed of the latest 20 is made
    from the archive's index."""
    index = {p["url"]: p for p in kremlin_index() if MONTH[0] <= date.fromisoformat(p["date"]) <= MONTH[1]}
    records = read_warc(KREMLIN / f"en.kremlin.ru-{MONTH[0].year}.warc.gz")
    pages = {item.url: item for item in records if isinstance(item, Record) and item.url in index}
    entries = sorted(
        (FeedEntry(url, index[url]["title"], pages[url].date) for url in pages), key=lambda e: (e.published, e.url)
    )

    def serve(_host: str, path: str, as_of: datetime) -> SiteResponse:
        if path == "/robots.txt":
            return SiteResponse(200, "text/plain", (KREMLIN / "robots.txt").read_bytes())
        published = [entry for entry in entries if entry.published and entry.published <= as_of]
        if path == "/events/president/news/feed":
            return SiteResponse(200, "application/atom+xml", atom("President of Russia", published[::-1][:20]).encode())
        page = next((pages[entry.url] for entry in published if urlsplit(entry.url).path == path), None)
        return SiteResponse(200, page.content_type, page.payload) if page else NOT_FOUND

    return serve, pages


def copy_records(pages: dict[str, Record], path: Path) -> None:
    """Write pages to a new WARC file."""
    with WarcFile(path) as warc:
        for url, page in pages.items():
            warc.response(url, page.date, "200 OK", [("Content-Type", page.content_type)], page.payload)


def contents(settings: Settings, name: str) -> list[str]:
    """The rows of a table without their provenance, sorted."""
    columns = [c.name for c in TABLES[name].columns if c.name not in _PROVENANCE]
    with reading(Store(settings.warehouse)) as connection:
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
    return sorted(map(str, rows))


PARTS = {"undisturbed": undisturbed, "disturbed": disturbed, "outage": outage, "kremlin": kremlin}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    if "kremlin" in chosen:
        need_corpora()
    with tempfile.TemporaryDirectory() as folder:
        for part in chosen:
            print(f"\n== {part}", flush=True)
            PARTS[part](Path(os.environ.get("DATELINE_BENCH", folder)))


if __name__ == "__main__":
    main()
