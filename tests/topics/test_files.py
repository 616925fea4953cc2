"""The examples in the topic files match, or do not match, as the files say."""

from __future__ import annotations

import pytest

from etl.configuration.settings import PACKAGED
from etl.nlp.annotators import ENCODER
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.topics.files import Topic, load_topics
from etl.workbench.topic_trial import wrong_examples

TOPICS = load_topics(PACKAGED / "topics")


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_the_examples_of_a_topic_match_as_its_file_says(topic: Topic, gazetteer: Gazetteer) -> None:
    assert list(wrong_examples([topic], gazetteer, ENCODER)) == []


def test_every_topic_has_examples_of_both_kinds() -> None:
    assert all(topic.must_match and topic.must_not_match for topic in TOPICS)
