"""How a warehouse grows in 400 nights of 94 sources: files, bytes, publish time, no-op time, memory.

Everything that is stored is written by the code that writes it every night: planning, commits, publishing and
maintenance. Only the work of the stages is replaced: each source has one invented article a night with two names and a
quote. Every seventh night is followed by maintenance, or none with --without-maintenance. Readers need the previous
edition only for a moment, so `replaced_files_hours` is 0.

Run: python -m benchmarks.growth FOLDER [--nights N] [--sources N] [--without-maintenance]
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from etl.configuration.scaffold import make_project
from etl.configuration.settings import Retention, Settings, find_settings
from etl.engine.runners import serial
from etl.engine.stage import Rows, Stage, Unit
from etl.engine.update import bring_up_to_date, next_seq
from etl.ingest.registry import register_batches
from etl.pipeline.maintain import maintain
from etl.pipeline.run import publish_all
from etl.pipeline.stages import all_stages
from etl.warehouse.delta import Store
from schemas import (
    ARTICLES,
    BATCHES,
    ENTITIES,
    FETCHES,
    MENTIONS,
    QUOTES,
    RUNS,
    TABLES,
    BatchRow,
    Fetch,
    Part,
    Table,
    Written,
)

_FIRST = date(2025, 1, 1)
_EVERY = 20  # nights between two lines of the result
_DEFAULTS: dict[type, Any] = {
    str: "", int: 0, float: 1.0, bool: False, date: _FIRST, datetime: datetime(2025, 1, 1, tzinfo=UTC), list: [],
}  # fmt: skip
_ARGUMENTS = argparse.ArgumentParser(prog="python -m benchmarks.growth")
_ARGUMENTS.add_argument("folder", type=Path)
_ARGUMENTS.add_argument("--nights", type=int, default=400)
_ARGUMENTS.add_argument("--sources", type=int, default=94)
_ARGUMENTS.add_argument("--without-maintenance", action="store_true")


def _record(table: Table, **columns: Any) -> Any:
    values = {c.name: None if c.nullable else _DEFAULTS[c.python] for c in table.columns}
    return table.record(**(values | columns))


def _hash(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


def _extract(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        batch = unit.keys["batch"]
        day, text = datetime.strptime(batch[:8], "%Y%m%d").replace(tzinfo=UTC), f"The ministry of {batch} met. " * 40
        url, digest = f"https://{batch[9:]}.example/{batch}", _hash(text)
        article = _record(
            ARTICLES, batch=batch, month=f"{day:%Y-%m}", article_id=_hash(url)[:24], version_id=_hash(url, text)[:24],
            text_sha256=digest, url=url, canonical_url=url, own_address=True, source=batch[9:], outlet=batch[9:],
            title=f"The ministry met {batch}", text=text, language="en", published_date=day.date(), published_at=day,
            published_method="json-ld", published_precision="day", fetched_at=day, extractor="given",
            warc_file=f"warc/{batch}.warc.gz",
        )  # fmt: skip
        yield unit, {"articles": ARTICLES.from_records([article])}


def _annotate(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        batch = unit.keys["batch"]
        month, version = f"{batch[:4]}-{batch[4:6]}", _hash(batch)[:24]
        ids = {"batch": batch, "month": month, "article_id": version, "version_id": version}
        names = [
            _record(ENTITIES, **ids, char_start=at, char_end=at + 8, name=f"Name {int(version[:4], 16) % 500 + at}")
            for at in (4, 40)
        ]
        quote = _record(
            QUOTES, **ids, quote_id=_hash(batch, "quote")[:24], text=f"We met in {batch}", parts=[Part(50, 70)]
        )
        yield unit, {"entities": ENTITIES.from_records(names), "quotes": QUOTES.from_records([quote])}


def _match(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        batch, topic = unit.keys["batch"], unit.keys["topic"]
        month, version = f"{batch[:4]}-{batch[4:6]}", _hash(batch)[:24]
        hits = [version] if int(_hash(batch, topic)[:4], 16) % 10 == 0 else []
        rows = [
            _record(MENTIONS, batch=batch, topic=topic, month=month, article_id=hit, version_id=hit, level="sentence")
            for hit in hits
        ]
        yield unit, {"mentions": MENTIONS.from_records(rows)}


_INVENTED = {"extract": _extract, "annotate": _annotate, "match": _match}


def _stages() -> list[Stage]:
    return [dataclasses.replace(stage, run=_INVENTED.get(stage.name, stage.run)) for stage in all_stages()]


def _visit(store: Store, day: date, n_sources: int) -> None:
    """Write what a night's visits leave in the tables."""
    at = datetime(day.year, day.month, day.day, 23, tzinfo=UTC)
    names = [f"{day:%Y%m%d}-source-{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(n_sources)]
    batches: list[BatchRow] = [
        _record(
            BATCHES, batch=name, source=name[9:], warc_file=f"warc/{name}.warc.gz", sha256=_hash(name), bytes=20_000,
            records=1, added_at=at,
        )
        for name in names
    ]  # fmt: skip
    requests: list[Fetch] = [
        _record(
            FETCHES, batch=name, month=f"{at:%Y-%m}", source=name[9:], kind=kind, url=f"https://{name[9:]}.example/{n}",
            requested_at=at, outcome="ok", oldest_entry=day - timedelta(days=3) if kind == "feed" else None,
        )
        for name in names
        for n, kind in enumerate(("robots", "feed", "page"))
    ]  # fmt: skip
    store.replace(FETCHES, FETCHES.from_records(requests), {"batch": names})
    register_batches(batches, store)
    seq = next_seq(store)
    runs = [
        _record(RUNS, seq=seq, stage="fetch", unit=name, state="done", written=[Written("fetches", 3, 1)])
        for name in names
    ]
    store.append(RUNS, RUNS.from_records(runs))


def _night(settings: Settings, store: Store, day: date, n_sources: int) -> float:
    """Do a night's work; return the seconds that publishing took."""
    with store.writing():
        _visit(store, day, n_sources)
        for stage in _stages():
            bring_up_to_date(stage, settings, store, serial, lambda _: None)
        began = time.perf_counter()
        publish_all(settings, datetime(day.year, day.month, day.day, 23, 30, tzinfo=UTC))
        return time.perf_counter() - began


def _no_op_seconds(settings: Settings) -> float:
    """The seconds that `dateline run` takes when there is nothing to do."""
    command = [sys.executable, "-m", "etl.cli", "--config", str(settings.config), "run"]
    began = time.perf_counter()
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "everything was up to date" in output, output
    return time.perf_counter() - began


def _measure(settings: Settings, store: Store) -> dict[str, Any]:
    def files(pattern: str) -> list[Path]:
        return [path for path in (settings.warehouse / "tables").rglob(pattern) if path.is_file()]

    tables = files("*")
    logs = [path for path in tables if path.parent.name == "_delta_log"]
    return {
        "live_files": sum(len(store.files(table)) for table in TABLES.values()),
        "files": len(tables),
        "log_files": len(logs),
        "mib": round(sum(path.stat().st_size for path in tables) / 2**20, 1),
        "no_op_s": round(_no_op_seconds(settings), 2),
        "memory_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def measure(folder: Path, nights: int, sources: int, maintained: bool) -> Iterable[dict[str, Any]]:
    """Run the nights in a new project in `folder`; yield a row of figures for every twentieth."""
    config, warehouse = make_project(folder)
    settings = find_settings(config, warehouse).model_copy(
        update={"retention": Retention(replaced_files_hours=0), "annotator": "gazetteer"}
    )
    (config / "dateline.yaml").write_text("annotator: gazetteer\n", encoding="utf-8")
    store = Store(settings.warehouse)
    maintenance = 0.0
    for number in range(1, nights + 1):
        day, began = _FIRST + timedelta(days=number - 1), time.perf_counter()
        publish_seconds = _night(settings, store, day, sources)
        night_seconds = time.perf_counter() - began
        if maintained and number % 7 == 0:
            began = time.perf_counter()
            with store.writing():
                maintain(settings, datetime(day.year, day.month, day.day, 23, 45, tzinfo=UTC))
            maintenance = time.perf_counter() - began
        if number % _EVERY == 0 or number == 1:
            yield {
                "night": number, **_measure(settings, store), "publish_s": round(publish_seconds, 2),
                "night_s": round(night_seconds, 2), "maintenance_s": round(maintenance, 2),
            }  # fmt: skip


def main() -> None:
    """Print a line of JSON for every twentieth night."""
    options = _ARGUMENTS.parse_args()
    for row in measure(options.folder, options.nights, options.sources, not options.without_maintenance):
        print(json.dumps(row), flush=True)


if __name__ == "__main__":
    main()
