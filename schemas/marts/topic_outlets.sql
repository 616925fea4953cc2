-- Which outlets write about a topic, how much of that is copied, and how often they were first. One row per topic and
-- outlet with an article on it.
-- topic: Topic.
-- outlet: Outlet.
-- outlet_country: Country of the outlet (ISO 3166 alpha-3); null if not known.
-- n_articles: Number of its articles on the topic, including those without a day of publication.
-- n_stories: Number of distinct stories among them.
-- n_copies: Number of these articles that copy a text of another outlet.
-- n_first: Number of stories that several outlets have and of which this outlet had the first article on the topic.
-- n_quotes: Number of quotes in its articles that overlap a mention of the topic.
-- first_day: Day of publication of its first article on the topic; null if none is dated.
-- last_day: Day of publication of its last article on the topic; null if none is dated.
WITH topic_copies AS (
    SELECT
        article.*, story.copy_of, original.outlet AS original_outlet,
        row_number() OVER (
            PARTITION BY article.topic, article.story_id
            ORDER BY article.article_id = article.story_id DESC, article.day NULLS LAST, article.article_id
        ) AS place
    FROM topic_articles article
    LEFT JOIN stories story USING (article_id)
    LEFT JOIN articles original ON original.article_id = story.copy_of
),
shared_stories AS (SELECT topic, story_id FROM topic_copies GROUP BY ALL HAVING count(DISTINCT outlet) > 1)
SELECT
    article.topic, article.outlet, any_value(article.outlet_country) AS outlet_country,
    count(*) AS n_articles,
    count(DISTINCT article.story_id) AS n_stories,
    count(*) FILTER (article.original_outlet <> article.outlet) AS n_copies,
    count(*) FILTER (article.place = 1 AND shared.story_id IS NOT NULL) AS n_first,
    sum(article.n_quotes)::BIGINT AS n_quotes,
    min(article.day) AS first_day,
    max(article.day) AS last_day
FROM topic_copies article LEFT JOIN shared_stories shared USING (topic, story_id)
GROUP BY article.topic, article.outlet
ORDER BY article.topic, n_articles DESC, article.outlet
