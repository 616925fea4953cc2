-- Quotations and their speakers: one row per quotation in the current wording of an article.
SELECT quote.*
FROM quote_rows quote
SEMI JOIN current_articles article ON article.batch = quote.batch AND article.version_id = quote.version_id
