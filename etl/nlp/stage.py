"""The stage `annotate`: from the `articles` of a batch to `entities` and `quotes`, once for each distinct text."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

from etl.configuration.settings import Settings
from etl.engine.stage import Rows, Stage, Unit
from etl.nlp.annotate import VERSION, Annotation, TextToAnnotate, annotate
from etl.nlp.annotators import annotator_stamp
from etl.nlp.gazetteer.gazetteer import gazetteer_stamp, load_gazetteer
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import ARTICLES, ENTITIES, QUOTES, REJECTS, Entity, Quote, Reject

_AT_ONCE = 64  # articles that are annotated in one call


def _run(settings: Settings, units: Sequence[Unit]) -> Iterator[tuple[Unit, Rows]]:
    gazetteer = load_gazetteer(settings.folder("gazetteer"))
    store = Store(settings.warehouse)
    threads = 1 if settings.workers > 1 else 2  # of several workers, each has a core
    for unit in units:
        entities: list[Entity] = []
        quotes: list[Quote] = []
        rejects: list[Reject] = []
        texts = _texts(store, unit.keys["batch"])
        for first in range(0, len(texts), _AT_ONCE):
            group = texts[first : first + _AT_ONCE]
            annotations = annotate(group, gazetteer, settings.annotator, threads)
            for text, annotation in zip(group, annotations, strict=True):
                entities += annotation.entities
                quotes += annotation.quotes
                rejects += _rejects(text, annotation)
        yield (
            unit,
            {
                "entities": ENTITIES.from_records(entities),
                "quotes": QUOTES.from_records(quotes),
                "rejects": REJECTS.from_records(rejects),
            },
        )


def _rejects(text: TextToAnnotate, annotation: Annotation) -> list[Reject]:
    """Return a row for a text that could not be annotated, or only in part."""
    if annotation.problem is None:
        return []
    reason, detail = annotation.problem
    detail = f"article {text.article_id}: {detail}"
    sha256 = hashlib.sha256(text.text.encode("utf-8", "surrogatepass")).hexdigest()
    return [Reject(text.batch, text.month, "annotate", None, sha256, reason, detail, None)]


def _texts(store: Store, batch: str) -> list[TextToAnnotate]:
    """The wordings of a batch."""
    with reading(store, [ARTICLES]) as connection:
        rows = connection.execute(
            """
            SELECT batch, min(month), article_id, version_id, any_value(text), any_value(language),
                   coalesce(min(published_date), min(fetched_at)::DATE)
            FROM articles WHERE batch = $batch GROUP BY batch, article_id, version_id ORDER BY version_id
            """,
            {"batch": batch},
        ).fetchall()
    return [TextToAnnotate(*row) for row in rows]


STAGE = Stage(
    name="annotate",
    version=VERSION,
    reads=(ARTICLES,),
    writes=(ENTITIES, QUOTES, REJECTS),
    keys=("batch",),
    units="SELECT unit, stamp AS input, unit AS job, unit AS batch FROM done WHERE stage = 'extract'",
    run=_run,
    depends=lambda settings: f"{gazetteer_stamp(settings.folder('gazetteer'))}|{annotator_stamp(settings.annotator)}",
)
