"""The texts of the generated warehouse (benchmarks.generate_warehouse): numbers by hashing, words of three languages,
and how texts are laid out.

The content of every text is computed from its original's number (a text that is no copy is its own original).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from schemas import ENTITIES, TABLES

Numbers = NDArray[Any]
FIRST, MONTHS, DAY = datetime(2024, 1, 1, tzinfo=UTC), 24, 86_400
# The first day of each month, as days after FIRST, and the end of the last month.
STARTS = [(date(2024 + n // 12, n % 12 + 1, 1) - FIRST.date()).days for n in range(MONTHS + 1)]
COPIES = 0.3  # share of articles that are copies
SHARED = 0.12  # share of quotes that many articles have
NAMED = 28  # of 256 words, how many are names
OUTLETS, WINDOW = 300, 7
COUNTRIES = (
    "USA GBR CAN AUS IND PAK NGA KEN ZAF IRL NZL PHL JPN KOR DEU FRA ITA ESP NLD BEL CHE AUT SWE NOR DNK FIN POL CZE "
    "HUN ROU GRC TUR ISR EGY SAU ARE QAT IRN IDN THA VNM BRA ARG MEX CHL RUS BLR KAZ KGZ UZB TJK UKR ARM AZE GEO "
    "CHN TWN HKG SGP MYS"
).split()  # each has one source
LANGUAGES, LANGUAGE_OF = ("en", "ru", "zh"), np.repeat([0, 1, 2], [45, 10, 5])
LIVE = np.arange(60) % 8 == 3  # sources with a batch each night; the others are archives with a batch each month
DECLARED = ~LIVE & (np.arange(60) % 15 != 7)  # archives that are declared complete
FIRST_BATCH = np.cumsum(np.where(LIVE, STARTS[-1], MONTHS)) - np.where(LIVE, STARTS[-1], MONTHS)
SOURCE_OF = np.append(np.random.default_rng(7).permutation(60), np.arange(OUTLETS - 60) * 7 % 60)  # of each outlet
OUTLET_SHARES = (np.arange(OUTLETS) + 4) ** -0.9
WORDS, NAMES = 20_000, 40_000  # in each language
LINKED = 20_000  # so many names, the first ones, are linked to entities
PER, ORG, LOC, TYPES = 0, 1, 2, ("PER", "ORG", "LOC", "NORP", "EVENT", "OFFICE")
# A text is a sequence of pieces, and a quote consists of one or two of them. Marks stand before the words of a piece
# and after them. A mark that ends a sentence has three forms: in a paragraph, at its end, at the end of the text.
OPEN, CLOSE, STOP, CLOSED, SAID, THAT, REPORTED, MARKS, SPEAKER, NO = 0, 1, 2, 5, 8, 9, 10, 12, 99, -1
PUNCTUATION = (
    "“|,” |. |.\n|.|.” |.”\n|.”|said |said that |said|",
    "«|», — |. |.\n|.|». |».\n|».|заявил |заявил, что |заявил|",
    "“|，”|。|。\n|。|。”|。”\n|。”|表示|表示，|表示|",
)
CUES = ("said", "заявил", "表示")
PLAIN, DIRECT, LONG, LONG_END, MIXED, MIXED_END, INDIRECT = range(7)
BEFORE = np.array([[NO, OPEN, OPEN, NO, SPEAKER, OPEN, SPEAKER], [NO, NO, NO, NO, SAID, NO, THAT]])
AFTER = np.array([
    [STOP, CLOSE, STOP, CLOSE, NO, CLOSED, STOP], [NO, SPEAKER, NO, SPEAKER, NO, NO, NO],
    [NO, REPORTED, NO, REPORTED, NO, NO, NO], [NO, STOP, NO, STOP, NO, NO, NO],
])  # fmt: skip
KINDS, PIECES = np.array([PLAIN, DIRECT, LONG, MIXED, INDIRECT]), np.array([1, 1, 2, 2, 1])
KIND_SHARES, SPOKEN = np.cumsum([0.70, 0.16, 0.03, 0.06]), ("", "direct", "direct", "mixed", "indirect")


# -- numbers and columns ---------------------------------------------------------------------------------------------


def mix(*parts: Numbers | int) -> Numbers:
    """A hash of numbers (splitmix64), element by element, used as a random number that follows from them."""
    state = np.full(1, 20_240_101, np.uint64)
    for part in parts:
        state = state ^ (np.atleast_1d(part).astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        state ^= state >> np.uint64(31)
    return state


def chance(*parts: Numbers | int) -> Numbers:
    """A hash of numbers as a share, from 0 to below 1."""
    share: Numbers = (mix(*parts) >> np.uint64(11)) * 2.0**-53
    return share


def draw(bound: int, *parts: Numbers | int) -> Numbers:
    """A hash of numbers as a whole number from 0 to below a bound."""
    number: Numbers = (mix(*parts) % np.uint64(bound)).astype(np.int64)
    return number


def zipf(size: int, power: float) -> Numbers:
    """2 ** 20 numbers below `size`. A uniform draw from them follows Zipf's law."""
    shares = np.cumsum((np.arange(size) + 2.7) ** -power)
    return np.searchsorted(shares / shares[-1], (np.arange(2**20) + 0.5) / 2**20)


def counted(lengths: Numbers) -> Numbers:
    """0, 1, 2, ..., starting again for each length."""
    numbers: Numbers = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    return numbers


def bounds(lengths: Numbers) -> Numbers:
    """The starts of successive items of these lengths, and the end of the last."""
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def strings(values: Sequence[str | None]) -> pa.Array:
    """Strings as an Arrow array of the type that the tables use."""
    return pa.array(values, pa.large_string())


def take(pool: pa.Array, at: Numbers, valid: Numbers | None = None) -> pa.Array:
    """Values of a pool by their index; null where they are not valid."""
    return pool.take(pa.array(at, pa.int64(), mask=None if valid is None else ~valid))


def glued(*parts: str | pa.Array) -> pa.Array:
    """Strings joined element by element."""
    large = [pa.scalar(part, pa.large_string()) if isinstance(part, str) else part for part in (*parts, "")]
    return pc.binary_join_element_wise(*large)


def hexadecimal(digits: int, *parts: Numbers | int) -> pa.Array:
    """Hashes of numbers as hexadecimal ids of so many digits."""
    pairs = np.frombuffer("".join(f"{n:02x}" for n in range(256)).encode(), np.uint16)
    words = np.stack([mix(*parts, n) for n in range(-(-digits // 16))], axis=1)
    written = np.ascontiguousarray(pairs[words.view(np.uint8)].view(np.uint8)[:, :digits])
    at = pa.py_buffer(np.arange(len(words) + 1, dtype=np.int64) * digits)
    return pa.LargeStringArray.from_buffers(len(words), at, pa.py_buffer(written))


def moments(seconds: Numbers) -> pa.Array:
    """Seconds since the beginning of the first day as times."""
    return pa.array((seconds + int(FIRST.timestamp())) * 1_000_000).cast(pa.timestamp("us", "UTC"))


def listed(table: str, column: str, lengths: Numbers, *values: Numbers | pa.Array) -> pa.Array:
    """A column of lists; with several arrays of values, of lists of structs. `lengths`: of the lists."""
    kind = TABLES[table].schema.field(column).type
    items = [value if isinstance(value, pa.Array) else pa.array(value, pa.int64()) for value in values]
    item = pa.StructArray.from_arrays(items, fields=list(kind.value_type)) if len(items) > 1 else items[0]
    return pa.LargeListArray.from_arrays(bounds(lengths), item, type=kind)


def filled(table: str, size: int, columns: Mapping[str, Any]) -> pa.Table:
    """Rows of a table from columns by name: arrays, or one value for all rows. A missing column is null."""
    arrays = []
    for field in TABLES[table].schema:
        value = columns.get(field.name)
        is_single = not isinstance(value, np.ndarray | pa.Array)
        arrays.append(pa.repeat(pa.scalar(value, field.type), size) if is_single else pa.array(value, field.type))
    return pa.Table.from_arrays(arrays, schema=TABLES[table].schema)


# -- words -----------------------------------------------------------------------------------------------------------


class Lexicon:
    """Names, and the tokens that texts are made of: each token has a number, and languages follow one another.

    A word has four tokens: the lowest bit of the number says that no space follows it, the next bit that it has a
    capital. A name has four too: there the next bit says that it is the short form. `written` holds the tokens as they
    stand in a text, `bare` without the space, `keyed` without case and punctuation.
    """

    size = 4 * (WORDS + NAMES) + MARKS

    def __init__(self) -> None:
        rng = np.random.default_rng(20_240_102)
        self.kind = rng.choice(len(TYPES), NAMES, p=[0.42, 0.24, 0.22, 0.06, 0.03, 0.03])
        self.kind[: len(COUNTRIES)] = LOC  # countries are named most
        languages = [_tokens(rng, number, self.kind.tolist()) for number in range(len(LANGUAGES))]
        written = [token for tokens, _ in languages for token in tokens]
        self.written, self.bare = strings(written), strings([token.strip() for token in written])
        self.keyed = strings([re.sub(r"[^\w ]+", "", token.lower().replace("。", " ")) for token in written])
        self.length = np.array([len(token) for token in written], np.int32)
        self.visible = np.array([len(token.strip()) for token in written], np.int32)
        self.n_words = np.array([len(re.findall(r"[\u4e00-\u9fff]|[a-zа-я]+", t.lower())) for t in written], np.int32)
        self.name = strings(languages[0][1])
        self._link(rng)
        people = np.flatnonzero(self.kind[:LINKED] == PER)
        self.word, self.speaker = zipf(WORDS, 1.0), people[zipf(len(people), 0.9)]
        linked, other = rng.permutation(zipf(LINKED, 0.95)), rng.permutation(zipf(NAMES - LINKED, 0.7) + LINKED)
        self.named = np.where(np.arange(2**20) % 10 < 6, linked, other)

    def _link(self, rng: np.random.Generator) -> None:
        """Give names their ids, countries and candidates."""
        ids = [f"Q{number}" for number in rng.permutation(9 * LINKED)[:LINKED].tolist()]
        codes = [COUNTRIES[n] for n in rng.choice(zipf(60, 0.8), 2 * LINKED).tolist()]
        counts = rng.choice(3, LINKED, p=[0.15, 0.75, 0.1]).tolist()
        countries = [sorted(set(codes[2 * n : 2 * n + count])) for n, count in enumerate(counts)]
        countries[: len(COUNTRIES)] = [[code] for code in COUNTRIES]
        sizes = rng.choice(4, NAMES - LINKED, p=[0.7, 0.15, 0.1, 0.05]).tolist()
        candidates = [[ids[n] for n in rng.integers(0, LINKED, size)] for size in sizes]
        self.id = strings([*ids, *[None] * (NAMES - LINKED)])
        self.countries = pa.array(countries + [[]] * (NAMES - LINKED), ENTITIES.schema.field("countries").type)
        self.candidates = pa.array([[]] * LINKED + candidates, ENTITIES.schema.field("candidates").type)


def _tokens(rng: np.random.Generator, language: int, kinds: Sequence[int]) -> tuple[list[str], list[str]]:
    """All tokens of a language, and its full names. Words are made of syllables, in Chinese of characters."""
    chinese = LANGUAGES[language] == "zh"
    consonants, vowels = ("бвгдзклмнпрст", "аеиоу") if LANGUAGES[language] == "ru" else ("bdfghklmnprstvz", "aeiou")
    syllables = [a + b + c for a in consonants for b in vowels for c in ("", "", "n" if language == 0 else "н")]
    syllables, space = ([chr(0x4E00 + 7 * n) for n in range(2500)], "") if chinese else (syllables, " ")

    def words(count: int, sizes: Sequence[int]) -> list[str]:
        ends = bounds(rng.choice(sizes, count))
        picked = rng.integers(0, len(syllables), ends[-1]).tolist()
        return ["".join(syllables[n] for n in picked[a:b]) for a, b in pairwise(ends.tolist())]

    given_names, family_names = (
        [w.capitalize() for w in words(NAMES, [2] if chinese else [2, 2, 3])] for _ in range(2)
    )
    full = [
        f"{g}{space}{f}" if kind in (PER, ORG) else f
        for g, f, kind in zip(given_names, family_names, kinds, strict=True)
    ]
    plain = words(WORDS, [1, 2] if chinese else [1, 2, 2, 3, 3, 4])
    tokens = [token for w in plain for token in (w + space, w, w.capitalize() + space, w.capitalize())]
    tokens += [token for n, f in zip(full, family_names, strict=True) for token in (n + space, n, f + space, f)]
    return tokens + PUNCTUATION[language].split("|"), full


def join(pool: pa.Array, token: Numbers, ends: Numbers) -> pa.Array:
    """Texts joined from successive tokens. `ends`: the number of the first token of each text, and the end of the last
    text."""
    _, offsets, data = pool.take(pa.array(token)).buffers()
    chosen = np.frombuffer(offsets, np.int64)[ends]
    return pa.LargeStringArray.from_buffers(len(ends) - 1, pa.py_buffer(chosen), data)


# -- texts -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pages:
    """Articles in order of publication.

    `at`: seconds since the beginning of the first day; `origin`: the number of the text that had the words first;
    `origin_day`: its day; `share`: how much of it the article has; `copy_of`: the earlier article that `stories` names,
    or -1; `batch`, `offset`: where the article is stored.
    """

    article: Numbers
    origin: Numbers
    origin_day: Numbers
    at: Numbers
    outlet: Numbers
    copy_of: Numbers
    share: Numbers
    batch: Numbers
    offset: Numbers

    def only(self, which: Numbers) -> Pages:
        """The articles that a mask or an index selects."""
        return Pages(*(getattr(self, field.name)[which] for field in fields(self)))


class Texts:
    """The texts of a month. A text consists of units (quotes, and sentences without a quote), a unit of one or two
    pieces, and a piece of words and marks. Arrays have an element for each page, unit, piece or token."""

    def __init__(self, pages: Pages, lexicon: Lexicon, speeches: int) -> None:
        """`speeches`: the number of speeches in a week and language that many articles quote from."""
        self.pages, self.lexicon, self.speeches = pages, lexicon, speeches
        self.language = LANGUAGE_OF[SOURCE_OF[pages.outlet]]
        self.ids, self.versions = hexadecimal(24, 1, pages.article), hexadecimal(24, 2, pages.article)
        self._lay_out()
        self._write()

    def _lay_out(self) -> None:
        """Plan the units, their pieces, and which pieces end a sentence or a paragraph."""
        self.units = np.maximum(2, np.ceil(self.pages.share * (9 + draw(5, self.pages.origin, 1))).astype(np.int64))
        self.unit_page, number = np.repeat(np.arange(len(self.units)), self.units), counted(self.units)
        origin = self.pages.origin[self.unit_page]
        self.unit_kind = np.searchsorted(KIND_SHARES, chance(origin, 2, number), "right")
        self.unit_seed, self.unit_cast = self._seeds(origin, number)
        pieces = PIECES[self.unit_kind]
        self.unit, half = np.repeat(np.arange(len(pieces)), pieces), counted(pieces)
        self.first, self.last = np.cumsum(pieces) - pieces, np.cumsum(pieces) - 1
        self.page, self.kind = self.unit_page[self.unit], KINDS[self.unit_kind[self.unit]] + half
        self.seed = mix(self.unit_seed[self.unit], half)
        self.n = np.where(self.kind == PLAIN, 8 + draw(19, self.seed, 1), 5 + draw(14, self.seed, 1))
        self.n = np.where((self.kind > 0) & (chance(self.seed, 2) < 0.08), 2 + draw(3, self.seed, 3), self.n)
        self.begins = self.kind != MIXED_END
        self.ends, self.final = np.append(self.begins[1:], True), np.append(self.page[1:] != self.page[:-1], True)
        self.breaks = self.final | (self.ends & (chance(origin[self.unit], 5, number[self.unit], half) < 0.4))

    def _seeds(self, origin: Numbers, number: Numbers) -> tuple[Numbers, Numbers]:
        """For each unit the seed of its words and the seed of its names, which an article repeats often.

        Quotes of speeches that many outlets heard have the same words in all articles: their seed is that of a speech
        of the week.
        """
        week, language = self.pages.origin_day[self.unit_page] // 7, self.language[self.unit_page]
        speech = (chance(origin, 3, number) ** 3 * self.speeches).astype(np.int64)
        shared = (self.unit_kind > 0) & (chance(origin, 4, number) < SHARED)
        seed = np.where(shared, mix(7, week, language, speech), mix(8, origin, number))
        return seed, np.where(shared, seed, mix(9, origin))

    def _write(self) -> None:
        """Choose the tokens, and count at which character of the month each begins."""
        n_before, n_after = (BEFORE != NO).sum(0)[self.kind], (AFTER != NO).sum(0)[self.kind]
        at = bounds(n_before + self.n + n_after)
        self.start, self.end = at[:-1], at[1:]
        self.open, self.shut = self.start + n_before, self.end - n_after  # bounds of the words
        self.base = (self.language * Lexicon.size)[self.page]
        self.token = self._words(np.repeat(np.arange(len(self.n)), self.end - self.start))
        # Each article has three speakers.
        speaker = mix(self.unit_cast, 12, draw(3, self.unit_seed, 13)) % np.uint64(2**20)
        self.speaker = self.lexicon.speaker[speaker.astype(np.int64)]
        self._marks(BEFORE, self.start)
        self._marks(AFTER, self.shut)
        self.text_at = at[np.searchsorted(self.page, np.arange(len(self.units) + 1))]
        self.char = bounds(self.lexicon.length[self.token])

    def _words(self, piece: Numbers) -> Numbers:
        """A word or a name for every token of every piece; marks replace some of them later."""
        place, base = np.arange(len(piece)) - self.open[piece], self.base[piece]
        chosen = mix(self.seed[piece], place)
        token: Numbers = base + 4 * self.lexicon.word[(chosen % np.uint64(2**20)).astype(np.int64)]
        token += 2 * ((self.begins & (self.kind < MIXED))[piece] & (place == 0))
        named = np.flatnonzero((chosen >> np.uint64(20)) % np.uint64(256) < NAMED)
        chosen, cast = chosen[named] >> np.uint64(28), self.unit_cast[self.unit[piece[named]]]
        which = np.where(chosen % np.uint64(2) == 0, mix(chosen), mix(cast, 6, chosen % np.uint64(14)))
        names = self.lexicon.named[(which % np.uint64(2**20)).astype(np.int64)]
        token[named] = base[named] + 4 * (WORDS + names) + 2 * (chosen >> np.uint64(34)) % np.uint64(2)
        token += (place == self.n[piece] - 1) & (self.kind[piece] != MIXED)
        return token

    def _marks(self, table: Numbers, at: Numbers) -> None:
        """Put marks, cues and speakers before the words of pieces, or after them."""
        for slot, codes in enumerate(table):
            code = codes[self.kind]
            ending = np.where((code == STOP) | (code == CLOSED), self.breaks + self.final, 0)
            name = 4 * (WORDS + self.speaker) + 2 * draw(2, self.unit_seed, 14)
            token = np.where(code == SPEAKER, name[self.unit], 4 * (WORDS + NAMES) + code + ending)
            marked = np.flatnonzero(code != NO)
            self.token[at[marked] + slot] = (self.base + token)[marked]

    def numbers(self, ends: Numbers) -> Numbers:
        """For each piece the number of its sentence or paragraph, from 0 in each text. `ends`: which pieces end one."""
        numbers: Numbers = np.append(0, np.cumsum(ends)[:-1])
        numbers -= numbers[np.searchsorted(self.page, self.page)]
        return numbers

    def chars(self, token: Numbers, page: Numbers) -> tuple[Numbers, Numbers]:
        """Where tokens begin and end in their texts (characters), without the space after them."""
        start = self.char[token] - self.char[self.text_at[page]]
        return start, start + self.lexicon.visible[self.token[token]]

    def spans(self, level: str) -> tuple[Numbers, Numbers, Numbers]:
        """Page, start and end (characters) of all sentences, paragraphs or articles."""
        last = np.flatnonzero({"sentence": self.ends, "paragraph": self.breaks, "article": self.final}[level])
        first = np.append(0, last[:-1] + 1)
        start = np.where(self.kind[first] == LONG, self.open[first], self.start[first])
        page = self.page[first]
        return page, self.chars(start, page)[0], self.chars(self.end[last] - 1, page)[1]

    def quotes(self) -> tuple[Numbers, Numbers, Numbers]:
        """Page, start and end (characters) of all quotes."""
        unit = np.flatnonzero(self.unit_kind)
        page = self.unit_page[unit]
        start = self.chars(self.open[self.first[unit]], page)[0]
        return page, start, self.chars(self.shut[self.last[unit]] - 1, page)[1]

    def slices(self, pool: pa.Array, start: Numbers, end: Numbers) -> pa.Array:
        """Texts of the tokens from each start to its end, written as in a pool."""
        sizes = end - start
        return join(pool, self.token[np.repeat(start, sizes) + counted(sizes)], bounds(sizes))
