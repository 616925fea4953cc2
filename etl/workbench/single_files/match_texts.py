"""Find where texts satisfy a query."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from etl.extract import language
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.topics.matcher import Document, DocumentName, DocumentQuote, Matcher, TopicQuery, containing_quote
from etl.urls import registrable_domain
from etl.workbench.single_files.annotate_texts import annotation_rows
from etl.workbench.single_files.read_texts import InputText, JsonRow


def match_texts(
    texts: Iterable[InputText],
    query: TopicQuery,
    languages: Sequence[str] | None,
    gazetteer: Gazetteer,
    annotator: str,
) -> Iterator[JsonRow]:
    """Give a row for each mention of a query. Texts without the field `entities` are annotated first.

    `languages`: match only texts in these languages; null: all texts. The language of a text that names none is
    identified.
    """
    matcher = Matcher([query])
    for text in texts:
        if text.reject:
            yield text.reject_row()
            continue
        code = text.language or language.identify(text.text)
        if languages is not None and code not in languages:
            continue
        fields = text.fields if "entities" in text.fields else annotation_rows(text, gazetteer, annotator)
        try:
            document = _document(text, code, fields)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            detail = f"'entities' or 'quotes' cannot be used: {error}"
            yield {"id": text.id, "reject": {"reason": "bad_row", "detail": detail}}
            continue
        for hit in matcher.hits(document):
            yield {
                "id": text.id, "topic": query.name, "level": hit.level, "char_start": hit.start, "char_end": hit.end,
                "matched_terms": list(hit.matched_terms), "quote_id": containing_quote(hit, document.quotes),
                "text": text.text[hit.start : hit.end],
            }  # fmt: skip


def _document(text: InputText, code: str | None, fields: Mapping[str, Any]) -> Document:
    """A text with its annotations. Raises KeyError, TypeError, ValueError or AttributeError if they are malformed."""
    names = [
        DocumentName(
            int(entity["char_start"]),
            entity.get("entity_id"),
            str(entity.get("name") or ""),
            [str(country) for country in _list(entity, "countries")],
        )
        for entity in fields["entities"] or []
    ]
    quotes = [
        DocumentQuote(
            quote["quote_id"],
            [(int(part["char_start"]), int(part["char_end"])) for part in _list(quote, "parts") or [quote]],
            quote.get("speaker_entity_id"),
            quote.get("speaker_name"),
        )
        for quote in fields.get("quotes") or []
    ]
    title, url = text.fields.get("title"), str(text.fields.get("url") or "")
    outlet = str(text.fields.get("outlet") or (registrable_domain(url) if url else ""))
    return Document(text.text, code, str(title or ""), outlet, names, quotes)


def _list(row: Mapping[str, Any], name: str) -> list[Any]:
    value = row.get(name) or []
    if not isinstance(value, list):
        raise TypeError(f"{name!r} is not a list")
    return value
