-- Who is quoted on a topic, and how often. One row per topic and speaker; quotes whose speaker has no known name are
-- not counted.
-- topic: Topic.
-- speaker_entity_id: Id of the speaker, as in `entities`; null if the speaker is not linked.
-- speaker_name: Name of the speaker.
-- speaker_countries: Countries that the speaker stands for (ISO 3166 alpha-3), as in the latest quote.
-- n_quotes: Number of quotes that overlap a mention of the topic, every copy counted.
-- n_said: Number of these quotes, the same words in one story counted once.
-- n_articles: Number of articles with these quotes.
-- n_stories: Number of distinct stories among them.
-- n_outlets: Number of distinct outlets among them.
-- first_day: Day of publication of the first quote; null if none is dated.
-- last_day: Day of publication of the last quote; null if none is dated.
SELECT
    topic, speaker_entity_id,
    first(speaker_name ORDER BY day NULLS LAST, quote_id) AS speaker_name,
    first(speaker_countries ORDER BY day DESC NULLS LAST, quote_id) AS speaker_countries,
    count(*) AS n_quotes,
    count(DISTINCT (story_id, quote_key)) AS n_said,
    count(DISTINCT article_id) AS n_articles,
    count(DISTINCT story_id) AS n_stories,
    count(DISTINCT outlet) AS n_outlets,
    min(day) AS first_day,
    max(day) AS last_day
FROM topic_quotes JOIN (SELECT quote_id, quote_key FROM quotes) USING (quote_id)
WHERE speaker_name IS NOT NULL
GROUP BY topic, speaker_entity_id, CASE WHEN speaker_entity_id IS NULL THEN speaker_name END
ORDER BY topic, n_stories DESC, n_quotes DESC, speaker_name
