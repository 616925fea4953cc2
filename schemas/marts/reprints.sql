-- Texts that were printed again, unchanged or lightly edited, so late that the reprint counts as a story of its own
-- (see `stories`). One row per reprint, with the earliest article that it repeats.
-- article_id: Id of the reprint, which is the first article of its story.
-- story_id: Id of the reprint's story.
-- reprint_of: Id of the earliest article with this text.
-- reprint_of_story: Id of that article's story.
-- day: Day of the reprint, as in `stories`.
-- first_day: Day of the earliest article.
-- similarity: Estimated share of their wording that the two texts have in common, from 0.875 to 1.
WITH firsts AS (
    SELECT article_id, story_id, day, wording_prints, len(wording_prints) AS n_prints
    FROM stories
    WHERE copy_of IS NULL AND len(wording_prints) >= 12  -- a text of fewer than 15 words is not compared
),
-- Only a text of an earlier day can be repeated; texts of one day are ordered by their id.
prints AS (
    SELECT article_id, day, unnest(wording_prints) AS print FROM firsts
),
-- A hash that very many texts share is looked up in the first fifty of them only: joining all would cost too much.
earliest_prints AS (
    SELECT * FROM prints QUALIFY row_number() OVER (PARTITION BY print ORDER BY day, article_id) <= 50
),
pairs AS (
    SELECT later.article_id, earlier.article_id AS reprint_of, count(*) AS n_shared
    FROM prints later JOIN earliest_prints earlier ON earlier.print = later.print AND earlier.day < later.day
    GROUP BY ALL
)
SELECT
    later.article_id, later.story_id, pair.reprint_of, earlier.story_id AS reprint_of_story, later.day,
    earlier.day AS first_day, pair.n_shared / greatest(later.n_prints, earlier.n_prints) AS similarity
FROM pairs pair
JOIN firsts later ON later.article_id = pair.article_id
JOIN firsts earlier ON earlier.article_id = pair.reprint_of
WHERE pair.n_shared >= 0.875 * greatest(later.n_prints, earlier.n_prints) AND later.story_id <> earlier.story_id
QUALIFY row_number() OVER (PARTITION BY later.article_id ORDER BY earlier.day, earlier.article_id) = 1
ORDER BY later.day, later.article_id
