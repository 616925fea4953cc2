"""The model that joins pieces of quotations to attributions: python -m training.attributions [--check]

Fitted on PolNeAR's train part, of which every twelfth article is held out. The pieces are those that the encoder marks,
as at run time. A pair is right if its cue touches a cue of an attribution in the set, and its piece touches the source
of that attribution or lies mostly in its content. Prints the scores on the articles held out, and writes
etl/nlp/models/attributions.onnx; with --check it only prints.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from etl.models.files import record_sum
from etl.nlp.encoder.model_files import ATTRIBUTIONS
from etl.nlp.encoder.read import read
from etl.nlp.quotes.attribution_features import FEATURES, Pairs, TextFeatures
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import Piece, pieces_of, settled
from etl.text import lay_out
from evaluation.marked_texts import Attribution, MarkedText
from evaluation.polnear import held_out, learnt_from, polnear_texts

TREES, LEAVES, RATE, LEAST_IN_LEAF = 200, 31, 0.07, 30
_Span = tuple[int, int]


def examples(articles: Sequence[MarkedText]) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
    """For each article the rows of its pairs, and which of them are right. Sources and contents of an article come one
    after the other."""
    for article, pieces in zip(articles, pieces_of(read([a.text for a in articles])), strict=True):
        layout = lay_out(article.text, "en")
        marks = Marks(find_marked(article.text, layout.paragraphs))
        contents = settled(pieces, marks, article.text)
        if not contents or not pieces.cues:
            continue
        sight = TextFeatures(article.text, layout, marks, pieces)
        attributions = [_attribution_of(cue, article.attributions or ()) for cue in pieces.cues]
        for candidates, are_contents in ((pieces.sources, False), (contents, True)):
            pairs = sight.pairs(contents, are_contents)
            if len(pairs.rows):
                yield pairs.rows, _right(pairs, attributions, candidates, are_contents)


def _attribution_of(cue: Piece, attributions: Iterable[Attribution]) -> Attribution | None:
    return next((a for a in attributions if any(_n_shared(cue, span) for span in a.cue)), None)


def _right(
    pairs: Pairs, attributions: Sequence[Attribution | None], candidates: Sequence[Piece], are_contents: bool
) -> NDArray[np.int8]:
    """1 for each pair that is right, else 0. `attributions`: of each cue."""
    right = np.zeros(len(pairs.rows), np.int8)
    for row, (cue, number) in enumerate(zip(pairs.cues.tolist(), pairs.pieces.tolist(), strict=True)):
        attribution, piece = attributions[cue], candidates[number]
        if attribution is None:
            continue
        shared = sum(_n_shared(piece, span) for span in (attribution.content if are_contents else attribution.source))
        right[row] = shared > (0.5 * (piece.end - piece.start) if are_contents else 0)
    return right


def _n_shared(piece: Piece, span: _Span) -> int:
    """The number of characters that a piece and a span share."""
    return max(0, min(piece.end, span[1]) - max(piece.start, span[0]))


def fit(articles: Sequence[MarkedText]) -> lightgbm.LGBMClassifier:
    rows, right = map(np.concatenate, zip(*examples(articles), strict=True))
    model = lightgbm.LGBMClassifier(
        n_estimators=TREES, learning_rate=RATE, num_leaves=LEAVES, min_child_samples=LEAST_IN_LEAF, subsample=0.8,
        subsample_freq=1, colsample_bytree=0.7, random_state=1, deterministic=True, num_threads=2, verbose=-1,
    )  # fmt: skip
    return model.fit(rows, right, feature_name=list(FEATURES))


def main() -> None:
    articles = polnear_texts()
    model = fit(learnt_from(articles))
    rows, right = map(np.concatenate, zip(*examples(held_out(articles)), strict=True))
    predicted = model.predict_proba(rows)[:, 1] > 0.5
    for name, selected in (("sources", rows[:, 0] == 0), ("contents", rows[:, 0] == 1)):
        n_right = (predicted & (right == 1) & selected).sum()
        f1 = 2 * n_right / ((predicted & selected).sum() + ((right == 1) & selected).sum())
        print(f"{name}: F1 {f1:.3f} of {selected.sum():,} pairs that were held out")
    if "--check" not in sys.argv:
        width = FloatTensorType([None, rows.shape[1]])
        onnx = convert_lightgbm(model.booster_, initial_types=[("rows", width)], zipmap=False, target_opset=15)
        ATTRIBUTIONS.write_bytes(onnx.SerializeToString())
        record_sum(ATTRIBUTIONS)
        print(f"wrote {ATTRIBUTIONS.name}, {ATTRIBUTIONS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
