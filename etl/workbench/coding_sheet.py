"""Estimate the quality of a topic's query: sample matches and near misses to label by hand, and score the labels."""

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
from etl.workbench.topic_trial import PublishedArticle, random_order_key

_DRAWS = 10_000
_Z = 1.96  # standard deviations of a 95 % interval
_YES, _NO = {"1", "1.0", "y", "yes", "true", "x"}, {"0", "0.0", "n", "no", "false"}


@dataclass(frozen=True)
class SheetRow:
    """A passage to code. The columns that could bias the coder come last.

    `relevant`: the coder's judgement, 1 or 0. `kind`: match or near miss. `stratum`: kind, language and year. `weight`:
    the number of passages of its stratum that the row stands for.
    """

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
class SheetScore:
    """What a coded sheet says of a query. The recall is an estimate: nothing is known of passages that share no term
    with the query.

    The intervals are 95 % intervals. That of the precision is Wilson's, with the effective size of a weighted sample
    (Kish 1965). That of the recall is simulated from the posterior distributions of both shares with Jeffreys' prior
    (Brown, Cai, DasGupta 2001), because near misses may be relevant even if no coded one is.
    """

    coded: int
    uncoded: int
    precision: float
    precision_low: float
    precision_high: float
    recall: float | None
    recall_low: float | None
    recall_high: float | None


def draw_sheet(topic: Topic, articles: Iterable[PublishedArticle], size: int) -> list[SheetRow]:
    """Draw a random sample of passages, the same each time: half of them matches, half near misses.

    Both are drawn in proportion to languages and years. A near miss is a span that contains a term of the query but
    does not satisfy the query.
    """
    counts: Counter[str] = Counter()
    strata: dict[str, list[tuple[str, SheetRow]]] = defaultdict(list)
    for row in _passages(topic, articles):
        counts[row.stratum] += 1
        stratum = strata[row.stratum]
        stratum.append((random_order_key(row.article_id, row.char_start), row))
        if len(stratum) > 4 * size:
            strata[row.stratum] = sorted(stratum)[:size]
    chosen = []
    for kind, kind_size in (("match", size - size // 2), ("near miss", size // 2)):
        sizes = {stratum: count for stratum, count in counts.items() if stratum.startswith(f"{kind},")}
        for name, n_rows in _allocate(sizes, kind_size).items():
            weight = round(counts[name] / n_rows, 4)
            chosen += [replace(row, weight=weight) for _, row in sorted(strata[name])[:n_rows]]
    return sorted(chosen, key=lambda row: random_order_key(row.article_id, row.char_start))


def _passages(topic: Topic, articles: Iterable[PublishedArticle]) -> Iterator[SheetRow]:
    matches = Matcher([TopicQuery("match", topic.query, topic.within)])
    terms_in_text = dict.fromkeys(term for term in terms(topic.query) if not is_article_level(term))
    any_term = Clauses(optional=tuple(terms_in_text))
    near_misses = Matcher([TopicQuery("near miss", any_term, topic.within)] if terms_in_text else [])
    for article in articles:
        hits = matches.hits(article.document)
        for hit in hits:
            yield _row(article, hit)
        for hit in near_misses.hits(article.document):
            if not any(hit.start < match.end and match.start < hit.end for match in hits):
                yield _row(article, hit)


def _row(article: PublishedArticle, hit: Hit) -> SheetRow:
    document = article.document
    return SheetRow(
        "", document.text[hit.start : hit.end], document.title, article.day.isoformat(), document.outlet, article.url,
        article.article_id, hit.start, hit.end, "; ".join(hit.matched_terms), hit.query_name,
        f"{hit.query_name}, {document.language}, {article.day.year}", 0.0,
    )  # fmt: skip


def _allocate(sizes: dict[str, int], total: int) -> dict[str, int]:
    """Divide a number of rows among strata in proportion to their sizes (largest remainders).

    Each stratum gets at least one row, and none gets more than it has.
    """
    available = sum(sizes.values())
    if available <= total:
        return sizes
    exact = {name: total * size / available for name, size in sizes.items()}
    allocated = {name: max(1, math.floor(share)) for name, share in exact.items()}
    by_remainder = sorted(exact, key=lambda name: allocated[name] - exact[name])
    for name in by_remainder[: max(0, total - sum(allocated.values()))]:
        allocated[name] += 1
    return allocated


def write_sheet(rows: Sequence[SheetRow], path: Path) -> None:
    """Write a CSV file for a spreadsheet. A cell that would be taken for a formula begins with an apostrophe."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([f.name for f in fields(SheetRow)])
        writer.writerows([[safe_cell(value) for value in astuple(row)] for row in rows])


def score_sheet(path: Path) -> SheetScore:
    """Score a coded sheet. Raises InputError, which says which row is wrong."""
    rows = list(_coded_rows(path))
    matches, near_misses = (_relevant_share(rows, kind) for kind in ("match", "near miss"))
    if matches is None:
        raise InputError(f"{path}: no match is coded; write 1 or 0 in the column 'relevant'")
    coded = sum(row.code is not None for row in rows)
    low, high = wilson_interval(matches.share, matches.size)
    recall, *recall_interval = _recall(matches, near_misses)
    return SheetScore(coded, len(rows) - coded, matches.share, low, high, recall, *recall_interval)


@dataclass(frozen=True)
class _CodedRow:
    """A row of a coded sheet; `code` is null if the coder left it empty."""

    kind: str
    weight: float
    code: int | None


@dataclass(frozen=True)
class _RelevantShare:
    """The relevant share of the coded passages of a kind, their effective number, and the number of all passages."""

    share: float
    size: float
    passages: float


def _relevant_share(rows: Sequence[_CodedRow], kind: str) -> _RelevantShare | None:
    of_kind = [row for row in rows if row.kind == kind]
    coded = [(row.weight, row.code) for row in of_kind if row.code is not None]
    if not coded:
        return None
    weights = sum(weight for weight, _ in coded)
    return _RelevantShare(
        sum(weight * code for weight, code in coded) / weights,
        weights**2 / sum(weight * weight for weight, _ in coded),
        sum(row.weight for row in of_kind),
    )


def _recall(
    matches: _RelevantShare, near_misses: _RelevantShare | None
) -> tuple[float | None, float | None, float | None]:
    """The relevant matches as a share of all relevant passages, with its interval.

    Null if no near miss is coded or no coded passage is relevant.
    """
    if near_misses is None or matches.share + near_misses.share == 0:
        return None, None, None
    rng = random.Random(1)

    def draw(of: _RelevantShare) -> float:
        return of.passages * rng.betavariate(of.share * of.size + 0.5, (1 - of.share) * of.size + 0.5)

    found, missed = matches.share * matches.passages, near_misses.share * near_misses.passages
    draws = sorted(hit / (hit + miss) for hit, miss in ((draw(matches), draw(near_misses)) for _ in range(_DRAWS)))
    return found / (found + missed), draws[int(0.025 * _DRAWS)], draws[int(0.975 * _DRAWS)]


def _coded_rows(path: Path) -> Iterator[_CodedRow]:
    csv.field_size_limit(1 << 30)  # a passage may be a whole article
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            has_semicolons = ";" in file.readline()  # spreadsheets in many countries separate columns with semicolons
            file.seek(0)
            rows = list(csv.DictReader(file, delimiter=";" if has_semicolons else ","))
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
            hint = "make a sheet with: dateline topics sample"
            raise InputError(f"{path}: row {number} is not a row of a coding sheet; {hint}")
        if code not in _YES | _NO | {""}:
            raise InputError(f"{path}: row {number}: relevant is {code!r}; write 1 or 0, or leave it empty")
        yield _CodedRow(kind, weight, int(code in _YES) if code else None)


def wilson_interval(share: float, n: float) -> tuple[float, float]:
    """Return Wilson's 95 % interval (1927) of a share that was measured on `n` items."""
    middle, spread = share + _Z * _Z / (2 * n), _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + _Z * _Z / n)), min(1.0, (middle + spread) / (1 + _Z * _Z / n))
