-- Texts that were printed again, to the letter, after the window in which copies are one story: a story of its own, and
-- which earlier one it repeats.
-- article_id: The article.
-- story_id: Its story.
-- reprint_of: The earliest article with this text.
-- reprint_of_story: That article's story.
-- day: The article's day.
-- first_day: The earliest one's day.
WITH texts AS (
    SELECT
        article_id, story_id, text_sha256, coalesce(published_date, first_seen_at::DATE) AS day, published_at, first_seen_at
    FROM articles
    WHERE word_count >= 15
),
firsts AS (
    SELECT text_sha256, article_id, story_id, day
    FROM texts
    QUALIFY row_number() OVER (PARTITION BY text_sha256 ORDER BY day, published_at, first_seen_at, article_id) = 1
)
SELECT
    t.article_id, t.story_id, f.article_id AS reprint_of, f.story_id AS reprint_of_story, t.day, f.day AS first_day
FROM texts t
JOIN firsts f USING (text_sha256)
WHERE t.story_id <> f.story_id
ORDER BY t.day, t.article_id
