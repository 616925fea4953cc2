"""The gate: only units whose run is current, and whose rows are all there, are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa

from etl.settings import Settings
from etl.stage import Stage, Unit, wanted_units
from etl.store import Store
from etl.warehouse import reading

SHOWN_SCHEMA = pa.schema([(name, pa.string()) for name in ("stage", "unit", "batch", "topic", "day")])


@dataclass(frozen=True)
class Shown:
    """Units to show (columns of SHOWN_SCHEMA), and why each of the others is held back."""

    units: pa.Table
    held: tuple[str, ...]


def shown_units(stages: Sequence[Stage], settings: Settings, store: Store) -> Shown:
    """Judges every unit of every stage against `runs` and the tables."""
    shown, held = [], []
    for stage in stages:
        wanted = wanted_units(stage, settings, store)
        wrong = _wrong_counts(stage, store) if any(not stale for _, _, stale in wanted) else {}
        for unit, _, stale in wanted:
            if stale:
                held.append(f"{stage.name} {unit.id}: not up to date")
            elif unit.id in wrong:
                held.append(f"{stage.name} {unit.id}: {wrong[unit.id]}")
            else:
                shown.append(_row(stage, unit))
    return Shown(pa.Table.from_pylist(shown, schema=SHOWN_SCHEMA), tuple(held))


def _row(stage: Stage, unit: Unit) -> dict[str, str | None]:
    return {"stage": stage.name, "unit": unit.id, **{key: unit.keys.get(key) for key in ("batch", "topic", "day")}}


def _wrong_counts(stage: Stage, store: Store) -> dict[str, str]:
    """Units whose tables hold more or fewer rows than their run wrote."""
    found: dict[str, str] = {}
    unit = " || '/' || ".join(f"{key}::VARCHAR" for key in stage.keys)
    with reading(store) as connection:
        for table in stage.writes:
            own = f"WHERE stage = '{stage.name}'" if "stage" in table.unit else ""
            rows = connection.execute(
                f"""
                WITH written AS (
                    SELECT unit, unnest(written, recursive := true) FROM done WHERE stage = '{stage.name}'
                ),
                there AS (SELECT {unit} AS unit, count(*) AS n FROM {table.name} {own} GROUP BY ALL)
                SELECT w.unit, w.row_count, coalesce(t.n, 0)
                FROM written w LEFT JOIN there t USING (unit)
                WHERE w.table_name = '{table.name}' AND w.row_count <> coalesce(t.n, 0)
                """
            ).fetchall()
            found |= {name: f"{table.name} holds {there:,} rows, {wrote:,} were written" for name, wrote, there in rows}
    return found
