"""A quotation as a value: its exact spans, who said it, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass

from etl.text import Span


@dataclass(frozen=True)
class Speaker:
    """A speaker as written (half-open, code points) and as resolved; `method`: named, pronoun, description, collective,
    document, carried, turn; null where unknown. `cluster`: the number of the name in the text, where there is one."""

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
    """A cue (half-open, code points; null where none reports it, as in a transcript) and who it gives the words to."""

    cue: Span | None
    speaker: Speaker | None


@dataclass(frozen=True)
class Quotation:
    """A quotation: exact spans without outer marks, in order; kind direct, mixed or indirect; attributed or not."""

    parts: tuple[Span, ...]
    kind: str
    attribution: Attribution | None
    confidence: float
