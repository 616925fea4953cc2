-- One row per topic and article that mentions it. All series of topics are counted from these rows. Articles of batches
-- that have not been matched with the topic yet are left out.
-- topic: Topic.
-- article_id: Id of the article.
-- story_id: Id of its story.
-- source: Source, as in `articles`.
-- outlet: Outlet, as in `articles`.
-- outlet_country: Country of the outlet (ISO 3166 alpha-3); null if not known.
-- language: Language of the text (ISO 639-1).
-- day: Calendar day of publication; null if unknown.
-- n_mentions: Number of mentions: sentences, paragraphs or articles that satisfy the topic's query.
-- n_quotes: Number of quotes in the article that overlap a mention.
WITH quote_counts AS (
    SELECT mention.topic, mention.article_id, count(DISTINCT quote.quote_id) AS n_quotes
    FROM mentions mention
    JOIN quotes quote
      ON quote.article_id = mention.article_id
     AND quote.char_start < mention.char_end AND mention.char_start < quote.char_end
    GROUP BY ALL
),
mention_counts AS (SELECT topic, article_id, count(*) AS n_mentions FROM mentions GROUP BY ALL)
SELECT
    mentioned.topic, article.article_id, article.story_id, article.source, article.outlet, article.outlet_country,
    article.language, article.published_date AS day, mentioned.n_mentions,
    coalesce(quoted.n_quotes, 0) AS n_quotes
FROM mention_counts mentioned
JOIN articles article USING (article_id)
LEFT JOIN quote_counts quoted USING (topic, article_id)
WHERE (mentioned.topic, article.batch) NOT IN (SELECT (topic, batch) FROM unmatched)
ORDER BY mentioned.topic, day, article.article_id
