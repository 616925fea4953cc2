"""Direct quotations in Russian, by rule: «…», — сказал Путин. Путин сказал: «…». По словам X, «…».

Inside one pair of marks an attribution may stand between dashes: «…, — сказал X, — …». After a closing mark and a dash,
a clause is an attribution whatever its verb is. Before an opening mark, it must end in a colon or have a verb of
saying.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from etl.nlp.languages.finder_input import FinderInput
from etl.nlp.languages.words import language_words
from etl.nlp.names.find import NameIndex
from etl.nlp.quotes import confidences
from etl.nlp.quotes.marks import UTTERANCE, MarkedSpan, chained
from etl.nlp.quotes.quotation import (
    Attribution,
    Quotation,
    Speaker,
    carried_on,
    described_or_named,
    described_speaker,
    direct_quotation,
    meant_by_pronoun,
    named_again,
    speaker_by_form,
    unresolved_speaker,
)
from etl.nlp.vocabulary.shared_words import given_names
from etl.text import Span, word_count

_WORDS = language_words("ru")
_VERB_END = r"(?:ал|ил|ел|ул|ял|ыл|нул|ёл|ола|ер|ет|ёт|ит|ют|ут|ят|ат)(?:[аио]?(?:сь|ся)?)?"
_PARTICIPLE = r"(?!\w*(?:[еи]м|нн|вш|[ую]щ|[ая]щ)(?:ый|ий|ая|яя|ое|ее|ые|ие|ого|его|ых|их|ым|им|ыми|ими|ую|юю|ой|ей)\b)"
_INFINITIVE = r"(?!\w*(?:ть|ти|чь)(?:ся)?\b)"
CUE = re.compile(
    rf"\b{_PARTICIPLE}{_INFINITIVE}(?:(?:{_WORDS.pattern('stems_of_reporting_verbs')})\w{{0,4}}?"
    rf"(?:л[аои]?|[её]т|ит|[юуая]т)(?:сь|ся)?|{_WORDS.pattern('other_cues')})\b",
    re.IGNORECASE,
)
_FINITE = re.compile(rf"\b\w+{_VERB_END}\b", re.IGNORECASE)
_BY = re.compile(
    rf"\b(?:по(?=\s+(?:{_WORDS.pattern('possessive_pronouns')})\s+(?:{_WORDS.pattern('according_to_pronouns')}))|"
    rf"по\s+(?:{_WORDS.pattern('according_to')})|слова)\s+",
    re.IGNORECASE,
)
_DASH = r"[—–-]"
_AFTER = re.compile(rf"\s*,?\s*{_DASH}\s+")
# Inside the marks: the end of a clause, a dash, an attribution, and a dash or the end.
_INSIDE = re.compile(rf"(?P<end>[,!?…])\s+{_DASH}\s+(?P<phrase>[^«»“”„\"\n]{{3,160}}?)(?P<stop>[,.])\s+{_DASH}\s+")
_UNCLOSED = re.compile(rf"(?P<end>[,!?…])\s+{_DASH}\s+(?P<phrase>[^«»“”„\"\n]{{3,160}}?)(?=[,.](?:\s|$)|\n|$)")
_TAIL = re.compile(rf"(?P<end>[,!?…])\s+{_DASH}\s+(?P<phrase>[^«»“”„\"\n]{{3,160}}?)[.,]?$")
_CLOSED = re.compile(rf"[»“”\"]\s*,?\s*{_DASH}\s")
_REOPENS = re.compile(rf"[,.]\s*{_DASH}\s*$")
_SENTENCE_ENDS = re.compile(r"(?<![А-ЯЁA-Z])\.(?=\s|$)|[!?](?=\s|$)")
_NAME_WORD = r"(?:[А-ЯЁA-Z]\.|[А-ЯЁA-Z][\w’'-]+)"
_PERSON = re.compile(rf"{_NAME_WORD}(?:\s+(?:(?:{_WORDS.pattern('particles_of_names')})[\s-])?{_NAME_WORD}){{0,5}}")
_GENITIVE = re.compile(r".*(?:ии|ы|и|а|я|ого|его|ой|ей|ов|ев)$")
_PRONOUN = re.compile(rf"\b(?:{_WORDS.pattern('pronouns')})\b", re.IGNORECASE)
_FIRST_PERSON = re.compile(rf"\b(?:{_WORDS.pattern('first_person')})\b", re.IGNORECASE)
_STOP = re.compile(rf"[,.;:(]|\s(?:{_WORDS.pattern('words_after_speakers')})\s", re.IGNORECASE)
_RELATIVE = re.compile(rf",\s+(?:{_WORDS.pattern('relative_words')})")
_BODY = re.compile(rf"\b(?:{_WORDS.pattern('speaking_nouns')})\b")
_LONGEST = 220  # characters of an attribution behind a mark
_WINDOW = 400  # characters before a mark in which its attribution stands
_BEFORE_PLACES = _WORDS.word_set("words_before_places")
_POST = re.compile(rf"(?:вице-)?(?:{_WORDS.pattern('stems_of_posts')})\w*")
_WOMANS_NAME = re.compile(rf"(?:{_WORDS.pattern('endings_of_womens_names')})$")
_MANS_NAME = re.compile(rf"(?:{_WORDS.pattern('endings_of_mens_names')})$")
_PRONOUNS_OF_WOMEN, _PRONOUNS_OF_MEN = _WORDS.word_set("pronouns_of_women"), _WORDS.word_set("pronouns_of_men")
_WOMEN, _MEN = given_names().word_set("women"), given_names().word_set("men")
_FULL = re.compile(r"[.!?…]$")


def find_direct_quotes(source: FinderInput) -> list[Quotation]:
    """Return the words between marks that somebody says, in order of their place."""
    return _Finder(source).quotations()


class _Finder:
    """Finds the quotations of one text. `_known`: the speakers so far that have a name."""

    def __init__(self, source: FinderInput) -> None:
        self._text, self._layout, self._marks = source.text, source.layout, source.marks
        self._names = NameIndex(source.names)
        self._known: list[Speaker] = []

    def quotations(self) -> list[Quotation]:
        """The quotations in order of their place."""
        quotations: list[Quotation] = []
        for chain in self._chains():
            quotation = self._quotation(chain, quotations)
            if quotation is None:
                continue
            quotations.append(quotation)
            if quotation.attribution and quotation.attribution.speaker and quotation.attribution.speaker.name:
                self._known.append(quotation.attribution.speaker)
        return quotations

    def _chains(self) -> Iterator[Sequence[MarkedSpan]]:
        """The spans, those that are one speech together. One that has its attribution inside ends with its
        paragraph."""
        for chain in chained(self._spans()):
            remaining = chain
            while len(remaining) > 1 and self._inside(remaining[0]):
                yield remaining[:1]
                remaining = remaining[1:]
            yield remaining

    def _spans(self) -> list[MarkedSpan]:
        """The spans between marks, and words between a mark that nothing closes and an attribution behind a dash."""
        unclosed = [span for paragraph in self._layout.paragraphs if (span := self._unclosed(paragraph))]
        starts, ends = [span.open_at for span in unclosed], [span.close_at for span in unclosed]
        kept = [m for m in self._marks.all if bisect_right(starts, m.open_at) == bisect_left(ends, m.open_at)]
        return sorted([*kept, *unclosed], key=lambda m: m.open_at)

    def _unclosed(self, paragraph: Span) -> MarkedSpan | None:
        """«…, — сказал X, or «…«…», — сказал X: from the first mark of a paragraph to where the words end."""
        at = paragraph.start
        if self._text[at] not in '«“„"' or self._marks.around(at):
            return None
        closing = _CLOSED.search(self._text, at, paragraph.end)
        attribution = _UNCLOSED.search(self._text, at, paragraph.end)
        if closing and (not attribution or closing.start() < attribution.start()):
            return MarkedSpan(at + 1, closing.start(), at, closing.start())
        if attribution and _FINITE.match(attribution["phrase"]):
            if attribution["end"] == ",":
                return MarkedSpan(at + 1, attribution.start(), at, attribution.start())
            return MarkedSpan(at + 1, attribution.end("end"), at, attribution.end("end") - 1)
        return None

    def _quotation(self, chain: Sequence[MarkedSpan], before: Sequence[Quotation]) -> Quotation | None:
        inside = self._inside(chain[0]) if len(chain) == 1 else None
        parts, attribution = inside or (tuple(Span(m.start, m.end) for m in chain), None)
        attribution = attribution or self._after(chain[-1]) or self._before(chain[0])
        if attribution is None and before and self._goes_on(chain[0], before[-1]):
            return replace(
                before[-1], parts=parts, attribution=carried_on(before[-1]), confidence=confidences.DIRECT_CONTINUED
            )
        words = sum(word_count(self._text[p.start : p.end]) for p in parts)
        if attribution is None and (words < UTTERANCE or not self._is_utterance(chain)):
            return None
        return direct_quotation(parts, attribution)

    def _is_utterance(self, chain: Sequence[MarkedSpan]) -> bool:
        """Is it a sentence that begins a paragraph or follows a full stop, and ends like one?"""
        first, last = chain[0], chain[-1]
        before = self._text[max(0, first.open_at - 4) : first.open_at].rstrip(" ")[-1:]
        behind = self._text[last.close_at + 1 : last.close_at + 5].strip()[:1]
        return before in ("", *"\n.!?:") and (self._text[last.end - 1] in ".!?…" or behind in ("", *".!?…—–,"))

    def _goes_on(self, span: MarkedSpan, last: Quotation) -> bool:
        """Does an utterance follow an attributed quotation in the same paragraph?"""
        paragraph_at = self._layout.paragraph_at
        same_paragraph = paragraph_at(span.open_at) == paragraph_at(last.parts[-1].start)
        return same_paragraph and self._is_utterance([span]) and last.attribution is not None

    def _inside(self, span: MarkedSpan) -> tuple[tuple[Span, ...], Attribution] | None:
        """«…, — сказал X, — …»: the parts, and the attribution between them."""
        match = _INSIDE.search(self._text, span.start, span.end)
        if match is None and (tail := _TAIL.search(self._text, span.start, span.end)):
            match = tail
        if match is None or not _is_attribution(match["phrase"]):
            return None
        first_end = match.start() if match["end"] == "," else match.end("end")
        parts = [Span(span.start, first_end)]
        if match.end() < span.end:
            parts.append(Span(match.end(), span.end))
        return tuple(parts), self._attribution(match.start("phrase"), match.end("phrase"))

    def _after(self, span: MarkedSpan) -> Attribution | None:
        """«…», — сказал X."""
        dash = _AFTER.match(self._text, span.close_at + 1)
        if dash is None:
            return None
        paragraph = self._layout.paragraphs[self._layout.paragraph_at(span.open_at)]
        end = min(paragraph.end, dash.end() + _LONGEST)
        if stop := _SENTENCE_ENDS.search(self._text, dash.end(), end):
            end = stop.start()
        following = self._marks.between(dash.end() + 1, end)
        if following and _REOPENS.search(self._text[dash.end() : following[0].open_at]):
            end = following[0].open_at
        phrase = self._text[dash.end() : end]
        # Without a comma or an end of a sentence before it, a dash often stands for the verb "is".
        has_comma = "," in dash[0] or bool(re.search(r"[,!?….]", self._text[span.end - 1 : span.close_at + 1]))
        if not (_is_attribution(phrase) if has_comma else CUE.match(phrase)):
            return None
        return self._attribution(dash.end(), end)

    def _attribution(self, start: int, end: int) -> Attribution:
        """An attribution that stands behind the words: "сказал министр Иван Петров"."""
        if by := _BY.search(self._text, start, end):
            return Attribution(Span(by.start(), by.end() - 1), self._speaker(by.end(), end))
        cue = CUE.search(self._text, start, min(end, start + 60)) or _FINITE.search(self._text, start, end)
        if cue is None:
            return Attribution(None, self._speaker(start, end))
        before = self._text[start : cue.start()].strip(" ,")
        speaker = self._speaker(start, cue.start()) if before and not before.lower().startswith("как") else None
        return Attribution(Span(cue.start(), cue.end()), speaker or self._speaker(cue.end(), end))

    def _before(self, span: MarkedSpan) -> Attribution | None:
        """X сказал: «…». По словам X, «…». X заявил, что «…». X: «…»."""
        start = self._sentence_start(span.open_at)
        lead = self._text[start : span.open_at].rstrip()
        if by := _BY.search(self._text, start, span.open_at):
            return Attribution(Span(by.start(), by.end() - 1), self._speaker(by.end(), span.open_at))
        cues = [c for c in CUE.finditer(self._text, start, span.open_at) if not self._marks.around(c.start())]
        if lead.endswith(":"):
            verbs = cues or [
                v for v in _FINITE.finditer(self._text, start, span.open_at) if not self._marks.around(v.start())
            ]
            cue = verbs[-1] if verbs else None
            speaker = self._subject(start, span.open_at, cue)
            if speaker is None and cue is None:
                return None
            return Attribution(Span(cue.start(), cue.end()) if cue else None, speaker)
        if not cues or not self._reports(cues[-1].end(), span):
            return None
        return Attribution(Span(cues[-1].start(), cues[-1].end()), self._subject(start, span.open_at, cues[-1]))

    def _reports(self, cue_end: int, span: MarkedSpan) -> bool:
        """Does the sentence between a cue and a mark report what stands between the marks: заявил, что «…»; отметил …,
        «…»?"""
        between = self._text[cue_end : span.open_at]
        is_reported = re.search(r"\bчто\b|\bкак\b|,\s*$", between) or not between.strip()
        words = self._text[span.start : span.end]
        return bool(is_reported) and len(between) < 200 and (words[:1].islower() or between.rstrip().endswith(","))

    def _sentence_start(self, at: int) -> int:
        """Where the words before the mark begin. A line that ends with a colon introduces the next one."""
        paragraph = self._layout.paragraph_at(at)
        if not self._text[self._layout.paragraphs[paragraph].start : at].strip():
            if paragraph == 0 or self._text[self._layout.paragraphs[paragraph - 1].end - 1] != ":":
                return at
            at = self._layout.paragraphs[paragraph - 1].end - 1
        start = max(self._layout.sentences[self._layout.sentence_at(at)].start, at - _WINDOW)
        ends = [m.close_at + 1 for m in self._marks.between(start, at) if _FULL.search(self._text[m.start : m.end])]
        return max([start, *(end for end in ends if end <= at)])

    def _subject(self, start: int, end: int, cue: re.Match[str] | None) -> Speaker | None:
        """The speaker nearest before the cue, or before a relative clause; if nothing stands before the cue, the one
        behind it."""
        stop = cue.start() if cue else end
        if relative := _RELATIVE.search(self._text, start, stop):
            stop = relative.start()
        if speaker := self._speaker(start, stop, nearest=True):
            return speaker
        is_inverted = cue is not None and not self._text[start : cue.start()].strip(" ,")
        return self._speaker(cue.end(), end) if cue and is_inverted else None

    def _speaker(self, start: int, end: int, nearest: bool = False) -> Speaker | None:
        """The person, body or description in a phrase: the first one, or the last one (`nearest`)."""
        names = [n for n in self._names.between(start, end) if n.type == "PER" and not self._is_quoted(n.start, start)]
        if names:
            return described_or_named(names[-1 if nearest else 0])
        persons = [
            span
            for match in _PERSON.finditer(self._text, start, end)
            if not self._is_quoted(match.start(), start) and (span := self._person(match.start(), match.end(), start))
        ]
        if persons:
            return self._named(persons[-1] if nearest else persons[0])
        if pronoun := _PRONOUN.search(self._text, start, end):
            known = self._known[-1] if self._known else None
            if known is None or not _fits(pronoun[0].lower(), known.name or ""):
                return unresolved_speaker(*pronoun.span())
            return meant_by_pronoun(known, *pronoun.span())
        if first_person := _FIRST_PERSON.search(self._text, start, end):
            return unresolved_speaker(*first_person.span())
        return self._described(start, end)

    def _is_quoted(self, at: int, phrase: int) -> bool:
        """Does a place lie between marks outside which the phrase begins?"""
        return self._marks.around(at) not in (None, self._marks.around(phrase))

    def _described(self, start: int, end: int) -> Speaker | None:
        """A post, body or document in a phrase, else a body or office that the text names."""
        named = [
            n
            for n in self._names.between(start, end)
            if n.type in ("ORG", "OFFICE") and not self._marks.around(n.start)
        ]
        if post := _BODY.search(self._text, start, end):
            stop = _STOP.search(self._text, post.end(), end)
            last = stop.start() if stop else end
            while last > post.start() and not self._text[last - 1].isalnum():
                last -= 1
            return described_speaker(post.start(), last, self._names.between(post.start(), last))
        return described_or_named(named[-1]) if named else None

    def _person(self, start: int, end: int, phrase: int) -> Span | None:
        """A run of capitalised words as a person's name: without names of places and bodies before it, and without a
        word that begins the sentence. Null where it is none."""
        for name in self._names.between(start, end):
            if name.type == "PER":
                return Span(name.start, name.end)
            if name.type in ("LOC", "ORG", "NORP") and name.start == start and name.end < end:
                start = name.end
        words = list(re.finditer(r"\S+", self._text[start:end]))
        while len(words) > 2 and (_POST.fullmatch(words[0][0].lower()) or _is_acronym(words[1][0])):
            words = words[1:]  # "Председатель Госдумы РФ Вячеслав Володин"
        while words and (_is_acronym(words[0][0]) or (start + words[0].start() == phrase and len(words) < 2)):
            words = words[1:]
        while len(words) >= 3 and _GENITIVE.fullmatch(words[0][0]):
            if _GENITIVE.fullmatch(words[1][0]) and len(words) == 3:
                break
            words = words[1:]
        if not words or (len(words) == 1 and not self._is_single_name(start + words[0].start(), words[0][0])):
            return None
        written = Span(start + words[0].start(), start + words[-1].end())
        others = [n for n in self._names.between(written.start, written.end) if n.type in ("LOC", "ORG", "NORP")]
        covered = sum(n.end - n.start for n in others)
        return None if covered > (written.end - written.start) / 2 else written

    def _is_single_name(self, at: int, word: str) -> bool:
        """Is one capitalised word a person's name: of somebody who spoke before, or behind a verb or a post?"""
        stem = word[: max(4, len(word) - 2)]
        if any(known.name and stem in known.name for known in self._known):
            return True
        before = self._text[max(0, at - 25) : at].split()
        return bool(before) and before[-1].islower() and before[-1] not in _BEFORE_PLACES and self._text[at - 1] == " "

    def _named(self, span: Span) -> Speaker:
        """The speaker with this name: linked, or one who spoke before, or known by the form of the name."""
        linked = [n for n in self._names.between(span.start, span.end) if n.type == "PER"]
        if linked:
            return described_or_named(linked[0])
        written = self._text[span.start : span.end]
        last = written.split()[-1]
        stem = last[: max(4, len(last) - 2)]
        known = next((k for k in reversed(self._known) if k.name and k.name.split()[-1].startswith(stem)), None)
        if known and " " not in written:
            return named_again(known, span.start, span.end)
        return speaker_by_form(span.start, span.end, written)


def _fits(pronoun: str, name: str) -> bool:
    """May a pronoun mean a person of this name, by the given name and the ending of the family name?"""
    words = name.split()
    woman = bool(words) and (words[0] in _WOMEN or bool(_WOMANS_NAME.search(words[-1])))
    man = bool(words) and (words[0] in _MEN or bool(_MANS_NAME.search(words[-1])))
    if pronoun in _PRONOUNS_OF_WOMEN:
        return woman or not man
    return pronoun not in _PRONOUNS_OF_MEN or man or not woman


def _is_acronym(word: str) -> bool:
    return len(word) > 1 and word.isupper()


def _is_attribution(phrase: str) -> bool:
    """Does a phrase begin with a finite verb, or hold a verb of saying?"""
    words = phrase.split()
    return bool(words) and bool(_FINITE.match(words[0]) or CUE.search(phrase[:90]))
