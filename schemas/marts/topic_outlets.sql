-- Which outlets write on a topic, how much of it is their own, and how much they were first with.
-- topic: The topic.
-- outlet: The outlet.
-- outlet_country: Its country, ISO 3166 alpha-3.
-- n_articles: Its articles on the topic, dated or not.
-- n_stories: Distinct stories among them.
-- n_copies: Articles among them that are copies of another outlet's text.
-- n_first: Stories that it had first of all articles on the topic, of those that another outlet has, too.
-- n_quotes: Quotes that overlap a mention.
-- first_day: The first day.
-- last_day: The last day.
WITH own AS (
    SELECT
        t.*, s.copy_of, o.outlet AS original_outlet,
        row_number() OVER (
            PARTITION BY t.topic, t.story_id ORDER BY t.article_id = t.story_id DESC, t.day NULLS LAST, t.article_id
        ) AS place
    FROM topic_articles t
    LEFT JOIN stories s USING (article_id)
    LEFT JOIN articles o ON o.article_id = s.copy_of
),
spread AS (SELECT topic, story_id FROM own GROUP BY ALL HAVING count(DISTINCT outlet) > 1)
SELECT
    o.topic, o.outlet, any_value(o.outlet_country) AS outlet_country,
    count(*) AS n_articles,
    count(DISTINCT o.story_id) AS n_stories,
    count(*) FILTER (o.original_outlet <> o.outlet) AS n_copies,
    count(*) FILTER (o.place = 1 AND s.story_id IS NOT NULL) AS n_first,
    sum(o.n_quotes)::BIGINT AS n_quotes,
    min(o.day) AS first_day,
    max(o.day) AS last_day
FROM own o LEFT JOIN spread s USING (topic, story_id)
GROUP BY o.topic, o.outlet
ORDER BY o.topic, n_articles DESC, o.outlet
