-- Each batch's main source: that of most of its articles, else the archive's name.
SELECT b.batch, coalesce(mode(v.source), any_value(b.source)) AS source
FROM batches b LEFT JOIN article_versions v USING (batch)
GROUP BY b.batch
