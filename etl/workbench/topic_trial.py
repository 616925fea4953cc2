"""Test the examples of topics, and try a query on the published articles."""

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
from etl.workbench.single_files.match_texts import match_texts
from etl.workbench.single_files.read_texts import InputText

_ARTICLES = """
WITH sampled AS (  -- only ids are sorted, not texts
    SELECT article_id FROM articles
    WHERE len($languages::VARCHAR[]) = 0 OR list_contains($languages::VARCHAR[], language)
    ORDER BY md5(article_id || 'try') LIMIT $max_articles
),
chosen AS (
    SELECT article_id, coalesce(published_date, first_seen_at::DATE) AS day, url, outlet, coalesce(title, '') AS title,
           language, text
    FROM articles SEMI JOIN sampled USING (article_id)
),
names AS (
    SELECT article_id, list((e.char_start, e.entity_id, e.name, e.countries)) AS names
    FROM entities e SEMI JOIN sampled USING (article_id) GROUP BY article_id
),
quoted AS (
    SELECT article_id, list((q.quote_id, [(p.char_start, p.char_end) FOR p IN q.parts], q.speaker_entity_id,
                             q.speaker_name)) AS quotes
    FROM quotes q SEMI JOIN sampled USING (article_id) GROUP BY article_id
)
SELECT article_id, day, url, outlet, title, language, text, names, quotes
FROM chosen LEFT JOIN names USING (article_id) LEFT JOIN quoted USING (article_id)
"""


@dataclass(frozen=True)
class WrongExample:
    """An example that does not match although its topic's file says it must, or matches although it must not."""

    topic: str
    example: Example
    must_match: bool


def wrong_examples(topics: Sequence[Topic], gazetteer: Gazetteer, annotator: str) -> Iterator[WrongExample]:
    """Find the examples that do not behave as the topics' files say."""
    for topic in topics:
        examples = [(e, True) for e in topic.must_match] + [(e, False) for e in topic.must_not_match]
        texts = [
            InputText(str(n), e.text, _language(e, topic), {"title": e.title, "outlet": e.outlet})
            for n, (e, _) in enumerate(examples)
        ]
        query = TopicQuery(topic.name, topic.query, topic.within)
        matched = {row["id"] for row in match_texts(texts, query, topic.languages, gazetteer, annotator)}
        for number, (example, must_match) in enumerate(examples):
            if (str(number) in matched) is not must_match:
                yield WrongExample(topic.name, example, must_match)


def _language(example: Example, topic: Topic) -> str:
    """The language of an example.

    A single sentence may be identified as a similar language. If the result is not a language of the topic, the topic's
    first language is taken.
    """
    code = example.language or language.identify(example.text)
    return code if code in topic.languages else topic.languages[0]


@dataclass(frozen=True)
class PublishedArticle:
    """A published article to match. `day`: the day of publication, or for an undated article of the first fetch."""

    article_id: str
    day: date
    url: str
    document: Document


@dataclass(frozen=True)
class QueryTrial:
    """What a query finds in a number of articles, with a sample of its hits."""

    n_articles: int
    months: list[tuple[str, int, int, int]]  # month, articles, articles with a hit, hits
    hits: list[tuple[PublishedArticle, Hit]]


def read_articles(warehouse: Path, languages: Sequence[str], max_articles: int) -> Iterator[PublishedArticle]:
    """Read published articles in these languages (none: in all languages) with their names and quotes.

    If there are more than `max_articles`, a random sample of that size is read, the same each time. Raises
    WarehouseError if nothing is published.
    """
    rows = published_rows(warehouse, _ARTICLES, {"languages": list(languages), "max_articles": max_articles})
    for article_id, day, url, outlet, title, code, text, names, quotes in rows:
        document_names = [DocumentName(*name) for name in names or ()]
        document_quotes = [DocumentQuote(*quote) for quote in quotes or ()]
        document = Document(text, code, title, outlet, document_names, document_quotes)
        yield PublishedArticle(article_id, day, url, document)


def try_query(query: TopicQuery, articles: Iterable[PublishedArticle], n_shown: int) -> QueryTrial:
    """Match a query against articles. Of the hits a random sample of `n_shown` is returned, the same each time."""
    matcher = Matcher([query])
    n_articles: Counter[str] = Counter()
    n_matching: Counter[str] = Counter()
    n_hits: Counter[str] = Counter()
    all_hits: list[tuple[PublishedArticle, Hit]] = []
    for article in articles:
        month, hits = f"{article.day:%Y-%m}", matcher.hits(article.document)
        n_articles[month] += 1
        n_matching[month] += bool(hits)
        n_hits[month] += len(hits)
        all_hits += [(article, hit) for hit in hits]
    sample = sorted(all_hits, key=lambda item: random_order_key(item[0].article_id, item[1].start))[:n_shown]
    sample.sort(key=lambda item: (item[0].day, item[0].url, item[1].start))
    months = [(month, n_articles[month], n_matching[month], n_hits[month]) for month in sorted(n_articles)]
    return QueryTrial(n_articles.total(), months, sample)


def random_order_key(article_id: str, start: int) -> str:
    """A key by which positions in articles are sorted into a random order that is the same each time."""
    return hashlib.sha256(f"{article_id}|{start}".encode()).hexdigest()
