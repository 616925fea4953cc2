-- Whether the articles of a source on a day are known: one row per source and day, from the source's first to its last
-- day. This tells a day without articles from a day about which nothing is known.
-- source: Source, as in `articles`.
-- day: Calendar day of publication.
-- status: One of: observed (it is known what the source published that day), unobserved (it is not known: a visit
--     failed or did not come in time, or a batch could not be read) or unknown (an archive that was not declared
--     complete).
-- basis: Why the status is so. For observed: "declared complete" (the archive, for that day) or "listing reached" (a
--     visit read all listings of the source, and they go back to that day). For unobserved: "no listing reached" or "a
--     batch could not be read". For unknown: "archive".
-- n_articles: Number of articles that the source published that day.
-- low_volume: True if there are fewer articles than the source's file expects of an ordinary day or, if it does not
--     say, fewer than a quarter of the source's median day. This is a hint; it does not change the status.
WITH daily_counts AS (
    SELECT source, published_date AS day, count(*) AS n_articles
    FROM articles WHERE published_date IS NOT NULL GROUP BY ALL
),
-- A declaration holds for the main source of the batch, not for single pages of other sources in it.
declared_days AS (
    SELECT
        main.source, unnest(generate_series(batch.complete_from, batch.complete_to, INTERVAL 1 DAY))::DATE AS day,
        batch.batch IN (SELECT batch FROM shown_units WHERE stage = 'extract') AS is_read
    FROM batches batch JOIN batch_sources main USING (batch)
    WHERE batch.complete_from IS NOT NULL AND batch.complete_to IS NOT NULL
),
-- A visit covers the days down to which its listings go back, if all of them were read: the articles of a day may be in
-- the one that failed. Indexes, lists of addresses, and sections and sitemaps without dates cannot say how far they go
-- back; the other listings of the visit do.
visits AS (
    SELECT source, max(oldest_entry) AS oldest_entry, max(requested_at)::DATE AS visit_day
    FROM fetches
    WHERE is_listing(kind)
    GROUP BY source, batch
    HAVING bool_and(outcome IN ('ok', 'not_modified') AND (oldest_entry IS NOT NULL OR kind <> 'feed'))
        AND max(oldest_entry) IS NOT NULL
),
listed_days AS (
    SELECT source, unnest(generate_series(oldest_entry, visit_day, INTERVAL 1 DAY))::DATE AS day FROM visits
),
visited_spans AS (
    SELECT source, min(requested_at)::DATE AS first_visit, max(requested_at)::DATE AS last_visit
    FROM fetches GROUP BY source
),
source_spans AS (
    SELECT source, min(day) AS first_day, max(day) AS last_day
    FROM (
        SELECT source, day FROM daily_counts
        UNION ALL SELECT source, day FROM declared_days
        UNION ALL SELECT source, day FROM listed_days
        UNION ALL SELECT source, first_visit FROM visited_spans
        UNION ALL SELECT source, last_visit FROM visited_spans
    )
    GROUP BY source
),
source_days AS (
    SELECT source, unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM source_spans
),
judged_days AS (
    SELECT
        source_day.source, source_day.day,
        CASE
            WHEN NOT declared.is_read THEN 'a batch could not be read'
            WHEN declared.day IS NOT NULL THEN 'declared complete'
            WHEN listed.day IS NOT NULL THEN 'listing reached'
            WHEN source_day.day >= visited.first_visit THEN 'no listing reached'
            ELSE 'archive'
        END AS basis,
        coalesce(counts.n_articles, 0) AS n_articles
    FROM source_days source_day
    LEFT JOIN (
        SELECT source, day, bool_and(is_read) AS is_read FROM declared_days GROUP BY ALL
    ) declared USING (source, day)
    LEFT JOIN (SELECT DISTINCT source, day FROM listed_days) listed USING (source, day)
    LEFT JOIN visited_spans visited USING (source)
    LEFT JOIN daily_counts counts USING (source, day)
)
SELECT
    source,
    day,
    CASE
        WHEN basis IN ('declared complete', 'listing reached') THEN 'observed'
        WHEN basis IN ('no listing reached', 'a batch could not be read') THEN 'unobserved'
        ELSE 'unknown'
    END AS status,
    basis,
    n_articles,
    n_articles < coalesce(articles_least, 0.25 * median(n_articles) OVER (PARTITION BY source)) AS low_volume
FROM judged_days
LEFT JOIN sources USING (source)
ORDER BY source, day
