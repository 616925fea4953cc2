"""Turns texts into rows of names and quotes. The stage and the commands call this module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from etl.nlp.annotators import ENCODER, TaggerOutput, find_annotator
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.long_texts import LONGEST_PART, Shift, cut, shifted_entity, shifted_quote
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.quotes.fingerprints import quote_prints
from etl.nlp.quotes.quotation import Quotation
from etl.nlp.time_limit import TimeLimitError, time_limit
from etl.text import identifier, lay_out, words_key
from schemas import Entity, Part, Quote, Reason

VERSION = 7
LONGEST_TEXT = 2_000_000  # characters of a text that are annotated: about 40 s, and the length of the longest books
SECONDS_PER_TEXT = 300.0  # of processor time; 200,000 characters take about 9
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
    """The rows of one text.

    `problem`: why a part of the text was not annotated (a value of REASONS, and a sentence); null if all of it was.
    """

    entities: list[Entity]
    quotes: list[Quote]
    problem: tuple[Reason, str] | None = None


def annotate(
    texts: Sequence[TextToAnnotate], gazetteer: Gazetteer, annotator: str = ENCODER, threads: int = 2
) -> list[Annotation]:
    """Return the names and quotes of texts. Every span is a slice of its text, to the character. Lone surrogates, which
    no file can hold, are read as U+FFFD. Raises ConfigError.

    Texts longer than LONGEST_PART are annotated in parts, and up to LONGEST_TEXT. A text, or a part
    of a long one, may take SECONDS_PER_TEXT of processor time.
    """
    find_annotator(annotator)  # raises ConfigError before any text is read
    texts = [replace(t, text=_SURROGATE.sub("\ufffd", t.text)) for t in texts]  # the length stays
    annotations: list[Annotation] = []
    for group in _groups(texts):
        if len(group[0].text) > LONGEST_PART:
            annotations.append(_annotate_in_parts(group[0], gazetteer, annotator, threads))
        else:
            annotations += _annotate_together(group, gazetteer, annotator, threads)
    return annotations


def _groups(texts: Sequence[TextToAnnotate]) -> Iterator[list[TextToAnnotate]]:
    """Yield texts in groups that are together no longer than LONGEST_PART; a longer text is a group of its own."""
    group: list[TextToAnnotate] = []
    length = 0
    for text in texts:
        if group and length + len(text.text) > LONGEST_PART:
            yield group
            group, length = [], 0
        group.append(text)
        length += len(text.text)
    if group:
        yield group


def _annotate_together(
    texts: Sequence[TextToAnnotate], gazetteer: Gazetteer, annotator: str, threads: int
) -> list[Annotation]:
    """Annotate short texts. If they take too long together, each is tried alone, so that only the slow one is lost."""
    try:
        with time_limit(SECONDS_PER_TEXT):
            outputs = find_annotator(annotator)([t.text for t in texts], [t.language for t in texts], threads)
            return [_annotation(source, output, gazetteer) for source, output in zip(texts, outputs, strict=True)]
    except TimeLimitError as error:
        if len(texts) == 1:
            return [Annotation([], [], ("timeout", f"annotating the text takes {error}"))]
        return [a for text in texts for a in _annotate_together([text], gazetteer, annotator, threads)]


def _annotate_in_parts(source: TextToAnnotate, gazetteer: Gazetteer, annotator: str, threads: int) -> Annotation:
    entities: list[Entity] = []
    quotes: list[Quote] = []
    problem: tuple[Reason, str] | None = None
    if len(source.text) > LONGEST_TEXT:
        problem = ("too_large", f"only the first {LONGEST_TEXT:,} of {len(source.text):,} characters were annotated")
    shift = Shift()
    for part in cut(source.text[:LONGEST_TEXT]):
        [found] = _annotate_together([replace(source, text=part)], gazetteer, annotator, threads)
        problem = problem or found.problem
        entities += [shifted_entity(entity, shift) for entity in found.entities]
        quotes += [shifted_quote(quote, shift) for quote in found.quotes]
        layout = lay_out(part, source.language)
        shift = Shift(
            shift.characters + len(part),
            shift.paragraphs + len(layout.paragraphs),
            shift.sentences + len(layout.sentences),
            1 + max((entity.cluster for entity in entities), default=-1),
        )
    return Annotation(entities, quotes, problem)


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
