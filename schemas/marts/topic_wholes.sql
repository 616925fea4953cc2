-- Which topics have the same totals ("all_" columns of the series), because they have the same languages and the same
-- batches are still to be matched with them. Totals are computed once for all of them, not once per topic. One row per
-- topic.
-- topic: Topic.
-- stands_for: The topic whose totals are used for this one: of all topics with the same totals, the first by name.
WITH topic_keys AS (
    SELECT topic.topic, list_sort(topic.languages) AS languages, list(waiting.batch ORDER BY waiting.batch) AS waiting
    FROM topics topic LEFT JOIN unmatched waiting USING (topic) GROUP BY topic.topic, topic.languages
)
SELECT topic, min(topic) OVER (PARTITION BY languages, waiting) AS stands_for FROM topic_keys ORDER BY topic
