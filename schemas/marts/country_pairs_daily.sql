-- The world's matrix: which two countries are named in one sentence, a day, by any names that carry them.
-- country_a: The one that sorts first, ISO 3166 alpha-3.
-- country_b: The other.
-- day: The day of publication.
-- n_sentences: Sentences that name both.
-- n_articles: Articles with such a sentence.
-- n_stories: Distinct stories among those.
WITH named AS (
    SELECT DISTINCT article_id, sentence, unnest(countries) AS country FROM entities WHERE len(countries) > 0
)
SELECT
    a.country AS country_a, b.country AS country_b, d.day, count(*) AS n_sentences,
    count(DISTINCT d.article_id) AS n_articles, count(DISTINCT d.story_id) AS n_stories
FROM named a
JOIN named b ON b.article_id = a.article_id AND b.sentence = a.sentence AND a.country < b.country
JOIN dated_articles d ON d.article_id = a.article_id
GROUP BY a.country, b.country, d.day
ORDER BY country_a, country_b, day
