-- The sources that are expected to write about a topic: those with an article in one of its languages. A source without
-- any articles is expected if its file in config/sources gives one of these languages, or gives none. One row per topic
-- and source.
-- topic: Topic.
-- source: Source, as in `articles`.
WITH source_languages AS (SELECT DISTINCT source, language FROM articles),
expected AS (
    SELECT topic.topic, seen.source
    FROM topics topic JOIN source_languages seen ON list_contains(topic.languages, seen.language)
    UNION
    SELECT topic.topic, covered.source
    FROM topics topic, (SELECT DISTINCT source FROM coverage) covered LEFT JOIN sources file USING (source)
    WHERE covered.source NOT IN (SELECT source FROM source_languages)
      AND (file.language IS NULL OR list_contains(topic.languages, file.language))
)
SELECT topic, source FROM expected ORDER BY topic, source
