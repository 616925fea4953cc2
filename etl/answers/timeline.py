"""The SQL of a topic's series by day, week, month or year, in total or split by outlet, country or language.

Weeks, months and years are counted from the articles themselves, not by adding up daily counts.
"""

from __future__ import annotations

PERIODS = ("day", "week", "month", "year")
PARTS = {"outlet": "outlet", "country": "outlet_country", "language": "language"}
CAUTION = (
    "share_low and share_high are a 95 % interval that treats the period's articles as a random sample without copies; "
    "n_stories, which counts a copied text once, is more reliable"
)

# `days`: the days of the series. `panel`: the sources of a fixed panel, which were observed on each of these days.
_DAYS_SQL = """
WITH days AS (
    SELECT date_trunc('{period}', day)::DATE AS period, * FROM topic_daily
    WHERE topic = $topic AND day >= coalesce($since, day) AND day <= coalesce($until, day)
),
panel AS (
    SELECT c.source FROM coverage c JOIN topic_sources s USING (source) SEMI JOIN days d ON d.day = c.day
    WHERE s.topic = $topic
      AND c.source NOT IN (  -- a source with articles that are not matched yet is not observed
          SELECT a.source FROM dated_articles a JOIN unmatched u ON u.batch = a.batch AND u.topic = $topic
          SEMI JOIN days d ON d.day = a.day
      )
    GROUP BY c.source HAVING count(*) FILTER (c.status = 'observed') = (SELECT count(*) FROM days)
)
"""
# `counted`: the days that have counts. `on_topic`: the articles of the topic. `everything`: all articles, of which
# the topic has a share.
_ARTICLES_SQL = """,
counted AS ({counted}),
on_topic AS (
    SELECT date_trunc('{period}', day)::DATE AS period, *
    FROM topic_articles SEMI JOIN counted USING (day) WHERE topic = $topic {panel}
),
everything AS (
    SELECT date_trunc('{period}', a.day)::DATE AS period, a.*
    FROM dated_articles a JOIN topics t ON list_contains(t.languages, a.language) SEMI JOIN counted c ON c.day = a.day
    WHERE t.topic = $topic AND (t.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched) {panel}
),
"""
_TOTAL_SQL = """
observed AS (
    SELECT
        period, count(*) AS days, count(*) FILTER (day IN (FROM counted)) AS days_counted,
        CASE WHEN count(DISTINCT {status}) = 1 THEN any_value({status}) ELSE 'partial' END AS status
    FROM days GROUP BY period
),
n AS (
    SELECT period, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories, count(DISTINCT outlet) AS n_outlets,
           sum(n_quotes)::BIGINT AS n_quotes
    FROM on_topic GROUP BY ALL
),
e AS (
    SELECT period, count(*) AS all_articles, count(DISTINCT story_id) AS all_stories FROM everything GROUP BY ALL
)
SELECT
    o.period,
    o.status,
    o.days_counted,
    o.days,
    CASE WHEN o.days_counted > 0 THEN coalesce(n.n_articles, 0) END AS n_articles,
    CASE WHEN o.days_counted > 0 THEN coalesce(n.n_stories, 0) END AS n_stories,
    CASE WHEN o.days_counted > 0 THEN coalesce(n.n_outlets, 0) END AS n_outlets,
    CASE WHEN o.days_counted > 0 THEN coalesce(n.n_quotes, 0) END AS n_quotes,
    CASE WHEN o.days_counted > 0 THEN coalesce(e.all_articles, 0) END AS all_articles,
    CASE WHEN o.days_counted > 0 THEN coalesce(e.all_stories, 0) END AS all_stories,
    round(coalesce(n.n_articles, 0) / nullif(e.all_articles, 0), 4) AS share,
    round(wilson_low(coalesce(n.n_articles, 0), e.all_articles), 4) AS share_low,
    round(wilson_high(coalesce(n.n_articles, 0), e.all_articles), 4) AS share_high
FROM observed o
LEFT JOIN n USING (period)
LEFT JOIN e USING (period)
ORDER BY o.period
"""
_BY_PART_SQL = """
n AS (
    SELECT period, {part} AS part, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories,
           sum(n_quotes)::BIGINT AS n_quotes
    FROM on_topic GROUP BY ALL
),
e AS (
    SELECT period, {part} AS part, count(*) AS all_articles, count(DISTINCT story_id) AS all_stories
    FROM everything WHERE part IS NOT NULL GROUP BY ALL
)
SELECT
    e.period,
    e.part AS {name},
    coalesce(n.n_articles, 0) AS n_articles,
    coalesce(n.n_stories, 0) AS n_stories,
    coalesce(n.n_quotes, 0) AS n_quotes,
    e.all_articles,
    e.all_stories,
    round(coalesce(n.n_articles, 0) / e.all_articles, 4) AS share,
    round(wilson_low(coalesce(n.n_articles, 0), e.all_articles), 4) AS share_low,
    round(wilson_high(coalesce(n.n_articles, 0), e.all_articles), 4) AS share_high
FROM e LEFT JOIN n USING (period, part)
ORDER BY e.period, e.part
"""
_MART_SQL = {
    "day": """
SELECT day AS period, status, (n_articles IS NOT NULL)::BIGINT AS days_counted, 1 AS days, n_articles, n_stories,
       n_outlets, n_quotes, all_articles, all_stories, round(share, 4) AS share, round(share_low, 4) AS share_low,
       round(share_high, 4) AS share_high
FROM topic_daily WHERE topic = $topic ORDER BY day
""",
    "other": """
SELECT period, status, days_counted, days, n_articles, n_stories, n_outlets, n_quotes, all_articles, all_stories,
       round(share, 4) AS share, round(share_low, 4) AS share_low, round(share_high, 4) AS share_high
FROM topic_periods WHERE topic = $topic AND kind = '{period}' ORDER BY period
""",
}
PANEL_SQL = _DAYS_SQL.format(period="day") + "SELECT source FROM panel ORDER BY source"


def mart_timeline_sql(period: str) -> str:
    """The SQL of the same series over all days, read from the marts that already hold it. Parameter: $topic."""
    return _MART_SQL["day"] if period == "day" else _MART_SQL["other"].format(period=period)


def timeline_sql(period: str, part: str | None = None, fixed_panel: bool = False) -> str:
    """The SQL of a topic's series. Parameters: $topic and the days $since and $until (null: the first, the last).

    `part`: outlet, country or language; the result has a row for each period and each part that published anything in
    it. `fixed_panel`: count only sources that were observed on every day.
    """
    articles = _DAYS_SQL.format(period=period) + _ARTICLES_SQL.format(
        period=period,
        counted="SELECT day FROM days" if fixed_panel else "SELECT day FROM days WHERE n_articles IS NOT NULL",
        panel="AND source IN (FROM panel)" if fixed_panel else "",
    )
    if part is None:
        return articles + _TOTAL_SQL.format(status="'complete'" if fixed_panel else "status")
    return articles + _BY_PART_SQL.format(part=PARTS[part], name=part)
