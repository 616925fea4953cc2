-- The names in the articles: one row per name in the current wording of an article.
SELECT entity.*
FROM entity_rows entity
SEMI JOIN current_articles article ON article.batch = entity.batch AND article.version_id = entity.version_id
