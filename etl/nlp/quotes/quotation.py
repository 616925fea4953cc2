"""A quotation as a value: its exact spans, who said it, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from etl.nlp.names.find import NamedEntity
from etl.nlp.quotes import confidences
from etl.text import Span
from schemas.values import QuoteKind, SpeakerMethod

DIRECT: Final = "direct"
MIXED: Final = "mixed"
INDIRECT: Final = "indirect"
NAMED: Final = "named"
CARRIED: Final = "carried"


@dataclass(frozen=True)
class Speaker:
    """A speaker as written (half-open, code points) and as resolved; `method`: named, pronoun, description, collective,
    document, carried, turn; null where unknown. `cluster`: the number of the name in the text, where there is one."""

    start: int
    end: int
    name: str | None
    entity_id: str | None
    countries: tuple[str, ...]
    method: SpeakerMethod | None
    confidence: float
    cluster: int | None = None


@dataclass(frozen=True)
class Attribution:
    """A cue (half-open, code points; null where none reports it, as in a transcript) and who it gives the words to."""

    cue: Span | None
    speaker: Speaker | None


@dataclass(frozen=True)
class Quotation:
    """A quotation: exact spans without outer marks, in order; kind direct, mixed or indirect; attributed or not."""

    parts: tuple[Span, ...]
    kind: QuoteKind
    attribution: Attribution | None
    confidence: float


def named_speaker(name: NamedEntity, method: SpeakerMethod, confidence: float) -> Speaker:
    """A name of the text as a speaker."""
    id_ = name.entry.id if name.entry else None
    return Speaker(name.start, name.end, name.full, id_, name.countries, method, confidence, name.cluster)


def described_or_named(name: NamedEntity) -> Speaker:
    """A linked name: by its own, or by an office ("the Russian president")."""
    return named_speaker(name, "description" if name.type == "OFFICE" else NAMED, confidences.NAME_IN_PHRASE)


def carried_on(last: Quotation) -> Attribution | None:
    """The last quotation's speaker goes on."""
    speaker = last.attribution.speaker if last.attribution else None
    return Attribution(None, replace(speaker, method=CARRIED, confidence=confidences.CARRIED)) if speaker else None
