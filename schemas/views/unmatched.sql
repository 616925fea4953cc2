-- Batches in which a topic is not matched yet, or not with current names and quotes: their articles count for no series.
SELECT t.topic, b.batch
FROM topics t, (SELECT DISTINCT batch FROM current_articles) b
WHERE (b.batch, t.topic) NOT IN (SELECT (batch, topic) FROM shown_units WHERE stage = 'match')
   OR b.batch NOT IN (SELECT batch FROM shown_units WHERE stage = 'annotate')
