"""From a text to its names and quotes: what every command and stage calls."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.nlp.annotators import ENCODER, TaggerOutput, find_annotator
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.names.find import Name, find_names
from etl.nlp.quotes.fingerprints import quote_prints
from etl.nlp.quotes.quotation import Quotation
from etl.text import identifier, lay_out, words_key
from schemas import Entity, Part, Quote

VERSION = 6
_CONTEXT = 200
_SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class TextToAnnotate:
    """The text that rows are made for, the columns they carry over, and the day whose offices count."""

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
    subjects: Sequence[TextToAnnotate], gazetteer: Gazetteer, annotator: str = ENCODER, threads: int = 2
) -> list[Annotation]:
    """Names and quotes of texts; every span is its slice of the text, to the character; lone surrogates,
    which no file can hold, are read as U+FFFD. Raises ConfigError."""
    subjects = [replace(s, text=_SURROGATE.sub("\ufffd", s.text)) for s in subjects]  # of the same length
    told = find_annotator(annotator)([s.text for s in subjects], [s.language for s in subjects], threads)
    return [_annotation(subject, own, gazetteer) for subject, own in zip(subjects, told, strict=True)]


def _annotation(subject: TextToAnnotate, told: TaggerOutput, gazetteer: Gazetteer) -> Annotation:
    layout = lay_out(subject.text, subject.language)
    names = find_names(subject.text, layout, gazetteer, told.names, subject.day)
    quotations = find_quotes(subject.text, layout, names, subject.language, told.pieces, subject.day)
    return Annotation([_entity(subject, name) for name in names], [_quote(subject, q) for q in quotations])


def _entity(subject: TextToAnnotate, name: Name) -> Entity:
    return Entity(
        batch=subject.batch,
        month=subject.month,
        article_id=subject.article_id,
        version_id=subject.version_id,
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


def _quote(subject: TextToAnnotate, quotation: Quotation) -> Quote:
    text, parts = subject.text, quotation.parts
    start, end = parts[0].start, parts[-1].end
    words = " ".join(text[part.start : part.end] for part in parts)
    cue = quotation.attribution.cue if quotation.attribution else None
    speaker = quotation.attribution.speaker if quotation.attribution else None
    return Quote(
        batch=subject.batch,
        month=subject.month,
        article_id=subject.article_id,
        version_id=subject.version_id,
        quote_id=identifier(subject.version_id, *(f"{part.start}-{part.end}" for part in parts)),
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
