-- How often each linked person, organisation, place and so on is named, per day. One row per entity_id and day on which
-- it is named.
-- entity_id: Id of the gazetteer's row, as in `entities`.
-- day: Calendar day of publication.
-- n_articles: Number of articles that name it.
-- n_stories: Number of distinct stories among them.
-- n_mentions: Number of times that it is named.
SELECT
    entity.entity_id, article.day, count(DISTINCT article.article_id) AS n_articles,
    count(DISTINCT article.story_id) AS n_stories, count(*) AS n_mentions
FROM entities entity JOIN dated_articles article USING (article_id)
WHERE entity.entity_id IS NOT NULL
GROUP BY entity.entity_id, article.day
ORDER BY entity.entity_id, article.day
