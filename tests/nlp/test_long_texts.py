"""Long texts are annotated in parts, and a text that takes too long costs only itself."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.nlp import annotate as module
from etl.nlp.annotate import Annotation, TextToAnnotate, annotate
from etl.nlp.annotators import ENCODER, GAZETTEER
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.nlp.long_texts import cut

PARAGRAPH = '"The two countries will sign the treaty," said Vladimir Putin in Moscow. Xi Jinping agreed in Beijing.\n'


def subject(text: str) -> TextToAnnotate:
    return TextToAnnotate("b", "2025-09", "a", "v", text, "en")


@given(st.text("ab \n", max_size=60), st.integers(1, 20))
def test_parts_join_to_the_text_and_none_is_too_long(text: str, longest: int) -> None:
    parts = list(cut(text, longest))
    assert "".join(parts) == text
    assert all(len(part) <= longest for part in parts)


def test_parts_end_at_line_breaks_or_else_at_spaces() -> None:
    assert list(cut("one two\nthree four", 10)) == ["one two\n", "three four"]
    assert list(cut("one two three", 9)) == ["one two ", "three"]


def test_what_is_found_in_parts_is_what_is_found_at_once(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the gazetteer and the rules: the encoder also reads what is around a paragraph."""
    text = PARAGRAPH * 12
    [whole] = annotate([subject(text)], gazetteer, GAZETTEER)
    in_parts = annotate_in_parts(text, gazetteer, monkeypatch, GAZETTEER)
    assert [replace(e, cluster=0) for e in in_parts.entities] == [replace(e, cluster=0) for e in whole.entities]
    around = {"context_before": "", "context_after": ""}
    assert [replace(q, **around) for q in in_parts.quotes] == [replace(q, **around) for q in whole.quotes]
    assert len(whole.quotes) == 12


def test_spans_of_parts_are_slices_of_the_whole_text(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    text = PARAGRAPH * 12
    annotation = annotate_in_parts(text, gazetteer, monkeypatch, ENCODER)
    assert len(annotation.quotes) >= 12
    assert all(text[q.char_start : q.char_end] == q.text for q in annotation.quotes)
    assert all(text[q.speaker_char_start : q.speaker_char_end] == q.speaker for q in annotation.quotes if q.speaker)
    assert all(text[e.char_start : e.char_end] == e.text for e in annotation.entities)
    assert len({e.cluster for e in annotation.entities if e.name == "Vladimir Putin"}) == 4, "one in each part"


def annotate_in_parts(text: str, gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch, annotator: str) -> Annotation:
    monkeypatch.setattr(module, "LONGEST_PART", 3 * len(PARAGRAPH))
    monkeypatch.setattr(module, "cut", lambda text: cut(text, 3 * len(PARAGRAPH)))
    [annotation] = annotate([subject(text)], gazetteer, annotator)
    return annotation


def test_of_a_text_that_is_too_long_the_beginning_is_annotated(
    gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LONGEST_PART", "LONGEST_TEXT"):
        monkeypatch.setattr(module, name, 2 * len(PARAGRAPH))
    text = PARAGRAPH * 5
    [annotation] = annotate([subject(text)], gazetteer, GAZETTEER)
    assert len(annotation.quotes) == 2
    assert annotation.problem == (
        "too_large",
        f"only the first {len(text) * 2 // 5} of {len(text)} characters were annotated",
    )


def test_a_text_that_takes_too_long_costs_only_itself(gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch) -> None:
    find_names = module.find_names

    def slow(text: str, *arguments: object) -> object:
        deadline = time.process_time() + 5
        while "slow" in text and time.process_time() < deadline:
            pass
        return find_names(text, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "find_names", slow)
    monkeypatch.setattr(module, "SECONDS_PER_TEXT", 1.0)
    first, second, third = annotate(
        [subject(PARAGRAPH), subject(f"slow {PARAGRAPH}"), subject(PARAGRAPH)], gazetteer, GAZETTEER
    )
    assert (first.problem, third.problem) == (None, None)
    assert len(first.quotes) == len(third.quotes) == 1
    assert second.problem == ("timeout", "annotating the text takes more than 1 s of processor time")


def test_texts_are_annotated_in_groups_no_longer_than_a_part(
    gazetteer: Gazetteer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    together = module._annotate_together

    def recorded(texts: list[TextToAnnotate], *arguments: Any) -> list[Annotation]:
        lengths.append(sum(len(text.text) for text in texts))
        return together(texts, *arguments)

    texts = [subject(PARAGRAPH * n) for n in (1, 1, 1, 5, 2, 0, 2)]
    at_once = annotate(texts, gazetteer, GAZETTEER)
    monkeypatch.setattr(module, "LONGEST_PART", 3 * len(PARAGRAPH))
    monkeypatch.setattr(module, "cut", lambda text: cut(text, 3 * len(PARAGRAPH)))
    monkeypatch.setattr(module, "_annotate_together", recorded)
    in_groups = annotate(texts, gazetteer, GAZETTEER)
    assert [n // len(PARAGRAPH) for n in lengths] == [3, 3, 2, 2, 2]
    assert [[q.text for q in a.quotes] for a in in_groups] == [[q.text for q in a.quotes] for a in at_once]
