-- The story of each article: the id of the article to which `copy_of` leads, followed from article to article.
WITH RECURSIVE chain AS (
    SELECT story.article_id, story.article_id AS story_id
    FROM story_rows story
    WHERE story.copy_of IS NULL OR story.copy_of NOT IN (SELECT article_id FROM story_rows)
    UNION ALL
    SELECT story.article_id, chain.story_id FROM story_rows story JOIN chain ON story.copy_of = chain.article_id
)
SELECT article_id, story_id FROM chain
