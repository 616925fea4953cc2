-- Every archived page or imported text that is an article, all versions; `own_address`: read at its canonical URL.
SELECT *, regexp_replace(url, '^https?://', '') = regexp_replace(canonical_url, '^https?://', '') AS own_address
FROM article_rows
