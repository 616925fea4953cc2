-- The names in each article's current version.
SELECT e.* FROM entity_rows e SEMI JOIN current_articles c ON c.batch = e.batch AND c.version_id = e.version_id
