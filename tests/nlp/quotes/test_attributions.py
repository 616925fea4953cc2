"""Contents are fitted to marks, and pieces of one attribution are joined, whatever the text."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etl.models.sessions import open_session
from etl.nlp.encoder.model_files import ATTRIBUTIONS
from etl.nlp.encoder.read import read
from etl.nlp.quotes.attribution_features import FEATURES, TextFeatures
from etl.nlp.quotes.attributions import join
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import Piece, Pieces, pieces_of, settled
from etl.text import Layout, lay_out


def read_text(text: str) -> tuple[Layout, Marks, Pieces]:
    layout = lay_out(text, "en")
    [pieces] = pieces_of(read([text]))
    return layout, Marks(find_marked(text, layout.paragraphs)), pieces


def pieces_with_contents(text: str, *spans: tuple[int, int]) -> Pieces:
    starts = np.array([0], np.int32)
    inside = {part: np.zeros(2, np.float32) for part in ("source", "cue", "content")}
    return Pieces((), (), tuple(Piece(a, b, 0.9) for a, b in spans), starts, inside)


@pytest.mark.parametrize(
    ("text", "marked_by_encoder", "content"),
    [
        ("He said “we will go home”.", "will go", "we will go home"),
        ("He said “we will go home”.", "we will go home”.", "“we will go home”."),
        ("He said it was “too late to go” now.", "it was “too late", "it was “too late to go”"),
        ("He said it was late.", "it was late", "it was late"),
    ],
)
def test_contents_are_fitted_to_quotation_marks(text: str, marked_by_encoder: str, content: str) -> None:
    at = text.index(marked_by_encoder)
    marks = Marks(find_marked(text, lay_out(text).paragraphs))
    [piece] = settled(pieces_with_contents(text, (at, at + len(marked_by_encoder))), marks, text)
    assert text[piece.start : piece.end] == content


def test_source_cue_and_contents_of_a_split_quotation_are_joined() -> None:
    text = (
        "“The route is agreed,” said Arkady Velichko, “and the price will be agreed in spring.” "
        "Nina Orlova denied that anything had been agreed."
    )
    first, second = join(text, *read_text(text))
    assert [text[p.start : p.end] for p in first.contents] == [
        "The route is agreed,",
        "and the price will be agreed in spring.",
    ]
    assert first.source and text[first.source.start : first.source.end] == "Arkady Velichko"
    assert second.source and text[second.source.start : second.source.end] == "Nina Orlova"
    assert text[second.cue.start : second.cue.end] == "denied"


def test_the_fitted_model_takes_one_column_for_each_feature() -> None:
    [rows] = open_session(ATTRIBUTIONS).get_inputs()
    assert rows.shape[1] == len(FEATURES) == len(set(FEATURES))


def test_columns_are_the_features_by_name() -> None:
    text = "“The route is agreed,” said Arkady Velichko."
    layout, marks, pieces = read_text(text)
    pairs = TextFeatures(text, layout, marks, pieces).pairs(settled(pieces, marks, text), True)
    row = dict(zip(FEATURES, pairs.rows[0].tolist(), strict=True))
    assert (row["is_content"], row["before_cue"], row["piece_in_marks"], row["cue_in_marks"]) == (1, 1, 1, 0)
    assert (row["piece_words"], row["cue_words"]) == (5, 1)  # the comma is a word of the encoder
    assert row["marks_between"] == 1 and row["first_cue_word"] == row["last_cue_word"] == 1  # "said"


PIECES = ["“", "”", '"', " said ", "Putin", " he ", ", ", ". ", "\n", "word ", "according to ", "that ", "中国", "😀"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_features_are_finite_and_each_content_is_joined_at_most_once(text: str) -> None:
    layout, marks, pieces = read_text(text)
    contents = settled(pieces, marks, text)
    for of_contents in (False, True):
        pairs = TextFeatures(text, layout, marks, pieces).pairs(contents, of_contents)
        assert np.isfinite(pairs.rows).all() and len(pairs.rows) == len(pairs.cues) == len(pairs.pieces)
    joined = [piece for attribution in join(text, layout, marks, pieces) for piece in attribution.contents]
    assert len(joined) == len(set(joined)) and set(joined) <= set(contents)
