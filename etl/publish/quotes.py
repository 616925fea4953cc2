"""The quotes of the published file, by speaker, topic and time."""

_SQL = """
SELECT a.published_date AS day, q.speaker_name, q.speaker, q.speaker_method AS method, q.confidence,
       q.kind, q.text,
       a.outlet, a.title, a.url
FROM quotes q
JOIN articles a USING (article_id)
WHERE ($speaker IS NULL OR q.speaker_name ILIKE '%' || $speaker || '%' OR q.speaker_entity_id = $speaker
       OR q.speaker ILIKE '%' || $speaker || '%')
  AND ($topic IS NULL OR q.quote_id IN (SELECT quote_id FROM topic_quotes WHERE topic = $topic))
  AND ($since IS NULL OR a.published_date >= $since)
  AND ($until IS NULL OR a.published_date <= $until)
ORDER BY a.published_date DESC NULLS LAST, a.url, q.char_start
LIMIT $limit
"""


def quotes_sql() -> str:
    """SQL with the parameters $speaker, $topic, $since, $until (null: any) and $limit."""
    return _SQL
