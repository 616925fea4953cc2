-- A topic's series, dense: one row a topic and day over the span of the warehouse. Counts are null where nothing is known.
-- topic: The topic.
-- day: The day.
-- status: complete, partial (some sources unobserved), unknown (archives only), silent (no source observed).
-- sources_expected: Sources in the topic's languages that are followed or held on that day.
-- sources_observed: Those of them that were observed.
-- n_articles: Articles on the topic; null where no expected source was observed, or an archive holds nothing that day.
-- n_stories: Distinct stories among them: a wire text in fifty papers is one.
-- n_outlets: Distinct outlets among them.
-- n_quotes: Quotes that overlap a mention.
-- all_articles: All articles of that day in the topic's languages.
-- all_stories: Distinct stories among those.
-- all_outlets: Distinct outlets among those.
-- all_quotes: All quotes in those.
-- share: n_articles / all_articles.
-- share_low: Lower end of the share's 95 % interval (Wilson): the day taken as a sample, as if no article were a copy.
-- share_high: Upper end of it.
WITH span AS (SELECT min(day) AS first_day, max(day) AS last_day FROM coverage),
cells AS (
    SELECT t.topic, t.languages, d.day
    FROM topics t, (SELECT unnest(generate_series(first_day, last_day, INTERVAL 1 DAY))::DATE AS day FROM span) d
),
on_topic AS (
    SELECT
        topic, day, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories, count(DISTINCT outlet) AS n_outlets,
        sum(n_quotes)::BIGINT AS n_quotes
    FROM topic_articles WHERE day IS NOT NULL GROUP BY ALL
),
whole_days AS (
    SELECT
        t.topic AS stands_for, a.day, count(*) AS all_articles, count(DISTINCT a.story_id) AS all_stories,
        count(DISTINCT a.outlet) AS all_outlets, sum(a.n_quotes)::BIGINT AS all_quotes
    FROM topics t
    JOIN dated_articles a ON list_contains(t.languages, a.language)
    WHERE t.topic IN (SELECT stands_for FROM topic_wholes)
      AND (t.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
),
everything AS (SELECT w.topic, d.* FROM topic_wholes w JOIN whole_days d USING (stands_for)),
-- A source's day that is not matched yet is not observed, whatever was fetched.
waiting AS (
    SELECT DISTINCT u.topic, a.source, a.published_date AS day
    FROM unmatched u JOIN articles a USING (batch) WHERE a.published_date IS NOT NULL
),
observed AS (
    SELECT
        f.topic, c.day, count(*) AS sources_expected,
        count(*) FILTER (c.status = 'observed' AND w.day IS NULL) AS sources_observed,
        count(*) FILTER (c.status = 'unknown' AND w.day IS NULL) AS sources_unknown
    FROM coverage c
    JOIN topic_sources f USING (source)
    LEFT JOIN waiting w ON w.topic = f.topic AND w.source = c.source AND w.day = c.day
    GROUP BY ALL
),
counted AS (
    SELECT
        c.topic,
        c.day,
        coalesce(o.sources_expected, 0) AS sources_expected,
        coalesce(o.sources_observed, 0) AS sources_observed,
        CASE
            WHEN coalesce(o.sources_observed, 0) = 0 AND coalesce(o.sources_unknown, 0) = 0 THEN 'silent'
            WHEN o.sources_observed = 0 THEN 'unknown'
            WHEN o.sources_observed = o.sources_expected THEN 'complete'
            ELSE 'partial'
        END AS status,
        status IN ('complete', 'partial') OR (status = 'unknown' AND e.all_articles > 0) AS counts_stand,
        CASE WHEN counts_stand THEN coalesce(n.n_articles, 0) END AS n_articles,
        CASE WHEN counts_stand THEN coalesce(n.n_stories, 0) END AS n_stories,
        CASE WHEN counts_stand THEN coalesce(n.n_outlets, 0) END AS n_outlets,
        CASE WHEN counts_stand THEN coalesce(n.n_quotes, 0) END AS n_quotes,
        CASE WHEN counts_stand THEN coalesce(e.all_articles, 0) END AS all_articles,
        CASE WHEN counts_stand THEN coalesce(e.all_stories, 0) END AS all_stories,
        CASE WHEN counts_stand THEN coalesce(e.all_outlets, 0) END AS all_outlets,
        CASE WHEN counts_stand THEN coalesce(e.all_quotes, 0) END AS all_quotes
    FROM cells c
    LEFT JOIN on_topic n USING (topic, day)
    LEFT JOIN everything e USING (topic, day)
    LEFT JOIN observed o USING (topic, day)
)
SELECT
    topic, day, status, sources_expected, sources_observed, n_articles, n_stories, n_outlets, n_quotes, all_articles,
    all_stories, all_outlets, all_quotes,
    n_articles / nullif(all_articles, 0) AS share,
    wilson_low(n_articles, all_articles) AS share_low,
    wilson_high(n_articles, all_articles) AS share_high
FROM counted
ORDER BY topic, day
