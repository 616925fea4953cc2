-- Which sources are expected of a topic: those with an article in one of its languages; where no article says a source's
-- language, its file may; else it is expected of every topic.
-- topic: The topic.
-- source: The source.
WITH source_languages AS (SELECT DISTINCT source, language FROM articles),
expected AS (
    SELECT t.topic, s.source
    FROM topics t JOIN source_languages s ON list_contains(t.languages, s.language)
    UNION
    SELECT t.topic, c.source
    FROM topics t, (SELECT DISTINCT source FROM coverage) c LEFT JOIN sources s USING (source)
    WHERE c.source NOT IN (SELECT source FROM source_languages)
      AND (s.language IS NULL OR list_contains(t.languages, s.language))
)
SELECT topic, source FROM expected ORDER BY topic, source
