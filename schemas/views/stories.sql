-- Which articles are copies of others: one row per article, with the earlier article whose text it copies, if any. It
-- is compared with the articles of the days before it (7 days, unless the setting `story_window_days` says otherwise).
SELECT story.*, ids.story_id FROM story_rows story JOIN story_ids ids USING (article_id)
