"""The nightly run in real Airflow, measured and disturbed: the sample world's three weeks, a month of the Kremlin's.

Airflow's scheduler, dag-processor and api-server run as processes on this machine, with SQLite. Prints, in order:
- 21 nights undisturbed: wall time a night, beside the same work called directly in one process;
- the same with the scheduler killed for as long as three nights take, and a task killed in each of ten nights: equal
  tables, or not;
- six nights in which one source answers 500: what coverage, series and `status` say of it;
- 30 nights of April 2017 of the Kremlin's site, played from the archive beside the project, beside its import.

Run: make bench-nights (about half an hour), or one part of it:
python -m benchmarks.nights undisturbed (or disturbed, outage, kremlin)
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import re
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from etl.configuration.settings import PACKAGED, Replay, Settings
from etl.demo.show import demo_settings
from etl.demo.site import NOT_FOUND, FeedEntry, SiteResponse, World, atom, sample_world, serving
from etl.demo.world import FIRST_DAY, LAST_DAY, load_world
from etl.pipeline import steps
from etl.pipeline.local_airflow import Airflow, DagRun, airflow
from etl.pipeline.stages import all_stages
from etl.warc.reader import Record, read_warc
from etl.warehouse.delta import Store
from etl.warehouse.duck import query, reading
from schemas import TABLES

KREMLIN = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "kremlin"
MONTH = (date(2017, 4, 1), date(2017, 4, 30))
# Where and when a row was stored; the rest is what a page says.
_PROVENANCE = ("batch", "month", "fetched_at", "warc_file", "warc_offset", "extractor", "source")


# -- the parts -------------------------------------------------------------------------------------------------------


def undisturbed(folder: Path) -> None:
    settings = sample_settings(folder / "airflow")
    runs = in_airflow(settings, sample_world(load_world()), (FIRST_DAY, LAST_DAY))
    walls = wall_times(settings, runs)
    direct = directly(sample_settings(folder / "direct"), (FIRST_DAY, LAST_DAY))
    shares = [1 - mine / wall for mine, wall in zip(direct, walls, strict=True)]
    print(f"nights {len(runs)}, successful {sum(run.state == 'success' for run in runs)}")
    print(
        f"wall time a night in Airflow: median {statistics.median(walls):.1f} s, {min(walls):.1f} to {max(walls):.1f}"
    )
    print(f"the same work in one process: median {statistics.median(direct):.1f} s")
    print(f"Airflow's own share (processes, imports, scheduling): median {statistics.median(shares):.0%}")
    print(f"tables equal to those of one process: {hashes(settings) == hashes(sample_settings(folder / 'direct'))}")


def disturbed(folder: Path) -> None:
    calm = sample_settings(folder / "direct")
    if not calm.warehouse.exists():
        directly(calm, (FIRST_DAY, LAST_DAY))
    settings = sample_settings(folder / "disturbed")
    trouble = Trouble(stop_before=9, stopped_nights=3, kill_in=10)
    runs = in_airflow(settings, sample_world(load_world()), (FIRST_DAY, LAST_DAY), trouble)
    print(f"nights {len(runs)}, successful {sum(run.state == 'success' for run in runs)}")
    print(f"scheduler killed and away for {trouble.away:.0f} s; tasks killed: {len(trouble.killed)}")
    print("; ".join(trouble.killed))
    print(f"tables equal to those of the undisturbed nights: {hashes(settings) == hashes(calm)}")


def outage(folder: Path) -> None:
    settings = sample_settings(folder / "outage")
    days = (LAST_DAY - timedelta(days=5), LAST_DAY)
    down = {LAST_DAY - timedelta(days=1), LAST_DAY}
    world = sample_world(load_world())

    def failing(host: str, path: str, as_of: datetime) -> SiteResponse:
        if "lanqiao" in host and as_of.date() in down:
            return SiteResponse(500, "text/plain", b"out of order\n")
        return world(host, path, as_of)

    topics = settings.config / "topics"
    topics.mkdir()
    for path in Settings(config=PACKAGED, warehouse=settings.warehouse).folder("topics").glob("*.yaml"):
        (topics / path.name).write_bytes(path.read_bytes())
    text = (topics / "china-russia.yaml").read_text()
    (topics / "in-chinese.yaml").write_text(re.sub(r"^languages:.*$", "languages: [zh]", text, flags=re.MULTILINE))
    runs = in_airflow(settings, failing, days)
    print(f"nights {len(runs)}, successful {sum(run.state == 'success' for run in runs)}")
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
    world, pages = kremlin_world()
    replayed, imported = kremlin_settings(folder / "replayed"), kremlin_settings(folder / "imported")
    runs = in_airflow(replayed, world, MONTH)
    walls = wall_times(replayed, runs)
    archive = folder / "month.warc.gz"
    copy_records(pages, archive)
    end = datetime.combine(MONTH[1], clock_time(23), UTC)
    steps.import_archives(imported, [str(archive)], None, (None, None), end)
    stages_directly(imported, end)
    print(f"nights {len(runs)}, successful {sum(run.state == 'success' for run in runs)}, pages {len(pages)}")
    print(f"wall time a night: median {statistics.median(walls):.1f} s")
    for name in ("articles", "entities", "quotes", "stories", "mentions"):
        one, other = contents(replayed, name), contents(imported, name)
        print(f"{name}: {len(one)} rows replayed, {len(other)} imported, equal: {one == other}")
    sql = "SELECT status, count(*) AS n FROM coverage WHERE month(day) = 4 GROUP BY ALL"
    print(f"coverage of the replayed month: {query(replayed.warehouse, sql).to_pylist()}")


# -- running nights --------------------------------------------------------------------------------------------------


class Trouble:
    """Kills the scheduler once, and a task's process in each of some nights."""

    def __init__(self, stop_before: int, stopped_nights: int, kill_in: int) -> None:
        self.stop_before, self.stopped_nights, self.kill_in = stop_before, stopped_nights, kill_in
        self.killed: list[str] = []
        self.away = 0.0
        self._chance = random.Random(7)
        self._patience: dict[str, float] = {}

    def __call__(self, running: Airflow, runs: Sequence[DagRun]) -> None:
        """What happens at this second."""
        now = [run for run in runs if run.state == "running"]
        if not self.away and sum(run.ended for run in runs) == self.stop_before:
            self._stop_scheduler(running)
        elif now and len(self.killed) < self.kill_in and not any(now[0].day in said for said in self.killed):
            self._kill_task(running, now[0])

    def _stop_scheduler(self, running: Airflow) -> None:
        running.stop("scheduler", signal.SIGKILL)
        began = time.monotonic()
        time.sleep(20.0 * self.stopped_nights)
        running.start("scheduler")
        self.away = time.monotonic() - began

    def _kill_task(self, running: Airflow, run: DagRun) -> None:
        """One process of a task, after a while of the night that chance chooses."""
        due = self._patience.setdefault(run.id, time.monotonic() + self._chance.uniform(1, 14))
        deadline = time.monotonic() + 3
        while time.monotonic() > due and time.monotonic() < deadline:
            for process in task_processes(running):
                try:
                    process.kill()
                except psutil.NoSuchProcess:
                    continue
                self.killed.append(f"{run.day} after {run.done} tasks")
                return
            time.sleep(0.02)


def task_processes(running: Airflow) -> list[psutil.Process]:
    """The processes in which tasks run: children of the executor's workers."""
    workers = psutil.Process(running.processes["scheduler"].pid).children()
    return [child for worker in workers for child in worker.children()]


def in_airflow(
    settings: Settings,
    world: World,
    nights: tuple[date, date],
    watch: Callable[[Airflow, Sequence[DagRun]], None] = lambda *_: None,
) -> list[DagRun]:
    """Runs the nights in Airflow; the runs as they ended. `watch` is called every second."""
    home = settings.config.parent / ".airflow"
    with serving(world) as server:
        replay = f"{{server: '{server}', first_night: {nights[0]}, last_night: {nights[1]}}}"
        (settings.config / "dateline.yaml").write_text(f"warehouse: warehouse\nreplay: {replay}\n")
        with airflow(home, settings.config) as running:
            running.ready("dashboard_refresh")
            running.ready("news_nightly")
            count = (nights[1] - nights[0]).days + 1
            return running.wait("news_nightly", count, lambda runs: watch(running, runs))


def wall_times(settings: Settings, runs: Sequence[DagRun]) -> list[float]:
    """Seconds of each run, from Airflow's database."""
    import sqlite3

    with sqlite3.connect(settings.config.parent / ".airflow" / "airflow.db") as database:
        rows = database.execute(
            "SELECT run_id, (julianday(end_date) - julianday(start_date)) * 86400 FROM dag_run"
        ).fetchall()
    seconds = dict(rows)
    return [seconds[run.id] for run in runs]


def directly(settings: Settings, nights: tuple[date, date]) -> list[float]:
    """The same steps called one after another in this process; seconds of each night."""
    seconds = []
    with serving(sample_world(load_world())) as server:
        settings = settings.model_copy(
            update={"replay": Replay(server=server, first_night=nights[0], last_night=nights[1])}
        )
        for number in range((nights[1] - nights[0]).days + 1):
            as_of = datetime.combine(nights[0] + timedelta(days=number), clock_time(23), UTC)
            began = time.perf_counter()
            for names in steps.source_groups(settings, as_of, now):
                steps.fetch_group(settings, names, as_of, now, last_try=True)
            steps.record(settings, as_of)
            stages_directly(settings, as_of)
            seconds.append(time.perf_counter() - began)
    return seconds


def now() -> datetime:
    return datetime.now(UTC)


def stages_directly(settings: Settings, as_of: datetime) -> None:
    folder = steps.run_folder(settings, "direct")
    for stage in all_stages():
        for path in steps.plan_stage(settings, stage.name, folder):
            steps.work_group(settings, stage.name, path)
        steps.commit_stage(settings, stage.name, folder)
    steps.publish(settings, as_of, folder)


def sample_settings(folder: Path) -> Settings:
    return demo_settings(folder, workers=1)


# -- the Kremlin's site ----------------------------------------------------------------------------------------------


def kremlin_settings(folder: Path) -> Settings:
    (folder / "config" / "sources").mkdir(parents=True)
    packaged = Path(__file__).parents[1] / "config" / "sources" / "kremlin-en.yaml"
    (folder / "config" / "sources" / packaged.name).write_bytes(packaged.read_bytes())
    (folder / "config" / "dateline.yaml").write_text("warehouse: warehouse\n")
    return Settings(config=folder / "config", warehouse=folder / "warehouse", workers=1)


def kremlin_world() -> tuple[World, dict[str, Record]]:
    """The site in the month: pages from the archive, a feed of the latest 20 made from the archive's index."""
    index = [json.loads(line) for line in (KREMLIN / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    listed = {p["url"]: p for p in index if MONTH[0] <= date.fromisoformat(p["date"]) <= MONTH[1]}
    records = read_warc(KREMLIN / f"en.kremlin.ru-{MONTH[0].year}.warc.gz")
    pages = {item.url: item for item in records if isinstance(item, Record) and item.url in listed}
    entries = sorted(
        (FeedEntry(url, listed[url]["title"], pages[url].date) for url in pages), key=lambda e: (e.published, e.url)
    )

    def serve(_host: str, path: str, as_of: datetime) -> SiteResponse:
        if path == "/robots.txt":
            return SiteResponse(200, "text/plain", (KREMLIN / "robots.txt").read_bytes())
        out = [entry for entry in entries if entry.published and entry.published <= as_of]
        if path == "/events/president/news/feed":
            return SiteResponse(200, "application/atom+xml", atom("President of Russia", out[::-1][:20]).encode())
        page = next((pages[entry.url] for entry in out if urlsplit(entry.url).path == path), None)
        return SiteResponse(200, page.content_type, page.payload) if page else NOT_FOUND

    return serve, pages


def copy_records(pages: dict[str, Record], path: Path) -> None:
    from etl.warc.writer import WarcFile

    with WarcFile(path) as warc:
        for url, page in pages.items():
            warc.response(url, page.date, "200 OK", [("Content-Type", page.content_type)], page.payload)


# -- comparing -------------------------------------------------------------------------------------------------------


def hashes(settings: Settings) -> dict[str, str]:
    """A hash of each table's rows, whatever their order; `runs` tells of times and is left out."""
    found = {}
    with reading(Store(settings.warehouse)) as connection:
        for name in TABLES.keys() - {"runs"}:
            rows = connection.execute(f"SELECT md5(t::VARCHAR) AS row_hash FROM {name} t ORDER BY row_hash").fetchall()
            found[name] = hashlib.sha256(str(rows).encode()).hexdigest()
    return found


def contents(settings: Settings, name: str) -> list[str]:
    """A table's rows without their provenance, sorted."""
    columns = [c.name for c in TABLES[name].columns if c.name not in _PROVENANCE]
    with reading(Store(settings.warehouse)) as connection:
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM {name}").fetchall()
    return sorted(map(str, rows))


PARTS = {"undisturbed": undisturbed, "disturbed": disturbed, "outage": outage, "kremlin": kremlin}


def main() -> None:
    chosen = sys.argv[1:] or list(PARTS)
    if "kremlin" in chosen and not KREMLIN.is_dir():
        sys.exit("the corpora are not beside the project (../shared/corpora)")
    with tempfile.TemporaryDirectory() as folder:
        for part in chosen:
            print(f"\n== {part}", flush=True)
            PARTS[part](Path(os.environ.get("DATELINE_BENCH", folder)))


if __name__ == "__main__":
    main()
