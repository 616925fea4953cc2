"""A small warehouse in a known state, the commands that change it, and how it is judged after a fault."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from etl.configuration.scaffold import make_project
from etl.configuration.settings import Settings, find_settings
from etl.pipeline.api import Warehouse
from etl.warehouse import checksums
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from evaluation.table_hashes import table_hashes
from schemas import TABLES

_SOURCES, _TEXTS = 4, 6
_PUBLISHED = ("SELECT * FROM articles ORDER BY ALL", "SELECT * FROM topic_daily ORDER BY ALL")
TAKEN_DOWN = "https://source-0.example/3"
COMMANDS: dict[str, tuple[str, ...]] = {
    "import": ("import", "../more.jsonl"),
    "run": ("run",),
    "maintain": ("maintain",),
    "takedown": ("takedown", TAKEN_DOWN, "--reason", "a test", "--yes"),
    "publish": ("publish",),
}
"""Commands on a project in which one topic has changed since the last run; run in its folder."""


@dataclass
class Tally:
    """What became of the trials with one kind of fault."""

    fault: str
    trials: int = 0
    hit: int = 0
    lost: int = 0
    double: int = 0
    wrong: int = 0
    silent: int = 0
    notes: list[str] = field(default_factory=list)

    def add(self, verdict: Verdict) -> None:
        """Count a trial."""
        self.trials += 1
        self.hit += verdict.hit
        self.lost += verdict.lost
        self.double += verdict.double
        self.wrong += verdict.wrong
        self.silent += verdict.silent
        if verdict.note:
            self.notes.append(verdict.note)


@dataclass(frozen=True)
class Verdict:
    """One trial: whether the fault took effect, and what is not as it should be after the command was repeated."""

    hit: bool
    lost: bool = False
    double: bool = False
    wrong: bool = False
    silent: bool = False
    note: str = ""


def make_base(folder: Path) -> Settings:
    """Make a project: imported texts, brought up to date and published, then a topic that has changed."""
    config, warehouse = make_project(folder / "project")
    (config / "dateline.yaml").write_text("annotator: gazetteer\nworkers: 1\nretention: {replaced_files_hours: 0}\n")
    for path in (config / "topics").glob("*.yaml"):
        if path.stem not in ("china-russia", "arctic"):
            path.unlink()
    shutil.rmtree(config / "sources")
    (config / "sources").mkdir()
    for number in range(_SOURCES):
        _write_texts(folder / f"source-{number}.jsonl", number)
    _write_texts(folder / "more.jsonl", 9)
    settings = find_settings(config, warehouse)
    imported = Warehouse(settings).import_files([folder / f"source-{number}.jsonl" for number in range(_SOURCES)])
    assert not imported.errors
    assert not Warehouse(settings).run().failed
    (config / "topics" / "arctic.yaml").write_text("title: Arctic\nquery: Arctic OR minister\n")
    return settings


def _write_texts(path: Path, source: int) -> None:
    rows = [
        {
            "url": f"https://source-{source}.example/{n}",
            "title": f"The minister of {source} on day {n}",
            "text": f"Moscow and Beijing agreed on plan {n} of {source}. “We trust each other in case {n},” said "
            f"Vladimir Putin in the Arctic. Xi Jinping thanked China and Russia for plan {source}{n}.",
            "published_date": f"2025-09-{n + 1:02d}",
        }
        for n in range(_TEXTS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def copy_of(base: Path, folder: Path) -> Settings:
    """Copy a project, so that a trial can spoil it."""
    shutil.copytree(base, folder, symlinks=True)
    return find_settings(folder / "project" / "config", folder / "project" / "warehouse")


def execute(
    settings: Settings,
    command: Sequence[str],
    prefix: Sequence[str] = (),
    environment: Mapping[str, str] | None = None,
    prepare: Callable[[], None] | None = None,
    seconds: float = 120,
) -> subprocess.CompletedProcess[str]:
    """Run a command of Dateline in the project's folder, to its end or for some seconds."""
    process = subprocess.Popen(
        [*prefix, sys.executable, "-m", "etl.cli", "--config", str(settings.config), *command],
        cwd=settings.config.parent, env={**os.environ, "PYTHONPATH": str(Path.cwd()), **(environment or {})},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=prepare, start_new_session=True,
    )  # fmt: skip
    try:
        output, errors = process.communicate(timeout=seconds)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


@dataclass(frozen=True)
class Outcome:
    """What a project holds: hashes of its tables, what is published, and numbers of rows with the same key."""

    tables: dict[str, str]
    published: list[list[dict[str, object]]]
    doubled: int
    articles: int


def outcome(settings: Settings) -> Outcome:
    """Read a project's state."""
    with reading(Store(settings.warehouse)) as connection:
        doubled = sum(
            n
            for table in TABLES.values()
            if table.name != "runs"
            for (n,) in connection.execute(
                f"SELECT count(*) - count(DISTINCT ({', '.join(table.key)},)) FROM {table.name}"
            ).fetchall()
        )
    published = [Warehouse(settings).query(sql).to_pylist() for sql in _PUBLISHED]
    tables = table_hashes(settings)
    del tables["batches"]  # it holds the moment of the import
    del tables["rejects"]
    return Outcome(_without_moments(tables), _without_times(published), doubled, len(published[0]))


def _without_moments(tables: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in tables.items() if name != "articles"}


def _without_times(published: list[list[dict[str, object]]]) -> list[list[dict[str, object]]]:
    volatile = ("fetched_at", "first_seen_at", "batch", "warc_file", "warc_offset", "published_at", "month")
    return [[{k: v for k, v in row.items() if k not in volatile} for row in rows] for rows in published]


def judge(settings: Settings, expected: Outcome, hit: bool, silent: bool, what: str) -> Verdict:
    """Compare a project, after the command was repeated, with one in which nothing went wrong."""
    checksums._verified.clear()
    now, problems = outcome(settings), Warehouse(settings).verify()
    lost = now.articles < expected.articles
    wrong = now != expected or bool(problems)
    note = ""
    if lost or wrong or now.doubled or silent:
        different = [name for name in expected.tables if now.tables[name] != expected.tables[name]]
        note = f"{what}: tables {different}, {now.articles} of {expected.articles} articles, {problems[:1]}"
    return Verdict(hit, lost, bool(now.doubled), wrong and not lost, silent, note)
