-- Where topics are mentioned: one row per topic and sentence, paragraph or article that satisfies the topic's query, in
-- the current wording of each article.
SELECT mention.*
FROM mention_rows mention
SEMI JOIN current_articles article ON article.batch = mention.batch AND article.version_id = mention.version_id
