-- Batches whose articles have not been matched with a topic yet, or not with their current names and quotes. No series
-- of the topic counts these articles. One row per topic and batch.
SELECT topic.topic, current_batch.batch
FROM topics topic, (SELECT DISTINCT batch FROM current_articles) current_batch
WHERE (current_batch.batch, topic.topic) NOT IN (SELECT (batch, topic) FROM shown_units WHERE stage = 'match')
   OR current_batch.batch NOT IN (SELECT batch FROM shown_units WHERE stage = 'annotate')
