-- The series of each topic by week, month and year. One row per topic and period. Every period is counted from the
-- articles, not summed from its days, so that a story counts once per period.
-- topic: Topic.
-- kind: Kind of the period. One of: week, month or year.
-- period: First day of the period; weeks begin on Monday.
-- status: Status of the period's days in `topic_daily` (complete, partial, unknown or silent) if they all have the
--     same; else partial.
-- days: Number of the period's days that `topic_daily` has.
-- days_counted: Number of those days that have counts.
-- n_articles: Number of articles on the topic on the days with counts. This and the other counts are null if there are
--     no such days.
-- n_stories: Number of distinct stories among them.
-- n_outlets: Number of distinct outlets among them.
-- n_quotes: Number of quotes in them that overlap a mention of the topic.
-- all_articles: Number of all articles of these days in the topic's languages.
-- all_stories: Number of distinct stories among those.
-- share: n_articles / all_articles; null if all_articles is 0 or null.
-- share_low: Lower end of the share's 95 % confidence interval (Wilson), as if the articles of the period were a random
--     sample in which none copies another.
-- share_high: Upper end of that interval.
WITH kinds AS (SELECT unnest(['week', 'month', 'year']) AS kind),
days AS (
    SELECT
        daily.topic, kinds.kind, date_trunc(kinds.kind, daily.day)::DATE AS period, daily.day, daily.status,
        daily.n_articles IS NOT NULL AS has_counts
    FROM topic_daily daily, kinds
),
periods AS (
    SELECT
        topic, kind, period, count(*) AS days, count(*) FILTER (has_counts) AS days_counted,
        CASE WHEN count(DISTINCT status) = 1 THEN any_value(status) ELSE 'partial' END AS status
    FROM days GROUP BY ALL
),
counted_days AS (SELECT topic, kind, period, day FROM days WHERE has_counts),
topic_counts AS (
    SELECT
        counted.topic, counted.kind, counted.period, count(*) AS n_articles,
        count(DISTINCT article.story_id) AS n_stories, count(DISTINCT article.outlet) AS n_outlets,
        sum(article.n_quotes)::BIGINT AS n_quotes
    FROM counted_days counted JOIN topic_articles article USING (topic, day) GROUP BY ALL
),
-- Topics with the same totals share one computation (see topic_wholes); their days with counts are the same, too.
shared_totals AS (
    SELECT
        topic.topic AS stands_for, counted.kind, counted.period, count(*) AS all_articles,
        count(DISTINCT article.story_id) AS all_stories
    FROM topics topic
    JOIN counted_days counted USING (topic)
    JOIN dated_articles article ON article.day = counted.day AND list_contains(topic.languages, article.language)
    WHERE topic.topic IN (SELECT stands_for FROM topic_wholes)
      AND (topic.topic, article.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
),
totals AS (
    SELECT shared_by.topic, shared.* FROM topic_wholes shared_by JOIN shared_totals shared USING (stands_for)
),
counts AS (
    SELECT
        periods.*,
        CASE WHEN periods.days_counted > 0 THEN coalesce(topic_counts.n_articles, 0) END AS n_articles,
        CASE WHEN periods.days_counted > 0 THEN coalesce(topic_counts.n_stories, 0) END AS n_stories,
        CASE WHEN periods.days_counted > 0 THEN coalesce(topic_counts.n_outlets, 0) END AS n_outlets,
        CASE WHEN periods.days_counted > 0 THEN coalesce(topic_counts.n_quotes, 0) END AS n_quotes,
        CASE WHEN periods.days_counted > 0 THEN coalesce(totals.all_articles, 0) END AS all_articles,
        CASE WHEN periods.days_counted > 0 THEN coalesce(totals.all_stories, 0) END AS all_stories
    FROM periods
    LEFT JOIN topic_counts USING (topic, kind, period)
    LEFT JOIN totals USING (topic, kind, period)
)
SELECT
    topic, kind, period, status, days, days_counted, n_articles, n_stories, n_outlets, n_quotes, all_articles,
    all_stories,
    n_articles / nullif(all_articles, 0) AS share,
    wilson_low(n_articles, all_articles) AS share_low,
    wilson_high(n_articles, all_articles) AS share_high
FROM counts
ORDER BY topic, kind, period
