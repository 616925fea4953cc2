"""The features of a page's blocks, from which the classifier tells which blocks belong to the body."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from etl.extract.body.blocks import FRAMES, HINTS, Frame, PageBlocks

Matrix = NDArray[np.float32]

_WORD = re.compile(r"\w+")
# As the models were trained: with Hangul, without Myanmar and Khmer.
_SPACELESS = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SENTENCE_END = re.compile(r"[.!?…。！？؟।]['\"’”»」)\]]*$")
_QUOTATION_MARK = re.compile(r"[“”„«»「\"]")
_DIGIT = re.compile(r"\d")
_CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")
# Families of boilerplate words in the languages with the largest presses, by what they announce. The families whose
# names begin with `first` are only looked for in the first word of a block.
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
_MOST_WORDS = 70  # boilerplate words are looked for in blocks of at most this many words


def _family_bits(first: bool) -> dict[str, int]:
    """Return each word's bit set of families: of those whose words must come first in a block, or of the others."""
    bits: Counter[str] = Counter()
    for number, (name, family) in enumerate(WORDS.items()):
        if name.startswith("first") is first:
            bits.update(dict.fromkeys(family, 1 << number))
    return dict(bits)


_FIRST, _ANYWHERE = _family_bits(True), _family_bits(False)
_ANYWHERE_WORDS = frozenset(_ANYWHERE)
_TAG_NAMES = ("p", "li", "div", "td", "tr", "blockquote", "figcaption", "section", "body", "article", "pre", "heading")
_TAGS = {tag: number for number, tag in enumerate(_TAG_NAMES)}
_PROSE_WORDS = 8  # a block that ends like a sentence and has more words than this is prose


def words_of(text: str) -> list[str]:
    """Return the words in lower case; in scripts without spaces, the characters."""
    if _SPACELESS.search(text):
        text = _SPACELESS.sub(r" \g<0> ", text)
    return _WORD.findall(text.lower())


class ReferenceText:
    """A text with which blocks are compared, such as the body that another extractor found."""

    def __init__(self, text: str) -> None:
        words = words_of(text)
        self.has_words = bool(words)
        self._sequences = set(zip(words, words[1:], words[2:], strict=False))
        self._lines = {" ".join(words_of(line)) for line in text.split("\n")} if words else set()

    def shares(self, blocks: Sequence[Sequence[str]]) -> list[float]:
        """Return for each block the share of its three-word sequences that are in the text.

        For a block of fewer than four words it is 1 if it is a whole line of the text, else 0.
        """
        return [self._share(words) for words in blocks] if self.has_words else [0.0] * len(blocks)

    def _share(self, words: Sequence[str]) -> float:
        if len(words) < 4:
            return float(" ".join(words) in self._lines)
        in_text = self._sequences.__contains__
        return sum(map(in_text, zip(words, words[1:], words[2:], strict=False))) / (len(words) - 2)


class BlockFeatures:
    """The features of a page's blocks. `sizes` are the numbers of words of the blocks.

    Features that do not depend on reference texts are computed only once.
    """

    def __init__(self, page: PageBlocks, title: str, deck: str) -> None:
        texts = [block.text for block in page.blocks]
        self._page = page
        self._words = [words_of(text) for text in texts]
        self.sizes = np.array([len(tokens) for tokens in self._words], dtype=float)
        self._form = _form_features(page, texts, self.sizes)
        self._families = _word_features(self._words, texts)
        self._title_and_deck = self._shares((ReferenceText(title), ReferenceText(deck)))

    def rows(self, references: Sequence[ReferenceText]) -> Matrix:
        """Return the features as float32, one row a block. The page must have at least one block."""
        shares = self._shares(references)
        has_words = np.tile([float(reference.has_words) for reference in references], (len(shares), 1))
        frames = _frame_features(self._page, self._form, shares)
        neighbours = _neighbour_features(np.hstack([self._form[:, :4], shares, self._title_and_deck]))
        columns = [self._form, shares, self._title_and_deck, has_words, self._families, frames, neighbours]
        return np.hstack(columns).astype(np.float32)

    def _shares(self, references: Sequence[ReferenceText]) -> NDArray[np.float64]:
        return np.column_stack([reference.shares(self._words) for reference in references])


def _form_features(page: PageBlocks, texts: list[str], size: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the form of each block.

    The first four columns are the logarithm of the size in words, the share of linked characters, the number of words
    if the block is prose, and whether it ends like a sentence.
    """
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
        np.array([len(_QUOTATION_MARK.findall(text)) for text in heads]),
        np.array([len(_DIGIT.findall(text)) for text in heads]) / head,
        np.array([len(_CAPITAL.findall(text)) for text in heads]) / head,
        np.array([(text[0].isupper(), text[0].islower(), "|" in text, text[-1] in ":：", text.endswith(("...", "…")),
                   times[text] > 1) for text in texts], dtype=float),
        np.arange(total) / total,
        total - np.arange(total),
    ])  # fmt: skip


def _word_features(words: list[list[str]], texts: list[str]) -> NDArray[np.float64]:
    """Return which families of boilerplate words a block contains, and whether it has an @ or a ©.

    They are zeros for blocks of more than _MOST_WORDS words.
    """
    families = np.zeros(len(words), dtype=np.int64)
    for number, (tokens, text) in enumerate(zip(words, texts, strict=True)):
        if tokens and len(tokens) <= _MOST_WORDS:
            bits = _FIRST.get(tokens[0], 0) | ("@" in text or "©" in text) << len(WORDS)
            for word in _ANYWHERE_WORDS.intersection(tokens):
                bits |= _ANYWHERE[word]
            families[number] = bits
    return _bits(families, len(WORDS) + 1).astype(float)


def _frame_features(page: PageBlocks, form: NDArray[np.float64], shares: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each block what the names of the elements around it tell, and how much text of each sort they have."""
    frames = page.frames
    parents = np.array([frame.parent for frame in frames])
    at = np.array([block.frame for block in page.blocks])
    parent_at = parents[at].clip(0)
    grandparent_at = parents[parent_at].clip(0)
    size = np.expm1(form[:, 0])
    amounts = np.column_stack([size, form[:, 1] * size, form[:, 2], np.ones_like(size), shares * size[:, None]])
    sums = np.zeros((len(frames), amounts.shape[1]))
    np.add.at(sums, at, amounts)
    prose_near = np.zeros(len(frames))  # prose in an element and its children: the element around the body has most
    np.add.at(prose_near, parent_at, form[:, 2])
    np.add.at(prose_near, at, form[:, 2])
    depth = np.array([frame.depth for frame in frames])
    for level in range(int(depth.max()), 0, -1):
        [deep] = np.nonzero(depth == level)
        np.add.at(sums, parents[deep], sums[deep])
    all_prose = max(float(form[:, 2].sum()), 1.0)
    groups = _lookalike_groups(page)
    group_sums = np.zeros((max(groups) + 1, amounts.shape[1]))
    np.add.at(group_sums, groups, amounts)
    columns = [depth[at], _nearness(parents.tolist(), int(np.argmax(prose_near)))[at]]
    columns += [prose_near[at] / all_prose, prose_near[parent_at] / all_prose]
    columns += [sums[parent_at, 0] / max(sums[0, 0], 1), np.log1p(sums[parent_at, 3])]
    for text_sums in (group_sums[groups], sums[at], sums[parent_at], sums[grandparent_at]):
        words = text_sums[:, 0].clip(1)
        columns += [np.log1p(text_sums[:, 0]), text_sums[:, 1] / words, text_sums[:, 2] / words]
        columns += [text_sums[:, 2] / all_prose, *(text_sums[:, 4:] / words[:, None]).T]
    columns += [np.log1p(group_sums[groups, 3])]
    return np.column_stack([*columns, _name_features(frames, at, parent_at, grandparent_at)])


def _name_features(
    frames: list[Frame], at: NDArray[np.int64], parent_at: NDArray[np.int64], grandparent_at: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return for each block the tag of its element, and the frames and hints of its element and those around it."""
    hints = np.array([frame.hints for frame in frames])
    all_hints = np.array([frame.all_hints for frame in frames])
    frame_bits = np.array([frame.frames for frame in frames])
    tags = np.zeros((len(at), len(_TAGS)))
    for number, frame in enumerate(at):
        tag = frames[frame].tag
        column = _TAGS.get("heading" if len(tag) == 2 and tag[0] == "h" and tag != "hr" else tag)
        if column is not None:
            tags[number, column] = 1
    near = hints[at] | hints[parent_at]
    bits = [_bits(frame_bits[at], len(FRAMES) + 1), _bits(near, len(HINTS)), _bits(hints[grandparent_at], len(HINTS))]
    return np.hstack([tags, *bits, _bits(all_hints[at], len(HINTS))])


def _bits(values: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return the lowest `count` bits of each value, one column a bit."""
    return (values[:, None] >> np.arange(count)) & 1


def _lookalike_groups(page: PageBlocks) -> list[int]:
    """Return each block's group: blocks whose elements have the same tag and names, and the same parent's names."""
    numbers: dict[tuple[str, str, str], int] = {}
    groups = []
    for block in page.blocks:
        frame = page.frames[block.frame]
        look = (frame.tag, frame.name, page.frames[max(frame.parent, 0)].name)
        groups.append(numbers.setdefault(look, len(numbers)))
    return groups


def _nearness(parents: list[int], center: int) -> NDArray[np.float64]:
    """Return each element's nearness to `center`: 1 inside it, 1/2 inside its parent only, 1/3 inside its grandparent
    only, and so on.
    """
    nearness = [0.0] * len(parents)
    steps, number = 1, center
    while number >= 0:
        nearness[number] = 1 / steps
        steps, number = steps + 1, parents[number]
    for number in range(1, len(parents)):
        nearness[number] = max(nearness[number], nearness[parents[number]])
    return np.array(nearness)


def _neighbour_features(features: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return these features of the two blocks before and the two after, and their means over five on either side."""
    total, width = features.shape
    rim = np.full((5, width), -1.0)
    padded = np.vstack([rim, features, rim])
    sums = np.vstack([np.zeros((1, width)), padded.clip(0).cumsum(axis=0)])
    at = np.arange(total) + 5
    adjacent = [padded[at + step] for step in (-2, -1, 1, 2)]
    return np.hstack([*adjacent, (sums[at] - sums[at - 5]) / 5, (sums[at + 6] - sums[at + 1]) / 5])


__all__ = ["BlockFeatures", "Matrix", "ReferenceText", "words_of"]
