-- The daily series of each topic: one row per topic and day, for every day from the first to the last day of
-- `coverage`. Counts are null where nothing is known, and 0 where it is known that there was nothing.
-- topic: Topic.
-- day: Calendar day of publication.
-- status: One of: complete (all expected sources were observed), partial (only some were: the counts are a lower
--     bound), unknown (none was, but some have the status unknown in `coverage`) or silent (no source was observed or
--     has the status unknown).
-- sources_expected: Number of the sources expected for the topic (see `topic_sources`) that have a row in `coverage`
--     for that day.
-- sources_observed: Number of those that were observed and whose articles of that day have been matched with the topic.
-- n_articles: Number of articles on the topic. This and the other counts are null in two cases: the status is silent;
--     or the status is unknown and no article of that day is in the topic's languages.
-- n_stories: Number of distinct stories among them: a wire report in fifty papers is one story.
-- n_outlets: Number of distinct outlets among them.
-- n_quotes: Number of quotes in them that overlap a mention of the topic.
-- all_articles: Number of all articles of the day in the topic's languages.
-- all_stories: Number of distinct stories among those.
-- all_outlets: Number of distinct outlets among those.
-- all_quotes: Number of all quotes in those.
-- share: n_articles / all_articles; null if all_articles is 0 or null.
-- share_low: Lower end of the share's 95 % confidence interval (Wilson), as if the articles of the day were a random
--     sample in which none copies another.
-- share_high: Upper end of that interval.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM coverage),
topic_days AS (
    SELECT topics.topic, topics.languages, days.day
    FROM topics, (
        SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM span
    ) days
),
topic_counts AS (
    SELECT
        topic, day, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories, count(DISTINCT outlet) AS n_outlets,
        sum(n_quotes)::BIGINT AS n_quotes
    FROM topic_articles WHERE day IS NOT NULL GROUP BY ALL
),
-- Topics with the same totals share one computation: see topic_wholes.
shared_totals AS (
    SELECT
        topic.topic AS stands_for, article.day, count(*) AS all_articles,
        count(DISTINCT article.story_id) AS all_stories, count(DISTINCT article.outlet) AS all_outlets,
        sum(article.n_quotes)::BIGINT AS all_quotes
    FROM topics topic
    JOIN dated_articles article ON list_contains(topic.languages, article.language)
    WHERE topic.topic IN (SELECT stands_for FROM topic_wholes)
      AND (topic.topic, article.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
),
totals AS (
    SELECT shared_by.topic, shared.* FROM topic_wholes shared_by JOIN shared_totals shared USING (stands_for)
),
-- A day of a source with articles that are not matched with the topic yet does not count as observed.
unmatched_days AS (
    SELECT DISTINCT unmatched.topic, article.source, article.published_date AS day
    FROM unmatched JOIN articles article USING (batch) WHERE article.published_date IS NOT NULL
),
source_counts AS (
    SELECT
        expected.topic, coverage.day, count(*) AS sources_expected,
        count(*) FILTER (coverage.status = 'observed' AND waiting.day IS NULL) AS sources_observed,
        count(*) FILTER (coverage.status = 'unknown' AND waiting.day IS NULL) AS sources_unknown
    FROM coverage
    JOIN topic_sources expected USING (source)
    LEFT JOIN unmatched_days waiting
      ON waiting.topic = expected.topic AND waiting.source = coverage.source AND waiting.day = coverage.day
    GROUP BY ALL
),
counts AS (
    SELECT
        topic_day.topic,
        topic_day.day,
        coalesce(source_counts.sources_expected, 0) AS sources_expected,
        coalesce(source_counts.sources_observed, 0) AS sources_observed,
        CASE
            WHEN coalesce(source_counts.sources_observed, 0) = 0 AND coalesce(source_counts.sources_unknown, 0) = 0
                THEN 'silent'
            WHEN source_counts.sources_observed = 0 THEN 'unknown'
            WHEN source_counts.sources_observed = source_counts.sources_expected THEN 'complete'
            ELSE 'partial'
        END AS status,
        status IN ('complete', 'partial') OR (status = 'unknown' AND totals.all_articles > 0) AS has_counts,
        CASE WHEN has_counts THEN coalesce(topic_counts.n_articles, 0) END AS n_articles,
        CASE WHEN has_counts THEN coalesce(topic_counts.n_stories, 0) END AS n_stories,
        CASE WHEN has_counts THEN coalesce(topic_counts.n_outlets, 0) END AS n_outlets,
        CASE WHEN has_counts THEN coalesce(topic_counts.n_quotes, 0) END AS n_quotes,
        CASE WHEN has_counts THEN coalesce(totals.all_articles, 0) END AS all_articles,
        CASE WHEN has_counts THEN coalesce(totals.all_stories, 0) END AS all_stories,
        CASE WHEN has_counts THEN coalesce(totals.all_outlets, 0) END AS all_outlets,
        CASE WHEN has_counts THEN coalesce(totals.all_quotes, 0) END AS all_quotes
    FROM topic_days topic_day
    LEFT JOIN topic_counts USING (topic, day)
    LEFT JOIN totals USING (topic, day)
    LEFT JOIN source_counts USING (topic, day)
)
SELECT
    topic, day, status, sources_expected, sources_observed, n_articles, n_stories, n_outlets, n_quotes, all_articles,
    all_stories, all_outlets, all_quotes,
    n_articles / nullif(all_articles, 0) AS share,
    wilson_low(n_articles, all_articles) AS share_low,
    wilson_high(n_articles, all_articles) AS share_high
FROM counts
ORDER BY topic, day
