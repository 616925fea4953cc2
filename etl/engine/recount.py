"""Records that units have fewer rows than they wrote because rows were removed on purpose."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from etl.engine.stage import row_counts
from etl.engine.update import next_seq
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import RUNS, Run, Table, Written

_LATEST = """
SELECT * FROM runs WHERE stage = $stage AND unit IN (SELECT unnest($units))
QUALIFY row_number() OVER (PARTITION BY unit ORDER BY seq DESC) = 1
"""


def recount(stage: str, writes: Sequence[Table], keys: Sequence[str], units: Collection[str], store: Store) -> None:
    """Repeat the latest row of units in `runs`, with the numbers of rows that the tables hold now.

    `keys` are the stage's unit columns. The caller is the only writer.
    """
    if not units:
        return
    with reading(store, [RUNS, *writes]) as connection:
        rows = connection.sql(_LATEST, params={"stage": stage, "units": list(units)}).to_arrow_table().to_pylist()
        counted = connection.execute(row_counts(stage, writes, keys)).fetchall()
    counts = {(table, unit): n for table, unit, n in counted}
    seq = next_seq(store)
    runs = [Run(**row | {"written": [Written(**written) for written in row["written"]]}) for row in rows]
    recounted = [
        replace(
            run,
            seq=seq,
            written=[replace(w, row_count=counts.get((w.table_name, run.unit), 0)) for w in run.written],
            rejects=counts.get(("rejects", run.unit), 0),
        )
        for run in runs
    ]
    store.append(RUNS, RUNS.from_records(recounted))
