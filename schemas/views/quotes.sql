-- The quotes in each article's current version.
SELECT q.* FROM quote_rows q SEMI JOIN current_articles c ON c.batch = q.batch AND c.version_id = q.version_id
