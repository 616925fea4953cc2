-- A topic's series by outlet, by the outlet's country and by language: one row a topic, part and day on which the part has
-- articles in the topic's languages. A count of 0 is a true 0; where a part has no row it printed nothing, or is not known.
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
WITH everything AS (
    SELECT t.topic, a.* FROM topics t JOIN dated_articles a ON list_contains(t.languages, a.language)
    WHERE (t.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
),
marked AS (
    SELECT e.*, t.article_id IS NOT NULL AS on_topic, coalesce(t.n_quotes, 0) AS n_topic_quotes
    FROM everything e LEFT JOIN topic_articles t USING (topic, article_id)
),
parts AS (
    SELECT *, unnest([
        {'split': 'outlet', 'part': outlet}, {'split': 'country', 'part': outlet_country}, {'split': 'language', 'part': language}
    ], recursive := true)
    FROM marked
)
SELECT
    topic, split, part, day,
    count(*) FILTER (on_topic) AS n_articles,
    count(DISTINCT story_id) FILTER (on_topic) AS n_stories,
    sum(n_topic_quotes)::BIGINT AS n_quotes,
    count(*) AS all_articles,
    count(DISTINCT story_id) AS all_stories,
    n_articles / all_articles AS share,
    wilson_low(n_articles, all_articles) AS share_low,
    wilson_high(n_articles, all_articles) AS share_high
FROM parts
WHERE part IS NOT NULL
GROUP BY topic, split, part, day
ORDER BY topic, split, part, day
