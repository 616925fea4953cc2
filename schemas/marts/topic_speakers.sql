-- Who is quoted on a topic: how often, in how many stories and outlets. Quotes without a resolved speaker are not counted.
-- topic: The topic.
-- speaker_entity_id: The speaker's id; null where not linked.
-- speaker_name: The speaker's name.
-- speaker_countries: The speaker's countries, ISO 3166 alpha-3.
-- n_quotes: Quotes that overlap a mention, each copy counted.
-- n_said: The same, the same words once a story.
-- n_articles: Articles with them.
-- n_stories: Distinct stories among those.
-- n_outlets: Distinct outlets among those.
-- first_day: The first day.
-- last_day: The last day.
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
