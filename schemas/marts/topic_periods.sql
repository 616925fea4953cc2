-- A topic's series by week, month and year, counted anew and never summed: a story counts once a period.
-- topic: The topic.
-- kind: week, month or year.
-- period: Its first day; weeks begin on Monday.
-- status: That of its days, if all have the same; else partial.
-- days: Days of the period in the span of the warehouse.
-- days_counted: Those of them that have counts.
-- n_articles: Articles on the topic on these days; null where there are none.
-- n_stories: Distinct stories among them.
-- n_outlets: Distinct outlets among them.
-- n_quotes: Quotes that overlap a mention.
-- all_articles: All articles of these days in the topic's languages.
-- all_stories: Distinct stories among those.
-- share: n_articles / all_articles.
-- share_low: Lower end of the share's 95 % interval (Wilson): the period taken as a sample, as if no article were a copy.
-- share_high: Upper end of it.
WITH kinds AS (SELECT unnest(['week', 'month', 'year']) AS kind),
days AS (
    SELECT d.topic, k.kind, date_trunc(k.kind, d.day)::DATE AS period, d.day, d.status, d.n_articles IS NOT NULL AS counted
    FROM topic_daily d, kinds k
),
observed AS (
    SELECT
        topic, kind, period, count(*) AS days, count(*) FILTER (counted) AS days_counted,
        CASE WHEN count(DISTINCT status) = 1 THEN any_value(status) ELSE 'partial' END AS status
    FROM days GROUP BY ALL
),
counted AS (SELECT topic, kind, period, day FROM days WHERE counted),
on_topic AS (
    SELECT
        c.topic, c.kind, c.period, count(*) AS n_articles, count(DISTINCT t.story_id) AS n_stories,
        count(DISTINCT t.outlet) AS n_outlets, sum(t.n_quotes)::BIGINT AS n_quotes
    FROM counted c JOIN topic_articles t USING (topic, day) GROUP BY ALL
),
-- Topics of the same whole have the same counted days, too.
whole_periods AS (
    SELECT t.topic AS stands_for, c.kind, c.period, count(*) AS all_articles, count(DISTINCT a.story_id) AS all_stories
    FROM topics t
    JOIN counted c USING (topic)
    JOIN dated_articles a ON a.day = c.day AND list_contains(t.languages, a.language)
    WHERE t.topic IN (SELECT stands_for FROM topic_wholes)
      AND (t.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
),
everything AS (SELECT w.topic, p.* FROM topic_wholes w JOIN whole_periods p USING (stands_for)),
figures AS (
    SELECT
        o.*,
        CASE WHEN o.days_counted > 0 THEN coalesce(n.n_articles, 0) END AS n_articles,
        CASE WHEN o.days_counted > 0 THEN coalesce(n.n_stories, 0) END AS n_stories,
        CASE WHEN o.days_counted > 0 THEN coalesce(n.n_outlets, 0) END AS n_outlets,
        CASE WHEN o.days_counted > 0 THEN coalesce(n.n_quotes, 0) END AS n_quotes,
        CASE WHEN o.days_counted > 0 THEN coalesce(e.all_articles, 0) END AS all_articles,
        CASE WHEN o.days_counted > 0 THEN coalesce(e.all_stories, 0) END AS all_stories
    FROM observed o
    LEFT JOIN on_topic n USING (topic, kind, period)
    LEFT JOIN everything e USING (topic, kind, period)
)
SELECT
    topic, kind, period, status, days, days_counted, n_articles, n_stories, n_outlets, n_quotes, all_articles, all_stories,
    n_articles / nullif(all_articles, 0) AS share,
    wilson_low(n_articles, all_articles) AS share_low,
    wilson_high(n_articles, all_articles) AS share_high
FROM figures
ORDER BY topic, kind, period
