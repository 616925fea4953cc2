"""Work on a topic: its own examples, and a query tried on what is published."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.extract import language
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.topics.files import Example, Topic
from etl.topics.matcher import Document, DocumentName, DocumentQuote, Hit, Matcher, TopicQuery
from etl.warehouse.duck import published_rows
from etl.workbench.single_files import Given, match_texts

_ARTICLES = """
WITH lots AS (  -- ids alone are sorted, not texts
    SELECT article_id FROM articles
    WHERE len($languages::VARCHAR[]) = 0 OR list_contains($languages::VARCHAR[], language)
    ORDER BY md5(article_id || 'try') LIMIT $most
),
chosen AS (
    SELECT article_id, coalesce(published_date, first_seen_at::DATE) AS day, url, outlet, coalesce(title, '') AS title,
           language, text
    FROM articles SEMI JOIN lots USING (article_id)
),
names AS (
    SELECT article_id, list((e.char_start, e.entity_id, e.name, e.countries)) AS names
    FROM entities e SEMI JOIN lots USING (article_id) GROUP BY article_id
),
quoted AS (
    SELECT article_id, list((q.quote_id, [(p.char_start, p.char_end) FOR p IN q.parts], q.speaker_entity_id,
                             q.speaker_name)) AS quotes
    FROM quotes q SEMI JOIN lots USING (article_id) GROUP BY article_id
)
SELECT article_id, day, url, outlet, title, language, text, names, quotes
FROM chosen LEFT JOIN names USING (article_id) LEFT JOIN quoted USING (article_id)
"""


@dataclass(frozen=True)
class Wrong:
    """An example that does not match, or not fail to match, as its topic's file says."""

    topic: str
    example: Example
    must_match: bool


def wrong_examples(topics: Sequence[Topic], gazetteer: Gazetteer, annotator: str) -> Iterator[Wrong]:
    """The examples that topics' files get wrong."""
    for topic in topics:
        examples = [(e, True) for e in topic.must_match] + [(e, False) for e in topic.must_not_match]
        given = [
            Given(str(n), e.text, _language(e, topic), {"title": e.title, "outlet": e.outlet})
            for n, (e, _) in enumerate(examples)
        ]
        wanted = TopicQuery(topic.name, topic.query, topic.within)
        matched = {row["id"] for row in match_texts(given, wanted, topic.languages, gazetteer, annotator)}
        for number, (example, must_match) in enumerate(examples):
            if (str(number) in matched) is not must_match:
                yield Wrong(topic.name, example, must_match)


def _language(example: Example, topic: Topic) -> str:
    """A sentence alone may be taken for a language near to its own: then it is in the topic's first."""
    code = example.language or language.identify(example.text)
    return code if code in topic.languages else topic.languages[0]


@dataclass(frozen=True)
class Seen:
    """A published article as queries see it, and where it is from. `day`: first sight, where it is undated."""

    article_id: str
    day: date
    url: str
    document: Document


@dataclass(frozen=True)
class Tried:
    """What a query finds in so many articles: by month all of these, those found, and hits; some of the hits."""

    looked_at: int
    months: list[tuple[str, int, int, int]]
    hits: list[tuple[Seen, Hit]]


def read_articles(warehouse: Path, languages: Sequence[str], most: int) -> Iterator[Seen]:
    """Published articles in these languages with their names and quotes; of more than `most`, so many by chance.

    Raises WarehouseError where nothing is published.
    """
    rows = published_rows(warehouse, _ARTICLES, {"languages": list(languages), "most": most})
    for article_id, day, url, outlet, title, code, text, names, quotes in rows:
        known = [DocumentName(*name) for name in names or ()]
        said = [DocumentQuote(*quote) for quote in quotes or ()]
        yield Seen(article_id, day, url, Document(text, code, title, outlet, known, said))


def try_query(wanted: TopicQuery, articles: Iterable[Seen], shown: int) -> Tried:
    """Looks a query up in articles; of the hits, `shown` by chance, the same each time."""
    matcher = Matcher([wanted])
    articles_of: Counter[str] = Counter()
    found: Counter[str] = Counter()
    hits_of: Counter[str] = Counter()
    hits: list[tuple[Seen, Hit]] = []
    looked_at = 0
    for seen in articles:
        looked_at += 1
        month, own = f"{seen.day:%Y-%m}", matcher.hits(seen.document)
        articles_of[month] += 1
        found[month] += bool(own)
        hits_of[month] += len(own)
        hits += [(seen, hit) for hit in own]
    chosen = sorted(hits, key=lambda item: by_chance(item[0].article_id, item[1].start))[:shown]
    months = [(month, articles_of[month], found[month], hits_of[month]) for month in sorted(articles_of)]
    return Tried(looked_at, months, sorted(chosen, key=lambda item: (item[0].day, item[0].url, item[1].start)))


def by_chance(article_id: str, start: int) -> str:
    """A place's lot: any order by it is an order by chance, and the same each time."""
    return hashlib.sha256(f"{article_id}|{start}".encode()).hexdigest()
