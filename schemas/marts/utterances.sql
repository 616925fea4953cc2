-- Which quotes are the same words, in whatever article: each belongs to the first that has them. A cut or slightly
-- edited copy counts as the same; fewer than five words only where the same speaker says them within a week again.
-- quote_id: The quote.
-- utterance_id: The quote_id of the first quote with these words.
-- similarity: The share of the shorter one's fingerprints that it has in common with the quote it was joined to; 1 for the first.
-- place: The order in which the words were published.
WITH said AS (
    SELECT
        coalesce(a.published_date, a.first_seen_at::DATE) AS day, q.quote_id, q.quote_key, q.quote_prints,
        len(q.quote_prints) AS n_prints, lower(split_part(q.speaker_name, ' ', -1)) AS who,
        row_number() OVER (
            ORDER BY coalesce(a.published_date, a.first_seen_at::DATE), a.published_at, a.first_seen_at, a.article_id,
                     q.char_start, q.quote_id
        ) AS place
    FROM quotes q
    JOIN articles a USING (article_id)
),
-- The same words to the letter: of five words and more by anybody, of fewer by the same speaker within a week.
same AS (
    SELECT place, min(place) OVER (PARTITION BY quote_key) AS original
    FROM said
    WHERE n_prints > 0
    UNION ALL
    SELECT place, lag(place) OVER again AS original
    FROM said
    WHERE who IS NOT NULL AND n_prints = 0 AND quote_key <> ''
    WINDOW again AS (PARTITION BY quote_key, who ORDER BY place)
    QUALIFY day - lag(day) OVER again <= 7
),
-- Wordings, each at its first quote. Every fingerprint leads to the first three wordings that have it: time is linear,
-- however often words are copied, and a form of words that somebody used before hides nothing.
wordings AS (SELECT s.* FROM said s JOIN same e ON e.place = s.place AND e.original = s.place),
prints AS (SELECT place, unnest(quote_prints) AS print FROM wordings),
firsts AS (
    SELECT print, place FROM prints QUALIFY row_number() OVER (PARTITION BY print ORDER BY place) <= 3
),
shared AS (
    SELECT p.place, f.place AS original, count(*) AS n_shared
    FROM prints p
    JOIN firsts f USING (print)
    WHERE f.place < p.place
    GROUP BY ALL
),
-- A cut copy shares all its fingerprints. An edited one shares most; of a few, that may be a form of words.
near AS (
    SELECT s.place, s.original, s.n_shared / least(own.n_prints, other.n_prints) AS similarity
    FROM shared s
    JOIN wordings own ON own.place = s.place
    JOIN wordings other ON other.place = s.original
    WHERE s.n_shared >= CASE WHEN least(own.n_prints, other.n_prints) < 8 THEN 0.9 ELSE 0.6 END
                        * least(own.n_prints, other.n_prints)
      AND (own.who = other.who OR least(own.n_prints, other.n_prints) >= 3)
),
joined AS (
    SELECT place, original, 1.0 AS similarity FROM same WHERE original < place
    UNION ALL
    FROM near QUALIFY row_number() OVER (PARTITION BY place ORDER BY similarity DESC, original) = 1
),
roots AS (
    WITH RECURSIVE chain AS (
        SELECT s.place, s.place AS root FROM said s WHERE s.place NOT IN (SELECT place FROM joined)
        UNION ALL
        SELECT j.place, c.root FROM joined j JOIN chain c ON j.original = c.place
    )
    FROM chain
)
SELECT s.quote_id, origin.quote_id AS utterance_id, coalesce(j.similarity, 1.0) AS similarity, s.place
FROM said s
JOIN roots r ON r.place = s.place
JOIN said origin ON origin.place = r.root
LEFT JOIN joined j ON j.place = s.place
ORDER BY s.place
