"""What two texts share to the word, and the judged pairs that weights are fitted on."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.stories.candidates import candidates
from etl.stories.likeness import same_story
from etl.stories.wording import Shared, compare_wordings, read_wording
from evaluation.story_pairs import hard_pairs, judge_by_wording, precision_recall_f1

WORDS = st.lists(st.integers(0, 400).map(lambda n: f"w{n}"), min_size=0, max_size=120).map(" ".join)


@given(WORDS, WORDS)
def test_shares_are_shares_and_the_same_both_ways(one: str, other: str) -> None:
    shared = compare_wordings(read_wording(one), read_wording(other))
    assert all(0 <= getattr(shared, name) <= 1 for name in Shared.__dataclass_fields__)
    if len(one.split()) != len(other.split()):
        assert shared == compare_wordings(read_wording(other), read_wording(one))


@pytest.mark.parametrize("text", ["", "one two three", "中国"])
def test_fewer_than_four_words_share_nothing(text: str) -> None:
    assert compare_wordings(read_wording(text), read_wording(text)).of_shorter == 0.0


def test_a_cut_stands_whole_in_its_source() -> None:
    long = " ".join(f"word{n}" for n in range(200))
    shared = compare_wordings(read_wording(long), read_wording(" ".join(long.split()[50:110])))
    assert (shared.of_shorter, shared.of_longer, shared.longest) == (1.0, 0.3, 1.0)
    assert same_story(shared) > 0.9


def test_numbers_and_names_tell_a_template() -> None:
    form = "The temperature in {} will reach {} degrees on {}, with wind from the {} at {} metres a second."
    one, other = form.format("Oslo", 12, "Monday", "West", 4), form.format("Rome", 25, "Friday", "North", 9)
    shared = compare_wordings(read_wording(one), read_wording(other))
    assert shared.of_telling < shared.of_shorter


def test_hard_pairs_that_were_held_out() -> None:
    held = [pair for pair in hard_pairs() if pair.half == "held"]
    assert len(held) >= 50
    precision, recall, _ = precision_recall_f1([judge_by_wording(pair) for pair in held], [pair.same for pair in held])
    assert precision >= 0.8 and recall >= 0.95


def test_candidates_are_earlier_ones_in_the_window_that_share_a_passage() -> None:
    rest = [" ".join(f"t{n}w{k}" for k in range(150)) for n in range(4)]
    passage = " ".join(f"shared{k}" for k in range(120))
    texts = [f"{rest[0]} {passage}", rest[1], f"{passage} {rest[2]}", f"{rest[3]} {passage}"]
    days = np.array([0, 1, 2, 30])
    assert candidates([read_wording(text) for text in texts], days, 7) == [[], [], [0], []]
