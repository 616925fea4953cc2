"""What two texts share word for word, and the score on judged pairs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.stories.candidates import find_candidates
from etl.stories.likeness import same_story_probability
from etl.stories.wording import SharedWording, compare_wordings, read_wording
from evaluation.story_pairs import hard_pairs, judge_by_wording, precision_recall_f1

WORDS = st.lists(st.integers(0, 400).map(lambda n: f"w{n}"), min_size=0, max_size=120).map(" ".join)


@given(WORDS, WORDS)
def test_shares_lie_between_0_and_1_and_do_not_depend_on_the_order_of_the_texts(a: str, b: str) -> None:
    shared = compare_wordings(read_wording(a), read_wording(b))
    assert all(0 <= getattr(shared, name) <= 1 for name in SharedWording.__dataclass_fields__)
    if len(a.split()) != len(b.split()):
        assert shared == compare_wordings(read_wording(b), read_wording(a))


@pytest.mark.parametrize("text", ["", "one two three", "中国"])
def test_a_text_of_fewer_than_four_words_shares_nothing(text: str) -> None:
    assert compare_wordings(read_wording(text), read_wording(text)).of_shorter == 0.0


def test_an_excerpt_stands_in_its_source_as_one_run() -> None:
    source = " ".join(f"word{n}" for n in range(200))
    excerpt = " ".join(source.split()[50:110])
    shared = compare_wordings(read_wording(source), read_wording(excerpt))
    assert (shared.of_shorter, shared.of_longer, shared.longest_run) == (1.0, 0.3, 1.0)
    assert same_story_probability(shared) > 0.9


def test_two_texts_of_one_template_share_fewer_numbers_and_names_than_words() -> None:
    template = "The temperature in {} will reach {} degrees on {}, with wind from the {} at {} metres a second."
    oslo, rome = template.format("Oslo", 12, "Monday", "West", 4), template.format("Rome", 25, "Friday", "North", 9)
    shared = compare_wordings(read_wording(oslo), read_wording(rome))
    assert shared.of_numbers_and_names < shared.of_shorter


def test_most_of_the_held_out_hard_pairs_are_judged_correctly() -> None:
    held_out = [pair for pair in hard_pairs() if pair.half == "held"]
    assert len(held_out) >= 50
    judgements = [judge_by_wording(pair) for pair in held_out]
    precision, recall, _ = precision_recall_f1(judgements, [pair.same for pair in held_out])
    assert precision >= 0.8 and recall >= 0.95


def test_candidates_are_earlier_texts_in_the_window_that_share_a_passage() -> None:
    unique = [" ".join(f"t{n}w{k}" for k in range(150)) for n in range(4)]
    passage = " ".join(f"shared{k}" for k in range(120))
    texts = [f"{unique[0]} {passage}", unique[1], f"{passage} {unique[2]}", f"{unique[3]} {passage}"]
    days = np.array([0, 1, 2, 30])
    assert find_candidates([read_wording(text) for text in texts], days, 7) == [[], [], [0], []]
