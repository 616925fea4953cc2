"""Texts that are too long to be annotated at once: they are cut into parts at paragraphs, and what is found in the
parts is put together.

Memory grows with the length of a text: 10 MB at once took 4 GB. Names and speakers are resolved within a part.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from etl.text import identifier
from schemas import Entity, Part, Quote

LONGEST_PART = 200_000  # characters; articles longer than this are rare (books, transcripts of whole days)


@dataclass(frozen=True)
class Shift:
    """What precedes a part in its text: characters, paragraphs, sentences, and groups of names."""

    characters: int = 0
    paragraphs: int = 0
    sentences: int = 0
    clusters: int = 0


def cut(text: str, longest: int = LONGEST_PART) -> Iterator[str]:
    """Yield the parts of a text, which join to it. Parts end at a line break, else at a space, if there is one."""
    start = 0
    while len(text) - start > longest:
        end = text.rfind("\n", start, start + longest) + 1 or text.rfind(" ", start, start + longest) + 1
        end = end if end > start else start + longest
        yield text[start:end]
        start = end
    yield text[start:]


def shifted_entity(entity: Entity, shift: Shift) -> Entity:
    """Return a name of a part as a name of its text."""
    return replace(
        entity,
        char_start=entity.char_start + shift.characters,
        char_end=entity.char_end + shift.characters,
        cluster=entity.cluster + shift.clusters,
        paragraph=entity.paragraph + shift.paragraphs,
        sentence=entity.sentence + shift.sentences,
    )


def shifted_quote(quote: Quote, shift: Shift) -> Quote:
    """Return a quotation of a part as one of its text."""

    def moved(offset: int | None) -> int | None:
        return None if offset is None else offset + shift.characters

    parts = [Part(part.char_start + shift.characters, part.char_end + shift.characters) for part in quote.parts]
    return replace(
        quote,
        quote_id=identifier(quote.version_id, *(f"{part.char_start}-{part.char_end}" for part in parts)),
        parts=parts,
        char_start=quote.char_start + shift.characters,
        char_end=quote.char_end + shift.characters,
        cue_char_start=moved(quote.cue_char_start),
        cue_char_end=moved(quote.cue_char_end),
        speaker_char_start=moved(quote.speaker_char_start),
        speaker_char_end=moved(quote.speaker_char_end),
    )
