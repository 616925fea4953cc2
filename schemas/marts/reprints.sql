-- Texts that were printed again, the same or lightly edited, after the window in which copies are one story: a story of its
-- own, and which earlier one it repeats.
-- article_id: The article, the first of its story.
-- story_id: Its story.
-- reprint_of: The earliest article with this text.
-- reprint_of_story: That article's story.
-- day: The article's day.
-- first_day: The earliest one's day.
-- similarity: An estimate of the share of their wording that both have: from the sketches of the two texts, 0.88 or more.
WITH firsts AS (
    SELECT article_id, story_id, day, wording_prints, len(wording_prints) AS n_prints
    FROM stories
    WHERE copy_of IS NULL AND len(wording_prints) >= 12  -- fifteen words; fewer are no text
),
-- A text's place in time is (day, article_id): two of one day are never reprints.
prints AS (
    SELECT article_id, day, unnest(wording_prints) AS print FROM firsts
),
-- What very many texts have leads to its first fifty users, not to all: joining by it would cost most.
earliest AS (SELECT * FROM prints QUALIFY row_number() OVER (PARTITION BY print ORDER BY day, article_id) <= 50),
pairs AS (
    SELECT later.article_id, earlier.article_id AS reprint_of, count(*) AS n_shared
    FROM prints later JOIN earliest earlier ON earlier.print = later.print AND earlier.day < later.day
    GROUP BY ALL
)
SELECT
    l.article_id, l.story_id, p.reprint_of, e.story_id AS reprint_of_story, l.day, e.day AS first_day,
    p.n_shared / greatest(l.n_prints, e.n_prints) AS similarity
FROM pairs p
JOIN firsts l ON l.article_id = p.article_id
JOIN firsts e ON e.article_id = p.reprint_of
WHERE p.n_shared >= 0.875 * greatest(l.n_prints, e.n_prints) AND l.story_id <> e.story_id
QUALIFY row_number() OVER (PARTITION BY l.article_id ORDER BY e.day, e.article_id) = 1
ORDER BY l.day, l.article_id
