"""A topic's series by day, week, month or year, as rows and as a plot. Coarser periods are recounted, never summed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.errors import InputError

PERIODS = ("day", "week", "month", "year")
_MOST_BARS = 400

_SQL = """
WITH days AS (
    SELECT date_trunc('{period}', day)::DATE AS period, * FROM topic_daily
    WHERE topic = $topic AND day >= coalesce($since, day) AND day <= coalesce($until, day)
),
observed AS (
    SELECT
        period,
        count(*) AS days,
        count(*) FILTER (n_articles IS NOT NULL) AS days_counted,
        CASE WHEN count(DISTINCT status) = 1 THEN any_value(status) ELSE 'partial' END AS status
    FROM days GROUP BY period
),
counted AS (SELECT day FROM days WHERE n_articles IS NOT NULL),
on_topic AS (
    SELECT
        date_trunc('{period}', day)::DATE AS period, count(*) AS n_articles, count(DISTINCT story_id) AS n_stories,
        count(DISTINCT outlet) AS n_outlets, sum(n_quotes)::BIGINT AS n_quotes
    FROM topic_articles SEMI JOIN counted USING (day) WHERE topic = $topic GROUP BY ALL
),
everything AS (
    SELECT date_trunc('{period}', published_date)::DATE AS period, count(*) AS all_articles,
           count(DISTINCT story_id) AS all_stories
    FROM articles a JOIN topics t ON list_contains(t.languages, a.language)
    SEMI JOIN counted c ON c.day = a.published_date
    WHERE t.topic = $topic AND (t.topic, a.batch) NOT IN (SELECT (topic, batch) FROM unmatched) GROUP BY ALL
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
LEFT JOIN on_topic n USING (period)
LEFT JOIN everything e USING (period)
ORDER BY o.period
"""


def timeline_sql(period: str) -> str:
    """The series' SQL; its parameters are $topic and the days $since and $until (null: from the first, to the last)."""
    return _SQL.format(period=period)


@dataclass(frozen=True)
class Series:
    """Rows of a timeline, and what to write over it."""

    title: str
    period: str
    rows: list[dict[str, Any]]


def plot(series: Series, path: Path) -> None:
    """Writes a PNG: articles and stories above, the share with its interval below; grey where nothing is known."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator

    figure, (counts, share) = plt.subplots(
        2, 1, figsize=(11, 6), sharex=True, height_ratios=(3, 2), layout="constrained"
    )
    periods = [row["period"] for row in series.rows]
    width = {"day": 0.9, "week": 6, "month": 26, "year": 320}[series.period]
    _draw_counts(counts, periods, [row["n_articles"] or 0 for row in series.rows], width, "#9ecae1", "articles")
    _draw_counts(counts, periods, [row["n_stories"] or 0 for row in series.rows], 0.55 * width, "#08519c", "stories")
    _shade_gaps(counts, series.rows, width)
    _shade_gaps(share, series.rows, width)
    counts.set_title(series.title, loc="left")
    counts.set_ylabel(f"per {series.period}")
    counts.yaxis.set_major_locator(MaxNLocator(integer=True))
    known = [row for row in series.rows if row["share"] is not None]
    x = [row["period"] for row in known]
    share.vlines(
        x, [100 * row["share_low"] for row in known], [100 * row["share_high"] for row in known], color="#bdbdbd"
    )
    share.plot(x, [100 * row["share"] for row in known], "o", color="#08519c", markersize=3)
    share.set_ylabel("share of all articles, %\n(95 % interval)")
    share.set_ylim(bottom=0)
    figure.align_ylabels()
    counts.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=3)
    for axes in (counts, share):
        axes.spines[["top", "right"]].set_visible(False)
    try:
        figure.savefig(path, dpi=120)
    except ValueError as error:  # an ending that names no picture
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None
    finally:
        plt.close(figure)


def _draw_counts(axes: Any, periods: list[date], values: list[int], width: float, color: str, label: str) -> None:
    """Bars; lines where there are so many periods that bars would be thinner than a pixel and vanish."""
    if len(periods) <= _MOST_BARS:
        axes.bar(periods, values, width=width, color=color, label=label)
        return
    some = [(period, value) for period, value in zip(periods, values, strict=True) if value]
    axes.vlines([p for p, _ in some], 0, [v for _, v in some], color=color, label=label, linewidth=1.2)
    axes.set_ylim(bottom=0)


def _shade_gaps(axes: Any, rows: list[dict[str, Any]], width: float) -> None:
    gaps = [row["period"] for row in rows if row["n_articles"] is None]
    for number, (first, last) in enumerate(_runs(gaps, rows)):
        left, right = _days(first) - width / 2, _days(last) + width / 2
        axes.axvspan(left, right, color="#eeeeee", zorder=0, label="nothing known" if number == 0 else None)


def _runs(gaps: list[date], rows: list[dict[str, Any]]) -> list[tuple[date, date]]:
    """Neighbouring periods without data as one stretch."""
    order = {row["period"]: number for number, row in enumerate(rows)}
    runs: list[tuple[date, date]] = []
    for gap in gaps:
        if runs and order[gap] == order[runs[-1][1]] + 1:
            runs[-1] = (runs[-1][0], gap)
        else:
            runs.append((gap, gap))
    return runs


def _days(day: date) -> float:
    """matplotlib's number of a date: days since 1970-01-01."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal())
