"""Plot a topic's series as a PNG file."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from etl.errors import InputError

_MAX_BARS = 400
_MAX_LINES = 8  # more lines could not be distinguished


@dataclass(frozen=True)
class Series:
    """The rows of a timeline with a title for the plot. `period`: day, week, month or year."""

    title: str
    period: str
    rows: list[dict[str, Any]]


def plot(series: Series, path: Path) -> None:
    """Plot articles and stories, and below them the share with its interval. Periods without counts are grey."""
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
    """Plot a line for each of the parts with the most articles on the topic: the share of the part's articles."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    totals: dict[str, int] = defaultdict(int)
    for row in series.rows:
        totals[row[part]] += row["n_articles"]
    shown = sorted((name for name in totals if totals[name]), key=lambda name: (-totals[name], name))[:_MAX_LINES]
    figure, axes = plt.subplots(figsize=(11, 6), layout="constrained")
    periods = sorted({row["period"] for row in series.rows})
    for name in shown:
        shares = {row["period"]: 100 * row["share"] for row in series.rows if row[part] == name}
        # A period in which the part published nothing has no share: the line is interrupted.
        values = [shares.get(period, float("nan")) for period in periods]
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
    except ValueError as error:  # the ending of the file name is not that of an image format
        raise InputError(f"{path}: {str(error).splitlines()[0]}") from None
    finally:
        plt.close(figure)


def _draw_counts(axes: Any, periods: list[date], values: list[int], width: float, color: str, label: str) -> None:
    """Draw bars, or vertical lines if there are so many periods that bars would be thinner than a pixel."""
    if len(periods) <= _MAX_BARS:
        axes.bar(periods, values, width=width, color=color, label=label)
        return
    nonzero = [(period, value) for period, value in zip(periods, values, strict=True) if value]
    axes.vlines([p for p, _ in nonzero], 0, [v for _, v in nonzero], color=color, label=label, linewidth=1.2)
    axes.set_ylim(bottom=0)


def _shade_gaps(axes: Any, rows: list[dict[str, Any]], width: float) -> None:
    gaps = [row["period"] for row in rows if row["n_articles"] is None]
    for number, (first, last) in enumerate(_stretches(gaps, rows)):
        left, right = _day_number(first) - width / 2, _day_number(last) + width / 2
        axes.axvspan(left, right, color="#eeeeee", zorder=0, label="nothing known" if number == 0 else None)


def _stretches(gaps: list[date], rows: list[dict[str, Any]]) -> list[tuple[date, date]]:
    """Join neighbouring periods without data: the first and last period of each stretch."""
    order = {row["period"]: number for number, row in enumerate(rows)}
    stretches: list[tuple[date, date]] = []
    for gap in gaps:
        if stretches and order[gap] == order[stretches[-1][1]] + 1:
            stretches[-1] = (stretches[-1][0], gap)
        else:
            stretches.append((gap, gap))
    return stretches


def _day_number(day: date) -> float:
    """The number that matplotlib uses for a date: days since 1970-01-01."""
    return float(day.toordinal() - date(1970, 1, 1).toordinal())
