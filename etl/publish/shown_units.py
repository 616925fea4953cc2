"""The gate: only units whose run is current, and whose rows are all there, are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from etl.configuration.settings import Settings
from etl.engine.stage import Stage, wanted_units
from etl.warehouse.delta import Store

SHOWN_SCHEMA = pa.schema([(name, pa.string()) for name in ("stage", "unit", "batch", "topic", "day")])


@dataclass(frozen=True)
class Shown:
    """Units to show (columns of SHOWN_SCHEMA), and why each of the others is held back."""

    units: pa.Table
    held: tuple[str, ...]


def shown_units(stages: Sequence[Stage], settings: Settings, store: Store) -> Shown:
    """Judges every unit of every stage."""
    shown, held = [], []
    for stage in stages:
        for wanted in wanted_units(stage, settings, store):
            unit = wanted.unit
            if wanted.stale:
                held.append(f"{stage.name} {unit.id}: {wanted.stale}")
            else:
                keys = {key: unit.keys.get(key) for key in ("batch", "topic", "day")}
                shown.append({"stage": stage.name, "unit": unit.id, **keys})
    return Shown(pa.Table.from_pylist(shown, schema=SHOWN_SCHEMA), tuple(held))
