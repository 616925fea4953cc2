"""The pipeline as separate steps: the same tables as in one process, even if steps are repeated or overtaken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from etl.configuration.settings import Replay, Settings
from etl.demo.show import demo_settings
from etl.demo.site import SiteResponse, sample_world, serving
from etl.demo.world import FIRST_DAY, LAST_DAY, load_world
from etl.errors import Fatal, Retryable
from etl.pipeline import steps
from etl.pipeline.run import publish_all, run_stages
from etl.pipeline.stages import all_stages
from etl.warehouse.delta import Store
from schemas.marts import MARTS
from tests.conftest import copy_warehouse
from tests.rows import DERIVED, content_hash

NIGHTS = [datetime(2025, 9, day, 23, tzinfo=UTC) for day in (3, 4)]
DOWN = "severnaya-khronika"


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    world = sample_world(load_world())

    def with_one_down(host: str, path: str, as_of: datetime) -> SiteResponse:
        is_down = DOWN in host and as_of == NIGHTS[1]
        return SiteResponse(500, "text/plain", b"no") if is_down else world(host, path, as_of)

    with serving(with_one_down) as address:
        yield address


def settings_in(folder: Path, server: str) -> Settings:
    replay = Replay(server=server, first_night=FIRST_DAY, last_night=LAST_DAY)
    return demo_settings(folder, 1).model_copy(update={"replay": replay})


def run_night(settings: Settings, as_of: datetime, times: int = 1) -> None:
    """Run every step of a night, each `times` times in a row."""
    folder = steps.run_folder(settings, f"night-{as_of:%d}")
    for _ in range(times):
        for names in steps.source_groups(settings, as_of, now):
            steps.fetch_group(settings, names, as_of, now, last_try=True)
    for _ in range(times):
        steps.record(settings, as_of)
    for stage in all_stages():
        for _ in range(times):
            paths = steps.plan_stage(settings, stage.name, folder)
        for path in paths * times:
            steps.work_group(settings, stage.name, path)
        for _ in range(times):
            steps.commit_stage(settings, stage.name, folder)
    for _ in range(times):
        steps.publish(settings, as_of, folder)


@pytest.fixture(scope="module")
def two_nights(server: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    settings = settings_in(tmp_path_factory.mktemp("nights"), server)
    for night in NIGHTS:
        run_night(settings, night)
    return settings


def hashes(settings: Settings) -> dict[str, str]:
    return {name: content_hash(Store(settings.warehouse), name) for name in (*DERIVED, "fetches")}


def test_every_step_may_be_repeated(two_nights: Settings, server: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, server)
    run_night(settings, NIGHTS[0], times=2)
    run_night(settings, NIGHTS[1])  # not repeated: a source is down this night, so another try would be another visit
    assert hashes(settings) == hashes(two_nights)


def test_steps_and_one_process_give_the_same_tables(two_nights: Settings, server: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, server)
    for night in NIGHTS:
        for names in steps.source_groups(settings, night, now):
            steps.fetch_group(settings, names, night, now, last_try=True)
        steps.record(settings, night)
        with Store(settings.warehouse).writing():
            run_stages(settings)
            publish_all(settings, night)
    assert hashes(settings) == hashes(two_nights)


def test_a_source_that_is_down_raises_an_error_except_on_the_last_try(two_nights: Settings) -> None:
    (names,) = steps.source_groups(two_nights, NIGHTS[1], now)
    with pytest.raises(Retryable, match=f"{DOWN}: .* could not be fetched .the server answered 500"):
        steps.fetch_group(two_nights, names, NIGHTS[1], now, last_try=False)
    lines = steps.fetch_group(two_nights, names, NIGHTS[1], now, last_try=True)
    assert [line for line in lines if line.startswith(DOWN)] == [
        f"{DOWN}: https://{DOWN}.example/feed.xml: robots: robots.txt could not be fetched (the server answered 500)"
    ]
    assert len(lines) == 6


def test_a_unit_that_another_run_committed_first_is_dropped(imported_world: Settings, tmp_path: Path) -> None:
    """Another run does the work between plan and commit."""
    settings = copy_warehouse(imported_world, tmp_path / "copy")
    folder = steps.run_folder(settings, "late")
    paths = steps.plan_stage(settings, "extract", folder)
    for path in paths:
        steps.work_group(settings, "extract", path)
    with Store(settings.warehouse).writing():
        run_stages(settings)
    stage_commit = steps.commit_stage(settings, "extract", folder)
    assert (stage_commit.done, stage_commit.failed) == (0, 0)
    assert stage_commit.late > 0


def test_repeating_work_after_its_commit_raises_an_error_that_says_what_to_do(imported_world: Settings) -> None:
    folder = steps.run_folder(imported_world, "repeated")
    with pytest.raises(Fatal, match=r"no longer exists .*; clear the task extract\.plan"):
        steps.work_group(imported_world, "extract", str(folder / "extract" / "group-000.json"))


def test_a_commit_raises_a_retryable_error_while_another_process_writes(
    imported_world: Settings, tmp_path: Path
) -> None:
    settings = copy_warehouse(imported_world, tmp_path / "copy")
    with Store(settings.warehouse).writing(), pytest.raises(Retryable, match="another dateline process"):
        steps.commit_stage(settings, "extract", steps.run_folder(settings, "x"))


def test_check_distinguishes_stale_units_failed_units_and_sources_that_were_not_visited(
    imported_world: Settings, tmp_path: Path
) -> None:
    settings = copy_warehouse(imported_world, tmp_path / "copy")
    night = datetime.combine(LAST_DAY, datetime.min.time(), UTC)
    with pytest.raises(Retryable, match="extract 20250901-lanqiao-ribao is not up to date"):
        steps.check(settings, night, visited=False)
    with pytest.raises(Fatal, match="coromandel-standard was not visited"):
        steps.check(settings, night, visited=True)
    (warc_file,) = (settings.warehouse / "warc").glob("20250919-northline.warc.gz")
    warc_file.unlink()
    with Store(settings.warehouse).writing():
        run_stages(settings)
    with pytest.raises(Fatal, match=r"extract 20250919-northline: .* the batch's file is gone"):
        steps.check(settings, night, visited=False)


def test_check_accepts_a_complete_night(two_nights: Settings) -> None:
    steps.check(two_nights, NIGHTS[0], visited=True)


def test_there_are_at_most_100_groups_and_they_hold_every_item_once() -> None:
    from etl.pipeline.steps import _grouped

    for count in (0, 1, 8, 9, 800, 12_345):
        groups = _grouped(list(range(count)))
        assert len(groups) <= 100
        assert [item for group in groups for item in group] == list(range(count))


def test_the_export_has_every_mart_and_is_not_repeated_for_the_same_edition(two_nights: Settings) -> None:
    folder = Path(steps.export(two_nights))
    first_target = folder.resolve()
    assert folder.name == "latest"
    assert {path.stem for path in folder.glob("*.parquet")} == set(MARTS)
    assert pq.read_table(folder / "coverage.parquet").num_rows > 0
    steps.export(two_nights)
    assert folder.resolve() == first_target
    assert len([path for path in first_target.parent.iterdir() if path.is_dir() and not path.is_symlink()]) == 1
