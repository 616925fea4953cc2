"""Quotations: their exact spans, who said them, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from etl.nlp.names.find import NamedEntity
from etl.nlp.quotes import confidences
from etl.text import Span

DIRECT, MIXED, INDIRECT = "direct", "mixed", "indirect"
NAMED, CARRIED = "named", "carried"


@dataclass(frozen=True)
class Speaker:
    """A speaker as written (half-open, code points) and as resolved. `method`: named, pronoun, description, collective,
    document, carried or turn; null where the speaker is not resolved. `cluster`: the number that all mentions of the
    name in the text share; null where there is no name."""

    start: int
    end: int
    name: str | None
    entity_id: str | None
    countries: tuple[str, ...]
    method: str | None
    confidence: float
    cluster: int | None = None


@dataclass(frozen=True)
class Attribution:
    """A cue (half-open, code points; null where there is none, as in a transcript) and the speaker."""

    cue: Span | None
    speaker: Speaker | None


@dataclass(frozen=True)
class Quotation:
    """A quotation. `parts`: exact spans in order, without outer marks; `kind`: direct, mixed or indirect;
    `attribution`: null where nobody is said to say it."""

    parts: tuple[Span, ...]
    kind: str
    attribution: Attribution | None
    confidence: float


def named_speaker(name: NamedEntity, method: str, confidence: float) -> Speaker:
    """Return a name of the text as a speaker."""
    id_ = name.entry.id if name.entry else None
    return Speaker(name.start, name.end, name.full, id_, name.countries, method, confidence, name.cluster)


def described_or_named(name: NamedEntity) -> Speaker:
    """Return a name of the text as a speaker: named, or described if it is an office ("the Russian president")."""
    return named_speaker(name, "description" if name.type == "OFFICE" else NAMED, confidences.NAME_IN_PHRASE)


def carried_on(last: Quotation) -> Attribution | None:
    """Return an attribution to the last quotation's speaker, who goes on; null where it has none."""
    speaker = last.attribution.speaker if last.attribution else None
    return Attribution(None, replace(speaker, method=CARRIED, confidence=confidences.CARRIED)) if speaker else None
