"""Decides what is published: only the rows of units that are up to date and complete."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, unit_states
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
        for state in unit_states(stage, settings, store):
            unit = state.unit
            if state.stale:
                held_back.append(f"{stage.name} {unit.id}: {state.stale}")
            else:
                keys = {key: unit.keys.get(key) for key in ("batch", "topic", "day")}
                shown.append({"stage": stage.name, "unit": unit.id, **keys})
    return ShownUnits(pa.Table.from_pylist(shown, schema=SHOWN_UNITS_SCHEMA), tuple(held_back))
