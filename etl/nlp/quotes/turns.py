"""Speech turns of interviews and transcripts: "QUESTION: …", "PRESIDENT OF RUSSIA VLADIMIR PUTIN: …"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etl.nlp.languages.registry import words_of_all_languages
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.quotes.marks import UTTERANCE, Marks
from etl.text import Layout, Span, word_count

# A line's beginning up to its first colon; what stands in brackets behind a name is a remark: "(retranslated)".
_LABEL = re.compile(
    r"([^\W\d_][^:：“”\"«»!?\n]{0,99}?)\s*(?:[(\[（][^)\]）\n]{1,60}[)\]）]\s*)?(?::(?=\s|$)|：)\s*|([QA])(?:\s{2,}|\t)"
)
_ASKS = re.compile(rf"(?:{'|'.join(words_of_all_languages('labels_of_turns'))})(?:\s+\d{{1,2}})?", re.IGNORECASE)
_SMALL = frozenset(
    "of the and for on to de la le el du den der da dos di ben ter van von bin al ibn y и по при в аль эль".split()
)
_ASIDE = re.compile(r"[(\[<*_].*[)\]>*_]$|[\W_]+$", re.DOTALL)  # "(Applause.)", "<…>", "* * *"
_FEWEST_WORDS = 25  # of a speech that is the only turn of its text
_MOST_NAME_WORDS = 4
_SENTENCE = 12  # words of a turn that is no entry of a list
_MOST_QUOTING = 0.3  # of the paragraphs of a turn


@dataclass(frozen=True)
class SpeechTurn:
    """What one says until another speaks: a part for every paragraph. `label`: who it is, as written before the colon;
    `name`: the name in it that a tagger or the gazetteer knows; `called`: a name that neither does; both null where it
    has none ("Question")."""

    label: Span
    name: NamedEntity | None
    called: str | None
    parts: tuple[Span, ...]


@dataclass(frozen=True)
class _Label:
    paragraph: int
    span: Span
    words_from: int
    name: NamedEntity | None
    sure: bool


def find_turns(text: str, layout: Layout, names: NameIndex, marks: Marks) -> list[SpeechTurn]:
    """The turns of a text, in order; none where it is no transcript. In a transcript few words stand between marks; a
    report may begin with a name and a colon, in its headline, but quotes."""
    labels = [label for label in _labels(text, layout, names) if not _is_headline(text, layout, label)]
    if not labels:
        return []
    ends = [label.paragraph for label in labels[1:]] + [len(layout.paragraphs)]
    turns = [_turn(text, layout, label, end) for label, end in zip(labels, ends, strict=True)]
    turns = [turn for turn in turns if turn.parts and not _reports(text, turn, marks)]
    if len(turns) == 1:
        return turns if _stands_alone(text, turns[0]) else []
    return turns if _is_talk(text, turns) else []


def _is_talk(text: str, turns: Sequence[SpeechTurn]) -> bool:
    """Does one ask, or speak again, or do most speak at length? Standings and casts are lists of names and colons."""
    labels = [text[turn.label.start : turn.label.end] for turn in turns]
    if len(set(labels)) < len(labels) or any(_ASKS.fullmatch(label) for label in labels):
        return True
    long = [turn for turn in turns if _words(text, turn) >= _SENTENCE]
    return len(long) > len(turns) / 2


def _words(text: str, turn: SpeechTurn) -> int:
    return sum(word_count(text[part.start : part.end]) for part in turn.parts)


def _is_headline(text: str, layout: Layout, label: _Label) -> bool:
    """Is it in a first line that ends without a full stop?"""
    return label.paragraph == 0 and text[layout.paragraphs[0].end - 1] not in ".!?…。！？:："


def _reports(text: str, turn: SpeechTurn, marks: Marks) -> bool:
    """Do many of its paragraphs quote at length?"""
    quoting = sum(
        any(len(text[m.start : m.end].split()) >= UTTERANCE for m in marks.between(part.start, part.end))
        for part in turn.parts
    )
    return quoting > _MOST_QUOTING * len(turn.parts)


def _stands_alone(text: str, turn: SpeechTurn) -> bool:
    """Is the only turn of a text a speech, not a headline's or a dateline's colon?"""
    full_name = turn.name is not None and (turn.name.entry is not None or " " in turn.name.text)
    return full_name and _words(text, turn) >= _FEWEST_WORDS


def _labels(text: str, layout: Layout, names: NameIndex) -> list[_Label]:
    """Labels that name a person or who asks; and, where there are several of these, other names that come again."""
    found = []
    for number, paragraph in enumerate(layout.paragraphs):
        match = _LABEL.match(text, paragraph.start, min(paragraph.end, paragraph.start + 180))
        if match and (label := _label(text, number, match, names)):
            found.append(label)
    sure = [label for label in found if label.sure]
    if len(sure) < 2:
        return sure
    times = Counter(text[label.span.start : label.span.end] for label in found)
    return [label for label in found if label.sure or times[text[label.span.start : label.span.end]] > 1]


def _label(text: str, paragraph: int, match: re.Match[str], names: NameIndex) -> _Label | None:
    span = Span(*match.span(1 if match[1] else 2))
    written = match[1] or match[2]
    if _ASKS.fullmatch(written):
        return _Label(paragraph, span, match.end(), None, True)
    words = written.split()
    if any(word[:1].islower() and word not in _SMALL for word in words):
        return None
    persons = [name for name in names.between(span.start, span.end) if name.type == "PER"]
    ends = [name for name in persons if name.end == span.end or text[name.end] == ","]
    if len(persons) == 1 and ends:
        return _Label(paragraph, Span(ends[0].start, ends[0].end), match.end(), ends[0], True)
    if not persons and len(words) <= _MOST_NAME_WORDS and all(word[:1].isupper() for word in words):
        return _Label(paragraph, span, match.end(), None, False)
    return None


def _turn(text: str, layout: Layout, label: _Label, end: int) -> SpeechTurn:
    paragraphs = layout.paragraphs[label.paragraph : end]
    spans: Sequence[Span] = [Span(label.words_from, paragraphs[0].end), *paragraphs[1:]]
    parts = tuple(s for s in spans if s.start < s.end and not _ASIDE.match(text[s.start : s.end]))
    called = None if label.sure else text[label.span.start : label.span.end]
    return SpeechTurn(label.span, label.name, called, parts)
