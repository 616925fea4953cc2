-- The quotes that overlap a topic's mentions, with who said them, where and when.
-- topic: The topic.
-- quote_id: The quote.
-- article_id: The article.
-- story_id: The article's story: count a quote once a story.
-- day: The article's day of publication; null if undated.
-- speaker_name: The speaker, as resolved.
-- speaker_entity_id: The speaker's id.
-- speaker_countries: The speaker's countries.
-- speaker_method: How the speaker was resolved.
-- text: The words.
-- kind: direct, indirect or mixed.
-- confidence: 0 to 1.
-- outlet: The outlet.
-- title: The article's title.
-- url: The article's address.
WITH touched AS (
    SELECT DISTINCT m.topic, q.quote_id
    FROM mentions m
    JOIN quotes q ON q.article_id = m.article_id AND q.char_start < m.char_end AND m.char_start < q.char_end
)
SELECT
    t.topic, q.quote_id, a.article_id, a.story_id, a.published_date AS day, q.speaker_name, q.speaker_entity_id,
    q.speaker_countries, q.speaker_method, q.text, q.kind, q.confidence, a.outlet, a.title, a.url
FROM touched t
JOIN quotes q USING (quote_id)
JOIN articles a ON a.article_id = q.article_id
ORDER BY t.topic, day, a.article_id, q.char_start
