-- One row a source: what it gave, what was rejected, how much of it is undated or unobserved.
-- source: The source.
-- n_articles: Its articles.
-- n_undated: Those without a day of publication: they are in no daily series.
-- n_versions: Their versions: more than articles where texts were corrected.
-- n_rejects: Records of its batches that gave no article.
-- reject_reasons: Those by reason.
-- lost_bytes: Bytes of its batches that could not be read.
-- first_day: Day of its first article.
-- last_day: Day of its last article.
-- days_observed: Days on which it was observed.
-- days_unobserved: Days on which it was not.
-- days_unknown: Days of archives that were not declared complete.
-- median_words: Median length of its articles.
-- n_visits: Visits to the live source.
-- n_failed_visits: Those in which a listing could not be read.
-- last_reached: When all its listings were last read (UTC).
WITH reasons AS (
    SELECT source, sum(n)::BIGINT AS n_rejects, map(list(reason ORDER BY reason), list(n ORDER BY reason)) AS reject_reasons
    FROM (
        SELECT s.source, r.reason, count(*) AS n FROM rejects r JOIN batch_sources s USING (batch) GROUP BY ALL
    )
    GROUP BY source
),
losses AS (
    SELECT s.source, sum(b.lost_bytes)::BIGINT AS lost_bytes FROM batches b JOIN batch_sources s USING (batch) GROUP BY s.source
),
texts AS (
    SELECT
        source, count(*) AS n_articles, count(*) FILTER (published_date IS NULL) AS n_undated,
        sum(n_versions)::BIGINT AS n_versions, min(published_date) AS first_day, max(published_date) AS last_day,
        median(word_count)::BIGINT AS median_words
    FROM articles GROUP BY source
),
days AS (
    SELECT
        source, count(*) FILTER (status = 'observed') AS days_observed,
        count(*) FILTER (status = 'unobserved') AS days_unobserved, count(*) FILTER (status = 'unknown') AS days_unknown
    FROM coverage GROUP BY source
),
visits AS (
    SELECT
        source, count(*) AS n_visits, count(*) FILTER (NOT reached) AS n_failed_visits,
        max(visited_at) FILTER (reached) AS last_reached
    FROM (
        SELECT
            source, batch, max(requested_at) AS visited_at,
            coalesce(bool_and(outcome IN ('ok', 'not_modified')) FILTER (kind IN ('feed', 'sitemap', 'index', 'section', 'list')), false)
                AS reached
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
FROM (SELECT source FROM texts UNION SELECT source FROM losses UNION SELECT source FROM days)
LEFT JOIN texts USING (source)
LEFT JOIN reasons USING (source)
LEFT JOIN losses USING (source)
LEFT JOIN days USING (source)
LEFT JOIN visits USING (source)
ORDER BY source
