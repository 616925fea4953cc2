"""The stage `extract`: from a batch's WARC file to rows of `articles` and `rejects`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from etl.configuration.settings import Settings
from etl.configuration.sources import Sources, load_sources
from etl.engine.stage import Rows, Stage, Unit
from etl.errors import WarehouseError
from etl.extract.body.model_files import BODY_MODELS
from etl.models.files import models_stamp
from etl.warc.reader import Damage, read_index, read_intact_records, read_warc
from etl.warehouse.batches import Batch, file_sha256
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from etl.warehouse.takedowns import Takedowns, read_takedowns
from schemas import ARTICLES, BATCHES, REJECTS, Article, Reject

_NONE = Takedowns()


@dataclass(frozen=True)
class Extracted:
    """The rows that a WARC file gave."""

    articles: list[Article]
    rejects: list[Reject]


def extract_warc(path: Path, batch: Batch, sources: Sources, takedowns: Takedowns = _NONE) -> Extracted:
    """Return each record of a WARC file as an article or a reject. Damaged parts of the file are rejects too.

    Of an article that was taken down only a reject without address is left. Raises WarehouseError if the file has
    changed since it was last checked.
    """
    if batch.file_sha256 and file_sha256(path) != batch.file_sha256:
        raise WarehouseError(f"{path}: has changed since it was last checked; put back an undamaged copy")
    # Importing these takes a third of a second, which planning does not need.
    from etl.extract.page import page_of
    from etl.extract.sandbox import extract_confined

    extracted = Extracted([], [])
    month = f"{batch.id[:4]}-{batch.id[4:6]}"
    for item in read_intact_records(path, read_index(path)) if batch.is_damaged else read_warc(path):
        if isinstance(item, Damage):
            detail = f"{item.length} bytes: {item.reason}"
            extracted.rejects.append(Reject(batch.id, month, "extract", None, None, "damaged", detail, item.offset))
            continue
        page = page_of(item, batch.id, batch.source, batch.warc_file, sources)
        row = None if takedowns.has_address(item.url) else extract_confined(page)
        if row is None or (isinstance(row, Article) and row.article_id in takedowns.article_ids):
            month_of_capture = f"{item.date:%Y-%m}"
            row = Reject(batch.id, month_of_capture, "extract", None, None, "taken_down", None, item.offset)
        (extracted.articles if isinstance(row, Article) else extracted.rejects).append(row)  # type: ignore[arg-type]
    return extracted


def _run(settings: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    sources = load_sources(settings.folder("sources"))
    takedowns = read_takedowns(settings.layout.takedowns)
    batches = _batches(settings, [unit.keys["batch"] for unit in units])
    for unit in units:
        batch = batches[unit.keys["batch"]]
        path = settings.layout.file(batch.warc_file)
        if not path.exists():
            raise WarehouseError(f"{path}: the batch's file is gone; put it back or import it again")
        extracted = extract_warc(path, batch, sources, takedowns)
        yield (
            unit,
            {
                "articles": ARTICLES.from_records(extracted.articles),
                "rejects": REJECTS.from_records(extracted.rejects),
            },
        )


def _batches(settings: Settings, ids: Iterable[str]) -> dict[str, Batch]:
    """Return the batches with these ids, by id."""
    with reading(Store(settings.warehouse), [BATCHES]) as connection:
        rows = connection.execute(
            "SELECT batch, source, warc_file, coalesce(damaged_sha256, file_sha256), damaged_sha256 IS NOT NULL "
            "FROM batches WHERE list_contains($ids, batch)",
            {"ids": list(ids)},
        ).fetchall()
    return {row[0]: Batch(*row) for row in rows}


def _depends(settings: Settings) -> str:
    return f"{load_sources(settings.folder('sources')).stamp}|{models_stamp(BODY_MODELS)}"


STAGE = Stage(
    name="extract",
    version=4,
    reads=(BATCHES,),
    writes=(ARTICLES, REJECTS),
    keys=("batch",),
    units="SELECT batch AS unit, concat_ws('|', sha256, damaged_sha256) AS input, batch AS job, batch FROM batches",
    run=_run,
    depends=_depends,
)
