-- Every archived page or imported text that is an article, all versions.
SELECT * FROM article_rows
