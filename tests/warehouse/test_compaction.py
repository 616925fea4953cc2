"""Merging files changes no row, and of `runs` only what no step reads is dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from etl.errors import MachineError
from etl.warehouse import compaction
from etl.warehouse.compaction import compact
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ENTITIES, RUNS, STORIES, Table, Written
from tests.rows import row


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a warehouse")


def rows(store: Store, table: Table) -> list[tuple[object, ...]]:
    with reading(store) as connection:
        return connection.execute(f"SELECT * FROM {table.name} ORDER BY ALL").fetchall()


def write_nights(store: Store, nights: int, month: str = "2025-09") -> None:
    for night in range(nights):
        batch = f"{month}-{night}"
        new = [row(ENTITIES, batch=batch, month=month, version_id=f"v{9 - night}", char_start=i) for i in range(3)]
        store.replace(ENTITIES, ENTITIES.from_records(new), {"batch": [batch]})


def test_the_files_of_a_month_become_one_with_the_same_rows(store: Store, tmp_path: Path) -> None:
    write_nights(store, 4)
    before = rows(store, ENTITIES)
    result = compact(store, ENTITIES, tmp_path / "spill")
    assert result is not None
    assert (result.files_before, result.files_after) == (4, 1)
    assert rows(store, ENTITIES) == before
    assert store.find_damage(again=True) == []
    with reading(store) as connection:
        keys = connection.execute(f"SELECT {', '.join(ENTITIES.key)} FROM entities").fetchall()
    assert keys == sorted(keys)


def test_months_with_few_files_are_left_alone(store: Store, tmp_path: Path) -> None:
    write_nights(store, 2)
    files = store.files(ENTITIES)
    assert compact(store, ENTITIES, tmp_path / "spill") is None
    assert compact(store, STORIES, tmp_path / "spill") is None
    write_nights(store, 4, "2025-10")
    compact(store, ENTITIES, tmp_path / "spill")
    assert set(files) & set(store.files(ENTITIES)) == {file for file in files if "month=2025-09" in file}


def test_the_table_stays_as_it_was_if_other_rows_were_written(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_nights(store, 4)
    before, real = rows(store, ENTITIES), compaction._in_schema
    monkeypatch.setattr(compaction, "_in_schema", lambda batch, table: real(batch, table).slice(1))
    with pytest.raises(MachineError, match="rows have changed"):
        compact(store, ENTITIES, tmp_path / "spill")
    assert rows(store, ENTITIES) == before


def test_of_runs_the_state_of_each_unit_is_kept(store: Store, tmp_path: Path) -> None:
    states = [
        ("a", "done", 1), ("a", "begun", 2), ("a", "done", 3),
        ("b", "done", 1), ("b", "failed", 2), ("b", "failed", 3),
        ("c", "done", 1), ("c", "begun", 2),
        ("d", "failed", 1), ("d", "done", 4),
    ]  # fmt: skip
    for unit, state, seq in states:
        new = row(RUNS, stage="extract", unit=unit, state=state, seq=seq, written=[Written("articles", seq, 1)])
        store.append(RUNS, RUNS.from_records([new]))
    with reading(store) as connection:
        done = connection.execute("SELECT unit, seq FROM done ORDER BY 1").fetchall()
    compact(store, RUNS, tmp_path / "spill")
    with reading(store) as connection:
        assert connection.execute("SELECT unit, seq FROM done ORDER BY 1").fetchall() == done
        kept = connection.execute("SELECT unit, state, seq FROM runs ORDER BY unit, seq").fetchall()
    assert kept == [("a", "done", 3), ("b", "done", 1), ("b", "failed", 3), ("c", "begun", 2), ("d", "done", 4)]
