-- Every capture of every article: one row per archived page or imported text that is an article.
SELECT * FROM article_rows
