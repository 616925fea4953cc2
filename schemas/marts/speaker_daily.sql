-- How much each resolved speaker is quoted, a day. Stories are not to be added over days: quotes are, each copy counted.
-- speaker_entity_id: The speaker's id; null where not linked.
-- speaker_name: The speaker's name.
-- day: The day of publication.
-- n_quotes: Quotes, each copy counted.
-- n_said: The same, the same words once a story.
-- n_articles: Articles with them.
-- n_stories: Distinct stories among those.
SELECT
    q.speaker_entity_id, q.speaker_name, a.day, count(*) AS n_quotes,
    count(DISTINCT (a.story_id, q.quote_key)) AS n_said,
    count(DISTINCT a.article_id) AS n_articles,
    count(DISTINCT a.story_id) AS n_stories
FROM quotes q JOIN dated_articles a USING (article_id)
WHERE q.speaker_name IS NOT NULL
GROUP BY q.speaker_entity_id, q.speaker_name, a.day
ORDER BY q.speaker_entity_id, q.speaker_name, a.day
