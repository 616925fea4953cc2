-- What is known of each source on each day, from its first day to its last: silence is told from zero.
-- source: The source.
-- day: The day.
-- status: observed, unobserved (a live source whose feed was not reached), unknown (an archive not declared complete).
-- basis: Why: declared complete, listing reached, no listing reached, a batch could not be read, archive.
-- n_articles: Articles of that day.
-- low_volume: Fewer than the source's file expects of an ordinary day, else than a quarter of its median day: a flag.
WITH per_day AS (
    SELECT source, published_date AS day, count(*) AS n_articles
    FROM articles WHERE published_date IS NOT NULL GROUP BY ALL
),
-- A declaration speaks for the batch's main source, not for stray pages of others.
declared AS (
    SELECT
        s.source, unnest(generate_series(b.complete_from, b.complete_to, INTERVAL 1 DAY))::DATE AS day,
        b.batch IN (SELECT batch FROM shown_units WHERE stage = 'extract') AS is_read
    FROM batches b JOIN batch_sources s USING (batch)
    WHERE b.complete_from IS NOT NULL AND b.complete_to IS NOT NULL
),
-- A visit speaks for the days down to which all its listings reach: the one that failed may be the one that matters.
-- Indexes, lists of addresses, and sections and sitemaps without dates cannot say how far they reach: the others do.
visits AS (
    SELECT source, max(oldest_entry) AS oldest_entry, max(requested_at)::DATE AS reached
    FROM fetches
    WHERE kind IN ('feed', 'sitemap', 'index', 'section', 'list')
    GROUP BY source, batch
    HAVING bool_and(outcome IN ('ok', 'not_modified') AND (oldest_entry IS NOT NULL OR kind <> 'feed'))
        AND max(oldest_entry) IS NOT NULL
),
listed AS (
    SELECT source, unnest(generate_series(oldest_entry, reached, INTERVAL 1 DAY))::DATE AS day FROM visits
),
live AS (SELECT source, min(requested_at)::DATE AS since, max(requested_at)::DATE AS until FROM fetches GROUP BY source),
spans AS (
    SELECT source, min(day) AS first_day, max(day) AS last_day
    FROM (
        SELECT source, day FROM per_day
        UNION ALL SELECT source, day FROM declared
        UNION ALL SELECT source, day FROM listed
        UNION ALL SELECT source, since FROM live
        UNION ALL SELECT source, until FROM live
    )
    GROUP BY source
),
days AS (
    SELECT source, unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM spans
),
judged AS (
    SELECT
        d.source, d.day,
        CASE
            WHEN NOT c.is_read THEN 'a batch could not be read'
            WHEN c.day IS NOT NULL THEN 'declared complete'
            WHEN l.day IS NOT NULL THEN 'listing reached'
            WHEN d.day >= v.since THEN 'no listing reached'
            ELSE 'archive'
        END AS basis,
        coalesce(p.n_articles, 0) AS n_articles
    FROM days d
    LEFT JOIN (SELECT source, day, bool_and(is_read) AS is_read FROM declared GROUP BY ALL) c USING (source, day)
    LEFT JOIN (SELECT DISTINCT source, day FROM listed) l USING (source, day)
    LEFT JOIN live v USING (source)
    LEFT JOIN per_day p USING (source, day)
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
FROM judged
LEFT JOIN sources USING (source)
ORDER BY source, day
