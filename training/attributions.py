"""The model that joins pieces of quotations to attributions: python -m training.attributions [--check]

Fitted on PolNeAR's train part, of which every twelfth article is kept out. Pieces are those that the encoder marks, as
at run time; a pair is right if the cue touches a cue of the set, and the piece its source or most of the piece its
content. Writes etl/nlp/models/attributions.onnx.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

import lightgbm
import numpy as np
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType

from etl.nlp.encoder.labels import ATTRIBUTIONS
from etl.nlp.encoder.read import read
from etl.nlp.quotes.attribution_features import FEATURES, Pairs, TextFeatures
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import Piece, pieces_of, settled
from etl.text import lay_out
from training.corpora import Attribution, Marked, polnear

TREES, LEAVES, RATE, LEAST = 200, 31, 0.07, 30
_Span = tuple[int, int]


def examples(articles: Sequence[Marked]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Rows and which of them are right, for each article."""
    for article, pieces in zip(articles, pieces_of(read([a.text for a in articles])), strict=True):
        layout = lay_out(article.text, "en")
        marks = Marks(find_marked(article.text, layout.paragraphs))
        contents = settled(pieces, marks, article.text)
        if not contents or not pieces.cues:
            continue
        sight = TextFeatures(article.text, layout, marks, pieces)
        of_cue = [_attribution(cue, article.attributions or ()) for cue in pieces.cues]
        for own, of_contents in ((pieces.sources, False), (contents, True)):
            pairs = sight.pairs(contents, of_contents)
            if len(pairs.rows):
                yield pairs.rows, _right(pairs, of_cue, own, of_contents)


def _attribution(cue: Piece, attributions: Iterable[Attribution]) -> Attribution | None:
    return next((a for a in attributions if any(_shared(cue, span) for span in a.cue)), None)


def _right(pairs: Pairs, of_cue: Sequence[Attribution | None], own: Sequence[Piece], of_contents: bool) -> np.ndarray:
    found = np.zeros(len(pairs.rows), np.int8)
    for row, (cue, number) in enumerate(zip(pairs.cues.tolist(), pairs.pieces.tolist(), strict=True)):
        true, piece = of_cue[cue], own[number]
        if true is None:
            continue
        shared = sum(_shared(piece, span) for span in (true.content if of_contents else true.source))
        found[row] = shared > (0.5 * (piece.end - piece.start) if of_contents else 0)
    return found


def _shared(piece: Piece, span: _Span) -> int:
    return max(0, min(piece.end, span[1]) - max(piece.start, span[0]))


def fit(articles: Sequence[Marked]) -> lightgbm.LGBMClassifier:
    rows, right = map(np.concatenate, zip(*examples(articles), strict=True))
    model = lightgbm.LGBMClassifier(
        n_estimators=TREES, learning_rate=RATE, num_leaves=LEAVES, min_child_samples=LEAST, subsample=0.8,
        subsample_freq=1, colsample_bytree=0.7, random_state=1, deterministic=True, num_threads=2, verbose=-1,
    )  # fmt: skip
    return model.fit(rows, right, feature_name=list(FEATURES))


def main() -> None:
    articles = polnear()
    model = fit([a for n, a in enumerate(articles) if n % 12 != 11])
    rows, right = map(np.concatenate, zip(*examples([a for n, a in enumerate(articles) if n % 12 == 11]), strict=True))
    said = model.predict_proba(rows)[:, 1] > 0.5
    is_content = rows[:, FEATURES.index("is_content")] == 1
    for name, of in (("sources", ~is_content), ("contents", is_content)):
        true = 2 * (said & (right == 1) & of).sum() / ((said & of).sum() + ((right == 1) & of).sum())
        print(f"{name}: F1 {true:.3f} of {of.sum():,} pairs that were kept out")
    if "--check" not in sys.argv:
        width = FloatTensorType([None, rows.shape[1]])
        made = convert_lightgbm(model.booster_, initial_types=[("rows", width)], zipmap=False, target_opset=15)
        ATTRIBUTIONS.write_bytes(made.SerializeToString())
        print(f"{ATTRIBUTIONS.name}: {ATTRIBUTIONS.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
