-- The quotes that overlap a mention of a topic, with their speaker and article. One row per topic and quote.
-- topic: Topic.
-- quote_id: Id of the quote.
-- article_id: Id of the article.
-- story_id: Id of the article's story; to leave copies out, count the same words once per story.
-- day: Calendar day of publication of the article; null if unknown.
-- speaker_name: Name of the speaker, as resolved; null if not known.
-- speaker_entity_id: Id of the speaker, as in `entities`; null if the speaker is not linked.
-- speaker_countries: Countries that the speaker stands for (ISO 3166 alpha-3); empty if there are none.
-- speaker_method: How the speaker was resolved, with the values in `quotes`; null if no speaker was found or resolved.
-- text: The quoted words.
-- kind: One of: direct, mixed or indirect, as in `quotes`.
-- confidence: Probability that this is a quotation, from 0 to 1.
-- outlet: Outlet of the article.
-- title: Headline of the article; null if none was found.
-- url: Address of the article.
WITH overlapping AS (
    SELECT DISTINCT mention.topic, quote.quote_id
    FROM mentions mention
    JOIN quotes quote
      ON quote.article_id = mention.article_id
     AND quote.char_start < mention.char_end AND mention.char_start < quote.char_end
)
SELECT
    overlapping.topic, quote.quote_id, article.article_id, article.story_id, article.published_date AS day,
    quote.speaker_name, quote.speaker_entity_id, quote.speaker_countries, quote.speaker_method, quote.text, quote.kind,
    quote.confidence, article.outlet, article.title, article.url
FROM overlapping
JOIN quotes quote USING (quote_id)
JOIN articles article ON article.article_id = quote.article_id
ORDER BY overlapping.topic, day, article.article_id, quote.char_start
