"""Decides whether a new edition of the published file is needed, builds it, and makes it the current one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, has_stale_units
from etl.errors import WarehouseError
from etl.publish.edition import ConfigurationTables, Edition, build_edition
from etl.publish.edition_file import is_intact_edition, record_edition, remove_old_editions
from etl.publish.gate import reasons_to_withhold
from etl.publish.shown_units import SHOWN_UNITS_SCHEMA, ShownUnits, shown_units
from etl.warehouse.delta import Store
from etl.warehouse.layout import WarehouseLayout, replace_link
from etl.warehouse.takedowns import read_takedowns
from schemas import TABLES


@dataclass(frozen=True)
class PublishResult:
    """The published file and what publishing did.

    `new`: whether a new edition was made. `held_back`: a line for each unit that is not published, with the reason.
    `story_changes`: the number of articles whose story id differs from that in the edition before. `withheld`: why a
    new edition was not published although it was made; the current one stays.
    """

    path: Path
    new: bool
    held_back: tuple[str, ...]
    story_changes: int = 0
    withheld: tuple[str, ...] = ()


def publish(
    settings: Settings,
    store: Store,
    stages: Sequence[Stage],
    configuration: ConfigurationTables,
    as_of: datetime,
    accept: bool = False,
) -> PublishResult:
    """Write `dateline-<n>.duckdb` and point `dateline.duckdb` at it, if anything changed since the edition before.

    An edition that shows less or something unusual is withheld (see etl/publish/gate.py), except with `accept`. The
    caller holds the writer's lock. Raises WarehouseError.
    """
    shown = shown_units(stages, settings, store)
    edition = _edition(settings, store, stages, configuration, shown, as_of)
    layout = settings.layout
    link = layout.published
    if _is_current(edition, link):
        _note_withheld(layout, ())
        return PublishResult(link, False, shown.held_back)
    path = layout.edition(1 + max((number for number, _ in layout.editions()), default=0))
    building = path.with_suffix(".building")
    building.unlink(missing_ok=True)
    try:
        story_changes = build_edition(building, edition)
    except duckdb.Error as error:
        building.unlink(missing_ok=True)
        raise WarehouseError(f"{path}: cannot be published: {str(error).splitlines()[0]}") from None
    withheld = () if accept else _reasons_to_withhold(building, layout)
    _note_withheld(layout, withheld)
    if withheld:
        building.unlink()
        return PublishResult(link, False, shown.held_back, withheld=withheld)
    building.replace(path)
    record_edition(path)
    replace_link(layout.published, path.name)
    remove_old_editions(layout, settings.retention.editions)
    return PublishResult(link, True, shown.held_back, story_changes)


def _reasons_to_withhold(building: Path, layout: WarehouseLayout) -> tuple[str, ...]:
    taken_down = read_takedowns(layout.takedowns).article_ids
    return reasons_to_withhold(building, layout.published.resolve(), taken_down)


def is_published(settings: Settings, store: Store, stages: Sequence[Stage], configuration: ConfigurationTables) -> bool:
    """Whether every unit is up to date and the current edition is intact and shows all of them."""
    if has_stale_units(stages, settings, store):
        return False
    none_held_back = ShownUnits(SHOWN_UNITS_SCHEMA.empty_table(), ())
    edition = _edition(settings, store, stages, configuration, none_held_back, datetime.now(UTC))
    return _is_current(edition, settings.layout.published)


def _edition(
    settings: Settings,
    store: Store,
    stages: Sequence[Stage],
    configuration: ConfigurationTables,
    shown: ShownUnits,
    as_of: datetime,
) -> Edition:
    identities = {table.name: store.identity(table) for table in TABLES.values()}
    return Edition(settings, store, stages, configuration, identities, shown, as_of)


def _is_current(edition: Edition, link: Path) -> bool:
    """Whether the published file is this edition, and intact."""
    return _published_stamp(link) == edition.stamp and is_intact_edition(link)


def _published_stamp(link: Path) -> str | None:
    """Return the stamp of the current edition; null if there is none or if it cannot be read."""
    if not link.exists():
        return None
    try:
        with duckdb.connect(str(link.resolve()), read_only=True) as connection:
            row = connection.execute("SELECT stamp FROM about").fetchone()
            return str(row[0]) if row else None
    except duckdb.Error:
        return None


def _note_withheld(layout: WarehouseLayout, lines: Sequence[str]) -> None:
    """Keep the reasons for `dateline status` until an edition is published."""
    if lines:
        layout.withheld.write_text("\n".join(lines) + "\n", encoding="utf-8")
    else:
        layout.withheld.unlink(missing_ok=True)
