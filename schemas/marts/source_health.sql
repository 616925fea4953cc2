-- How well each source works: what it gave, what was rejected, and which days are unknown. One row per source.
-- source: Source, as in `articles`.
-- n_articles: Number of its articles.
-- n_undated: Number of articles without a day of publication; no daily series counts them.
-- n_versions: Number of wordings of its articles; more than `n_articles` if articles were corrected.
-- n_rejects: Number of records in its batches that gave no article.
-- reject_reasons: Those records by reason: a map from each reason (see `rejects`) to its number; null if there are
--     none.
-- lost_bytes: Bytes of its batches that could not be read.
-- first_day: Day of publication of its first article; null if it has no dated article.
-- last_day: Day of publication of its last article; null if it has no dated article.
-- days_observed: Number of days with the status observed in `coverage`.
-- days_unobserved: Number of days with the status unobserved.
-- days_unknown: Number of days with the status unknown.
-- median_words: Median length of its articles in words; null if it has no article.
-- n_visits: Number of visits to its site.
-- n_failed_visits: Number of visits in which a listing could not be read.
-- last_reached: Moment of the last visit in which all listings could be read (UTC); null if there is none.
WITH reject_counts AS (
    SELECT
        source, sum(n_records)::BIGINT AS n_rejects,
        map(list(reason ORDER BY reason), list(n_records ORDER BY reason)) AS reject_reasons
    FROM (
        SELECT main.source, reject.reason, count(*) AS n_records
        FROM rejects reject JOIN batch_sources main USING (batch) WHERE reject.stage = 'extract' GROUP BY ALL
    )
    GROUP BY source
),
losses AS (
    SELECT main.source, sum(batch.lost_bytes)::BIGINT AS lost_bytes
    FROM batches batch JOIN batch_sources main USING (batch) GROUP BY main.source
),
article_counts AS (
    SELECT
        source, count(*) AS n_articles, count(*) FILTER (published_date IS NULL) AS n_undated,
        sum(n_versions)::BIGINT AS n_versions, min(published_date) AS first_day, max(published_date) AS last_day,
        median(word_count)::BIGINT AS median_words
    FROM articles GROUP BY source
),
day_counts AS (
    SELECT
        source, count(*) FILTER (status = 'observed') AS days_observed,
        count(*) FILTER (status = 'unobserved') AS days_unobserved, count(*) FILTER (status = 'unknown') AS days_unknown
    FROM coverage GROUP BY source
),
visit_counts AS (
    SELECT
        source, count(*) AS n_visits, count(*) FILTER (NOT all_read) AS n_failed_visits,
        max(visited_at) FILTER (all_read) AS last_reached
    FROM (
        SELECT
            source, batch, max(requested_at) AS visited_at,
            coalesce(bool_and(outcome IN ('ok', 'not_modified')) FILTER (is_listing(kind)), false) AS all_read
        FROM fetches GROUP BY ALL
    )
    GROUP BY source
)
SELECT
    source, coalesce(n_articles, 0) AS n_articles, coalesce(n_undated, 0) AS n_undated,
    coalesce(n_versions, 0) AS n_versions, coalesce(n_rejects, 0) AS n_rejects, reject_reasons,
    coalesce(lost_bytes, 0) AS lost_bytes, first_day, last_day, coalesce(days_observed, 0) AS days_observed,
    coalesce(days_unobserved, 0) AS days_unobserved, coalesce(days_unknown, 0) AS days_unknown, median_words,
    coalesce(n_visits, 0) AS n_visits, coalesce(n_failed_visits, 0) AS n_failed_visits, last_reached
FROM (SELECT source FROM article_counts UNION SELECT source FROM losses UNION SELECT source FROM day_counts)
LEFT JOIN article_counts USING (source)
LEFT JOIN reject_counts USING (source)
LEFT JOIN losses USING (source)
LEFT JOIN day_counts USING (source)
LEFT JOIN visit_counts USING (source)
ORDER BY source
