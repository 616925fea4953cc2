-- Days on which a topic stands out: Kleinberg's bursts (2002) of its stories among all stories, and what explains them.
-- topic: The topic.
-- first_day: The burst's first day.
-- last_day: Its last.
-- peak_day: The day with most stories on the topic.
-- n_articles: Articles on the topic in it.
-- n_stories: Distinct stories among them.
-- n_expected: Stories that the topic's usual share would give.
-- weight: How much better two times the usual share explains these days than the usual one: differences of log likelihood.
-- top_stories: The three stories in most outlets: id, title, url, articles, outlets.
WITH series AS (
    SELECT topic, list(day ORDER BY day) AS days, list(coalesce(n_stories, 0) ORDER BY day) AS found,
           list(coalesce(all_stories, 0) ORDER BY day) AS everything
    FROM topic_daily GROUP BY topic
),
weighed AS (
    SELECT topic, unnest(days) AS day, unnest(kleinberg_weights(found, everything)) AS weight FROM series
),
usual AS (SELECT topic, sum(n_stories) / nullif(sum(all_stories), 0) AS share FROM topic_daily GROUP BY topic),
bursting AS (
    SELECT
        d.topic, d.day, d.n_articles AS articles, d.n_stories AS stories, w.weight AS gain,
        u.share * d.all_stories AS expected,
        d.day - row_number() OVER (PARTITION BY d.topic ORDER BY d.day)::INTEGER AS run
    FROM weighed w JOIN topic_daily d USING (topic, day) JOIN usual u USING (topic)
    WHERE w.weight IS NOT NULL
),
found AS (
    SELECT
        topic, min(day) AS first_day, max(day) AS last_day,
        first(day ORDER BY stories DESC NULLS LAST, day) AS peak_day,
        round(sum(expected), 2) AS n_expected, round(sum(gain), 3) AS weight
    FROM bursting GROUP BY topic, run
),
counted AS (
    SELECT f.topic, f.first_day, count(*) AS n_articles, count(DISTINCT t.story_id) AS n_stories
    FROM found f JOIN topic_articles t ON t.topic = f.topic AND t.day BETWEEN f.first_day AND f.last_day
    GROUP BY ALL
),
told AS (
    SELECT
        f.topic, f.first_day, t.story_id, count(*) AS n_articles, count(DISTINCT t.outlet) AS n_outlets,
        min((t.day, t.article_id)) AS earliest
    FROM found f JOIN topic_articles t ON t.topic = f.topic AND t.day BETWEEN f.first_day AND f.last_day
    GROUP BY f.topic, f.first_day, t.story_id
),
most AS (
    SELECT * FROM told
    QUALIFY row_number() OVER (
        PARTITION BY topic, first_day ORDER BY n_outlets DESC, n_articles DESC, earliest
    ) <= 3
),
explained AS (
    SELECT
        t.topic, t.first_day,
        list({
            'story_id': t.story_id, 'title': coalesce(a.title, ''), 'url': a.url, 'n_articles': t.n_articles,
            'n_outlets': t.n_outlets
        } ORDER BY t.n_outlets DESC, t.n_articles DESC, t.earliest) AS top_stories
    FROM most t JOIN articles a ON a.article_id = t.earliest[2]
    GROUP BY t.topic, t.first_day
)
SELECT
    f.topic, f.first_day, f.last_day, f.peak_day, c.n_articles, c.n_stories, f.n_expected, f.weight, e.top_stories
FROM found f JOIN counted c USING (topic, first_day) LEFT JOIN explained e USING (topic, first_day)
ORDER BY f.topic, f.first_day
