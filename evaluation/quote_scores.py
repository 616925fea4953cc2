"""How predicted quotations are scored against gold ones.

Their contents are compared as sets of characters; each quotation is paired with at most one other.

The measures: *exact*: the same words once quotation marks and punctuation are removed; *0.3*, *0.5*, *0.8*: an
intersection over union of at least that; *speaker*: the contents match at 0.3, and the predicted speaker overlaps the
gold one or neither quotation has one.
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
class ScoredQuotation:
    """A gold or a predicted quotation: the spans of its content and its speaker (half-open, code points)."""

    kind: str
    content: Spans
    speaker: Spans


@dataclass(frozen=True)
class ScoredText:
    """A text with its gold and its predicted quotations. `optional`: contents that may be predicted or not."""

    text: str
    gold: Sequence[ScoredQuotation]
    predicted: Sequence[ScoredQuotation]
    optional: Sequence[Spans] = ()


def score_quotations(texts: Iterable[ScoredText]) -> dict[tuple[str, str], tuple[float, float, float]]:
    """(kind, measure) -> F1, precision, recall.

    The scores of a kind count the gold quotations of that kind for recall and the predicted ones for precision; a
    predicted one that fits a gold one of another kind is right.
    """
    counts: dict[tuple[str, str], Counter[str]] = {(k, m): Counter() for k in KINDS for m in MEASURES}
    for text in texts:
        predicted = _without_optional(text)
        for measure in MEASURES:
            pairs = match_quotations(text.text, text.gold, predicted, measure)
            for kind in KINDS:
                count = counts[kind, measure]
                count["gold"] += sum(kind in (q.kind, "all") for q in text.gold)
                count["predicted"] += sum(kind in (q.kind, "all") for q in predicted)
                count["found"] += sum(kind in (text.gold[g].kind, "all") for g, _ in pairs)
                count["right"] += sum(kind in (predicted[p].kind, "all") for _, p in pairs)
    return {key: _f1(count) for key, count in counts.items()}


def _f1(count: Counter[str]) -> tuple[float, float, float]:
    precision, recall = count["right"] / max(1, count["predicted"]), count["found"] / max(1, count["gold"])
    return 2 * precision * recall / max(precision + recall, 1e-9), precision, recall


def match_quotations(
    text: str, gold: Sequence[ScoredQuotation], predicted: Sequence[ScoredQuotation], measure: str
) -> list[tuple[int, int]]:
    """Pairs of numbers of a gold and a predicted quotation that match, each in one pair at most: those that overlap
    most are paired first."""
    fits = _fits(text, measure)
    gold_characters = [_characters(q.content) for q in gold]
    predicted_characters = [_characters(q.content) for q in predicted]
    candidates = []
    for g, characters in enumerate(gold_characters):
        for p, others in enumerate(predicted_characters):
            shared = len(characters & others)
            if shared and fits(gold[g], predicted[p], overlap := shared / len(characters | others)):
                candidates.append((overlap, g, p))
    candidates.sort(key=lambda pair: -pair[0])
    paired: set[tuple[str, int]] = set()
    pairs = []
    for _, g, p in candidates:
        if ("gold", g) not in paired and ("predicted", p) not in paired:
            paired |= {("gold", g), ("predicted", p)}
            pairs.append((g, p))
    return pairs


def _fits(text: str, measure: str) -> Callable[[ScoredQuotation, ScoredQuotation, float], bool]:
    if measure == "exact":
        return lambda gold, predicted, _overlap: _words(text, gold.content) == _words(text, predicted.content)
    if measure == "speaker":
        return lambda gold, predicted, overlap: overlap >= 0.3 and _is_same_speaker(gold.speaker, predicted.speaker)
    return lambda _gold, _predicted, overlap: overlap >= float(measure)


def _is_same_speaker(gold: Spans, predicted: Spans) -> bool:
    return bool(_characters(gold) & _characters(predicted)) or not (gold or predicted)


def _without_optional(text: ScoredText) -> list[ScoredQuotation]:
    """The predicted quotations without those that match nothing but an optional one."""
    matched = {p for _, p in match_quotations(text.text, text.gold, text.predicted, "0.3")}
    optional = [_characters(spans) for spans in text.optional]
    counted = []
    for number, quotation in enumerate(text.predicted):
        characters = _characters(quotation.content)
        if number in matched or not any(
            len(characters & others) > 0.3 * len(characters | others) for others in optional
        ):
            counted.append(quotation)
    return counted


def _characters(spans: Spans) -> set[int]:
    return {at for start, end in spans for at in range(start, end)}


def _words(text: str, spans: Spans) -> list[str]:
    return [word for start, end in sorted(spans) for word in _WORD.findall(text[start:end].lower())]


def format_scores(scores: dict[tuple[str, str], tuple[float, float, float]]) -> str:
    """A table of kinds and measures: F1 and, in brackets, precision and recall."""
    lines = ["".join(f"{name:>19}" for name in ("", *MEASURES))]
    for kind in KINDS:
        cells = (scores[kind, measure] for measure in MEASURES)
        lines.append(f"{kind:>19}" + "".join(f"{f1:7.3f} ({p:.2f} {r:.2f})" for f1, p, r in cells))
    return "\n".join(lines)
