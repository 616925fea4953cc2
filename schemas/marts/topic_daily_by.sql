-- The daily series of each topic split by outlet, by the outlet's country or by language. One row per topic, part (one
-- outlet, country or language) and day on which the part has articles in the topic's languages. Parts that never have
-- an article on the topic are left out. A count of 0 is a true 0. If a part has no row for a day, either it published
-- nothing in these languages that day or it is not known what it published.
-- topic: Topic.
-- split: What the series is split by. One of: outlet, country or language.
-- part: The outlet, the country (ISO 3166 alpha-3) or the language (ISO 639-1).
-- day: Calendar day of publication.
-- n_articles: Number of the part's articles on the topic.
-- n_stories: Number of distinct stories among them.
-- n_quotes: Number of quotes in them that overlap a mention of the topic.
-- all_articles: Number of all the part's articles of the day in the topic's languages.
-- all_stories: Number of distinct stories among those.
-- share: n_articles / all_articles.
-- share_low: Lower end of the share's 95 % confidence interval (Wilson), as if the articles of the day were a random
--     sample in which none copies another.
-- share_high: Upper end of that interval.
WITH split_articles AS (
    SELECT article_id, batch, language, story_id, day, unnest([
        {'split': 'outlet', 'part': outlet},
        {'split': 'country', 'part': outlet_country},
        {'split': 'language', 'part': language}
    ], recursive := true)
    FROM dated_articles
),
topic_counts AS (
    SELECT
        on_topic.topic, article.split, article.part, article.day, count(*) AS n_articles,
        count(DISTINCT article.story_id) AS n_stories, sum(on_topic.n_quotes)::BIGINT AS n_quotes
    FROM topic_articles on_topic JOIN split_articles article USING (article_id)
    WHERE article.part IS NOT NULL
    GROUP BY ALL
),
parts AS (SELECT DISTINCT topic, split, part FROM topic_counts),
-- Topics with the same totals share one computation: see topic_wholes.
shared_totals AS (
    SELECT
        topic.topic AS stands_for, article.split, article.part, article.day, count(*) AS all_articles,
        count(DISTINCT article.story_id) AS all_stories
    FROM topics topic
    JOIN split_articles article ON list_contains(topic.languages, article.language)
    WHERE article.part IS NOT NULL AND topic.topic IN (SELECT stands_for FROM topic_wholes)
      AND (topic.topic, article.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
)
SELECT
    part.topic, part.split, part.part, total.day,
    coalesce(counts.n_articles, 0) AS n_articles,
    coalesce(counts.n_stories, 0) AS n_stories,
    coalesce(counts.n_quotes, 0) AS n_quotes,
    total.all_articles,
    total.all_stories,
    coalesce(counts.n_articles, 0) / total.all_articles AS share,
    wilson_low(coalesce(counts.n_articles, 0), total.all_articles) AS share_low,
    wilson_high(coalesce(counts.n_articles, 0), total.all_articles) AS share_high
FROM parts part
JOIN topic_wholes shared_by USING (topic)
JOIN shared_totals total
  ON total.stands_for = shared_by.stands_for AND total.split = part.split AND total.part = part.part
-- On days without counts for the topic, its parts have none either.
SEMI JOIN (
    SELECT topic, day FROM topic_daily WHERE n_articles IS NOT NULL
) counted ON counted.topic = part.topic AND counted.day = total.day
LEFT JOIN topic_counts counts
  ON counts.topic = part.topic AND counts.split = part.split AND counts.part = part.part AND counts.day = total.day
ORDER BY part.topic, part.split, part.part, total.day
