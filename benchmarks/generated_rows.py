"""The rows of the generated warehouse (benchmarks.generate_warehouse): what is published on which day, and the rows of
each table for a month.
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
    """Plan all articles: original texts, fewer at weekends, and copies. Most copies are of few texts and within days,
    some are weeks later."""
    rng = np.random.default_rng(20_240_101)
    n_copies = round(COPIES * articles)
    n_originals = articles - n_copies
    weekday_share = np.where(np.arange(STARTS[-1]) % 7 < 5, 1.0, 0.6)  # day 0 is a Monday
    at = rng.choice(STARTS[-1], n_originals, p=weekday_share / weekday_share.sum()) * DAY + rng.integers(
        5 * 3600, 22 * 3600, n_originals
    )
    outlet = rng.choice(OUTLETS, n_originals, p=OUTLET_SHARES / OUTLET_SHARES.sum())
    popularity = np.cumsum(
        np.where(rng.random(n_originals) < 0.2, np.minimum(rng.pareto(1.5, n_originals) + 1, 300), 0)
    )
    original = np.searchsorted(popularity, rng.random(n_copies) * popularity[-1], "right")
    is_late = rng.random(n_copies) < 0.04
    delay = 60 + DAY * np.where(is_late, rng.uniform(5, 40, n_copies), rng.exponential(0.7, n_copies))
    time_left = STARTS[-1] * DAY - 7200 - at[original]
    copied_at = at[original] + np.minimum(delay, time_left * rng.random(n_copies)).astype(np.int64)
    copied_at = np.minimum(copied_at, copied_at // DAY * DAY + 22 * 3600)  # before the visit of that night
    copied_by = outlet[original].copy()
    for language in range(len(LANGUAGES)):
        copies = np.flatnonzero((LANGUAGE_OF[SOURCE_OF[copied_by]] == language) & (rng.random(n_copies) < 0.95))
        weight = OUTLET_SHARES * (LANGUAGE_OF[SOURCE_OF] == language)
        copied_by[copies] = rng.choice(OUTLETS, len(copies), p=weight / weight.sum())
    share = np.where(rng.random(n_copies) < 0.6, 1.0, rng.uniform(0.4, 0.95, n_copies))
    origin, times = np.append(np.arange(n_originals), original), np.append(at, copied_at)
    outlets, shares = np.append(outlet, copied_by), np.append(np.ones(n_originals), share)
    order = np.argsort(times, kind="stable")
    return _archived(origin[order], times[order], outlets[order], shares[order])


def _archived(origin: Numbers, at: Numbers, outlet: Numbers, share: Numbers) -> Pages:
    """Add where each article is stored, and which it copies: the earliest article in the window with the same words.
    A reprint after the window copies none."""
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
    """The texts of a month, and the names of all batches."""

    name: str
    texts: Texts
    batches: pa.Array

    def rows(self, table: str, page: Numbers, columns: Mapping[str, Any]) -> pa.Table:
        """Rows of a table, with the columns that say which text each is about."""
        batch = take(self.batches, self.texts.pages.batch[page])
        ids = {"article_id": take(self.texts.ids, page), "version_id": take(self.texts.versions, page)}
        return filled(table, len(page), {"month": self.name, "batch": batch, **ids, **columns})


def article_rows(month: Month) -> pa.Table:
    """The rows of `articles`. Some pages give the day only, a few no date."""
    texts, pages, lexicon = month.texts, month.texts.pages, month.texts.lexicon
    number, source, every_page = pages.article, SOURCE_OF[pages.outlet], np.arange(len(pages.at))
    dated = chance(number, 40) < 0.995
    timed = dated & (chance(number, 41) < 0.7)
    at = moments(pages.at)
    raw_date = pc.strftime(at.cast(pa.timestamp("s", "UTC")), "%Y-%m-%dT%H:%M:%SZ").cast(pa.large_string())
    domains = [f"paper{n}.{COUNTRIES[SOURCE_OF[n]].lower()}.example" for n in range(OUTLETS)]
    outlet = take(strings(domains), pages.outlet)
    url = glued("https://www.", outlet, "/news/", texts.ids)
    n_authors = draw(3, number, 42)
    authors = take(lexicon.name, draw(4000, np.repeat(pages.outlet, n_authors), 43, counted(n_authors)))
    opening, closing = (piece[np.searchsorted(texts.page, every_page)] for piece in (texts.open, texts.shut))
    title = texts.slices(lexicon.written, opening, np.minimum(opening + 8, closing))
    columns = {
        "text_sha256": hexadecimal(64, 44, pages.origin, texts.units), "url": url, "canonical_url": url,
        "own_address": True, "source": take(SOURCES, source), "outlet": outlet,
        "outlet_country": take(strings(COUNTRIES), source), "title": pc.utf8_trim_whitespace(title),
        "text": join(lexicon.written, texts.token, texts.text_at), "language": take(strings(LANGUAGES), texts.language),
        "authors": listed("articles", "authors", n_authors, authors),
        "agency": take(strings(["Reuters", "AFP", "TASS"]), draw(3, pages.origin, 45), chance(pages.origin, 46) < 0.2),
        "section": take(strings(["World", "Politics", "Business", "Science"]), draw(4, number, 47)),
        "published_date": take(at.cast(pa.date32()), every_page, dated), "published_at": take(at, every_page, timed),
        "published_raw": take(raw_date, every_page, dated),
        "published_method": take(strings(["json-ld", "meta", "time"]), draw(3, number, 48), dated),
        "published_precision": take(strings(["day", "second"]), timed.astype(np.int64), dated),
        "fetched_at": moments(pages.at // DAY * DAY + 82_800 + draw(3600, number, 49)), "extractor": "generated",
        "word_count": np.add.reduceat(lexicon.n_words[texts.token], texts.text_at[:-1]),
        "warc_file": glued("warc/", take(month.batches, pages.batch), ".warc.gz"), "warc_offset": pages.offset,
    }  # fmt: skip
    return month.rows("articles", every_page, columns)


def entity_rows(month: Month) -> pa.Table:
    """The rows of `entities`: a name wherever a token is one, speakers included."""
    texts, lexicon = month.texts, month.texts.lexicon
    token = texts.token % Lexicon.size
    at = np.flatnonzero((token >= 4 * WORDS) & (token < 4 * (WORDS + NAMES)))
    name = token[at] // 4 - WORDS
    piece = np.searchsorted(texts.end, at, "right")
    page = texts.page[piece]
    start, end = texts.chars(at, page)
    _, first, entity = np.unique(page * NAMES + name, return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first))[entity]  # entities in the order in which the month first names them
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
    """The rows of `quotes`: the units that are quotes. Their fingerprints follow from the unit's seed; a shortened
    quote has only the first of them."""
    texts, lexicon = month.texts, month.texts.lexicon
    unit = np.flatnonzero(texts.unit_kind)
    kind, seed, first, last = texts.unit_kind[unit], texts.unit_seed[unit], texts.first[unit], texts.last[unit]
    begin, finish = texts.open[first], texts.shut[last]
    page, start, end = texts.quotes()
    speaker_at = np.where(kind > 2, texts.start[first], finish + 1)  # the cue is the token after the speaker
    speaker_start, speaker_end = texts.chars(speaker_at, page)
    cue_start = texts.chars(speaker_at + 1, page)[0]
    cue_end = cue_start + np.array([len(cue) for cue in CUES])[texts.language[page]]
    is_known = chance(seed, 60) < 0.85
    speaker = np.where(is_known, texts.speaker[unit], NAMES - 1)
    n_words = texts.n[first] + np.where(last > first, texts.n[last], 0)
    n_prints = np.where(n_words < 5, 0, np.maximum(1, (n_words - 2) // 3))
    of_quote = np.repeat(np.arange(len(unit)), n_prints)
    prints = mix(seed[of_quote], 61, counted(n_prints)) >> np.uint64(1)
    sorted_prints = prints[np.lexsort((prints, of_quote))].astype(np.int64)
    before = np.maximum(texts.text_at[page], np.searchsorted(texts.char, texts.char[begin] - 200))
    after = np.minimum(texts.text_at[page + 1], np.searchsorted(texts.char, texts.char[finish] + 200, "right") - 1)
    columns = {
        "quote_id": hexadecimal(24, 62, texts.pages.article[page], start), "kind": take(strings(SPOKEN), kind),
        "parts": listed("quotes", "parts", np.ones(len(unit), np.int64), start, end),
        "char_start": start, "char_end": end, "text": texts.slices(lexicon.written, begin, finish),
        "cue": take(strings(CUES), texts.language[page]), "cue_char_start": cue_start, "cue_char_end": cue_end,
        "speaker": take(lexicon.bare, texts.token[speaker_at]),
        "speaker_char_start": speaker_start, "speaker_char_end": speaker_end,
        "speaker_name": take(lexicon.name, speaker, is_known), "speaker_entity_id": take(lexicon.id, speaker, is_known),
        "speaker_countries": take(lexicon.countries, speaker),
        "speaker_method": take(strings(["named"]), np.zeros_like(speaker), is_known),
        "confidence": np.round(0.5 + 0.5 * chance(seed, 63), 2),
        "quote_key": texts.slices(lexicon.keyed, begin, finish),
        "quote_prints": listed("quotes", "quote_prints", n_prints, sorted_prints),
        "context_before": texts.slices(lexicon.written, before, begin),
        "context_after": texts.slices(lexicon.written, finish, after),
    }  # fmt: skip
    return month.rows("quotes", page, columns)


def story_rows(month: Month, outlet: Numbers) -> pa.Table:
    """The rows of `stories`. A shortened text has part of the sketch of its original. `outlet`: of all articles."""
    pages = month.texts.pages
    is_copy = pages.copy_of >= 0
    is_cut = pages.share < 1
    place = np.arange(16)
    sources = np.where(place < 16 * pages.share[:, None], pages.origin[:, None], -1 - pages.article[:, None])
    sketch = np.sort(mix(70, sources.ravel(), np.tile(place, len(sources))).view(np.int64).reshape(sources.shape))
    role = np.where(is_copy, 1 + (outlet[pages.copy_of] == pages.outlet), 0)
    columns = {
        "day": moments(pages.at).cast(pa.date32()),
        "copy_of": take(hexadecimal(24, 1, np.maximum(pages.copy_of, 0)), np.arange(len(sources)), is_copy),
        "role": take(strings(["first", "copy", "revision"]), role),
        "similarity": np.where(is_copy & is_cut, np.round(0.8 + 0.2 * pages.share, 3), 1.0),
        "method": take(strings(["none", "same-text", "wording"]), np.where(is_copy, 1 + is_cut, 0)),
        "wording_prints": listed("stories", "wording_prints", np.full(len(sources), 16), sketch.ravel()),
    }
    return month.rows("stories", np.arange(len(sources)), columns)


def mention_rows(month: Month, topic: Topic, quote_ids: pa.Array) -> pa.Table:
    """The rows of `mentions` of a topic. A copy is matched as its original is; the share of china-russia grows
    fivefold over the two years."""
    texts, pages, seed = month.texts, month.texts.pages, zlib.crc32(topic.name.encode())
    rate = 0.005 + 0.01 * chance(seed)
    if topic.name == "china-russia":
        rate = 0.006 + 0.024 * pages.origin_day / STARTS[-1]
    in_language = np.isin(texts.language, [n for n, code in enumerate(LANGUAGES) if code in topic.languages])
    matched = np.flatnonzero(in_language & (chance(pages.origin, 80, seed) < rate))
    page, start, end = texts.spans(topic.within)
    first = np.searchsorted(page, matched)
    n_spans = np.searchsorted(page, matched, "right") - first
    n_skipped = np.minimum(draw(6, pages.origin[matched], 81, seed), n_spans - 1)
    n_mentions = np.minimum(1 + draw(3, pages.origin[matched], 82, seed), n_spans - n_skipped)
    span = np.repeat(first + n_skipped, n_mentions) + counted(n_mentions)
    page, start, end = page[span], start[span], end[span]
    quote_page, quote_start, quote_end = texts.quotes()
    quote = np.searchsorted(quote_page * 10**6 + quote_start, page * 10**6 + start, "right") - 1
    is_inside = (quote >= 0) & (quote_page[quote] == page) & (quote_end[quote] >= end)
    terms = [term for term in re.findall(r'country:\w+|"[^"]+"|[^\s()"]+', topic.query_text) if not term.isupper()]
    n_terms = np.minimum(len(terms), 2 + draw(2, start, 83))
    matched_terms = take(strings(terms), counted(n_terms))
    columns = {
        "topic": topic.name, "level": topic.within, "char_start": start, "char_end": end,
        "matched_terms": listed("mentions", "matched_terms", n_terms, matched_terms),
        "quote_id": take(quote_ids, np.maximum(quote, 0), is_inside),
    }  # fmt: skip
    return month.rows("mentions", page, columns)
