-- One row per article, naming the row of `article_versions` that is its current version. The current version is the one
-- captured last. Of several captured at the same moment it is the one read at its canonical URL, then the longest text,
-- then the first by hash. If it was captured several times, the first capture stands for it. The day is the earliest
-- capture's day of publication, so that a correction does not move it; if no capture has one, the day of first capture.
WITH latest_versions AS (
    SELECT article_id, version_id
    FROM article_versions
    QUALIFY row_number() OVER (
        PARTITION BY article_id
        ORDER BY fetched_at DESC, own_address DESC, word_count DESC, text_sha256, batch, warc_offset
    ) = 1
),
histories AS (
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
    version.batch, version.warc_offset, version.article_id, version.version_id, history.first_seen_at,
    history.n_versions, history.printed,
    coalesce(history.printed.published_date, history.first_seen_at::DATE) AS day
FROM article_versions version
JOIN latest_versions USING (article_id, version_id)
JOIN histories history USING (article_id)
QUALIFY row_number() OVER (
    PARTITION BY version.article_id
    ORDER BY version.fetched_at, version.batch, version.own_address DESC, version.warc_offset
) = 1
