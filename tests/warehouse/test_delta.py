"""The store replaces exactly the selected rows, does not overwrite newer commits, and checks the rows it writes."""

from __future__ import annotations

import dataclasses
import os
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest

from etl.errors import Retryable, WarehouseError
from etl.warehouse.batches import file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ARTICLES, ENTITIES, MENTIONS, QUOTES, STORIES, Part, RecordError
from tests.rows import row


def entities(batch: str, n: int, month: str = "2025-09") -> list[object]:
    return [row(ENTITIES, batch=batch, month=month, version_id=f"v{i}", char_start=i) for i in range(n)]


def counts(store: Store, name: str = "entities", by: str = "batch") -> dict[str, int]:
    with reading(store) as connection:
        return dict(connection.execute(f"SELECT {by}::VARCHAR, count(*) FROM {name} GROUP BY 1 ORDER BY 1").fetchall())


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "a warehouse")


def test_replacing_a_unit_changes_only_its_rows_and_those_of_every_month(store: Store) -> None:
    both = entities("20250901-a", 3) + entities("20250902-b", 2, "2025-10") + entities("20250902-b", 1)
    store.replace(ENTITIES, ENTITIES.from_records(both), {"batch": ["20250901-a", "20250902-b"]})
    store.replace(ENTITIES, ENTITIES.from_records(entities("20250902-b", 4)), {"batch": ["20250902-b"]})
    assert counts(store) == {"20250901-a": 3, "20250902-b": 4}
    store.replace(ENTITIES, ENTITIES.empty(), {"batch": ["20250901-a"]})
    assert counts(store) == {"20250902-b": 4}


def test_units_can_be_selected_by_two_columns(store: Store) -> None:
    rows = [row(MENTIONS, batch=b, topic=t, month="2025-09") for b in "ab" for t in "xy"]
    store.replace(MENTIONS, MENTIONS.from_records(rows), {"batch": ["a", "b"], "topic": ["x", "y"]})
    store.replace(MENTIONS, MENTIONS.empty(), {"batch": ["a", "b"], "topic": ["x"]})
    assert counts(store, "mentions", "batch || topic") == {"ay": 1, "by": 1}


def test_units_can_be_days(store: Store) -> None:
    days = [date(2025, 9, 1), date(2025, 9, 2)]
    rows = STORIES.from_records([row(STORIES, day=day, month="2025-09") for day in days])
    store.replace(STORIES, rows, {"day": days})
    store.replace(STORIES, STORIES.empty(), {"day": ["2025-09-01"]})
    assert counts(store, "stories", "day") == {"2025-09-02": 1}


def test_a_name_that_begins_with_another_name_is_not_replaced_with_it(store: Store) -> None:
    rows = [row(MENTIONS, batch="a", topic=t, month="2025-09") for t in ("korea", "korea nuclear", "korea-x")]
    store.replace(
        MENTIONS, MENTIONS.from_records(rows), {"batch": ["a"], "topic": ["korea", "korea nuclear", "korea-x"]}
    )
    store.replace(MENTIONS, MENTIONS.empty(), {"batch": ["a"], "topic": ["korea", "korea nuclear"]})
    assert counts(store, "mentions", "topic") == {"korea-x": 1}


def test_a_name_with_a_quotation_mark_is_escaped(store: Store) -> None:
    store.replace(ENTITIES, ENTITIES.from_records(entities("a' OR 1=1", 1)), {"batch": ["a' OR 1=1"]})
    store.replace(ENTITIES, ENTITIES.from_records(entities("b", 1)), {"batch": ["b"]})
    store.replace(ENTITIES, ENTITIES.empty(), {"batch": ["a' OR 1=1"]})
    assert counts(store) == {"b": 1}


def test_a_suspended_writer_does_not_overwrite_a_newer_commit(store: Store) -> None:
    store.replace(ENTITIES, ENTITIES.from_records(entities("a", 1)), {"batch": ["a"]})
    suspended = store.open(ENTITIES)
    store.replace(ENTITIES, ENTITIES.from_records(entities("a", 2)), {"batch": ["a"]})
    with pytest.raises(Retryable, match="another process changed these rows first"):
        store.replace(ENTITIES, ENTITIES.from_records(entities("a", 7)), {"batch": ["a"]}, suspended)
    assert counts(store) == {"a": 2}


def test_writers_of_different_units_do_not_conflict(store: Store) -> None:
    first, second = store.open(ENTITIES), store.open(ENTITIES)
    store.replace(ENTITIES, ENTITIES.from_records(entities("a", 1)), {"batch": ["a"]}, first)
    store.replace(ENTITIES, ENTITIES.from_records(entities("b", 2)), {"batch": ["b"]}, second)
    assert counts(store) == {"a": 1, "b": 2}


def test_a_commit_lists_its_files_with_their_hashes(store: Store) -> None:
    commit = store.replace(ENTITIES, ENTITIES.from_records(entities("a", 1)), {"batch": ["a"]})
    assert (commit.version, commit.rows, len(commit.files)) == (store.version(ENTITIES), 1, 1)
    name, _, sha256 = commit.files[0].partition(":")
    assert file_sha256(Path(store.location(ENTITIES)) / name) == sha256


def test_long_text_has_no_statistics_so_that_the_log_stays_small(store: Store) -> None:
    import pyarrow.parquet as pq

    article = row(ARTICLES, batch="a", month="2025-09", text="word " * 10_000)
    store.replace(ARTICLES, ARTICLES.from_records([article]), {"batch": ["a"]})
    (path,) = store.files(ARTICLES)
    group = pq.ParquetFile(path).metadata.row_group(0)
    statistics = {group.column(i).path_in_schema: group.column(i).is_stats_set for i in range(group.num_columns)}
    assert statistics["batch"] and not statistics["text"]
    log = Path(store.location(ARTICLES)) / "_delta_log"
    assert max(path.stat().st_size for path in log.iterdir()) < 20_000


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"char_start": 1.0}, "entities.char_start: 1.0 is not int"),
        ({"char_start": None}, "entities.char_start: None is not int"),
        ({"countries": ["CHN", None]}, "entities.countries: null inside a list"),
        ({"confidence": 1}, "entities.confidence: 1 is not float"),
    ],
)
def test_rows_that_do_not_fit_the_schema_are_refused(wrong: dict[str, object], message: str) -> None:
    with pytest.raises(RecordError) as error:
        ENTITIES.from_records([dataclasses.replace(row(ENTITIES), **wrong)])  # type: ignore[type-var]
    assert message in str(error.value)


def test_nested_values_are_stored(store: Store) -> None:
    quote = row(QUOTES, batch="a", month="2025-09", parts=[Part(1, 5), Part(9, 12)])
    store.replace(QUOTES, QUOTES.from_records([quote]), {"batch": ["a"]})
    with reading(store) as connection:
        assert connection.execute("SELECT parts[2].char_end FROM quotes").fetchone() == (12,)


def test_a_table_with_other_columns_is_refused() -> None:
    with pytest.raises(RecordError, match="columns"):
        ENTITIES.check(pa.table({"batch": ["a"]}))


def test_only_one_process_at_a_time_can_write_to_a_warehouse(store: Store) -> None:
    with store.writing(), pytest.raises(Retryable, match="another dateline process"), Store(store.root).writing():
        pass
    with store.writing():
        pass


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_writing_to_a_read_only_warehouse_raises_an_error(store: Store) -> None:
    with store.writing():
        pass
    Path(store.root).chmod(0o500)
    with pytest.raises(WarehouseError, match="cannot be"):
        store.replace(ENTITIES, ENTITIES.from_records(entities("a", 1)), {"batch": ["a"]})
