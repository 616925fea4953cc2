-- One row per article whose day of publication is known. The totals of all series are counted from these rows.
-- article_id: Id of the article.
-- story_id: Id of its story.
-- batch: Id of the batch that holds the article's current version.
-- source: Source, as in `articles`.
-- outlet: Outlet, as in `articles`.
-- outlet_country: Country of the outlet (ISO 3166 alpha-3); null if not known.
-- language: Language of the text (ISO 639-1); null if not known.
-- day: Calendar day of publication in the outlet's time zone.
-- n_quotes: Number of quotes in the article.
WITH quote_counts AS (SELECT article_id, count(*) AS n_quotes FROM quotes GROUP BY ALL)
SELECT
    article.article_id, article.story_id, article.batch, article.source, article.outlet, article.outlet_country,
    article.language, article.published_date AS day, coalesce(quote_counts.n_quotes, 0) AS n_quotes
FROM articles article LEFT JOIN quote_counts USING (article_id)
WHERE article.published_date IS NOT NULL
ORDER BY day, article_id
