"""Marked texts as arrays, ready for training anywhere: python -m training.pack FILE.npz

Names are labelled at the first piece of each word by a set of labels that it may have, a bit each (partial labels);
sources, cues and contents of quotations by one label each.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from random import Random

import numpy as np

from etl.nlp.encoder.labels import NAME_LABELS, QUOTE_PARTS
from etl.nlp.encoder.windows import Window, windows
from evaluation import name_sets as corpora
from evaluation.kremlin import speeches
from evaluation.label_map import ANY_LABEL, OUT, Labels
from evaluation.name_sets import Marked
from training.swap import swapped

UNKNOWN = -1
SETS = ("uner_en_ewt", "wikigold", "crossner", "re3d", "gum", "polnear", "current-events", "kremlin", "world")
_KREMLIN_SHARE = 3  # one text of so many


def _bits(labels: Labels, part: str) -> int:
    return sum(1 << NAME_LABELS.index(OUT if kind == OUT else f"{part}-{kind}") for kind in labels)


def name_bits(marked: Marked, window: Window) -> np.ndarray:
    """For each piece the labels that it may have, as bits; all of them where nothing is asked."""
    found = np.full(len(window.pieces), ANY_LABEL, np.uint16)
    found[window.firsts] = _bits(marked.outside, "B") | _bits(marked.outside, "I")
    for mark in marked.marks:
        first, last = (
            np.searchsorted(window.ends, mark.start, "right"),
            np.searchsorted(window.starts, mark.end, "left"),
        )
        if first < last and window.starts[first] <= mark.start:
            found[window.firsts[first]] = _bits(mark.labels, "B")
            found[window.firsts[first + 1 : last]] = _bits(mark.labels, "I")
            if OUT in mark.labels and len(mark.labels) > 1:  # what may be none may begin within
                found[window.firsts[first:last]] = _bits(mark.labels, "B") | _bits(mark.labels, "I")
        else:
            found[window.firsts[first:last]] = ANY_LABEL
    return found


def quote_labels(marked: Marked, window: Window) -> np.ndarray:
    """For each of source, cue and content, and each piece: 0 none, 1 first word, 2 a further one, -1 not known."""
    found = np.full((len(QUOTE_PARTS), len(window.pieces)), UNKNOWN, np.int8)
    if marked.attributions is None:
        return found
    found[:, window.firsts] = 0
    for row, part in enumerate(QUOTE_PARTS):
        spans = sorted((span for a in marked.attributions for span in getattr(a, part)), key=lambda s: s[0] - s[1])
        for start, end in spans:  # the longest first: what lies in another is left
            first, last = np.searchsorted(window.ends, start, "right"), np.searchsorted(window.starts, end, "left")
            pieces = window.firsts[first:last]
            if len(pieces) and not found[row, pieces].any():
                found[row, pieces] = 2
                if window.starts[first] >= start:
                    found[row, pieces[0]] = 1
    return found


def links(marked: Marked, window: Window) -> list[tuple[int, int, str]]:
    """(first piece, last word's first piece, title) of the names that have an article of an encyclopaedia."""
    found = []
    for mark in marked.marks:
        first, last = (
            np.searchsorted(window.ends, mark.start, "right"),
            np.searchsorted(window.starts, mark.end, "left"),
        )
        if mark.title and first < last and window.starts[first] == mark.start:
            found.append((int(window.firsts[first]), int(window.firsts[last - 1]), mark.title))
    return found


def pack(texts: Iterable[Marked]) -> dict[str, np.ndarray]:
    """Arrays of all windows: pieces, cases, firsts, names, quotes one after the other, and where each window begins."""
    columns: dict[str, list[np.ndarray]] = {name: [] for name in ("pieces", "cases", "firsts", "names", "quotes")}
    sets, sizes, tied, titles = [], [0], [], {}
    for marked in texts:
        for window in windows(marked.text):
            number = len(sets)
            firsts = np.zeros(len(window.pieces), bool)
            firsts[window.firsts] = True
            columns["pieces"].append(window.pieces.astype(np.uint16))
            columns["cases"].append(window.cases)
            columns["firsts"].append(firsts)
            columns["names"].append(name_bits(marked, window))
            columns["quotes"].append(quote_labels(marked, window))
            sets.append(SETS.index(marked.set))
            sizes.append(len(window.pieces))
            for first, last, title in links(marked, window):
                tied.append((number, first, last, titles.setdefault(title, len(titles))))
    return {
        **{name: np.concatenate(parts, axis=-1) for name, parts in columns.items()},
        "sets": np.array(sets, np.int8),
        "bounds": np.cumsum(sizes),
        "links": np.array(tied, np.int32).reshape(-1, 4),
    }


def parts(seed: int = 1) -> dict[str, Sequence[Marked]]:
    """What is learnt from and what is scored on: gold, polnear and its development part, raw texts, tests."""
    random = Random(seed)
    gold = corpora.names("train")
    again = [other for _ in range(2) for marked in gold if (other := swapped(marked, random))]
    articles = corpora.polnear()
    return {
        "gold": gold,
        "swapped": again,
        "polnear": [a for n, a in enumerate(articles) if n % 12 != 11],
        "polnear-dev": [a for n, a in enumerate(articles) if n % 12 == 11],
        "raw": [*corpora.current_events(), *speeches(_KREMLIN_SHARE)],
        "test": corpora.names("test"),
        "world": corpora.world(),
    }


def main() -> None:
    packed = {}
    for name, texts in parts().items():
        for column, array in pack(texts).items():
            packed[f"{name}/{column}"] = array
        print(name, len(packed[f"{name}/sets"]), "windows,", len(packed[f"{name}/pieces"]), "pieces")
    np.savez_compressed(Path(sys.argv[1]), **packed)


if __name__ == "__main__":
    main()
