-- One row per article: its current wording, the date of publication from the first capture that shows one, its story,
-- and when it was first captured.
SELECT
    version.* EXCLUDE (
        published_date, published_at, published_raw, published_method, published_precision
    ),
    current_version.printed.published_date AS published_date,
    current_version.printed.published_at AS published_at,
    current_version.printed.published_raw AS published_raw,
    current_version.printed.published_method AS published_method,
    current_version.printed.published_precision AS published_precision,
    current_version.first_seen_at,
    current_version.n_versions,
    coalesce(story.story_id, current_version.article_id) AS story_id
FROM article_versions version
JOIN current_articles current_version USING (batch, warc_offset)
LEFT JOIN story_ids story ON story.article_id = current_version.article_id
