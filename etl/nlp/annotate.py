"""Turns texts into rows of names and quotes. The stage and the commands call this module."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.nlp.annotators import ENCODER, TaggerOutput, find_annotator
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.quotes.fingerprints import quote_prints
from etl.nlp.quotes.quotation import Quotation
from etl.text import identifier, lay_out, words_key
from schemas import Entity, Part, Quote

VERSION = 6
_CONTEXT = 200  # characters on each side of a quote
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class TextToAnnotate:
    """A text, the columns that its rows carry over, and the article's day: offices count as they were held on it."""

    batch: str
    month: str
    article_id: str
    version_id: str
    text: str
    language: str | None
    day: date | None = None


@dataclass(frozen=True)
class Annotation:
    """The rows of one text."""

    entities: list[Entity]
    quotes: list[Quote]


def annotate(
    texts: Sequence[TextToAnnotate], gazetteer: Gazetteer, annotator: str = ENCODER, threads: int = 2
) -> list[Annotation]:
    """Return the names and quotes of texts. Every span is a slice of its text, to the character. Lone surrogates, which
    no file can hold, are read as U+FFFD. Raises ConfigError."""
    texts = [replace(t, text=_SURROGATE.sub("\ufffd", t.text)) for t in texts]  # the length stays
    outputs = find_annotator(annotator)([t.text for t in texts], [t.language for t in texts], threads)
    return [_annotation(source, output, gazetteer) for source, output in zip(texts, outputs, strict=True)]


def _annotation(source: TextToAnnotate, output: TaggerOutput, gazetteer: Gazetteer) -> Annotation:
    layout = lay_out(source.text, source.language)
    names = find_names(source.text, layout, gazetteer, output.names, source.day)
    quotations = find_quotes(source.text, layout, names, source.language, output.pieces, source.day)
    return Annotation([_entity(source, name) for name in names], [_quote(source, q) for q in quotations])


def _entity(source: TextToAnnotate, name: NamedEntity) -> Entity:
    return Entity(
        batch=source.batch,
        month=source.month,
        article_id=source.article_id,
        version_id=source.version_id,
        char_start=name.start,
        char_end=name.end,
        text=name.text,
        type=name.type,
        entity_id=name.entry.id if name.entry else None,
        name=name.full,
        candidates=list(name.candidates),
        cluster=name.cluster,
        countries=list(name.countries),
        paragraph=name.paragraph,
        sentence=name.sentence,
        confidence=name.confidence,
    )


def _quote(source: TextToAnnotate, quotation: Quotation) -> Quote:
    text, parts = source.text, quotation.parts
    start, end = parts[0].start, parts[-1].end
    words = " ".join(text[part.start : part.end] for part in parts)
    cue = quotation.attribution.cue if quotation.attribution else None
    speaker = quotation.attribution.speaker if quotation.attribution else None
    return Quote(
        batch=source.batch,
        month=source.month,
        article_id=source.article_id,
        version_id=source.version_id,
        quote_id=identifier(source.version_id, *(f"{part.start}-{part.end}" for part in parts)),
        kind=quotation.kind,
        parts=[Part(part.start, part.end) for part in parts],
        char_start=start,
        char_end=end,
        text=words,
        cue=text[cue.start : cue.end] if cue else None,
        cue_char_start=cue.start if cue else None,
        cue_char_end=cue.end if cue else None,
        speaker=text[speaker.start : speaker.end] if speaker else None,
        speaker_char_start=speaker.start if speaker else None,
        speaker_char_end=speaker.end if speaker else None,
        speaker_name=speaker.name if speaker else None,
        speaker_entity_id=speaker.entity_id if speaker else None,
        speaker_countries=list(speaker.countries) if speaker else [],
        speaker_method=speaker.method if speaker else None,
        confidence=quotation.confidence,
        quote_key=words_key(words),
        quote_prints=quote_prints(words),
        context_before=text[max(0, start - _CONTEXT) : start],
        context_after=text[end : end + _CONTEXT],
    )
