"""What tells a body's block from another: one row of numbers a block, for the classifier."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from etl.extract.body.blocks import FRAMES, HINTS, Blocks, Frame

Matrix = NDArray[np.float32]

_WORD = re.compile(r"\w+")
_DENSE = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"’”»」)\]]*$")
_MARKS = re.compile(r"[“”„«»「\"]")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
# Words of boilerplate in the languages of the large presses, by what they announce; `first` stand at the beginning.
WORDS: dict[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "first_more": """read see watch listen click learn also related more full continue don don't recommended you
            what up next most trending popular latest lire voir à lesen mehr lees läs les leia veja lea ver vea leggi
            guarda czytaj zobacz читайте смотрите ещё devamı baca xem 相 延 推 更 関""",
        "first_media": """photo image picture video credit file source graphic illustration foto fotos bild quelle
            imagen crédit fuente getty reuters ap afp 图 写 photograph photos fig figure""",
        "first_byline": """by von par por di da door av af text written published posted updated last reporting editing
            our about contact story опубликовано автор 责 编 author publié publicado actualizado stand aktualisiert""",
        "subscribe": """subscribe subscriber subscribers subscription newsletter newsletters sign inbox login log
            register abonnez abonnement abonnieren anmelden suscríbete suscripción inscreva assine iscriviti подпишитесь
            telegram whatsapp follow facebook instagram twitter podcast app download 订 阅 登 录""",
        "rights": """copyright rights reserved reprint reprints license licence droits réservés rechte vorbehalten
            derechos reservados direitos diritti riservati права 版 权 redistributed trademark""",
        "media": """photo photos getty images shutterstock afp reuters epa courtesy caption foto photograph pictured
            gallery""",
        "notice": """comment comments kommentare commentaires comentarios commenti комментарии reply disclaimer opinions
            advertisement advertising sponsored anzeige publicité publicidad werbung реклама cookie cookies privacy
            terms javascript browser affiliate commission moderated""",
        "contact": "http https www com mailto email mail phone tel contact reach",
    }.items()
}  # fmt: skip
_MOST_WORDS = 70


def _bit_sets(first: bool) -> dict[str, int]:
    """Word -> its families, a bit each."""
    found: Counter[str] = Counter()
    for number, (name, family) in enumerate(WORDS.items()):
        if name.startswith("first") is first:
            found.update(dict.fromkeys(family, 1 << number))
    return dict(found)


_FIRST, _ANYWHERE = _bit_sets(True), _bit_sets(False)
_ANYWHERE_WORDS = frozenset(_ANYWHERE)
_TAG_NAMES = ("p", "li", "div", "td", "tr", "blockquote", "figcaption", "section", "body", "article", "pre", "heading")
_TAGS = {tag: number for number, tag in enumerate(_TAG_NAMES)}
_PROSE_WORDS = 8  # a block that ends as sentences do and has more words is prose


def words_of(text: str) -> list[str]:
    """Words in lower case; in scripts without spaces, characters."""
    if _DENSE.search(text):
        text = _DENSE.sub(r" \g<0> ", text)
    return _WORD.findall(text.lower())


class Witness:
    """A text that somebody took for the body: how much of a block is in it."""

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.found = bool(words)
        self._runs = set(zip(words, words[1:], words[2:], strict=False))
        self._lines = {" ".join(words_of(line)) for line in text.split("\n")} if words else set()

    def shares(self, blocks: Sequence[Sequence[str]]) -> list[float]:
        """How much of each block: of its runs of three words, or whether the line of one that short, is in the text."""
        return [self._share(words) for words in blocks] if self.found else [0.0] * len(blocks)

    def _share(self, words: Sequence[str]) -> float:
        if len(words) < 4:
            return float(" ".join(words) in self._lines)
        return sum(map(self._runs.__contains__, zip(words, words[1:], words[2:], strict=False))) / (len(words) - 2)


class Description:
    """A page's blocks in numbers; those that no witness changes are found once. `sizes`: words a block."""

    def __init__(self, page: Blocks, title: str, deck: str) -> None:
        texts = [block.text for block in page.blocks]
        self._page = page
        self._words = [words_of(text) for text in texts]
        self.sizes = np.array([len(tokens) for tokens in self._words], dtype=float)
        self._shape = _of_texts(page, texts, self.sizes)
        self._families = _of_words(self._words, texts)
        self._own = self._seen((Witness(title), Witness(deck)))

    def rows(self, witnesses: Sequence[Witness]) -> Matrix:
        """Rows of features, float32, a row a block of a page that has some."""
        seen = self._seen(witnesses)
        found = np.tile([float(witness.found) for witness in witnesses], (len(seen), 1))
        around = _of_frames(self._page, self._shape, seen)
        looked_at = np.hstack([self._shape[:, :4], seen, self._own])
        columns = [self._shape, seen, self._own, found, self._families, around, _of_neighbours(looked_at)]
        return np.hstack(columns).astype(np.float32)

    def _seen(self, witnesses: Sequence[Witness]) -> NDArray[np.float64]:
        return np.column_stack([witness.shares(self._words) for witness in witnesses])


def _of_texts(page: Blocks, texts: list[str], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """The form of a block; the first four columns are size in words, share of links, prose, sentence end."""
    total = len(texts)
    blocks = page.blocks
    length = np.array([len(text) for text in texts], dtype=float)
    ends = np.array([bool(_SENTENCE_END.search(text[-6:])) for text in texts], dtype=float)
    heads = [text[:200] for text in texts]
    head = np.minimum(length, 200)
    times = Counter(texts)
    return np.column_stack([
        np.log1p(size),
        np.array([block.linked for block in blocks]) / length,
        ends * (size > _PROSE_WORDS) * size,
        ends,
        np.log1p(length),
        length / size.clip(1),
        np.array([block.emphasised for block in blocks]) / length,
        np.array([text.count(",") for text in texts]) / length,
        np.array([text.count(".") for text in texts]) / length,
        np.array([len(_MARKS.findall(text)) for text in heads]),
        np.array([len(_DIGIT.findall(text)) for text in heads]) / head,
        np.array([len(_CAPITAL.findall(text)) for text in heads]) / head,
        np.array([(text[0].isupper(), text[0].islower(), "|" in text, text[-1] in ":：", text.endswith(("...", "…")),
                   times[text] > 1) for text in texts], dtype=float),
        np.arange(total) / total,
        total - np.arange(total),
    ])  # fmt: skip


def _of_words(words: list[list[str]], texts: list[str]) -> NDArray[np.float64]:
    """Which families of boilerplate words a block of ordinary length holds, and whether it has an @ or a ©."""
    families = np.zeros(len(words), dtype=np.int64)
    for number, (tokens, text) in enumerate(zip(words, texts, strict=True)):
        if tokens and len(tokens) <= _MOST_WORDS:
            bits = _FIRST.get(tokens[0], 0) | ("@" in text or "©" in text) << len(WORDS)
            for word in _ANYWHERE_WORDS.intersection(tokens):
                bits |= _ANYWHERE[word]
            families[number] = bits
    return _bits(families, len(WORDS) + 1).astype(float)


def _of_frames(page: Blocks, shape: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the elements around a block: what their names say, and how much text of which kind is in them."""
    frames = page.frames
    parent = np.array([frame.parent for frame in frames])
    at = np.array([block.frame for block in page.blocks])
    above = parent[at].clip(0)
    grand = parent[above].clip(0)
    size = np.expm1(shape[:, 0])
    amounts = np.column_stack([size, shape[:, 1] * size, shape[:, 2], np.ones_like(size), seen * size[:, None]])
    sums = np.zeros((len(frames), amounts.shape[1]))
    np.add.at(sums, at, amounts)
    home = np.zeros(len(frames))  # prose of an element's own children: the body's home has most
    np.add.at(home, above, shape[:, 2])
    np.add.at(home, at, shape[:, 2])
    depth = np.array([frame.depth for frame in frames])
    for level in range(int(depth.max()), 0, -1):
        [deep] = np.nonzero(depth == level)
        np.add.at(sums, parent[deep], sums[deep])
    prose = max(float(shape[:, 2].sum()), 1.0)
    kinds = _kinds(page)
    of_kind = np.zeros((max(kinds) + 1, amounts.shape[1]))
    np.add.at(of_kind, kinds, amounts)
    columns = [depth[at], _nearness(parent.tolist(), int(np.argmax(home)))[at]]
    columns += [home[at] / prose, home[above] / prose, sums[above, 0] / max(sums[0, 0], 1), np.log1p(sums[above, 3])]
    for group in (of_kind[kinds], sums[at], sums[above], sums[grand]):
        whole = group[:, 0].clip(1)
        columns += [np.log1p(group[:, 0]), group[:, 1] / whole, group[:, 2] / whole, group[:, 2] / prose]
        columns += list((group[:, 4:] / whole[:, None]).T)
    columns += [np.log1p(of_kind[kinds, 3])]
    return np.column_stack([*columns, _of_names(frames, at, above, grand)])


def _of_names(frames: list[Frame], at: NDArray[np.int64], *above: NDArray[np.int64]) -> NDArray[np.float64]:
    hints = np.array([frame.hints for frame in frames])
    everywhere = np.array([frame.all_hints for frame in frames])
    tags = np.array([frame.frames for frame in frames])
    own = np.zeros((len(at), len(_TAGS)))
    for number, frame in enumerate(at):
        tag = frames[frame].tag
        column = _TAGS.get("heading" if len(tag) == 2 and tag[0] == "h" and tag != "hr" else tag)
        if column is not None:
            own[number, column] = 1
    near = hints[at] | hints[above[0]]
    bits = [_bits(tags[at], len(FRAMES) + 1), _bits(near, len(HINTS)), _bits(hints[above[1]], len(HINTS))]
    return np.hstack([own, *bits, _bits(everywhere[at], len(HINTS))])


def _bits(values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    return (values[:, None] >> np.arange(count)) & 1


def _kinds(page: Blocks) -> list[int]:
    """A number for each block, equal for blocks whose elements look alike: tag and names, and the parent's names."""
    numbers: dict[tuple[str, str, str], int] = {}
    found = []
    for block in page.blocks:
        frame = page.frames[block.frame]
        kind = (frame.tag, frame.name, page.frames[max(frame.parent, 0)].name)
        found.append(numbers.setdefault(kind, len(numbers)))
    return found


def _nearness(parent: list[int], home: int) -> NDArray[np.float64]:
    """1 inside the element `home`, 1/2 inside its parent only, 1/3 inside its grandparent only, ..."""
    nearness = [0.0] * len(parent)
    steps, number = 1, home
    while number >= 0:
        nearness[number] = 1 / steps
        steps, number = steps + 1, parent[number]
    for number in range(1, len(parent)):
        nearness[number] = max(nearness[number], nearness[parent[number]])
    return np.array(nearness)


def _of_neighbours(looked_at: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same numbers of two blocks before and two after, and their means over five on either side."""
    total, width = looked_at.shape
    rim = np.full((5, width), -1.0)
    padded = np.vstack([rim, looked_at, rim])
    sums = np.vstack([np.zeros((1, width)), padded.clip(0).cumsum(axis=0)])
    at = np.arange(total) + 5
    beside = [padded[at + step] for step in (-2, -1, 1, 2)]
    return np.hstack([*beside, (sums[at] - sums[at - 5]) / 5, (sums[at + 6] - sums[at + 1]) / 5])


__all__ = ["Description", "Matrix", "Witness", "words_of"]
