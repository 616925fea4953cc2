"""How found quotations are scored against marked ones: contents as sets of characters, one to one.

*exact*: the same words once marks and punctuation are off; *0.3*, *0.5*, *0.8*: an intersection over union of at least
that; *speaker*: at 0.3, and the speaker found overlaps the one marked, or neither has one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

Spans = tuple[tuple[int, int], ...]
KINDS = ("direct", "mixed", "indirect", "all")
MEASURES = ("exact", "0.3", "0.5", "0.8", "speaker")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Quoted:
    """A quotation, marked or found: the spans of its content and speaker (half-open, code points)."""

    kind: str
    content: Spans
    speaker: Spans


@dataclass(frozen=True)
class Item:
    """One text: what is marked in it and what was found. `optional`: contents that may be found or not."""

    text: str
    marked: Sequence[Quoted]
    found: Sequence[Quoted]
    optional: Sequence[Spans] = ()


def scores(items: Iterable[Item]) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(kind, measure) -> F1, precision, recall. Of a kind: found quotations of that kind against marked ones of it,
    but a found one that fits a marked one of another kind is no false one."""
    counts: dict[tuple[str, str], Counter[str]] = {(k, m): Counter() for k in KINDS for m in MEASURES}
    for item in items:
        found = _without_optional(item)
        for measure in MEASURES:
            pairs = matches(item.text, item.marked, found, measure)
            for kind in KINDS:
                of = counts[kind, measure]
                of["marked"] += sum(kind in (q.kind, "all") for q in item.marked)
                of["found"] += sum(kind in (q.kind, "all") for q in found)
                of["hit"] += sum(kind in (item.marked[m].kind, "all") for m, _ in pairs)
                of["right"] += sum(kind in (found[f].kind, "all") for _, f in pairs)
    return {key: _f1(of) for key, of in counts.items()}


def _f1(of: Counter[str]) -> tuple[float, float, float]:
    precision, recall = of["right"] / max(1, of["found"]), of["hit"] / max(1, of["marked"])
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def matches(text: str, marked: Sequence[Quoted], found: Sequence[Quoted], measure: str) -> list[tuple[int, int]]:
    """Pairs of a marked and a found quotation, each in one at most, those that overlap most first."""
    fits = _fits(text, measure)
    wanted, given = [_characters(q.content) for q in marked], [_characters(q.content) for q in found]
    pairs = []
    for m, own in enumerate(wanted):
        for f, other in enumerate(given):
            shared = len(own & other)
            if shared and fits(marked[m], found[f], overlap := shared / len(own | other)):
                pairs.append((overlap, m, f))
    pairs.sort(key=lambda pair: -pair[0])
    taken: set[tuple[str, int]] = set()
    kept = []
    for _, m, f in pairs:
        if ("m", m) not in taken and ("f", f) not in taken:
            taken |= {("m", m), ("f", f)}
            kept.append((m, f))
    return kept


def _fits(text: str, measure: str) -> Callable[[Quoted, Quoted, float], bool]:
    if measure == "exact":
        return lambda marked, found, _overlap: _words(text, marked.content) == _words(text, found.content)
    if measure == "speaker":
        return lambda marked, found, overlap: overlap >= 0.3 and _same_speaker(marked.speaker, found.speaker)
    return lambda _marked, _found, overlap: overlap >= float(measure)


def _same_speaker(marked: Spans, found: Spans) -> bool:
    return bool(_characters(marked) & _characters(found)) or not (marked or found)


def _without_optional(item: Item) -> list[Quoted]:
    """Found quotations but for those that are only optional."""
    wanted = {f for _, f in matches(item.text, item.marked, item.found, "0.3")}
    optional = [_characters(spans) for spans in item.optional]
    kept = []
    for number, quoted in enumerate(item.found):
        own = _characters(quoted.content)
        if number in wanted or not any(len(own & other) > 0.3 * len(own | other) for other in optional):
            kept.append(quoted)
    return kept


def _characters(spans: Spans) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def _words(text: str, spans: Spans) -> list[str]:
    return [word for start, end in sorted(spans) for word in _WORD.findall(text[start:end].lower())]


def table(found: dict[tuple[str, str], tuple[float, float, float]]) -> str:
    """F1 and, in brackets, precision and recall."""
    lines = ["".join(f"{name:>19}" for name in ("", *MEASURES))]
    for kind in KINDS:
        cells = (found[kind, measure] for measure in MEASURES)
        lines.append(f"{kind:>19}" + "".join(f"{f1:7.3f} ({p:.2f} {r:.2f})" for f1, p, r in cells))
    return "\n".join(lines)
