"""A topic's series as a picture."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.errors import InputError

_MOST_BARS = 400
_MOST_PARTS = 8  # lines of a picture: more cannot be told apart


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
    share.set_ylabel("share of all articles, %\n(95 % interval of a sample)")
    share.set_ylim(bottom=0)
    figure.align_ylabels()
    counts.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, ncols=3)
    for axes in (counts, share):
        axes.spines[["top", "right"]].set_visible(False)
    _save(figure, path)


def plot_parts(series: Series, part: str, path: Path) -> None:
    """Writes a PNG: a line for each of the parts with most articles on the topic, its share of its own articles."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    totals: dict[str, int] = defaultdict(int)
    for row in series.rows:
        totals[row[part]] += row["n_articles"]
    shown = sorted((name for name in totals if totals[name]), key=lambda name: (-totals[name], name))[:_MOST_PARTS]
    figure, axes = plt.subplots(figsize=(11, 6), layout="constrained")
    periods = sorted({row["period"] for row in series.rows})
    for name in shown:
        of_part = {row["period"]: 100 * row["share"] for row in series.rows if row[part] == name}
        # A period in which it printed nothing breaks the line: it is no zero.
        values = [of_part.get(period, float("nan")) for period in periods]
        axes.plot(periods, values, marker="o", markersize=3, label=f"{name} ({totals[name]:,})")
    axes.set_title(series.title, loc="left")
    axes.set_ylabel(f"share of each {part}'s articles, % per {series.period}")
    axes.set_ylim(bottom=0)
    axes.spines[["top", "right"]].set_visible(False)
    if shown:
        axes.legend(frameon=False, title=f"{part} (articles)")
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    import matplotlib.pyplot as plt

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
