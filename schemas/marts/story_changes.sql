-- Articles whose story id changed from one published file to the next, because an older original was imported or
-- because copies were judged anew. One row per article and change; the rows of earlier files are kept.
-- changed_at: Moment when the file with the new id was published (UTC).
-- article_id: Id of the article.
-- story_id_before: Id of its story in the file before.
-- story_id: Id of its story since then.
SELECT changed_at, article_id, story_id_before, story_id FROM story_changes_before
UNION ALL
SELECT getvariable('published_at')::TIMESTAMPTZ, article_id, previous.story_id, current.story_id
FROM story_ids_before previous JOIN story_ids current USING (article_id)
WHERE previous.story_id <> current.story_id
ORDER BY changed_at, article_id
