"""What is stale is computed, what is not is left alone, and one unit's failure costs only that unit."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, Settings
from etl.engine.runners import runner
from etl.engine.stage import Job, Progress, Rows, Stage, Unit, bring_up_to_date, plan
from etl.errors import InputError
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import BATCHES, ENTITIES, MENTIONS
from tests.rows import row

BATCH_UNITS = "SELECT batch AS unit, sha256 AS input, batch AS job, batch FROM batches"


def name_batches(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    """One entity a batch; a batch named bad fails, one named fatal kills its process."""
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


NAMES = Stage("names", 1, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, name_batches)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(config=PACKAGED, warehouse=tmp_path / "warehouse", workers=1)


def add(settings: Settings, *batches: str, sha256: str = "1") -> Store:
    store = Store(settings.warehouse)
    rows = [row(BATCHES, batch=batch, sha256=sha256) for batch in batches]
    store.replace(BATCHES, BATCHES.from_records(rows), {"batch": list(batches)})
    return store


def bring(stage: Stage, settings: Settings, workers: int = 1) -> Progress:
    with runner(workers) as run:
        return bring_up_to_date(stage, settings, Store(settings.warehouse), run, lambda _: None)


def planned(stage: Stage, settings: Settings) -> list[str]:
    return [unit.id for job in plan(stage, settings, Store(settings.warehouse)) for unit in job.units]


def states(store: Store) -> dict[str, tuple[str, str | None]]:
    with reading(store) as connection:
        return {
            u: (s, e) for u, s, e in connection.execute("SELECT unit, state, error FROM runs ORDER BY seq").fetchall()
        }


def test_only_what_is_stale_is_planned(settings: Settings) -> None:
    add(settings, "a", "b")
    assert planned(NAMES, settings) == ["a", "b"]
    assert bring(NAMES, settings) == Progress("names", 2, 2, 0)
    assert planned(NAMES, settings) == []
    add(settings, "b", sha256="2")
    add(settings, "c")
    assert planned(NAMES, settings) == ["b", "c"]


def test_a_new_version_makes_everything_stale(settings: Settings) -> None:
    add(settings, "a")
    bring(NAMES, settings)
    assert planned(Stage("names", 2, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, name_batches), settings) == ["a"]


def test_one_unit_fails_alone_and_is_tried_again(settings: Settings) -> None:
    store = add(settings, "a", "bad", "broken", "z")
    assert bring(NAMES, settings).failed == 2
    assert states(store) == {
        "a": ("done", None),
        "bad": ("failed", "bad: cannot be read"),
        "broken": ("failed", "ZeroDivisionError: by zero"),
        "z": ("done", None),
    }
    assert planned(NAMES, settings) == ["bad", "broken"]


def test_a_unit_that_kills_its_process_fails_alone(settings: Settings) -> None:
    store = add(settings, "a", "b", "fatal", "z")
    assert bring(NAMES, settings, workers=2).failed == 1
    found = states(store)
    assert found["fatal"] == ("failed", "the worker process died (memory, or a crash in a parser)")
    assert {found[u][0] for u in ("a", "b", "z")} == {"done"}


def test_a_failed_unit_keeps_its_older_rows(settings: Settings) -> None:
    store = add(settings, "a")
    bring(NAMES, settings)
    add(settings, "a", sha256="bad")

    def fail(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
        raise InputError("no")

    bring(Stage("names", 1, (BATCHES,), (ENTITIES,), ("batch",), BATCH_UNITS, fail), settings)
    with reading(store) as connection:
        assert connection.execute("SELECT count(*) FROM entities").fetchone() == (1,)
    assert planned(NAMES, settings) == ["a"]


PAIR_UNITS = (
    "SELECT batch || '/' || t AS unit, sha256 || t AS input, batch AS job, batch, t AS topic "
    "FROM batches, (VALUES ('x'), ('y')) AS topics(t)"
)


def mention_pairs(_: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    for unit in units:
        if unit.id == os.environ.get("FAILING_UNIT"):
            raise InputError("no")
        yield unit, {"mentions": MENTIONS.from_records([row(MENTIONS, **unit.keys, month="2025-09")])}


PAIRS = Stage("pairs", 1, (BATCHES,), (MENTIONS,), ("batch", "topic"), PAIR_UNITS, mention_pairs)


def test_units_of_two_keys_never_touch_their_neighbours(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """One of four pairs fails: writing the other three must not delete rows of a pair that was there."""
    store = add(settings, "a", "b")
    bring(PAIRS, settings)
    add(settings, "a", "b", sha256="2")
    monkeypatch.setenv("FAILING_UNIT", "b/y")
    assert bring(PAIRS, settings).failed == 1
    with reading(store) as connection:
        pairs = connection.execute("SELECT batch || topic FROM mentions ORDER BY 1").fetchall()
    assert pairs == [("ax",), ("ay",), ("bx",), ("by",)]
    assert planned(PAIRS, settings) == ["b/y"]


def test_units_of_one_job_are_planned_together(settings: Settings) -> None:
    add(settings, "a", "b")
    jobs = plan(PAIRS, settings, Store(settings.warehouse))
    assert [[unit.id for unit in job.units] for job in jobs] == [["a/x", "a/y"], ["b/x", "b/y"]]
    assert all(isinstance(job, Job) for job in jobs)
