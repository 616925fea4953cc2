-- One row an utterance: what was said, where it was first seen, and in how many articles, stories and outlets it
-- stands. Three hundred papers that print one wire text are one story.
-- utterance_id: The quote_id of the first quote with these words.
-- text: The words, at their longest.
-- kind: direct, mixed or indirect, as in the longest.
-- speaker_name: The speaker as most quotes of it say, by name; null if none knows.
-- speaker_entity_id: The speaker's id.
-- speaker_countries: The speaker's countries.
-- first_day: The day on which it was first published.
-- last_day: The day on which it was last published.
-- first_outlet: The outlet that had it first.
-- first_article_id: The article that had it first.
-- first_url: Its address.
-- n_quotes: Quotes of it.
-- n_articles: Articles that have it.
-- n_stories: Stories that have it: copies of one text count once.
-- n_outlets: Outlets that have it.
WITH occurrences AS (
    SELECT
        u.utterance_id, u.place, q.text, q.kind, q.speaker_name, q.speaker_entity_id, q.speaker_countries,
        a.article_id, a.story_id, a.outlet, a.url, coalesce(a.published_date, a.first_seen_at::DATE) AS day
    FROM utterances u
    JOIN quotes q USING (quote_id)
    JOIN articles a USING (article_id)
),
speakers AS (
    SELECT utterance_id, speaker_name, max(speaker_entity_id) AS speaker_entity_id,
           min_by(speaker_countries, place) AS speaker_countries
    FROM occurrences
    WHERE speaker_name IS NOT NULL
    GROUP BY utterance_id, speaker_name
    QUALIFY row_number() OVER (PARTITION BY utterance_id ORDER BY count(*) DESC, min(place)) = 1
)
SELECT
    o.utterance_id, max_by(o.text, (len(o.text), -o.place)) AS text, max_by(o.kind, (len(o.text), -o.place)) AS kind,
    any_value(s.speaker_name) AS speaker_name, any_value(s.speaker_entity_id) AS speaker_entity_id,
    coalesce(any_value(s.speaker_countries), []) AS speaker_countries,
    min(o.day) AS first_day, max(o.day) AS last_day,
    min_by(o.outlet, o.place) AS first_outlet, min_by(o.article_id, o.place) AS first_article_id,
    min_by(o.url, o.place) AS first_url,
    count(*) AS n_quotes, count(DISTINCT o.article_id) AS n_articles, count(DISTINCT o.story_id) AS n_stories,
    count(DISTINCT o.outlet) AS n_outlets
FROM occurrences o
LEFT JOIN speakers s USING (utterance_id)
GROUP BY o.utterance_id
ORDER BY n_outlets DESC, n_stories DESC, first_day, o.utterance_id
