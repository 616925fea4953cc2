-- Which two things are named in one sentence, a day: both linked, and together in three stories or more in all.
-- entity_a: The id of the one that sorts first, as in `entities`.
-- entity_b: The id of the other.
-- day: The day of publication.
-- n_sentences: Sentences that name both.
-- n_articles: Articles with such a sentence.
-- n_stories: Distinct stories among those.
WITH named AS (
    SELECT DISTINCT article_id, sentence, entity_id FROM entities WHERE entity_id IS NOT NULL
),
pairs AS (
    SELECT a.entity_id AS entity_a, b.entity_id AS entity_b, d.day, d.article_id, d.story_id
    FROM named a
    JOIN named b ON b.article_id = a.article_id AND b.sentence = a.sentence AND a.entity_id < b.entity_id
    JOIN dated_articles d ON d.article_id = a.article_id
),
often AS (SELECT entity_a, entity_b FROM pairs GROUP BY ALL HAVING count(DISTINCT story_id) >= 3)
SELECT
    entity_a, entity_b, day, count(*) AS n_sentences, count(DISTINCT article_id) AS n_articles,
    count(DISTINCT story_id) AS n_stories
FROM pairs SEMI JOIN often USING (entity_a, entity_b)
GROUP BY entity_a, entity_b, day
ORDER BY entity_a, entity_b, day
