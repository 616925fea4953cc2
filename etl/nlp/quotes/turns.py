"""Turns of interviews and transcripts: "QUESTION: …", "PRESIDENT OF RUSSIA VLADIMIR PUTIN: …"."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from etl.nlp.languages.words import words_of_all_languages
from etl.nlp.names.find import NamedEntity, NameIndex
from etl.nlp.quotes.marks import UTTERANCE, Marks
from etl.text import Layout, Span, word_count

# The beginning of a line up to its first colon; brackets behind a name hold a remark: "(retranslated)".
_LABEL = re.compile(
    r"([^\W\d_][^:：“”\"«»!?\n]{0,99}?)\s*(?:[(\[（][^)\]）\n]{1,60}[)\]）]\s*)?(?::(?=\s|$)|：)\s*|([QA])(?:\s{2,}|\t)"
)
_ROLE_LABEL = re.compile(rf"(?:{'|'.join(words_of_all_languages('labels_of_turns'))})(?:\s+\d{{1,2}})?", re.IGNORECASE)
_SMALL_WORDS_OF_NAMES = frozenset(
    "of the and for on to de la le el du den der da dos di ben ter van von bin al ibn y и по при в аль эль".split()
)
_REMARK = re.compile(r"[(\[<*_].*[)\]>*_]$|[\W_]+$", re.DOTALL)  # "(Applause.)", "<…>", "* * *"
_FEWEST_WORDS = 25  # of a turn that is the only one of its text
_MOST_NAME_WORDS = 4
_LONG_TURN = 12  # words of a turn that is no item of a list
_MOST_QUOTING = 0.3  # share of the paragraphs of a turn that quote at length


@dataclass(frozen=True)
class SpeechTurn:
    """What one speaker says until another speaks. `label`: the speaker as written before the colon; `name`: the name in
    the label that a tagger or the gazetteer knows; `called`: a name that neither knows; both are null for a label
    without a name ("Question"). `parts`: one for each paragraph."""

    label: Span
    name: NamedEntity | None
    called: str | None
    parts: tuple[Span, ...]


@dataclass(frozen=True)
class _Label:
    """The beginning of a turn. `words_from`: where the words of the turn begin; `is_sure`: whether the label names a
    person or a role; else it counts only if it comes again."""

    paragraph: int
    span: Span
    words_from: int
    name: NamedEntity | None
    is_sure: bool


def find_turns(text: str, layout: Layout, names: NameIndex, marks: Marks) -> list[SpeechTurn]:
    """Return the turns of a text in order; none if it is no transcript. A report may begin with a name and a colon in
    its headline, but it quotes, while in a transcript few words stand between marks."""
    labels = [label for label in _labels(text, layout, names) if not _is_headline(text, layout, label)]
    if not labels:
        return []
    ends = [label.paragraph for label in labels[1:]] + [len(layout.paragraphs)]
    turns = [_turn(text, layout, label, end) for label, end in zip(labels, ends, strict=True)]
    turns = [turn for turn in turns if turn.parts and not _reports(text, turn, marks)]
    if len(turns) == 1:
        return turns if _stands_alone(text, turns[0]) else []
    return turns if _is_conversation(text, turns) else []


def _is_conversation(text: str, turns: Sequence[SpeechTurn]) -> bool:
    """Is a label a role ("Question"), does one come again, or are most turns long? Standings and casts are lists of
    names and colons, too."""
    labels = [text[turn.label.start : turn.label.end] for turn in turns]
    if len(set(labels)) < len(labels) or any(_ROLE_LABEL.fullmatch(label) for label in labels):
        return True
    long = [turn for turn in turns if _words(text, turn) >= _LONG_TURN]
    return len(long) > len(turns) / 2


def _words(text: str, turn: SpeechTurn) -> int:
    return sum(word_count(text[part.start : part.end]) for part in turn.parts)


def _is_headline(text: str, layout: Layout, label: _Label) -> bool:
    """Is the label in a first line that ends without a full stop?"""
    return label.paragraph == 0 and text[layout.paragraphs[0].end - 1] not in ".!?…。！？:："


def _reports(text: str, turn: SpeechTurn, marks: Marks) -> bool:
    """Do many of its paragraphs quote at length?"""
    quoting = sum(
        any(len(text[m.start : m.end].split()) >= UTTERANCE for m in marks.between(part.start, part.end))
        for part in turn.parts
    )
    return quoting > _MOST_QUOTING * len(turn.parts)


def _stands_alone(text: str, turn: SpeechTurn) -> bool:
    """Is the only turn of a text a speech, and its colon not that of a headline or dateline?"""
    has_full_name = turn.name is not None and (turn.name.entry is not None or " " in turn.name.text)
    return has_full_name and _words(text, turn) >= _FEWEST_WORDS


def _labels(text: str, layout: Layout, names: NameIndex) -> list[_Label]:
    """The labels that name a person or a role. Where there are several of these, also other names that come again."""
    labels = []
    for number, paragraph in enumerate(layout.paragraphs):
        match = _LABEL.match(text, paragraph.start, min(paragraph.end, paragraph.start + 180))
        if match and (label := _label(text, number, match, names)):
            labels.append(label)
    sure = [label for label in labels if label.is_sure]
    if len(sure) < 2:
        return sure
    times = Counter(text[label.span.start : label.span.end] for label in labels)
    return [label for label in labels if label.is_sure or times[text[label.span.start : label.span.end]] > 1]


def _label(text: str, paragraph: int, match: re.Match[str], names: NameIndex) -> _Label | None:
    """A label; null where the words before the colon are none."""
    span = Span(*match.span(1 if match[1] else 2))
    written = match[1] or match[2]
    if _ROLE_LABEL.fullmatch(written):
        return _Label(paragraph, span, match.end(), None, True)
    words = written.split()
    if any(word[:1].islower() and word not in _SMALL_WORDS_OF_NAMES for word in words):
        return None
    persons = [name for name in names.between(span.start, span.end) if name.type == "PER"]
    ends = [name for name in persons if name.end == span.end or text[name.end] == ","]
    if len(persons) == 1 and ends:
        return _Label(paragraph, Span(ends[0].start, ends[0].end), match.end(), ends[0], True)
    if not persons and len(words) <= _MOST_NAME_WORDS and all(word[:1].isupper() for word in words):
        return _Label(paragraph, span, match.end(), None, False)
    return None


def _turn(text: str, layout: Layout, label: _Label, end: int) -> SpeechTurn:
    """The turn that begins with a label; `end`: the number of the paragraph in which the next one begins."""
    paragraphs = layout.paragraphs[label.paragraph : end]
    spans: Sequence[Span] = [Span(label.words_from, paragraphs[0].end), *paragraphs[1:]]
    parts = tuple(s for s in spans if s.start < s.end and not _REMARK.match(text[s.start : s.end]))
    called = None if label.is_sure else text[label.span.start : label.span.end]
    return SpeechTurn(label.span, label.name, called, parts)
