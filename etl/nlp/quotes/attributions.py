"""Joins the pieces that the encoder marks: for every cue ("said") who speaks and what is said.

A model judges each pair of a cue and a piece near it (gradient-boosted trees, training/attributions.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.models.sessions import open_session
from etl.nlp.encoder.model_files import ATTRIBUTIONS
from etl.nlp.quotes.attribution_features import Pairs, Rows, TextFeatures
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.pieces import Piece, Pieces, settled
from etl.text import Layout

# The least chances of pairs that are joined. F1 on PolNeAR's development part is best there; it changes little around.
LIKELY_CONTENT = 0.4
LIKELY_SOURCE = 0.3


@dataclass(frozen=True)
class JoinedAttribution:
    """One attribution: its cue, its source (null where there is none), its contents in order. `chance`: how probably
    the cue and the likeliest content belong together."""

    cue: Piece
    source: Piece | None
    contents: tuple[Piece, ...]
    chance: float


# The confidence of a quotation: a logistic fit weighs the chances of the model and the pieces; the score becomes the
# share of quotations with such a score that were right on PolNeAR's development part (training/confidence.py; how well
# it holds: docs/measurements.md).
_SCORES = (0.17, 2.06, 3.47, 4.58, 5.65, 6.45, 7.12, 7.91)
_RIGHT = (0.36, 0.61, 0.72, 0.88, 0.89, 0.94, 0.95, 0.99)
_SURE = {
    "always": -2.49, "pair": 0.12, "cue": 0.18, "content": 0.55, "source": 0.27, "no source": 0.26, "direct": 1.13,
    "mixed": 0.71, "length": 0.39,
}  # fmt: skip


def confidence(attribution: JoinedAttribution, kind: str) -> float:
    """Return how probably the attribution is right: calibrated, 0 to 1."""
    score = sum(_SURE[name] * value for name, value in evidence(attribution, kind).items())
    return float(np.interp(score, _SCORES, _RIGHT))


def evidence(attribution: JoinedAttribution, kind: str) -> dict[str, float]:
    """Return the columns of the logistic fit, by name: what speaks for an attribution of this kind."""
    contents, source = attribution.contents, attribution.source
    return {
        "always": 1.0,
        "pair": _log_odds(attribution.chance),
        "cue": _log_odds(attribution.cue.chance),
        "content": _log_odds(sum(piece.chance for piece in contents) / len(contents)),
        "source": _log_odds(source.chance) if source else -3.0,
        "no source": float(source is None),
        "direct": float(kind == "direct"),
        "mixed": float(kind == "mixed"),
        "length": math.log(max(1, sum(piece.end - piece.start for piece in contents))),
    }


def _log_odds(chance: float) -> float:
    return math.log(max(chance, 1e-3) / max(1 - chance, 1e-3))


def join(text: str, layout: Layout, marks: Marks, pieces: Pieces) -> list[JoinedAttribution]:
    """Return the attributions of a text in order of their cues. A content belongs to one cue; cues may share a
    source."""
    contents = settled(pieces, marks, text)
    if not contents or not pieces.cues:
        return []
    features = TextFeatures(text, layout, marks, pieces)
    sources = _best(features.pairs(contents, of_contents=False), LIKELY_SOURCE, by_piece=False)
    cues = _best(features.pairs(contents, of_contents=True), LIKELY_CONTENT, by_piece=True)
    contents_of: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for content, (cue, chance) in cues.items():
        contents_of[cue].append((content, chance))
    attributions = []
    for cue, numbers in sorted(contents_of.items()):
        source = sources.get(cue)
        attributions.append(
            JoinedAttribution(
                pieces.cues[cue],
                pieces.sources[source[0]] if source else None,
                tuple(contents[number] for number, _ in sorted(numbers)),
                max(chance for _, chance in numbers),
            )
        )
    return attributions


def _best(pairs: Pairs, least: float, by_piece: bool) -> dict[int, tuple[int, float]]:
    """Each cue's likeliest piece, or each piece's likeliest cue, with its chance, if that is over `least`."""
    chances = pair_chances(pairs.rows)
    keys, values = (pairs.pieces, pairs.cues) if by_piece else (pairs.cues, pairs.pieces)
    best: dict[int, tuple[int, float]] = {}
    for key, value, chance in zip(keys.tolist(), values.tolist(), chances.tolist(), strict=True):
        if chance > least and chance > best.get(key, (0, 0.0))[1]:
            best[key] = (value, chance)
    return best


def pair_chances(rows: Rows) -> NDArray[np.float32]:
    """Return how probably the cue and the piece of each row belong to one attribution."""
    if not len(rows):
        return np.zeros(0, np.float32)
    [probabilities] = open_session(ATTRIBUTIONS).run(["probabilities"], {"rows": rows})
    return np.asarray(probabilities[:, 1], dtype=np.float32)
