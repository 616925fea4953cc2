-- Which topics have the same whole: the same languages, and the same batches that they wait for. It is counted once for all
-- of them, so that a thousand topics do not count a million articles a thousand times.
-- topic: The topic.
-- stands_for: The topic of the same whole, of which it is counted.
WITH sets AS (
    SELECT t.topic, list_sort(t.languages) AS languages, list(u.batch ORDER BY u.batch) AS waiting
    FROM topics t LEFT JOIN unmatched u USING (topic) GROUP BY t.topic, t.languages
)
SELECT topic, min(topic) OVER (PARTITION BY languages, waiting) AS stands_for FROM sets ORDER BY topic
