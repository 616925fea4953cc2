-- What the visits of each night gave, by source; publishing compares each night with the nights before it. One row per
-- night and source that was visited.
-- night: Day of the visit (UTC).
-- source: Source that was visited.
-- all_read: True if all its listings could be read.
-- n_articles: Number of articles that were captured.
-- n_rejects: Number of records that gave no article.
-- n_undated: Number of the articles without a day of publication.
-- n_future: Number of the articles that are dated later than the day after the visit.
-- n_without_language: Number of the articles whose language could not be determined.
-- n_other_language: Number of the articles in another language than the source's; 0 if its file names none.
-- n_untitled: Number of the articles without a headline.
-- n_repeated: Number of the articles with the same text as another article of the night.
-- n_words: Number of words in the articles.
-- n_names: Number of names in the articles.
-- n_linked: Number of these names that are linked to an entity.
-- name_confidence: Mean confidence of the names; null if there are none.
-- n_quotes: Number of quotations in the articles.
-- n_attributed: Number of these quotations of which the speaker's name is known.
-- quote_confidence: Mean confidence of the quotations; null if there are none.
WITH visits AS (
    SELECT
        batch, source, min(requested_at)::DATE AS night,
        coalesce(bool_and(outcome IN ('ok', 'not_modified')) FILTER (is_listing(kind)), false) AS all_read
    FROM fetches GROUP BY batch, source
),
captured AS (
    SELECT
        visit.night, visit.source, version.published_date, version.language, version.title, version.word_count,
        count(*) OVER (PARTITION BY visit.night, version.text_sha256) > 1 AS is_repeated
    FROM visits visit JOIN article_versions version USING (batch)
    QUALIFY row_number() OVER (PARTITION BY visit.night, visit.source, version.article_id ORDER BY version.warc_offset) = 1
),
article_counts AS (
    SELECT
        night, source, count(*) AS n_articles, count(*) FILTER (published_date IS NULL) AS n_undated,
        count(*) FILTER (published_date > night + 1) AS n_future,
        count(*) FILTER (captured.language IS NULL) AS n_without_language,
        count(*) FILTER (captured.language <> main.language) AS n_other_language,
        count(*) FILTER (captured.title IS NULL) AS n_untitled, count(*) FILTER (is_repeated) AS n_repeated,
        sum(word_count)::BIGINT AS n_words
    FROM captured LEFT JOIN sources main USING (source)
    GROUP BY night, source
),
reject_counts AS (
    SELECT night, source, count(*) AS n_rejects
    FROM rejects reject JOIN visits USING (batch) WHERE reject.stage = 'extract' GROUP BY night, source
),
name_counts AS (
    SELECT
        night, source, count(*) AS n_names, count(entity_id) AS n_linked, round(avg(confidence), 4) AS name_confidence
    FROM entity_rows JOIN visits USING (batch) GROUP BY night, source
),
quote_counts AS (
    SELECT
        night, source, count(*) AS n_quotes, count(speaker_name) AS n_attributed,
        round(avg(confidence), 4) AS quote_confidence
    FROM quote_rows JOIN visits USING (batch) GROUP BY night, source
)
SELECT
    night, source, bool_or(all_read) AS all_read, coalesce(any_value(n_articles), 0) AS n_articles,
    coalesce(any_value(n_rejects), 0) AS n_rejects, coalesce(any_value(n_undated), 0) AS n_undated,
    coalesce(any_value(n_future), 0) AS n_future, coalesce(any_value(n_without_language), 0) AS n_without_language,
    coalesce(any_value(n_other_language), 0) AS n_other_language, coalesce(any_value(n_untitled), 0) AS n_untitled,
    coalesce(any_value(n_repeated), 0) AS n_repeated, coalesce(any_value(n_words), 0) AS n_words,
    coalesce(any_value(n_names), 0) AS n_names, coalesce(any_value(n_linked), 0) AS n_linked,
    any_value(name_confidence) AS name_confidence, coalesce(any_value(n_quotes), 0) AS n_quotes,
    coalesce(any_value(n_attributed), 0) AS n_attributed, any_value(quote_confidence) AS quote_confidence
FROM visits
LEFT JOIN article_counts USING (night, source)
LEFT JOIN reject_counts USING (night, source)
LEFT JOIN name_counts USING (night, source)
LEFT JOIN quote_counts USING (night, source)
GROUP BY night, source
ORDER BY night, source
