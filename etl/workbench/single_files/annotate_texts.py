"""Find the names and quotes in texts."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Any

from etl.extract import language
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.text import identifier
from etl.workbench.single_files.read_texts import InputText, JsonRow

_OMITTED_COLUMNS = ("batch", "month", "article_id", "version_id")


def annotate_texts(texts: Iterable[InputText], gazetteer: Gazetteer, annotator: str) -> Iterator[JsonRow]:
    """Give a row for each text, with its names and quotes.

    Offices are those of the day that the text's `published_date` or `date` gives, if it has one.
    """
    for text in texts:
        yield text.reject_row() if text.reject else {"id": text.id, **annotation_rows(text, gazetteer, annotator)}


def annotation_rows(text: InputText, gazetteer: Gazetteer, annotator: str) -> JsonRow:
    """Return the rows of a text in `entities` and `quotes`, without the columns that a single file does not need."""
    code = text.language or language.identify(text.text)
    subject = TextToAnnotate("", "", "", identifier(text.id, text.text), text.text, code, text.published().day)
    [annotation] = annotate([subject], gazetteer, annotator)
    return {"entities": _rows(annotation.entities), "quotes": _rows(annotation.quotes)}


def _rows(records: Iterable[Any]) -> list[JsonRow]:
    return [
        {name: value for name, value in dataclasses.asdict(record).items() if name not in _OMITTED_COLUMNS}
        for record in records
    ]
