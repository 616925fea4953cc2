"""The rows of the generated warehouse: what is published when, and a month of it as tables; see
benchmarks.generate_warehouse.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from benchmarks.generated_texts import (
    COPIES,
    COUNTRIES,
    CUES,
    DAY,
    FIRST_BATCH,
    LANGUAGE_OF,
    LANGUAGES,
    LIVE,
    NAMES,
    OUTLET_SHARES,
    OUTLETS,
    SOURCE_OF,
    SPOKEN,
    STARTS,
    TYPES,
    WINDOW,
    WORDS,
    Lexicon,
    Numbers,
    Pages,
    Texts,
    chance,
    counted,
    draw,
    filled,
    glued,
    hexadecimal,
    join,
    listed,
    mix,
    moments,
    strings,
    take,
)
from etl.topics.files import Topic


def plan(articles: int) -> Pages:
    """Firsts on days of the week as news has them; copies, most of few texts and within a day, some weeks later."""
    rng = np.random.default_rng(20_240_101)
    copies = round(COPIES * articles)
    firsts = articles - copies
    busy = np.where(np.arange(STARTS[-1]) % 7 < 5, 1.0, 0.6)  # the first day is a Monday
    at = rng.choice(STARTS[-1], firsts, p=busy / busy.sum()) * DAY + rng.integers(5 * 3600, 22 * 3600, firsts)
    outlet = rng.choice(OUTLETS, firsts, p=OUTLET_SHARES / OUTLET_SHARES.sum())
    fame = np.cumsum(np.where(rng.random(firsts) < 0.2, np.minimum(rng.pareto(1.5, firsts) + 1, 300), 0))
    of = np.searchsorted(fame, rng.random(copies) * fame[-1], "right")
    late = rng.random(copies) < 0.04
    delay = 60 + DAY * np.where(late, rng.uniform(5, 40, copies), rng.exponential(0.7, copies))
    printed = at[of] + np.minimum(delay, (STARTS[-1] * DAY - 7200 - at[of]) * rng.random(copies)).astype(np.int64)
    printed = np.minimum(printed, printed // DAY * DAY + 22 * 3600)  # before the night's visit
    by = outlet[of].copy()
    for language in range(len(LANGUAGES)):
        own = np.flatnonzero((LANGUAGE_OF[SOURCE_OF[by]] == language) & (rng.random(copies) < 0.95))
        weight = OUTLET_SHARES * (LANGUAGE_OF[SOURCE_OF] == language)
        by[own] = rng.choice(OUTLETS, len(own), p=weight / weight.sum())
    kept = np.where(rng.random(copies) < 0.6, 1.0, rng.uniform(0.4, 0.95, copies))
    origin, times = np.append(np.arange(firsts), of), np.append(at, printed)
    order = np.argsort(times, kind="stable")
    return _archived(origin[order], times[order], np.append(outlet, by)[order], np.append(np.ones(firsts), kept)[order])


def _archived(origin: Numbers, at: Numbers, outlet: Numbers, share: Numbers) -> Pages:
    """Where articles are kept, and which they copy: the earliest in the window with the same words; none for late
    reprints."""
    articles, source = np.arange(len(at)), SOURCE_OF[outlet]
    month = np.searchsorted(STARTS, at // DAY, "right") - 1
    batch = FIRST_BATCH[source] + np.where(LIVE[source], at // DAY, month)
    offset, copy_of, origin_day = np.empty_like(at), np.empty_like(at), np.empty_like(at)
    order = np.argsort(batch, kind="stable")
    offset[order] = counted(np.unique(batch, return_counts=True)[1]) * 21_017 + 611
    order = np.lexsort((at, origin))
    place = origin[order] * 100_000 + at[order] // DAY
    earliest = np.searchsorted(place, place - WINDOW)
    copy_of[order] = np.where(earliest < articles, order[earliest], -1)
    origin_day[order] = (at[order] // DAY)[np.searchsorted(origin[order], origin[order])]
    return Pages(articles, origin, origin_day, at, outlet, copy_of, share, batch, offset)


# -- tables ----------------------------------------------------------------------------------------------------------

SOURCES = strings([f"{'daily' if LIVE[n] else 'archive'}-{code.lower()}" for n, code in enumerate(COUNTRIES)])


@dataclass(frozen=True)
class Month:
    """A month's texts, and the names of all batches."""

    name: str
    texts: Texts
    batches: pa.Array

    def rows(self, table: str, page: Numbers, columns: Mapping[str, Any]) -> pa.Table:
        """Rows of a table, with the columns that say which text each is about."""
        batch = take(self.batches, self.texts.pages.batch[page])
        ids = {"article_id": take(self.texts.ids, page), "version_id": take(self.texts.versions, page)}
        return filled(table, len(page), {"month": self.name, "batch": batch, **ids, **columns})


def article_rows(month: Month) -> pa.Table:
    """Some say the day only, a few nothing."""
    texts, pages, lexicon = month.texts, month.texts.pages, month.texts.lexicon
    number, source, every = pages.article, SOURCE_OF[pages.outlet], np.arange(len(pages.at))
    dated = chance(number, 40) < 0.995
    timed = dated & (chance(number, 41) < 0.7)
    at = moments(pages.at)
    raw = pc.strftime(at.cast(pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string())
    domains = [f"paper{n}.{COUNTRIES[SOURCE_OF[n]].lower()}.example" for n in range(OUTLETS)]
    outlet = take(strings(domains), pages.outlet)
    url = glued("https://www.", outlet, "/news/", texts.ids)
    n_authors = draw(3, number, 42)
    authors = take(lexicon.name, draw(4000, np.repeat(pages.outlet, n_authors), 43, counted(n_authors)))
    opening, closing = (piece[np.searchsorted(texts.page, every)] for piece in (texts.open, texts.shut))
    title = texts.slices(lexicon.written, opening, np.minimum(opening + 8, closing))
    columns = {
        "text_sha256": hexadecimal(64, 44, pages.origin, texts.units), "url": url, "canonical_url": url,
        "own_address": True, "source": take(SOURCES, source), "outlet": outlet,
        "outlet_country": take(strings(COUNTRIES), source), "title": pc.utf8_trim_whitespace(title),
        "text": join(lexicon.written, texts.token, texts.text_at), "language": take(strings(LANGUAGES), texts.language),
        "authors": listed("articles", "authors", n_authors, authors),
        "agency": take(strings(["Reuters", "AFP", "TASS"]), draw(3, pages.origin, 45), chance(pages.origin, 46) < 0.2),
        "section": take(strings(["World", "Politics", "Business", "Science"]), draw(4, number, 47)),
        "published_date": take(at.cast(pa.date32()), every, dated), "published_at": take(at, every, timed),
        "published_raw": take(raw, every, dated),
        "published_method": take(strings(["json-ld", "meta", "time"]), draw(3, number, 48), dated),
        "published_precision": take(strings(["day", "second"]), timed.astype(np.int64), dated),
        "fetched_at": moments(pages.at // DAY * DAY + 82_800 + draw(3600, number, 49)), "extractor": "generated",
        "word_count": np.add.reduceat(lexicon.n_words[texts.token], texts.text_at[:-1]),
        "warc_file": glued("warc/", take(month.batches, pages.batch), ".warc.gz"), "warc_offset": pages.offset,
    }  # fmt: skip
    return month.rows("articles", every, columns)


def entity_rows(month: Month) -> pa.Table:
    """Names stand where the tokens are names: speakers too."""
    texts, lexicon = month.texts, month.texts.lexicon
    inside = texts.token % Lexicon.size
    at = np.flatnonzero((inside >= 4 * WORDS) & (inside < 4 * (WORDS + NAMES)))
    name = inside[at] // 4 - WORDS
    piece = np.searchsorted(texts.end, at, "right")
    page = texts.page[piece]
    start, end = texts.chars(at, page)
    _, first, same = np.unique(page * NAMES + name, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))[same]  # things in the order in which the month first names them
    columns = {
        "char_start": start, "char_end": end, "text": take(lexicon.bare, texts.token[at]),
        "type": take(strings(TYPES), lexicon.kind[name]), "entity_id": take(lexicon.id, name),
        "name": take(lexicon.name, name), "candidates": take(lexicon.candidates, name),
        "cluster": order - order[np.searchsorted(page, page)], "countries": take(lexicon.countries, name),
        "paragraph": texts.numbers(texts.breaks)[piece], "sentence": texts.numbers(texts.ends)[piece],
        "confidence": np.round(0.6 + 0.4 * chance(name, 50, start), 2),
    }  # fmt: skip
    return month.rows("entities", page, columns)


def quote_rows(month: Month) -> pa.Table:
    """Units that are quotes. Fingerprints follow from what decides the words: a cut one has the first of them."""
    texts, lexicon = month.texts, month.texts.lexicon
    unit = np.flatnonzero(texts.unit_kind)
    kind, seed, first, last = texts.unit_kind[unit], texts.unit_seed[unit], texts.first[unit], texts.last[unit]
    begin, finish = texts.open[first], texts.shut[last]
    page, start, end = texts.quotes()
    by = np.where(kind > 2, texts.start[first], finish + 1)  # where the speaker stands, and behind him the cue
    by_start, by_end = texts.chars(by, page)
    cue_start = texts.chars(by + 1, page)[0]
    cue_end = cue_start + np.array([len(cue) for cue in CUES])[texts.language[page]]
    known = chance(seed, 60) < 0.85
    who = np.where(known, texts.speaker[unit], NAMES - 1)
    n_words = texts.n[first] + np.where(last > first, texts.n[last], 0)
    n_prints = np.where(n_words < 5, 0, np.maximum(1, (n_words - 2) // 3))
    of = np.repeat(np.arange(len(unit)), n_prints)
    prints = mix(seed[of], 61, counted(n_prints)) >> np.uint64(1)
    before = np.maximum(texts.text_at[page], np.searchsorted(texts.char, texts.char[begin] - 200))
    after = np.minimum(texts.text_at[page + 1], np.searchsorted(texts.char, texts.char[finish] + 200, "right") - 1)
    columns = {
        "quote_id": hexadecimal(24, 62, texts.pages.article[page], start), "kind": take(strings(SPOKEN), kind),
        "parts": listed("quotes", "parts", np.ones(len(unit), np.int64), start, end),
        "char_start": start, "char_end": end, "text": texts.slices(lexicon.written, begin, finish),
        "cue": take(strings(CUES), texts.language[page]), "cue_char_start": cue_start, "cue_char_end": cue_end,
        "speaker": take(lexicon.bare, texts.token[by]), "speaker_char_start": by_start, "speaker_char_end": by_end,
        "speaker_name": take(lexicon.name, who, known), "speaker_entity_id": take(lexicon.id, who, known),
        "speaker_countries": take(lexicon.countries, who),
        "speaker_method": take(strings(["named"]), np.zeros_like(who), known),
        "confidence": np.round(0.5 + 0.5 * chance(seed, 63), 2),
        "quote_key": texts.slices(lexicon.keyed, begin, finish),
        "quote_prints": listed("quotes", "quote_prints", n_prints, prints[np.lexsort((prints, of))].astype(np.int64)),
        "context_before": texts.slices(lexicon.written, before, begin),
        "context_after": texts.slices(lexicon.written, finish, after),
    }  # fmt: skip
    return month.rows("quotes", page, columns)


def story_rows(month: Month, outlet: Numbers) -> pa.Table:
    """`outlet`: of all articles. A text that was cut has part of its original's sketch."""
    pages = month.texts.pages
    copied = pages.copy_of >= 0
    cut = pages.share < 1
    place = np.arange(16)
    own = np.where(place < 16 * pages.share[:, None], pages.origin[:, None], -1 - pages.article[:, None])
    sketch = np.sort(mix(70, own.ravel(), np.tile(place, len(own))).view(np.int64).reshape(own.shape))
    role = np.where(copied, 1 + (outlet[pages.copy_of] == pages.outlet), 0)
    columns = {
        "day": moments(pages.at).cast(pa.date32()),
        "copy_of": take(hexadecimal(24, 1, np.maximum(pages.copy_of, 0)), np.arange(len(own)), copied),
        "role": take(strings(["first", "copy", "revision"]), role),
        "similarity": np.where(copied & cut, np.round(0.8 + 0.2 * pages.share, 3), 1.0),
        "method": take(strings(["none", "same-text", "wording"]), np.where(copied, 1 + cut, 0)),
        "wording_prints": listed("stories", "wording_prints", np.full(len(own), 16), sketch.ravel()),
    }
    return month.rows("stories", np.arange(len(own)), columns)


def mention_rows(month: Month, topic: Topic, quote_ids: pa.Array) -> pa.Table:
    """A topic in its share of the articles, copies like their originals; china-russia rises to its fivefold."""
    texts, pages, seed = month.texts, month.texts.pages, zlib.crc32(topic.name.encode())
    rate = 0.005 + 0.01 * chance(seed)
    if topic.name == "china-russia":
        rate = 0.006 + 0.024 * pages.origin_day / STARTS[-1]
    spoken = np.isin(texts.language, [n for n, code in enumerate(LANGUAGES) if code in topic.languages])
    hit = np.flatnonzero(spoken & (chance(pages.origin, 80, seed) < rate))
    page, start, end = texts.spans(topic.within)
    at = np.searchsorted(page, hit)
    most = np.searchsorted(page, hit, "right") - at
    skipped = np.minimum(draw(6, pages.origin[hit], 81, seed), most - 1)
    several = np.minimum(1 + draw(3, pages.origin[hit], 82, seed), most - skipped)
    span = np.repeat(at + skipped, several) + counted(several)
    page, start, end = page[span], start[span], end[span]
    quote_page, quote_start, quote_end = texts.quotes()
    before = np.searchsorted(quote_page * 10**6 + quote_start, page * 10**6 + start, "right") - 1
    inside = (before >= 0) & (quote_page[before] == page) & (quote_end[before] >= end)
    terms = [term for term in re.findall(r'country:\w+|"[^"]+"|[^\s()"]+', topic.query_text) if not term.isupper()]
    n_terms = np.minimum(len(terms), 2 + draw(2, start, 83))
    matched = take(strings(terms), counted(n_terms))
    columns = {
        "topic": topic.name, "level": topic.within, "char_start": start, "char_end": end,
        "matched_terms": listed("mentions", "matched_terms", n_terms, matched),
        "quote_id": take(quote_ids, np.maximum(before, 0), inside),
    }  # fmt: skip
    return month.rows("mentions", page, columns)
