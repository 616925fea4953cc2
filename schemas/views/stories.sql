-- Each article's place in its story; `story_id` is the article at the root of `copy_of`.
SELECT s.*, i.story_id FROM story_rows s JOIN story_ids i USING (article_id)
