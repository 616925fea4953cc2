"""Work on a topic: its own examples, a query tried on what is published, a sheet for coders and what it says."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from etl.nlp.gazetteer import Gazetteer
from etl.plain import Given, match_texts
from etl.topics.files import Example, Topic
from etl.topics.matcher import Wanted


@dataclass(frozen=True)
class Wrong:
    """An example that a topic's file says wrongly."""

    topic: str
    example: Example
    must_match: bool


def wrong_examples(topics: Sequence[Topic], gazetteer: Gazetteer, annotator: str) -> Iterator[Wrong]:
    """The examples in topics' files that do not match as the file says."""
    for topic in topics:
        examples = [(e, True) for e in topic.must_match] + [(e, False) for e in topic.must_not_match]
        given = [
            Given(str(n), e.text, _language(e, topic), {"title": e.title, "outlet": e.outlet})
            for n, (e, _) in enumerate(examples)
        ]
        wanted = Wanted(topic.name, topic.query, topic.within)
        matched = {row["id"] for row in match_texts(given, wanted, topic.languages, gazetteer, annotator)}
        for number, (example, must_match) in enumerate(examples):
            if (str(number) in matched) is not must_match:
                yield Wrong(topic.name, example, must_match)


def _language(example: Example, topic: Topic) -> str:
    """A sentence alone may be taken for a language near to its own: then it is in the topic's first."""
    code = example.language or language.identify(example.text)
    return code if code in topic.languages else topic.languages[0]
