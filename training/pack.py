"""Marked texts as arrays, which can be trained on anywhere: python -m training.pack FILE.npz

Names are labelled at the first piece of each word with a bit mask of the labels that the word may have (partial
labels); sources, cues and contents of quotations with one label each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.nlp.encoder.labels import NAME_LABELS, QUOTE_PARTS
from etl.nlp.encoder.windows import Window, windows
from evaluation.current_events import current_events
from evaluation.kremlin import kremlin_articles
from evaluation.label_map import ANY_LABEL, ANYTHING, OUT, Labels
from evaluation.marked_texts import MarkedName, MarkedText
from evaluation.name_sets import named_texts, world_texts
from evaluation.polnear import held_out, learnt_from, polnear_texts
from training.swap import swapped

UNKNOWN = -1
SETS = ("uner_en_ewt", "wikigold", "crossner", "re3d", "gum", "polnear", "current-events", "kremlin", "world")
_EVERY_KREMLIN = 3  # every third text is used


def _bits(labels: Labels, part: str) -> int:
    """Labels as bits, those of names as the beginning ("B") or the continuation ("I") of a name."""
    return sum(1 << NAME_LABELS.index(OUT if kind == OUT else f"{part}-{kind}") for kind in labels)


def name_bits(text: MarkedText, window: Window) -> NDArray[np.uint16]:
    """For each piece the labels that it may have, as bits; all labels where nothing is learnt of it."""
    bits = np.full(len(window.pieces), ANY_LABEL, np.uint16)
    bits[window.firsts] = _bits(text.outside, "B") | _bits(text.outside, "I")
    for name in text.names:
        first, last = _words(name, window)
        if first < last and window.starts[first] <= name.start:
            bits[window.firsts[first]] = _bits(name.labels, "B")
            bits[window.firsts[first + 1 : last]] = _bits(name.labels, "I")
            if OUT in name.labels and len(name.labels) > 1:  # it may be no name, so that another may begin within
                bits[window.firsts[first:last]] = _bits(name.labels, "B") | _bits(name.labels, "I")
        else:
            bits[window.firsts[first:last]] = ANY_LABEL
    return bits


def _words(name: MarkedName, window: Window) -> tuple[int, int]:
    """The numbers of the words in a window that a name touches (half-open)."""
    return (
        int(np.searchsorted(window.ends, name.start, "right")),
        int(np.searchsorted(window.starts, name.end, "left")),
    )


def quote_labels(text: MarkedText, window: Window) -> NDArray[np.int8]:
    """For each of source, cue and content, and each piece: 0 outside, 1 first word, 2 a further word, -1 unknown."""
    labels = np.full((len(QUOTE_PARTS), len(window.pieces)), UNKNOWN, np.int8)
    if text.attributions is None:
        return labels
    labels[:, window.firsts] = 0
    for row, part in enumerate(QUOTE_PARTS):
        spans = sorted((span for a in text.attributions for span in getattr(a, part)), key=lambda s: s[0] - s[1])
        for start, end in spans:  # the longest first: a span that overlaps one before it is left out
            first, last = np.searchsorted(window.ends, start, "right"), np.searchsorted(window.starts, end, "left")
            pieces = window.firsts[first:last]
            if len(pieces) and not labels[row, pieces].any():
                labels[row, pieces] = 2
                if window.starts[first] >= start:
                    labels[row, pieces[0]] = 1
    return labels


def links(text: MarkedText, window: Window) -> list[tuple[int, int, str]]:
    """(first piece, first piece of the last word, title) of the names that link to a Wikipedia article."""
    rows = []
    for name in text.names:
        first, last = _words(name, window)
        if name.title and first < last and window.starts[first] == name.start:
            rows.append((int(window.firsts[first]), int(window.firsts[last - 1]), name.title))
    return rows


def pack(texts: Iterable[MarkedText]) -> dict[str, NDArray[Any]]:
    """The arrays of all windows. Pieces, cases, firsts, names and quotes of the windows follow one another; `bounds`
    says where each window begins and the last ends; `links` has rows of (window, first piece, first piece of the last
    word, title)."""
    columns: dict[str, list[NDArray[Any]]] = {name: [] for name in ("pieces", "cases", "firsts", "names", "quotes")}
    sets: list[int] = []
    sizes = [0]
    link_rows: list[tuple[int, int, int, int]] = []
    titles: dict[str, int] = {}
    for text in texts:
        for window in windows(text.text):
            number = len(sets)
            firsts = np.zeros(len(window.pieces), bool)
            firsts[window.firsts] = True
            columns["pieces"].append(window.pieces.astype(np.uint16))
            columns["cases"].append(window.cases)
            columns["firsts"].append(firsts)
            columns["names"].append(name_bits(text, window))
            columns["quotes"].append(quote_labels(text, window))
            sets.append(SETS.index(text.set))
            sizes.append(len(window.pieces))
            for first, last, title in links(text, window):
                link_rows.append((number, first, last, titles.setdefault(title, len(titles))))
    return {
        **{name: np.concatenate(arrays, axis=-1) for name, arrays in columns.items()},
        "sets": np.array(sets, np.int8),
        "bounds": np.cumsum(sizes),
        "links": np.array(link_rows, np.int32).reshape(-1, 4),
    }


def parts(seed: int = 1) -> dict[str, Sequence[MarkedText]]:
    """The texts to learn from (gold, the same with swapped names, PolNeAR, raw texts) and to score on (PolNeAR's
    development part, tests, world)."""
    random = Random(seed)
    gold = named_texts("train")
    with_other_names = [other for _ in range(2) for text in gold if (other := swapped(text, random))]
    articles = polnear_texts()
    speeches = [MarkedText("kremlin", a.article_id, a.text, [], ANYTHING) for a in kremlin_articles(_EVERY_KREMLIN)]
    return {
        "gold": gold,
        "swapped": with_other_names,
        "polnear": learnt_from(articles),
        "polnear-dev": held_out(articles),
        "raw": [*current_events(), *speeches],
        "test": named_texts("test"),
        "world": world_texts(),
    }


def main() -> None:
    packed: dict[str, NDArray[Any]] = {}
    for name, texts in parts().items():
        for column, array in pack(texts).items():
            packed[f"{name}/{column}"] = array
        print(name, len(packed[f"{name}/sets"]), "windows,", len(packed[f"{name}/pieces"]), "pieces")
    np.savez_compressed(Path(sys.argv[1]), allow_pickle=False, **packed)


if __name__ == "__main__":
    main()
