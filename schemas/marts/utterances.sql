-- Which quotes are the same words, in whatever articles. One row per quote, with the first quote of the same words. A
-- shortened or slightly edited copy counts as the same words. Fewer than five words count as the same only if the same
-- speaker says them again within a week.
-- quote_id: Id of the quote.
-- utterance_id: Id of the utterance: the quote_id of the first quote with these words.
-- similarity: How similar the quote is to the earlier one that it was joined to, from 0 to 1: shared fingerprints
--     divided by the number of fingerprints of the quote with fewer (see `quotes`). 1 for a first quote.
-- place: Number of the quote in the order of publication, from 1.
WITH ordered_quotes AS (
    SELECT
        coalesce(article.published_date, article.first_seen_at::DATE) AS day, quote.quote_id, quote.quote_key,
        quote.quote_prints, len(quote.quote_prints) AS n_prints,
        lower(split_part(quote.speaker_name, ' ', -1)) AS surname,
        row_number() OVER (
            ORDER BY coalesce(article.published_date, article.first_seen_at::DATE), article.published_at,
                     article.first_seen_at, article.article_id, quote.char_start, quote.quote_id
        ) AS place
    FROM quotes quote
    JOIN articles article USING (article_id)
),
-- Exactly the same words: five or more by anybody, fewer by the same speaker within a week.
same_words AS (
    SELECT place, min(place) OVER (PARTITION BY quote_key) AS original
    FROM ordered_quotes
    WHERE n_prints > 0
    UNION ALL
    SELECT place, lag(place) OVER repeated AS original
    FROM ordered_quotes
    WHERE surname IS NOT NULL AND n_prints = 0 AND quote_key <> ''
    WINDOW repeated AS (PARTITION BY quote_key, surname ORDER BY place)
    QUALIFY day - lag(day) OVER repeated <= 7
),
-- The first quote of each wording.
wordings AS (
    SELECT quote.*
    FROM ordered_quotes quote JOIN same_words same ON same.place = quote.place AND same.original = quote.place
),
prints AS (SELECT place, unnest(quote_prints) AS print FROM wordings),
-- Every fingerprint leads to the first three wordings that have it. So the time is linear, however often words are copied,
-- and a common phrase that somebody used before does not hide the original.
first_prints AS (
    SELECT print, place FROM prints QUALIFY row_number() OVER (PARTITION BY print ORDER BY place) <= 3
),
shared_prints AS (
    SELECT later.place, earlier.place AS original, count(*) AS n_shared
    FROM prints later
    JOIN first_prints earlier USING (print)
    WHERE earlier.place < later.place
    GROUP BY ALL
),
-- A shortened copy shares all its fingerprints, an edited one most of them. Where a quote has few fingerprints, a common
-- phrase may account for most of them, so nearly all have to be shared.
similar_words AS (
    SELECT
        shared.place, shared.original,
        shared.n_shared / least(later.n_prints, earlier.n_prints) AS similarity
    FROM shared_prints shared
    JOIN wordings later ON later.place = shared.place
    JOIN wordings earlier ON earlier.place = shared.original
    WHERE shared.n_shared >= CASE WHEN least(later.n_prints, earlier.n_prints) < 8 THEN 0.9 ELSE 0.6 END
                             * least(later.n_prints, earlier.n_prints)
      AND (later.surname = earlier.surname OR least(later.n_prints, earlier.n_prints) >= 3)
),
joined_quotes AS (
    SELECT place, original, 1.0 AS similarity FROM same_words WHERE original < place
    UNION ALL
    FROM similar_words QUALIFY row_number() OVER (PARTITION BY place ORDER BY similarity DESC, original) = 1
),
roots AS (
    WITH RECURSIVE chain AS (
        SELECT quote.place, quote.place AS root
        FROM ordered_quotes quote WHERE quote.place NOT IN (SELECT place FROM joined_quotes)
        UNION ALL
        SELECT joined.place, chain.root FROM joined_quotes joined JOIN chain ON joined.original = chain.place
    )
    FROM chain
)
SELECT
    quote.quote_id, original.quote_id AS utterance_id, coalesce(joined.similarity, 1.0) AS similarity, quote.place
FROM ordered_quotes quote
JOIN roots ON roots.place = quote.place
JOIN ordered_quotes original ON original.place = roots.root
LEFT JOIN joined_quotes joined ON joined.place = quote.place
ORDER BY quote.place
