-- One row a topic and article: what every series of a topic is counted from. Undated articles have a null day.
-- topic: The topic.
-- article_id: The article.
-- story_id: Its story.
-- source: Its source.
-- outlet: Its outlet.
-- outlet_country: The outlet's country, ISO 3166 alpha-3.
-- language: Its language.
-- day: Its day of publication; null if undated.
-- n_mentions: Sentences, paragraphs or articles that satisfy the topic's query.
-- n_quotes: Quotes that overlap a mention.
WITH quoted AS (
    SELECT m.topic, m.article_id, count(DISTINCT q.quote_id) AS n_quotes
    FROM mentions m
    JOIN quotes q ON q.article_id = m.article_id AND q.char_start < m.char_end AND m.char_start < q.char_end
    GROUP BY ALL
),
mentioned AS (SELECT topic, article_id, count(*) AS n_mentions FROM mentions GROUP BY ALL)
SELECT
    m.topic, a.article_id, a.story_id, a.source, a.outlet, a.outlet_country, a.language, a.published_date AS day,
    m.n_mentions, coalesce(q.n_quotes, 0) AS n_quotes
FROM mentioned m
JOIN articles a USING (article_id)
LEFT JOIN quoted q USING (topic, article_id)
WHERE (m.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
ORDER BY m.topic, day, a.article_id
