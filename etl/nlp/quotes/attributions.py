"""Joins the pieces that the encoder marks: for every cue ("said") who speaks and what is said.

A model judges each pair of a cue and a piece near it (gradient-boosted trees, training/attributions.py).
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from etl.nlp.encoder.labels import ATTRIBUTIONS
from etl.nlp.encoder.onnx_session import open_session
from etl.nlp.quotes.attribution_features import Pairs, Rows, TextFeatures
from etl.nlp.quotes.marks import Marks
from etl.nlp.quotes.pieces import Piece, Pieces, settled
from etl.text import Layout

LIKELY_CONTENT = 0.4  # where the F1 of PolNeAR's development part is best; a broad top
LIKELY_SOURCE = 0.3


@dataclass(frozen=True)
class JoinedAttribution:
    """One attribution: its cue, its source (null where none was found), its contents in order; the chance that they
    belong together."""

    cue: Piece
    source: Piece | None
    contents: tuple[Piece, ...]
    chance: float


# How sure a quotation is: what the model and the pieces say, weighed by a logistic fit, then as often as such a score
# was right on PolNeAR's development part (training/confidence.py; how well it holds: docs/measurements.md).
_SCORES = (0.17, 2.06, 3.47, 4.58, 5.65, 6.45, 7.12, 7.91)
_RIGHT = (0.36, 0.61, 0.72, 0.88, 0.89, 0.94, 0.95, 0.99)
_SURE = {
    "always": -2.49, "pair": 0.12, "cue": 0.18, "content": 0.55, "source": 0.27, "no source": 0.26, "direct": 1.13,
    "mixed": 0.71, "length": 0.39,
}  # fmt: skip


def confidence(one: JoinedAttribution, kind: str) -> float:
    """How probably the attribution is one: calibrated, 0 to 1."""
    return float(np.interp(sum(_SURE[name] * value for name, value in evidence(one, kind).items()), _SCORES, _RIGHT))


def evidence(one: JoinedAttribution, kind: str) -> dict[str, float]:
    """What speaks for an attribution, by name: columns of the logistic fit."""
    return {
        "always": 1.0,
        "pair": _log_odds(one.chance),
        "cue": _log_odds(one.cue.chance),
        "content": _log_odds(sum(piece.chance for piece in one.contents) / len(one.contents)),
        "source": _log_odds(one.source.chance) if one.source else -3.0,
        "no source": float(one.source is None),
        "direct": float(kind == "direct"),
        "mixed": float(kind == "mixed"),
        "length": math.log(max(1, sum(piece.end - piece.start for piece in one.contents))),
    }


def _log_odds(chance: float) -> float:
    return math.log(max(chance, 1e-3) / max(1 - chance, 1e-3))


def join(text: str, layout: Layout, marks: Marks, pieces: Pieces) -> list[JoinedAttribution]:
    """A text's attributions in order of their cues. A content is of one cue; cues may share a source."""
    contents = settled(pieces, marks, text)
    if not contents or not pieces.cues:
        return []
    sight = TextFeatures(text, layout, marks, pieces)
    sources = _best(sight.pairs(contents, of_contents=False), LIKELY_SOURCE, by_piece=False)
    owned: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for content, (cue, chance) in _best(sight.pairs(contents, of_contents=True), LIKELY_CONTENT, by_piece=True).items():
        owned[cue].append((content, chance))
    found = []
    for cue, own in sorted(owned.items()):
        source = sources.get(cue)
        found.append(
            JoinedAttribution(
                pieces.cues[cue],
                pieces.sources[source[0]] if source else None,
                tuple(contents[number] for number, _ in sorted(own)),
                max(chance for _, chance in own),
            )
        )
    return found


def _best(pairs: Pairs, least: float, by_piece: bool) -> dict[int, tuple[int, float]]:
    """Each cue's likeliest piece, or each piece's likeliest cue, with its chance."""
    chances = belong(pairs.rows)
    keys, values = (pairs.pieces, pairs.cues) if by_piece else (pairs.cues, pairs.pieces)
    found: dict[int, tuple[int, float]] = {}
    for key, value, chance in zip(keys.tolist(), values.tolist(), chances.tolist(), strict=True):
        if chance > least and chance > found.get(key, (0, 0.0))[1]:
            found[key] = (value, chance)
    return found


def belong(rows: Rows) -> NDArray[np.float32]:
    """How probably the cue and the piece of each row are of one attribution."""
    if not len(rows):
        return np.zeros(0, np.float32)
    [probabilities] = open_session(ATTRIBUTIONS).run(["probabilities"], {"rows": rows})
    return np.asarray(probabilities[:, 1], dtype=np.float32)
