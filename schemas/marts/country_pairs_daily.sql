-- Pairs of countries that are named in the same sentence, per day. A country is named by any name that stands for it:
-- its own, its capital, its people, a politician in office. One row per pair and day on which the pair occurs.
-- country_a: The country of the pair whose code sorts first (ISO 3166 alpha-3).
-- country_b: The other country of the pair (ISO 3166 alpha-3).
-- day: Calendar day of publication.
-- n_sentences: Number of sentences that name both.
-- n_articles: Number of articles with such a sentence.
-- n_stories: Number of distinct stories among them.
WITH named AS (
    SELECT DISTINCT article_id, sentence, unnest(countries) AS country FROM entities WHERE len(countries) > 0
)
SELECT
    a.country AS country_a, b.country AS country_b, article.day, count(*) AS n_sentences,
    count(DISTINCT article.article_id) AS n_articles, count(DISTINCT article.story_id) AS n_stories
FROM named a
JOIN named b ON b.article_id = a.article_id AND b.sentence = a.sentence AND a.country < b.country
JOIN dated_articles article ON article.article_id = a.article_id
GROUP BY a.country, b.country, article.day
ORDER BY country_a, country_b, day
