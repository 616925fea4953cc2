"""The names that the encoder marks, in any text."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from etl.nlp.encoder.labels import COLUMNS
from etl.nlp.encoder.read import read
from etl.nlp.encoder.windows import windows
from etl.nlp.names.encoder_tagger import tag

SENTENCE = (
    "Nigerian lawmaker Ngozi Okonkwo told the Vanguard that Shell plc had left Port Harcourt after the Biafran War."
)


def marked(text: str) -> list[tuple[str, str]]:
    return [(text[name.start : name.end], name.type) for name in tag([text])[0]]


def test_names_of_many_peoples_and_their_types() -> None:
    names = marked(SENTENCE)
    assert {("Ngozi Okonkwo", "PER"), ("Shell plc", "ORG"), ("Port Harcourt", "LOC")} <= set(names)
    assert ("Tran Van Hung", "PER") in marked("A Vietnamese fisherman, Tran Van Hung, was detained near Hainan.")
    assert ("Nurlan Zhumabayev", "PER") in marked("Kazakh minister Nurlan Zhumabayev resigned on Monday.")


@pytest.mark.parametrize("change", [str.lower, str.upper, str.title])
def test_headlines_and_texts_without_capitals(change: object) -> None:
    text = change("Putin visits Beijing for talks with Xi Jinping")  # type: ignore[operator]
    assert {change("Putin"), change("Beijing"), change("Xi Jinping")} <= {name for name, _ in marked(text)}  # type: ignore[operator]


BAD = {
    "empty": "",
    "only line ends": "\n\n\n",
    "one line of 200,000 characters": "Xi Jinping met Vladimir Putin in Beijing. " * 4762,
    "one word of 200,000 characters": "x" * 200_000,
    "5,000 paragraphs": "Kim Jong Un left.\n" * 5000,
    "emoji": "😀🇨🇳👩‍👩‍👧 Putin 😀" * 50,
    "mixed scripts": "Путин met 习近平 في بكين with मोदी in 東京 and Ελλάδα.",
    "a language it does not know": "Presidenti i Shqipërisë takoi kryeministrin e Kosovës në Tiranë.",
    "controls": "Putin\x00\x01\u202e met\ufeff Xi\u2028Jinping",
}


@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_any_text_is_read(text: str) -> None:
    [names] = tag([text])
    assert all(0 <= name.start < name.end <= len(text) for name in names)
    assert all(a.end <= b.start for a, b in pairwise(names))


def test_work_grows_in_proportion_to_length() -> None:
    pieces = [sum(len(window.pieces) for window in windows("Xi met Putin. " * times)) for times in (1000, 2000)]
    assert pieces[1] < 2.1 * pieces[0]


def test_scores_do_not_depend_on_other_texts_or_on_threads() -> None:
    texts = [SENTENCE, "", "Short.", SENTENCE * 20]
    together = read(texts, threads=2)
    for text, reading in zip(texts, together, strict=True):
        [alone] = read([text], threads=1)
        for alone_scores, together_scores in zip(alone.scores, reading.scores, strict=True):
            assert alone_scores.shape[1] == len(COLUMNS)
            assert np.array_equal(alone_scores, together_scores)


def test_a_name_never_crosses_a_paragraph() -> None:
    for name in tag(["Vladimir\nPutin\n" * 20])[0]:
        assert name.end - name.start <= len("Vladimir")
