-- Which quotes are the same words, in whatever article: each belongs to the first that has them. A cut or slightly
-- edited copy counts as the same; fewer than five words only where the same speaker says them in the same week.
-- quote_id: The quote.
-- utterance_id: The quote_id of the first quote with these words.
-- similarity: The share of the shorter one's fingerprints that it has in common with the quote it was joined to; 1 for the first.
-- place: The order in which the words were published.
WITH said AS (
    SELECT
        coalesce(a.published_date, a.first_seen_at::DATE) AS day, q.quote_id, q.quote_key, q.quote_prints, len(q.quote_prints) AS n_prints,
        coalesce(q.speaker_entity_id, lower(split_part(q.speaker_name, ' ', -1))) AS who,
        row_number() OVER (
            ORDER BY coalesce(a.published_date, a.first_seen_at::DATE), a.published_at, a.first_seen_at, a.article_id,
                     q.char_start, q.quote_id
        ) AS place
    FROM quotes q
    JOIN articles a USING (article_id)
),
prints AS (SELECT place, unnest(quote_prints) AS print FROM said),
firsts AS (SELECT print, min(place) AS place FROM prints GROUP BY print),
-- Every fingerprint leads to its first quote alone: time is linear, however often words are copied.
shared AS (
    SELECT p.place, f.place AS original, count(*) AS n_shared
    FROM prints p
    JOIN firsts f USING (print)
    WHERE f.place < p.place
    GROUP BY ALL
),
near AS (
    SELECT s.place, s.original, s.n_shared / least(own.n_prints, other.n_prints) AS similarity
    FROM shared s
    JOIN said own ON own.place = s.place
    JOIN said other ON other.place = s.original
    -- A cut copy shares all its fingerprints. An edited one shares most; of a few, that may be a form of words.
    WHERE s.n_shared >= CASE WHEN least(own.n_prints, other.n_prints) < 8 THEN 0.9 ELSE 0.6 END
                        * least(own.n_prints, other.n_prints)
      AND (own.who = other.who OR least(own.n_prints, other.n_prints) >= 3)
),
-- A few words, "thank you", are said again and again: those of one week are the same.
same AS (
    SELECT place, lag(place) OVER again AS original, 1.0 AS similarity
    FROM said
    WHERE who IS NOT NULL AND n_prints = 0 AND quote_key <> ''
    WINDOW again AS (PARTITION BY quote_key, who ORDER BY place)
    QUALIFY day - lag(day) OVER again <= 7
),
joined AS (
    SELECT place, original, similarity
    FROM (FROM near UNION ALL FROM same)
    QUALIFY row_number() OVER (PARTITION BY place ORDER BY similarity DESC, original) = 1
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
