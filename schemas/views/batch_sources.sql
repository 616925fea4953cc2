-- The main source of each batch: the source of most of its articles; if it has none, the source in `batches`.
SELECT batch.batch, coalesce(mode(version.source), any_value(batch.source)) AS source
FROM batches batch LEFT JOIN article_versions version USING (batch)
GROUP BY batch.batch
