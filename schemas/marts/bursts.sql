-- Spans of days on which a topic has many more stories than usual (bursts, found by Kleinberg's method of 2002), with
-- the stories that explain them. One row per topic and burst.
-- topic: Topic.
-- first_day: First day of the burst.
-- last_day: Last day of the burst.
-- peak_day: Day of the burst with the most stories on the topic; the earliest of several.
-- n_articles: Number of articles on the topic in the burst.
-- n_stories: Number of distinct stories among them.
-- n_expected: Number of stories that the burst would have if the topic had its usual share of all stories.
-- weight: How strong the burst is: the sum, over its days, of the log likelihood of the day's counts at twice the usual
--     share minus that at the usual share.
-- top_stories: The three stories that the most outlets printed, as structures of story_id, title and url (of the
--     earliest article), n_articles and n_outlets.
WITH series AS (
    SELECT topic, list(day ORDER BY day) AS days, list(coalesce(n_stories, 0) ORDER BY day) AS topic_stories,
           list(coalesce(all_stories, 0) ORDER BY day) AS all_stories
    FROM topic_daily GROUP BY topic
),
day_weights AS (
    SELECT topic, unnest(days) AS day, unnest(kleinberg_weights(topic_stories, all_stories)) AS weight FROM series
),
usual_shares AS (SELECT topic, sum(n_stories) / nullif(sum(all_stories), 0) AS share FROM topic_daily GROUP BY topic),
-- Successive days have the same `run`: the day minus its number.
burst_days AS (
    SELECT
        daily.topic, daily.day, daily.n_articles AS articles, daily.n_stories AS stories, weights.weight,
        usual.share * daily.all_stories AS expected,
        daily.day - row_number() OVER (PARTITION BY daily.topic ORDER BY daily.day)::INTEGER AS run
    FROM day_weights weights
    JOIN topic_daily daily USING (topic, day)
    JOIN usual_shares usual USING (topic)
    WHERE weights.weight IS NOT NULL
),
burst_spans AS (
    SELECT
        topic, min(day) AS first_day, max(day) AS last_day,
        first(day ORDER BY stories DESC NULLS LAST, day) AS peak_day,
        round(sum(expected), 2) AS n_expected, round(sum(weight), 3) AS weight
    FROM burst_days GROUP BY topic, run
),
counts AS (
    SELECT burst.topic, burst.first_day, count(*) AS n_articles, count(DISTINCT article.story_id) AS n_stories
    FROM burst_spans burst
    JOIN topic_articles article
      ON article.topic = burst.topic AND article.day BETWEEN burst.first_day AND burst.last_day
    GROUP BY ALL
),
burst_stories AS (
    SELECT
        burst.topic, burst.first_day, article.story_id, count(*) AS n_articles,
        count(DISTINCT article.outlet) AS n_outlets, min((article.day, article.article_id)) AS earliest
    FROM burst_spans burst
    JOIN topic_articles article
      ON article.topic = burst.topic AND article.day BETWEEN burst.first_day AND burst.last_day
    GROUP BY burst.topic, burst.first_day, article.story_id
),
widest_stories AS (
    SELECT * FROM burst_stories
    QUALIFY row_number() OVER (
        PARTITION BY topic, first_day ORDER BY n_outlets DESC, n_articles DESC, earliest
    ) <= 3
),
top_stories AS (
    SELECT
        story.topic, story.first_day,
        list({
            'story_id': story.story_id, 'title': coalesce(article.title, ''), 'url': article.url,
            'n_articles': story.n_articles, 'n_outlets': story.n_outlets
        } ORDER BY story.n_outlets DESC, story.n_articles DESC, story.earliest) AS top_stories
    FROM widest_stories story JOIN articles article ON article.article_id = story.earliest[2]
    GROUP BY story.topic, story.first_day
)
SELECT
    burst.topic, burst.first_day, burst.last_day, burst.peak_day, counts.n_articles, counts.n_stories,
    burst.n_expected, burst.weight, top.top_stories
FROM burst_spans burst
JOIN counts USING (topic, first_day)
LEFT JOIN top_stories top USING (topic, first_day)
ORDER BY burst.topic, burst.first_day
