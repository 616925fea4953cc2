-- One row per utterance: the same quoted words in whatever articles they appear, with where they appeared first and how
-- widely they were printed. Copies of one text are one story, however many outlets print them.
-- utterance_id: Id of the utterance: the quote_id of the first quote with these words.
-- text: The words, as in the longest of these quotes.
-- kind: Kind of that quote. One of: direct, mixed or indirect, as in `quotes`.
-- speaker_name: Name of the speaker that most of the quotes give; null if none gives a name.
-- speaker_entity_id: Id of that speaker, as in `entities`; null if the name is not linked.
-- speaker_countries: Countries that the speaker stands for (ISO 3166 alpha-3); empty if there are none.
-- first_day: Day on which the words were first published (the day of capture if the day of publication is unknown).
-- last_day: Day on which they were last published.
-- first_outlet: Outlet that printed them first.
-- first_article_id: Id of the article that printed them first.
-- first_url: Address of that article.
-- n_quotes: Number of quotes of the words.
-- n_articles: Number of articles that quote them.
-- n_stories: Number of distinct stories among those articles.
-- n_outlets: Number of distinct outlets of those articles.
WITH occurrences AS (
    SELECT
        utterance.utterance_id, utterance.place, quote.text, quote.kind, quote.speaker_name, quote.speaker_entity_id,
        quote.speaker_countries, article.article_id, article.story_id, article.outlet, article.url,
        coalesce(article.published_date, article.first_seen_at::DATE) AS day
    FROM utterances utterance
    JOIN quotes quote USING (quote_id)
    JOIN articles article USING (article_id)
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
    occurrence.utterance_id,
    max_by(occurrence.text, (len(occurrence.text), -occurrence.place)) AS text,
    max_by(occurrence.kind, (len(occurrence.text), -occurrence.place)) AS kind,
    any_value(speaker.speaker_name) AS speaker_name,
    any_value(speaker.speaker_entity_id) AS speaker_entity_id,
    coalesce(any_value(speaker.speaker_countries), []) AS speaker_countries,
    min(occurrence.day) AS first_day,
    max(occurrence.day) AS last_day,
    min_by(occurrence.outlet, occurrence.place) AS first_outlet,
    min_by(occurrence.article_id, occurrence.place) AS first_article_id,
    min_by(occurrence.url, occurrence.place) AS first_url,
    count(*) AS n_quotes,
    count(DISTINCT occurrence.article_id) AS n_articles,
    count(DISTINCT occurrence.story_id) AS n_stories,
    count(DISTINCT occurrence.outlet) AS n_outlets
FROM occurrences occurrence
LEFT JOIN speakers speaker USING (utterance_id)
GROUP BY occurrence.utterance_id
ORDER BY n_outlets DESC, n_stories DESC, first_day, occurrence.utterance_id
