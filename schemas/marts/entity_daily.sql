-- How often what is linked is named, a day: entities with an id.
-- entity_id: The id, as in `entities`.
-- day: The day of publication.
-- n_articles: Articles that name it.
-- n_stories: Distinct stories among them.
-- n_mentions: How often it is named.
SELECT
    e.entity_id, a.day, count(DISTINCT a.article_id) AS n_articles, count(DISTINCT a.story_id) AS n_stories,
    count(*) AS n_mentions
FROM entities e JOIN dated_articles a USING (article_id)
WHERE e.entity_id IS NOT NULL
GROUP BY e.entity_id, a.day
ORDER BY e.entity_id, a.day
