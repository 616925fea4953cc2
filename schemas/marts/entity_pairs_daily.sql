-- Pairs of linked entities (persons, organisations, places and so on) that are named in the same sentence, per day. One
-- row per pair and day on which the pair occurs; only pairs that occur in three or more stories over all days.
-- entity_a: The entity_id of the pair that sorts first, as in `entities`.
-- entity_b: The other entity_id of the pair.
-- day: Calendar day of publication.
-- n_sentences: Number of sentences that name both.
-- n_articles: Number of articles with such a sentence.
-- n_stories: Number of distinct stories among them.
WITH named AS (
    SELECT DISTINCT article_id, sentence, entity_id FROM entities WHERE entity_id IS NOT NULL
),
pairs AS (
    SELECT a.entity_id AS entity_a, b.entity_id AS entity_b, article.day, article.article_id, article.story_id
    FROM named a
    JOIN named b ON b.article_id = a.article_id AND b.sentence = a.sentence AND a.entity_id < b.entity_id
    JOIN dated_articles article ON article.article_id = a.article_id
),
frequent_pairs AS (SELECT entity_a, entity_b FROM pairs GROUP BY ALL HAVING count(DISTINCT story_id) >= 3)
SELECT
    entity_a, entity_b, day, count(*) AS n_sentences, count(DISTINCT article_id) AS n_articles,
    count(DISTINCT story_id) AS n_stories
FROM pairs SEMI JOIN frequent_pairs USING (entity_a, entity_b)
GROUP BY entity_a, entity_b, day
ORDER BY entity_a, entity_b, day
