"""Texts with the names and quotations that a corpus marks in them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluation.label_map import Labels

_JOINING_WORDS = frozenset("of the and for de la al el bin van von der du des in on to & -".split())


@dataclass(frozen=True)
class MarkedName:
    """A span of a text (half-open, code points) that is one name.

    `labels`: the types that it may be of; with "O" among them it may also be no name. `title`: the Wikipedia article
    that it links to, if any.
    """

    start: int
    end: int
    labels: Labels
    title: str | None = None


@dataclass(frozen=True)
class Attribution:
    """One report of what somebody said: the spans (half-open, code points) of its source, its cue and its content."""

    source: list[tuple[int, int]]
    cue: list[tuple[int, int]]
    content: list[tuple[int, int]]


@dataclass(frozen=True)
class MarkedText:
    """A text and what a set says of it.

    `outside`: what a word without a mark may be. `attributions`: null where the set does not mark quotations.
    """

    set: str
    id: str
    text: str
    names: list[MarkedName]
    outside: Labels
    attributions: list[Attribution] | None = None


def without_overlaps(names: Iterable[MarkedName]) -> list[MarkedName]:
    """The names in order of their place. Of names that overlap the longest stays; empty spans are dropped."""
    chosen: list[MarkedName] = []
    for name in sorted(names, key=lambda n: (n.start - n.end, n.start)):
        if name.start < name.end and not any(name.start < other.end and other.start < name.end for other in chosen):
            chosen.append(name)
    return sorted(chosen, key=lambda n: n.start)


def is_capitalised(phrase: str) -> bool:
    """Is a phrase written as a name? All words but articles and prepositions begin with a capital or a digit, and the
    last word is one of these."""
    words = phrase.split()
    if not words:
        return False
    strong = [word for word in words if word.lower() not in _JOINING_WORDS]
    return bool(strong) and all(w[0].isupper() or w[0].isdigit() for w in strong) and words[-1] in strong
