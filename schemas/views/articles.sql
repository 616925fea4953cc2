-- Each article once, in its current version, with its day, its story and when it was first seen.
SELECT
    v.* EXCLUDE (
        published_date, published_at, published_raw, published_method, published_precision
    ),
    c.printed.published_date AS published_date,
    c.printed.published_at AS published_at,
    c.printed.published_raw AS published_raw,
    c.printed.published_method AS published_method,
    c.printed.published_precision AS published_precision,
    c.first_seen_at,
    c.n_versions,
    coalesce(s.story_id, c.article_id) AS story_id
FROM article_versions v
JOIN current_articles c USING (batch, warc_offset)
LEFT JOIN story_ids s ON s.article_id = c.article_id
