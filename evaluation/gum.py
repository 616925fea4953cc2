"""The permissively licensed part of GUM: documents with their mentions and coreference.

It lies in ../shared/corpora, outside the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from evaluation.corpora import CORPORA, read_lines


class GumMention(NamedTuple):
    """A mention (half-open, code points): its type in GUM, the title of its Wikipedia article or null, and the number
    of the entity that it refers to."""

    start: int
    end: int
    kind: str
    title: str | None
    entity: str


class GumDocument(NamedTuple):
    """A document: its paragraphs as lines, its mentions in the order in which they end, the spans of proper nouns."""

    id: str
    text: str
    mentions: list[GumMention]
    proper_nouns: list[tuple[int, int]]


class _OpenMention(NamedTuple):
    entity: str
    kind: str
    title: str | None
    start: int


def gum_documents(part: str) -> Iterator[GumDocument]:
    """The documents of a part: `train`, `dev` or `test`."""
    id_, text = "", ""
    mentions: list[GumMention] = []
    proper_nouns: list[tuple[int, int]] = []
    open_mentions: list[_OpenMention] = []
    for line in [*read_lines(CORPORA / "nlp" / "gum_permissive" / f"{part}.conllu.gz"), "# newdoc id = end"]:
        if line.startswith("# newdoc id"):
            if text:
                yield GumDocument(id_, text, mentions, proper_nouns)
            id_, text, mentions, proper_nouns, open_mentions = line.split("= ")[1], "", [], [], []
        elif line.startswith("# newpar") and text:
            text = text.rstrip() + "\n"
        elif line and line[0].isdigit():
            columns = line.split("\t")
            if not columns[0].isdigit():
                continue
            start, end = len(text), len(text) + len(columns[1])
            text += columns[1] + ("" if "SpaceAfter=No" in columns[9] else " ")
            if columns[3] == "PROPN":
                proper_nouns.append((start, end))
            note = next((n[7:] for n in columns[9].split("|") if n.startswith("Entity=")), "")
            mentions += _closed_mentions(note, start, end, open_mentions)


def _closed_mentions(note: str, start: int, end: int, open_mentions: list[_OpenMention]) -> Iterator[GumMention]:
    """The mentions that the `Entity=` note of a word closes. Those that it opens are added to `open_mentions`."""
    for opening, closing in re.findall(r"\(([^()]+)|([^()]*\))", note):
        if opening:
            fields = opening.split("-", 7)
            title = fields[7] if len(fields) > 7 else None
            open_mentions.append(_OpenMention(fields[0], fields[1] if len(fields) > 1 else "", title, start))
            if f"({opening})" in note:
                closing = ")"
        if closing and open_mentions:
            entity = closing.rstrip(")")
            at = next(
                (n for n in range(len(open_mentions) - 1, -1, -1) if not entity or open_mentions[n].entity == entity),
                None,
            )
            if at is not None:
                mention = open_mentions.pop(at)
                yield GumMention(mention.start, end, mention.kind, mention.title, mention.entity)
