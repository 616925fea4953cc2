"""The quotes of the published file, by speaker, topic and time."""

_SQL = """
SELECT a.published_date AS day, q.speaker_name, q.speaker, q.speaker_method AS method, q.confidence, q.kind, q.cue,
       q.text, a.outlet, e.n_outlets AS outlets, e.n_stories AS stories, e.first_day, e.first_outlet, a.title, a.url
FROM quotes q
JOIN articles a USING (article_id)
JOIN utterances u USING (quote_id)
JOIN quotes_everywhere e USING (utterance_id)
WHERE ($speaker IS NULL OR q.speaker_entity_id = $speaker
       OR contains(strip_accents(lower(q.speaker_name)), strip_accents(lower($speaker)))
       OR (q.speaker_name IS NULL AND starts_with(lower(q.speaker), lower($speaker))))
  AND ($topic IS NULL OR q.quote_id IN (SELECT quote_id FROM topic_quotes WHERE topic = $topic))
  AND ($kind IS NULL OR q.kind = $kind)
  AND q.confidence >= $confidence
  AND ($since IS NULL OR a.published_date >= $since)
  AND ($until IS NULL OR a.published_date <= $until)
ORDER BY a.published_date DESC NULLS LAST, a.url, q.char_start
LIMIT $limit
"""
MARTS_READ = ("topic_quotes", "utterances", "quotes_everywhere")
# The columns that a table in a terminal has; CSV and JSON have all of them.
TABLE_COLUMNS = ("day", "speaker_name", "speaker", "kind", "text", "outlet", "outlets", "url")


def quotes_sql() -> str:
    """The SQL of the quotes. Parameters: $speaker, $topic, $kind, $since, $until (null: any), $confidence, $limit."""
    return _SQL
