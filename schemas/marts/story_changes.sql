-- Articles whose story's id is another than in the file published before, since an earlier original arrived or what is a
-- copy was judged anew. Kept from file to file.
-- changed_at: When the file with the new id was published.
-- article_id: The article.
-- story_id_before: The id of its story in the file before.
-- story_id: Its id from then on.
SELECT changed_at, article_id, story_id_before, story_id FROM story_changes_before
UNION ALL
SELECT getvariable('published_at')::TIMESTAMPTZ, article_id, b.story_id, i.story_id
FROM story_ids_before b JOIN story_ids i USING (article_id)
WHERE b.story_id <> i.story_id
ORDER BY changed_at, article_id
