"""Decides what is published: only the rows of units that are up to date and complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, unit_table
from etl.warehouse.delta import Store

SHOWN_UNITS_SCHEMA = pa.schema([(name, pa.string()) for name in ("stage", "unit", "batch", "topic", "day")])


@dataclass(frozen=True)
class ShownUnits:
    """The units whose rows are published (SHOWN_UNITS_SCHEMA), and a line for each unit that is held back."""

    units: pa.Table
    held_back: tuple[str, ...]


def shown_units(stages: Sequence[Stage], settings: Settings, store: Store) -> ShownUnits:
    """Decide for every unit of every stage whether its rows are published."""
    shown, held_back = [], []
    for stage in stages:
        units = unit_table(stage, settings, store)
        is_shown = pc.is_null(units["stale"])
        shown.append(_in_schema(stage, units.filter(is_shown)))
        stale = units.filter(pc.invert(is_shown)).select(["unit", "stale"]).to_pylist()
        held_back += [f"{stage.name} {unit['unit']}: {unit['stale']}" for unit in stale]
    return ShownUnits(pa.concat_tables(shown), tuple(held_back))


def _in_schema(stage: Stage, units: pa.Table) -> pa.Table:
    columns = {"stage": pa.repeat(stage.name, len(units)), **{name: units[name] for name in ("unit", *stage.keys)}}
    missing = pa.nulls(len(units), pa.string())
    arrays = [columns.get(name, missing) for name in SHOWN_UNITS_SCHEMA.names]
    return pa.Table.from_arrays(arrays, names=SHOWN_UNITS_SCHEMA.names).cast(SHOWN_UNITS_SCHEMA)
