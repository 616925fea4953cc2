-- Which row of `article_versions` stands for each article, with its day and when it was first seen.
-- Current version: latest fetched_at; at a tie the row read at its canonical URL, then the longer text, then the hash.
-- The same version in several batches counts in the one with the lowest (fetched_at, batch).
-- The day is the first that the article ever printed: a correction does not move it; undated, the day of first sight.
WITH latest AS (
    SELECT article_id, version_id
    FROM article_versions
    QUALIFY row_number() OVER (
        PARTITION BY article_id
        ORDER BY fetched_at DESC, own_address DESC, word_count DESC, text_sha256, batch, warc_offset
    ) = 1
),
history AS (
    SELECT
        article_id,
        min(fetched_at) AS first_seen_at,
        count(DISTINCT version_id) AS n_versions,
        first(
            {
                'published_date': published_date, 'published_at': published_at, 'published_raw': published_raw,
                'published_method': published_method, 'published_precision': published_precision
            }
            ORDER BY published_date IS NULL, fetched_at, own_address DESC, batch, warc_offset
        ) AS printed
    FROM article_versions
    GROUP BY article_id
)
SELECT
    v.batch, v.warc_offset, v.article_id, v.version_id, h.first_seen_at, h.n_versions, h.printed,
    coalesce(h.printed.published_date, h.first_seen_at::DATE) AS day
FROM article_versions v
JOIN latest USING (article_id, version_id)
JOIN history h USING (article_id)
QUALIFY row_number() OVER (
    PARTITION BY v.article_id ORDER BY v.fetched_at, v.batch, v.own_address DESC, v.warc_offset
) = 1
