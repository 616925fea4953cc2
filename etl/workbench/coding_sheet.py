"""How good is a topic's query? A sheet of matches and near misses for a reader to code, and what the codes say."""

from __future__ import annotations

import csv
import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path

from etl.errors import InputError
from etl.text import safe_cell
from etl.topics.files import Topic
from etl.topics.matcher import Hit, Matcher, TopicQuery
from etl.topics.terms import Clauses, is_article_level, terms
from etl.workbench.topic_trial import Seen, by_chance

_DRAWS = 10_000
_Z = 1.96
_YES, _NO = {"1", "1.0", "y", "yes", "true", "x"}, {"0", "0.0", "n", "no", "false"}


@dataclass(frozen=True)
class Row:
    """A passage to code. `relevant` is the reader's: 1 or 0; what would bias a reader stands last. `kind`: match or
    near miss; `stratum`: kind, language and year; `weight`: how many passages of its stratum it stands for."""

    relevant: str
    text: str
    title: str
    day: str
    outlet: str
    url: str
    article_id: str
    char_start: int
    char_end: int
    matched_terms: str
    kind: str
    stratum: str
    weight: float


@dataclass(frozen=True)
class Score:
    """What a coded sheet says. Recall is an estimate: of what shares no term with the query nothing is known.

    Intervals are of 95 %: the precision's is Wilson's, at the effective size of a weighted sample (Kish 1965); the
    recall's is drawn from what Jeffreys' prior and the codes leave likely of both shares (Brown, Cai, DasGupta 2001):
    where no coded near miss is relevant, others may be.
    """

    coded: int
    uncoded: int
    precision: float
    precision_low: float
    precision_high: float
    recall: float | None
    recall_low: float | None
    recall_high: float | None


def draw_sheet(topic: Topic, articles: Iterable[Seen], size: int) -> list[Row]:
    """Half matches, half near misses, each by language and year in proportion, by chance, the same each time.

    A near miss is a span with a term of the query that does not satisfy it.
    """
    counts: Counter[str] = Counter()
    strata: dict[str, list[tuple[str, Row]]] = defaultdict(list)
    for row in _passages(topic, articles):
        counts[row.stratum] += 1
        own = strata[row.stratum]
        own.append((by_chance(row.article_id, row.char_start), row))
        if len(own) > 4 * size:
            strata[row.stratum] = sorted(own)[:size]
    chosen = []
    for kind, share in (("match", size - size // 2), ("near miss", size // 2)):
        sizes = {name: number for name, number in counts.items() if name.startswith(f"{kind},")}
        for name, number in _allotted(sizes, share).items():
            weight = round(counts[name] / number, 4)
            chosen += [replace(row, weight=weight) for _, row in sorted(strata[name])[:number]]
    return sorted(chosen, key=lambda row: by_chance(row.article_id, row.char_start))


def _passages(topic: Topic, articles: Iterable[Seen]) -> Iterator[Row]:
    matches = Matcher([TopicQuery("match", topic.query, topic.within)])
    placed = dict.fromkeys(term for term in terms(topic.query) if not is_article_level(term))
    near = Matcher([TopicQuery("near miss", Clauses(optional=tuple(placed)), topic.within)] if placed else [])
    for seen in articles:
        hits = matches.hits(seen.document)
        for hit in hits:
            yield _row(seen, hit)
        for hit in near.hits(seen.document):
            if not any(hit.start < other.end and other.start < hit.end for other in hits):
                yield _row(seen, hit)


def _row(seen: Seen, hit: Hit) -> Row:
    document = seen.document
    return Row(
        "", document.text[hit.start : hit.end], document.title, seen.day.isoformat(), document.outlet, seen.url,
        seen.article_id, hit.start, hit.end, "; ".join(hit.matched_terms), hit.query_name,
        f"{hit.query_name}, {document.language}, {seen.day.year}", 0.0,
    )  # fmt: skip


def _allotted(sizes: dict[str, int], wanted: int) -> dict[str, int]:
    """So many in proportion, at least one of each stratum and never more than it has (largest remainders)."""
    total = sum(sizes.values())
    if total <= wanted:
        return sizes
    exact = {name: wanted * size / total for name, size in sizes.items()}
    given = {name: max(1, math.floor(share)) for name, share in exact.items()}
    for name in sorted(exact, key=lambda name: given[name] - exact[name])[: max(0, wanted - sum(given.values()))]:
        given[name] += 1
    return given


def write_sheet(rows: Sequence[Row], path: Path) -> None:
    """A CSV file for a spreadsheet: a cell that would be taken for a formula begins with an apostrophe."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f.name for f in fields(Row)])
        writer.writerows([[safe_cell(value) for value in astuple(row)] for row in rows])


def score_sheet(path: Path) -> Score:
    """Reads a coded sheet. Raises InputError that says which row is wrong."""
    rows = list(_coded(path))
    matches, misses = (_share(rows, kind) for kind in ("match", "near miss"))
    if matches is None:
        raise InputError(f"{path}: no match is coded; write 1 or 0 in the column 'relevant'")
    coded = sum(row.code is not None for row in rows)
    low, high = _wilson(matches.share, matches.size)
    recall, *ends = _recall(matches, misses)
    return Score(coded, len(rows) - coded, matches.share, low, high, recall, *ends)


@dataclass(frozen=True)
class _Coded:
    """A row of a coded sheet; `code` is null where the reader left it out."""

    kind: str
    weight: float
    code: int | None


@dataclass(frozen=True)
class _Share:
    """The relevant share of a kind's coded passages, their effective number, and how many passages there are in all."""

    share: float
    size: float
    passages: float


def _share(rows: Sequence[_Coded], kind: str) -> _Share | None:
    own = [row for row in rows if row.kind == kind]
    known = [(row.weight, row.code) for row in own if row.code is not None]
    if not known:
        return None
    weights = sum(weight for weight, _ in known)
    return _Share(
        sum(weight * code for weight, code in known) / weights,
        weights**2 / sum(weight * weight for weight, _ in known),
        sum(row.weight for row in own),
    )


def _recall(matches: _Share, misses: _Share | None) -> tuple[float | None, float | None, float | None]:
    """Relevant matches of all relevant passages, with its interval; null where no near miss is coded, or none of all is
    relevant."""
    if misses is None or matches.share + misses.share == 0:
        return None, None, None
    chosen = random.Random(1)

    def drawn(of: _Share) -> float:
        return of.passages * chosen.betavariate(of.share * of.size + 0.5, (1 - of.share) * of.size + 0.5)

    found, missed = matches.share * matches.passages, misses.share * misses.passages
    likely = sorted(hit / (hit + miss) for hit, miss in ((drawn(matches), drawn(misses)) for _ in range(_DRAWS)))
    return found / (found + missed), likely[int(0.025 * _DRAWS)], likely[int(0.975 * _DRAWS)]


def _coded(path: Path) -> Iterator[_Coded]:
    csv.field_size_limit(1 << 30)  # a passage may be a whole article
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            semicolons = ";" in file.readline()  # as spreadsheets in many countries write CSV
            file.seek(0)
            rows = list(csv.DictReader(file, delimiter=";" if semicolons else ","))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None
    for number, row in enumerate(rows, 2):
        try:
            kind, weight, code = row["kind"], float(row["weight"].replace(",", ".")), row["relevant"].strip().lower()
        except (KeyError, TypeError, ValueError, AttributeError):
            weight, kind, code = 0.0, "", ""
        if not (math.isfinite(weight) and weight > 0):
            raise InputError(f"{path}: row {number} is not of a coding sheet; make one with: dateline topics sample")
        if code not in _YES | _NO | {""}:
            raise InputError(f"{path}: row {number}: relevant is {code!r}; write 1 or 0, or leave it empty")
        yield _Coded(kind, weight, int(code in _YES) if code else None)


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of n (1927), 95 %."""
    middle, spread = share + _Z * _Z / (2 * n), _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + _Z * _Z / n)), min(1.0, (middle + spread) / (1 + _Z * _Z / n))
