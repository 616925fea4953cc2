"""Every topic's own sentences match, and do not match, as its file says."""

from __future__ import annotations

import pytest

from etl.extract.language import identify
from etl.nlp.annotate import Subject, annotate
from etl.nlp.gazetteer import Gazetteer
from etl.settings import PACKAGED
from etl.topics.files import Topic, load_topics
from etl.topics.matcher import Located, Matcher, Wanted

TOPICS = load_topics(PACKAGED / "topics")
SENTENCES = [(t, s, True) for t in TOPICS for s in t.must_match] + [
    (t, s, False) for t in TOPICS for s in t.must_not_match
]


@pytest.mark.parametrize(("topic", "sentence", "is_match"), SENTENCES, ids=lambda v: getattr(v, "name", None))
def test_sentences(topic: Topic, sentence: str, is_match: bool, gazetteer: Gazetteer) -> None:
    code = identify(sentence)
    [found] = annotate([Subject("", "", "", "", sentence, code)], gazetteer)
    entities = found.entities
    places = [Located(code, entity.char_start) for entity in entities for code in entity.countries]
    found = Matcher([Wanted(topic.name, topic.query, topic.within)]).hits(sentence, code, places)
    assert bool(found) is is_match


def test_every_topic_has_sentences_of_both_kinds() -> None:
    assert all(topic.must_match and topic.must_not_match for topic in TOPICS)
