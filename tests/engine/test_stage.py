"""Only stale units are computed, and a unit that fails does not affect the others."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, Settings
from etl.engine.runners import runner
from etl.engine.stage import Job, Progress, Rows, Stage, Unit, plan
from etl.engine.update import bring_up_to_date
from etl.errors import InputError
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, ENTITIES, MENTIONS
from tests.rows import row

BATCH_UNITS = "SELECT batch AS unit, sha256 AS input, batch AS job, batch FROM batches"


def compute_names(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    """Compute one entity per batch. A batch named bad or broken fails; one named fatal kills its process."""
    for unit in units:
        if "bad" in unit.id:
            raise InputError(f"{unit.id}: cannot be read")
        if "broken" in unit.id:
            raise ZeroDivisionError("by zero")
        if "fatal" in unit.id:
            os._exit(9)
        yield (
            unit,
            {
                "entities": ENTITIES.from_records(
                    [row(ENTITIES, batch=unit.keys["batch"], month="2025-09", text=unit.stamp)]
                )
            },
        )


NAMES = Stage("names", 1, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, compute_names)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(config=PACKAGED, warehouse=tmp_path / "warehouse", workers=1)


def add_batches(settings: Settings, *batches: str, sha256: str = "1") -> Store:
    store = Store(settings.warehouse)
    rows = [row(BATCHES, batch=batch, sha256=sha256) for batch in batches]
    store.replace(BATCHES, BATCHES.from_records(rows), {"batch": list(batches)})
    return store


def update(stage: Stage, settings: Settings, workers: int = 1) -> Progress:
    with runner(workers) as run:
        return bring_up_to_date(stage, settings, Store(settings.warehouse), run, lambda _: None)


def planned_units(stage: Stage, settings: Settings) -> list[str]:
    return [unit.id for job in plan(stage, settings, Store(settings.warehouse)) for unit in job.units]


def latest_runs(store: Store) -> dict[str, tuple[str, str | None]]:
    """Unit -> (state, error) of its latest row in `runs`."""
    with reading(store) as connection:
        rows = connection.execute("SELECT unit, state, error FROM runs ORDER BY seq").fetchall()
    return {unit: (state, error) for unit, state, error in rows}


def test_only_stale_units_are_planned(settings: Settings) -> None:
    add_batches(settings, "a", "b")
    assert planned_units(NAMES, settings) == ["a", "b"]
    assert update(NAMES, settings) == Progress("names", 2, 2, 0)
    assert planned_units(NAMES, settings) == []
    add_batches(settings, "b", sha256="2")
    add_batches(settings, "c")
    assert planned_units(NAMES, settings) == ["b", "c"]


def test_a_new_version_of_a_stage_makes_all_its_units_stale(settings: Settings) -> None:
    add_batches(settings, "a")
    update(NAMES, settings)
    assert planned_units(
        Stage("names", 2, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, compute_names), settings
    ) == ["a"]


def test_a_unit_that_fails_does_not_stop_the_others_and_is_planned_again(settings: Settings) -> None:
    store = add_batches(settings, "a", "bad", "broken", "z")
    assert update(NAMES, settings).failed == 2
    assert latest_runs(store) == {
        "a": ("done", None),
        "bad": ("failed", "bad: cannot be read"),
        "broken": ("failed", "ZeroDivisionError: by zero"),
        "z": ("done", None),
    }
    assert planned_units(NAMES, settings) == ["bad", "broken"]


def test_a_unit_that_kills_its_process_does_not_stop_the_others(settings: Settings) -> None:
    store = add_batches(settings, "a", "b", "fatal", "z")
    assert update(NAMES, settings, workers=2).failed == 1
    runs = latest_runs(store)
    assert runs["fatal"] == ("failed", "the worker process died (out of memory, or a crash in a parser)")
    assert {runs[unit][0] for unit in ("a", "b", "z")} == {"done"}


def test_a_unit_that_fails_keeps_its_earlier_rows(settings: Settings) -> None:
    store = add_batches(settings, "a")
    update(NAMES, settings)
    add_batches(settings, "a", sha256="bad")

    def fail(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
        raise InputError("no")

    update(Stage("names", 1, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, fail), settings)
    with reading(store) as connection:
        assert connection.execute("SELECT count(*) FROM entities").fetchone() == (1,)
    assert planned_units(NAMES, settings) == ["a"]


PAIR_UNITS = (
    "SELECT batch || '/' || t AS unit, sha256 || t AS input, batch AS job, batch, t AS topic "
    "FROM batches, (VALUES ('x'), ('y')) AS topics(t)"
)


def compute_mentions(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        if unit.id == os.environ.get("FAILING_UNIT"):
            raise InputError("no")
        yield unit, {"mentions": MENTIONS.from_records([row(MENTIONS, **unit.keys, month="2025-09")])}


PAIRS = Stage("pairs", 1, (BATCHES,), (MENTIONS,), ("batch", "topic"), PAIR_UNITS, compute_mentions)


def test_writing_units_with_two_keys_does_not_change_other_units(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of four pairs fails: writing the other three must not delete the earlier rows of the failed pair."""
    store = add_batches(settings, "a", "b")
    update(PAIRS, settings)
    add_batches(settings, "a", "b", sha256="2")
    monkeypatch.setenv("FAILING_UNIT", "b/y")
    assert update(PAIRS, settings).failed == 1
    with reading(store) as connection:
        pairs = connection.execute("SELECT batch || topic FROM mentions ORDER BY 1").fetchall()
    assert pairs == [("ax",), ("ay",), ("bx",), ("by",)]
    assert planned_units(PAIRS, settings) == ["b/y"]


def test_units_of_one_job_are_planned_together(settings: Settings) -> None:
    add_batches(settings, "a", "b")
    jobs = plan(PAIRS, settings, Store(settings.warehouse))
    assert [[unit.id for unit in job.units] for job in jobs] == [["a/x", "a/y"], ["b/x", "b/y"]]
    assert all(isinstance(job, Job) for job in jobs)
