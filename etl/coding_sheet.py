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
from etl.printing import safe_cell
from etl.topic_workshop import Seen, by_chance
from etl.topics.files import Topic
from etl.topics.matcher import Hit, Matcher, Wanted
from etl.topics.terms import Clauses, Named, terms

_DRAWS = 2000  # of the bootstrap
_Z = 1.96
_YES, _NO = {"1", "y", "yes", "true", "x"}, {"0", "n", "no", "false"}


@dataclass(frozen=True)
class Row:
    """A passage to code. `kind`: match or near miss; `stratum`: kind, language and year; `weight`: how many passages of
    its stratum it stands for; `relevant` is the reader's: 1 or 0."""

    relevant: str
    text: str
    title: str
    day: str
    outlet: str
    url: str
    matched_terms: str
    kind: str
    stratum: str
    weight: float
    article_id: str
    char_start: int
    char_end: int


@dataclass(frozen=True)
class Score:
    """What a coded sheet says. Recall is an estimate: of what shares no term with the query nothing is known.

    Intervals are of 95 %: the precision's is Wilson's, at the effective size of a weighted sample (Kish 1965); the
    recall's by bootstrap within the strata (Efron 1979).
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
    matches = Matcher([Wanted("match", topic.query, topic.within)])
    of_text = [term for term in terms(topic.query) if not (isinstance(term, Named) and term.of_article)]
    near = Matcher([Wanted("near miss", Clauses(optional=tuple(dict.fromkeys(of_text))), topic.within)])
    for seen in articles:
        hits = matches.hits(seen.document)
        taken = {hit.start for hit in hits}
        for hit in [*hits, *(hit for hit in near.hits(seen.document) if hit.start not in taken)]:
            yield _row(seen, hit)


def _row(seen: Seen, hit: Hit) -> Row:
    document = seen.document
    return Row(
        "", document.text[hit.start : hit.end], document.title, seen.day.isoformat(), document.outlet, seen.url,
        "; ".join(hit.matched_terms), hit.name, f"{hit.name}, {document.language}, {seen.day.year}", 0.0,
        seen.article_id, hit.start, hit.end,
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
    known = [(kind, stratum, weight, code) for kind, stratum, weight, code in rows if code is not None]
    matches = [(weight, code) for kind, _, weight, code in known if kind == "match"]
    if not matches:
        raise InputError(f"{path}: no match is coded; write 1 or 0 in the column 'relevant'")
    precision = _precision(matches)
    effective = sum(w for w, _ in matches) ** 2 / sum(w * w for w, _ in matches)
    low, high = _wilson(precision, effective)
    drawn = sorted(r for r in _bootstrap(known) if r is not None)
    ends = (drawn[int(0.025 * len(drawn))], drawn[int(0.975 * len(drawn))]) if drawn else (None, None)
    return Score(len(known), len(rows) - len(known), precision, low, high, _recall(known), *ends)


def _coded(path: Path) -> Iterator[tuple[str, str, float, int | None]]:
    """Kind, stratum, weight and code of each row; the code is null where the reader left it out."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None
    for number, row in enumerate(rows, 2):
        try:
            kind, stratum, weight, code = row["kind"], row["stratum"], float(row["weight"]), row["relevant"].strip()
        except (KeyError, TypeError, ValueError, AttributeError):
            raise InputError(
                f"{path}:{number}: not a row of a coding sheet; make one with: dateline topics sample"
            ) from None
        if code.lower() not in _YES | _NO | {""}:
            raise InputError(f"{path}:{number}: relevant is {code!r}; write 1 or 0, or leave it empty")
        yield kind, stratum, weight, int(code.lower() in _YES) if code else None


def _precision(matches: Sequence[tuple[float, int]]) -> float:
    return sum(weight * code for weight, code in matches) / sum(weight for weight, _ in matches)


def _recall(known: Sequence[tuple[str, str, float, int]]) -> float | None:
    """Relevant matches of all relevant passages; null where no near miss is coded, or nothing is relevant."""
    found = sum(weight * code for kind, _, weight, code in known if kind == "match")
    missed = sum(weight * code for kind, _, weight, code in known if kind != "match")
    if found + missed == 0 or all(kind == "match" for kind, *_ in known):
        return None
    return found / (found + missed)


def _wilson(share: float, n: float) -> tuple[float, float]:
    """Wilson's interval of a share of n (1927), 95 %."""
    middle, spread = share + _Z * _Z / (2 * n), _Z * math.sqrt(share * (1 - share) / n + _Z * _Z / (4 * n * n))
    return max(0.0, (middle - spread) / (1 + _Z * _Z / n)), min(1.0, (middle + spread) / (1 + _Z * _Z / n))


def _bootstrap(known: Sequence[tuple[str, str, float, int]]) -> Iterator[float | None]:
    strata: dict[str, list[tuple[str, str, float, int]]] = defaultdict(list)
    for row in known:
        strata[row[1]].append(row)
    chosen = random.Random(1)
    for _ in range(_DRAWS):
        yield _recall([row for own in strata.values() for row in chosen.choices(own, k=len(own))])
