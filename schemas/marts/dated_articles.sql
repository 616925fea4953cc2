-- One row an article with a day: what every series counts as its whole.
-- article_id: The article.
-- story_id: Its story.
-- batch: The batch that it comes from.
-- source: Its source.
-- outlet: Its outlet.
-- outlet_country: The outlet's country, ISO 3166 alpha-3.
-- language: Its language.
-- day: Its day of publication.
-- n_quotes: Quotes in it.
WITH quoted AS (SELECT article_id, count(*) AS n_quotes FROM quotes GROUP BY ALL)
SELECT
    a.article_id, a.story_id, a.batch, a.source, a.outlet, a.outlet_country, a.language, a.published_date AS day,
    coalesce(q.n_quotes, 0) AS n_quotes
FROM articles a LEFT JOIN quoted q USING (article_id)
WHERE a.published_date IS NOT NULL
ORDER BY day, article_id
