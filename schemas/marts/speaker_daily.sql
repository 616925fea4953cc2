-- How much each speaker is quoted, per day. One row per speaker whose name is known and day on which he or she is
-- quoted. Quotes and articles may be added up over days; stories may not, because a story can go on for several days.
-- speaker_entity_id: Id of the speaker, as in `entities`; null if the speaker is not linked.
-- speaker_name: Name of the speaker.
-- day: Calendar day of publication.
-- n_quotes: Number of quotes, every copy counted.
-- n_said: Number of quotes, the same words in one story counted once.
-- n_articles: Number of articles with these quotes.
-- n_stories: Number of distinct stories among them.
SELECT
    quote.speaker_entity_id, quote.speaker_name, article.day, count(*) AS n_quotes,
    count(DISTINCT (article.story_id, quote.quote_key)) AS n_said,
    count(DISTINCT article.article_id) AS n_articles,
    count(DISTINCT article.story_id) AS n_stories
FROM quotes quote JOIN dated_articles article USING (article_id)
WHERE quote.speaker_name IS NOT NULL
GROUP BY quote.speaker_entity_id, quote.speaker_name, article.day
ORDER BY quote.speaker_entity_id, quote.speaker_name, article.day
