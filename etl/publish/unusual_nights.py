"""Compares what the visits of a night gave with what the nights before it gave: by night, and by source.

A night is compared with the same weekday of earlier weeks if there are enough of them, else with the latest nights. The
usual value is their median. A value is unusual if it differs from it by more than _DEVIATIONS times their spread (the
median absolute deviation, scaled to a standard deviation) and by more than a margin that holds for the smallest
spreads. Nights with few articles are not judged.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from etl.publish.night_measures import MEASURES, WEIGHTED, Measure

VisitRow = Mapping[str, Any]  # a row of the mart visit_health

_DEVIATIONS = 6.0
_MAD_TO_SIGMA = 1.4826
_WEEKS, _FEWEST_WEEKS = 8, 4  # of the same weekday
_NIGHTS, _FEWEST_NIGHTS = 28, 7  # of any weekday
_SAMPLING_DEVIATIONS = 4.0
DAYS_COMPARED = 7 * _WEEKS  # before a night


@dataclass(frozen=True)
class Margins:
    """Differences that are never unusual, and the fewest articles, names or quotes that are judged.

    `share` and `confidence` are differences, `rate` and `volume` the factors up and down. Rates vary more than shares.
    """

    share: float
    confidence: float
    rate: float
    volume: tuple[float, float]
    fewest: int
    fewest_for_rate: int


_OF_A_NIGHT = Margins(share=0.1, confidence=0.08, rate=2.0, volume=(0.5, 2.5), fewest=30, fewest_for_rate=30)
_OF_A_SOURCE = Margins(share=0.5, confidence=0.25, rate=5.0, volume=(0.1, 6.0), fewest=8, fewest_for_rate=30)


def unusual_nights(visits: Iterable[VisitRow], new: Collection[date]) -> list[str]:
    """Return a line for each thing that is unusual in a new night, by night.

    The others are what new nights are compared with, because somebody has accepted them or nothing was unusual in them.
    """
    by_night: dict[date, dict[str, VisitRow]] = defaultdict(dict)
    for visit in visits:
        if visit["all_read"]:  # a site that could not be read gives little, which `coverage` shows
            by_night[visit["night"]][visit["source"]] = visit
    lines = []
    for night in sorted(by_night.keys() & set(new)):
        before = [earlier for earlier in sorted(by_night) if earlier not in new and earlier < night]
        lines += [f"{night}: {line}" for line in _unusual_night(by_night, night, _comparable(night, before))]
    return lines


def _comparable(night: date, before: Sequence[date]) -> list[date]:
    """Return the nights that a night is compared with; none if there are too few."""
    same_weekday = [earlier for earlier in before if earlier.weekday() == night.weekday()][-_WEEKS:]
    if len(same_weekday) >= _FEWEST_WEEKS:
        return same_weekday
    return list(before[-_NIGHTS:]) if len(before) >= _FEWEST_NIGHTS else []


def _unusual_night(
    by_night: Mapping[date, Mapping[str, VisitRow]], night: date, comparable: Sequence[date]
) -> list[str]:
    if not comparable:
        return []
    visits = by_night[night]
    # Only sources that are in the night and in those before it: adding a source is not unusual.
    history = {source: [by_night[at][source] for at in comparable if source in by_night[at]] for source in visits}
    history = {source: rows for source, rows in history.items() if rows}
    usual_volume = sum(median([row["n_articles"] for row in rows]) for rows in history.values())
    sums = [_sum(visit for source, visit in by_night[at].items() if source in history) for at in comparable]
    now = _sum(visits[source] for source in history)
    lines = _unusual_volume(now["n_articles"], usual_volume, [total["n_articles"] for total in sums], _OF_A_NIGHT)
    lines += [line for measure in MEASURES if (line := _unusual(measure, now, sums, _OF_A_NIGHT))]
    for source, rows in history.items():
        if len(rows) >= _FEWEST_WEEKS:
            lines += [f"{source}: {line}" for line in _unusual_source(visits[source], rows)]
    return lines


def _unusual_source(visit: VisitRow, history: Sequence[VisitRow]) -> list[str]:
    volumes = [row["n_articles"] for row in history]
    lines = []
    if min(volumes) > 0 or visit["n_articles"] > max(volumes):
        lines = _unusual_volume(visit["n_articles"], median(volumes), volumes, _OF_A_SOURCE)
    now, sums = _sum([visit]), [_sum([row]) for row in history]
    return lines + [line for measure in MEASURES if (line := _unusual(measure, now, sums, _OF_A_SOURCE))]


def _unusual_volume(n: float, usual: float, history: Sequence[float], margins: Margins) -> list[str]:
    least, most = margins.volume
    if max(n, usual) < margins.fewest or usual <= 0:
        return []
    spread = _spread([math.log1p(value) for value in history])
    difference = math.log1p(n) - math.log1p(usual)
    # A small number varies by chance: four standard deviations of a Poisson variable are never unusual.
    chance = _SAMPLING_DEVIATIONS * math.sqrt(usual)
    is_unusual = (n < least * usual or n > most * usual) and abs(difference) > _DEVIATIONS * spread
    return [f"{n:,.0f} articles, usually {usual:,.0f}"] if is_unusual and abs(n - usual) > chance else []


def _unusual(measure: Measure, now: VisitRow, history: Sequence[VisitRow], margins: Margins) -> str | None:
    """Return what is unusual about a measure; null if nothing is, or if there is too little to judge."""
    n = sum(now[column] for column in measure.whole)
    values = [_value(measure, row) for row in history if sum(row[column] for column in measure.whole)]
    fewest = margins.fewest_for_rate if measure.kind == "rate" else margins.fewest
    if n < fewest or len(values) < _FEWEST_WEEKS:
        return None
    value, usual, spread = _value(measure, now), median(values), _DEVIATIONS * _spread(values)
    if measure.kind == "rate":
        is_unusual = usual > 0 and abs(value - usual) > spread
        is_unusual = is_unusual and not usual / margins.rate <= value <= usual * margins.rate
    elif measure.kind == "confidence":
        is_unusual = abs(value - usual) > max(spread, margins.confidence)
    else:
        chance = _SAMPLING_DEVIATIONS * math.sqrt(max(usual * (1 - usual), 0.01) / n)
        rise = value - usual if measure.kind == "high share" else usual - value
        is_unusual = rise > max(spread, margins.share + chance)
    return measure.line.format(value=value, usual=usual, n=n) if is_unusual else None


def _sum(visits: Iterable[VisitRow]) -> dict[str, float]:
    """Add up visits; of means, the sum of what they are taken of."""
    total: dict[str, float] = defaultdict(float)
    for visit in visits:
        for column, value in visit.items():
            if column.startswith("n_"):
                total[column] += value
            elif column in WEIGHTED:
                total[column] += (value or 0.0) * visit[WEIGHTED[column]]
    return total


def _value(measure: Measure, total: VisitRow) -> float:
    return float(total[measure.part] / sum(total[column] for column in measure.whole))


def _spread(values: Sequence[float]) -> float:
    centre = median(values)
    return _MAD_TO_SIGMA * median(abs(value - centre) for value in values)
