-- The story of each article: the one at the root of `copy_of`.
WITH RECURSIVE chain AS (
    SELECT s.article_id, s.article_id AS story_id
    FROM story_rows s
    WHERE s.copy_of IS NULL OR s.copy_of NOT IN (SELECT article_id FROM story_rows)
    UNION ALL
    SELECT s.article_id, c.story_id FROM story_rows s JOIN chain c ON s.copy_of = c.article_id
)
SELECT article_id, story_id FROM chain
