-- A topic's series by outlet, by the outlet's country and by language, of parts that have an article on the topic at all: one
-- row a topic, part and day on which the part has articles in the topic's languages. A count of 0 is a true 0; where a part
-- has no row it printed nothing, or is not known.
-- topic: The topic.
-- split: outlet, country or language.
-- part: Which outlet, country (ISO 3166 alpha-3) or language.
-- day: The day.
-- n_articles: The part's articles on the topic.
-- n_stories: Distinct stories among them.
-- n_quotes: Quotes that overlap a mention.
-- all_articles: All the part's articles of that day in the topic's languages.
-- all_stories: Distinct stories among those.
-- share: n_articles / all_articles.
-- share_low: Lower end of the share's 95 % interval (Wilson): the day taken as a sample, as if no article were a copy.
-- share_high: Upper end of it.
WITH split_articles AS (
    SELECT article_id, batch, language, story_id, day, unnest([
        {'split': 'outlet', 'part': outlet},
        {'split': 'country', 'part': outlet_country},
        {'split': 'language', 'part': language}
    ], recursive := true)
    FROM dated_articles
),
on_topic AS (
    SELECT t.topic, s.split, s.part, s.day, count(*) AS n_articles, count(DISTINCT s.story_id) AS n_stories,
           sum(t.n_quotes)::BIGINT AS n_quotes
    FROM topic_articles t JOIN split_articles s USING (article_id)
    WHERE s.part IS NOT NULL
    GROUP BY ALL
),
parts AS (SELECT DISTINCT topic, split, part FROM on_topic),
whole_days AS (
    SELECT t.topic AS stands_for, s.split, s.part, s.day, count(*) AS all_articles,
           count(DISTINCT s.story_id) AS all_stories
    FROM topics t
    JOIN split_articles s ON list_contains(t.languages, s.language)
    WHERE s.part IS NOT NULL AND t.topic IN (SELECT stands_for FROM topic_wholes)
      AND (t.topic, s.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
    GROUP BY ALL
)
SELECT
    p.topic, p.split, p.part, d.day,
    coalesce(n.n_articles, 0) AS n_articles,
    coalesce(n.n_stories, 0) AS n_stories,
    coalesce(n.n_quotes, 0) AS n_quotes,
    d.all_articles,
    d.all_stories,
    coalesce(n.n_articles, 0) / d.all_articles AS share,
    wilson_low(coalesce(n.n_articles, 0), d.all_articles) AS share_low,
    wilson_high(coalesce(n.n_articles, 0), d.all_articles) AS share_high
FROM parts p
JOIN topic_wholes w USING (topic)
JOIN whole_days d ON d.stands_for = w.stands_for AND d.split = p.split AND d.part = p.part
-- Where the topic's day has no counts its parts have none.
SEMI JOIN (SELECT topic, day FROM topic_daily WHERE n_articles IS NOT NULL) c ON c.topic = p.topic AND c.day = d.day
LEFT JOIN on_topic n ON n.topic = p.topic AND n.split = p.split AND n.part = p.part AND n.day = d.day
ORDER BY p.topic, p.split, p.part, d.day
