-- Where topics occur in each article's current version.
SELECT m.* FROM mention_rows m SEMI JOIN current_articles c ON c.batch = m.batch AND c.version_id = m.version_id
