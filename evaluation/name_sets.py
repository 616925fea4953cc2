"""The data sets of marked names, as texts in which each word has the set of labels that it may have.

A word may have several labels where its data set does not distinguish them. The data sets lie in ../shared/corpora,
outside the repository.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from evaluation.corpora import CORPORA, PROJECT, read_lines, read_rows
from evaluation.gum import gum_documents
from evaluation.label_map import ANYTHING, LABEL_MAP, OUT, Labels
from evaluation.marked_texts import MarkedName, MarkedText, is_capitalised, without_overlaps
from evaluation.world_names import world_names

LabelledSentence = list[tuple[str, str]]  # words and their labels, in IOB
_DOMAINS = ("politics", "science", "literature", "music", "ai")
_ARTICLE = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_TITLES = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Dr|Sir|Lord|Lt|Gen|Col|Maj|President|Prime|Minister|Foreign|Defen[cs]e|Secretary|Ambassador|"
    r"General|Colonel|Army|Major|Commander|King|Queen|Special|Envoy|High|Representative|Senator)\b\.?\s+)+"
)
_EVENT_WORD = re.compile(
    r"\b(?:Wars?|Battle|Siege|Elections?|elections?|Olympics?|Games|Cup|Championships?|Revolution|Uprising|Conference|Summit|"
    r"Festival|Crisis|Holocaust|Hurricane|Operation|Massacre|Treaty|Referendum|referendum|Congress|Grand Prix|Open|Week|"
    r"Day|Invasion|Coup|Protests?|Exhibition|Symposium|Workshop|Awards Ceremony|Tour|League|Bowl|Rebellion|Campaign)\b"
)
_PEOPLES = frozenset(
    """
    Muslim Muslims Christian Christians Jewish Jew Jews Hindu Hindus Buddhist Buddhists Sikh Sikhs Catholic Catholics Protestant
    Protestants Orthodox Islamic Islamist Islamists Sunni Sunnis Shia Shiite Shiites Shi'ite Evangelical Methodist Baptist Anglican
    Mormon Arab Arabs Arabic Kurd Kurds Kurdish European Europeans African Africans Asian Asians Western Westerners Latin Hispanic
    Latino Latinos Palestinian Palestinians Tibetan Tibetans Uyghur Uyghurs Uighur Uighurs Chechen Chechens Tatar Tatars Roma Basque
    Catalan Scottish Scots Welsh English Bavarian Californian Texan Democrat Democrats Democratic Republican Republicans
    Conservative Conservatives Liberal Liberals Labour Communist Communists Socialist Socialists Marxist Nazi Nazis Soviet Soviets
    Zionist American Americans Afro-American African-American Native-American Rohingya Hausa Yoruba Igbo Zulu Hutu Tutsi Sinhalese
    Tamil Tamils Punjabi Bengali Pashtun Hazara Turkic Slavic Persian Ottoman Roman Romans Greek Greeks Germanic Celtic Viking
    Byzantine Baltic Balkan Nordic Scandinavian Caribbean Israeli Israelis Chinese Japanese British French Dutch Irish Swiss Danish
    Polish Turkish Spanish Finnish Swedish Turks Danes Poles Spaniards Finns Swedes Britons Frenchman Dutchman Englishman Irishman
    """.split()
)
_PRONOUNS = frozenset("i he she we they it you our his her their its us who this that".split())


def named_texts(part: str) -> list[MarkedText]:
    """The texts of all open sets for `train`, or for `test`, from which nothing is learnt."""
    readers = (uner, wikigold, crossner, re3d, gum)
    return [settled(text) for reader in readers for text in reader(part)]


def world_texts() -> list[MarkedText]:
    """Sentences of news from 15 countries, marked for this project: only to score by, never to learn from."""
    labels = LABEL_MAP["world"]
    return [
        MarkedText("world", s.id, s.text, [MarkedName(a, b, labels[kind]) for a, b, kind in s.names], labels["O"])
        for s in world_names()
    ]


def settled(text: MarkedText) -> MarkedText:
    """Decide by a name's own words where a set leaves open whether it is a people, an event or something else."""
    names = [
        replace(name, labels=_settled_labels(text.text[name.start : name.end], name.labels)) for name in text.names
    ]
    if "NORP" in text.outside:
        spans = [(name.start, name.end) for name in names]
        for word in re.finditer(r"[A-Z]\w+(?:-[A-Z]\w+)?", text.text):
            if word[0] in peoples() and not any(a < word.end() and word.start() < b for a, b in spans):
                names.append(MarkedName(*word.span(), frozenset({"NORP"})))
    return replace(text, names=sorted(names, key=lambda n: n.start), outside=text.outside - {"NORP"})


def _settled_labels(name: str, labels: Labels) -> Labels:
    if len(labels) == 1 or labels == ANYTHING or not labels & {"NORP", "EVENT"}:
        return labels
    if "NORP" in labels and peoples().issuperset(name.split()):
        return frozenset({"NORP"})
    if "EVENT" in labels and _EVENT_WORD.search(name):
        return frozenset({"EVENT"})
    return labels - {"NORP", "EVENT"} or labels


@lru_cache(maxsize=1)
def peoples() -> frozenset[str]:
    """Words for nationalities, religions and parties: the gazetteer's demonyms, their plurals, and further words."""
    rows = yaml.load((PROJECT / "config/gazetteer/countries.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    demonyms = {word for row in rows for word in row.get("demonyms", {}).get("en", [])}
    return frozenset({*demonyms, *(f"{word}s" for word in demonyms if word.endswith(("an", "i"))), *_PEOPLES})


# -- sets in columns, a word a line ----------------------------------------------------------------------------------


def uner(part: str) -> Iterator[MarkedText]:
    """uner_en_ewt, in texts of a few sentences of one document. `train` includes its development part."""
    for file in ("train", "dev") if part == "train" else ("test",):
        document: list[LabelledSentence] = []
        for line in [*read_lines(CORPORA / "nlp" / "uner_en_ewt" / f"{file}.iob2.gz"), "# newdoc id = end"]:
            if line.startswith("# newdoc"):
                yield from _running_texts("uner_en_ewt", file, document)
                document = []
            elif line.startswith("# sent_id"):
                document.append([])
            elif line and not line.startswith("#"):
                _, word, label, *_ = line.split("\t")
                document[-1].append((word, label.strip().replace("B-O", "B-OTH") if label == "B-O" else label.strip()))


def wikigold(part: str) -> Iterator[MarkedText]:
    """wikigold, which has no test part of its own: here it is every fifth group of four sentences."""
    sentences = list(_sentences(CORPORA / "nlp" / "wikigold" / "wikigold.conll.txt.gz", " "))
    for number in range(0, len(sentences), 4):
        if (number // 4 % 5 == 4) == (part == "test"):
            yield from _running_texts("wikigold", part, _iob2(sentences[number : number + 4]))


def crossner(part: str) -> Iterator[MarkedText]:
    """CrossNER's five domains. `train` includes their development parts."""
    for domain in _DOMAINS:
        for file in ("train", "dev") if part == "train" else ("test",):
            sentences = list(_sentences(CORPORA / "nlp" / "crossner" / domain / f"{file}.txt.gz", "\t"))
            yield from _running_texts("crossner", f"{domain}-{file}", sentences)


def _running_texts(set_: str, part: str, sentences: Iterable[LabelledSentence], size: int = 3) -> Iterator[MarkedText]:
    """Texts of `size` successive sentences."""
    not_empty = [sentence for sentence in sentences if sentence]
    for number in range(0, len(not_empty), size):
        words = [pair for sentence in not_empty[number : number + size] for pair in sentence]
        yield _from_words(set_, f"{part}-{number}", words)


def _from_words(set_: str, id_: str, words: LabelledSentence) -> MarkedText:
    text, spans = "", []
    open_span: tuple[int, int, str] | None = None
    for word, label in words:
        start = len(text) + bool(text)
        text = f"{text} {word}" if text else word
        kind = label[2:] if label != "O" else None
        if open_span and (kind != open_span[2] or label.startswith("B-")):
            spans.append(open_span)
            open_span = None
        if kind:
            open_span = (open_span[0] if open_span else start, len(text), kind)
    if open_span:
        spans.append(open_span)
    labels = LABEL_MAP[set_]
    names = [MarkedName(start, end, labels.get(kind, ANYTHING)) for start, end, kind in spans]
    return MarkedText(set_, id_, text, names, labels["O"])


def _iob2(sentences: list[LabelledSentence]) -> list[LabelledSentence]:
    """Sentences labelled in IOB1 as sentences labelled in IOB2."""
    relabelled = []
    for sentence in sentences:
        previous, words = "O", []
        for word, label in sentence:
            begins = label.startswith("I-") and previous[2:] != label[2:]
            words.append((word, f"B-{label[2:]}" if begins else label))
            previous = label
        relabelled.append(words)
    return relabelled


def _sentences(path: Path, separator: str) -> Iterator[LabelledSentence]:
    sentence: LabelledSentence = []
    for line in read_lines(path):
        if line.strip():
            word, label = line.rstrip().rsplit(separator, 1)
            sentence.append((word.strip(), label.strip()))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


# -- sets with spans -------------------------------------------------------------------------------------------------


def re3d(part: str) -> Iterator[MarkedText]:
    """re3d, whose every eighth document is the test part.

    It marks phrases ("U.S. service members"). A phrase that is a name once its article is off is a name; of the others
    nothing is known.
    """
    labels = LABEL_MAP["re3d"]
    for folder in sorted((CORPORA / "nlp" / "re3d").iterdir()):
        entities: dict[str, list[dict[str, Any]]] = {}
        for row in read_rows(folder / "entities.json.gz"):
            entities.setdefault(row["documentId"], []).append(row)
        for number, document in enumerate(read_rows(folder / "documents.json.gz")):
            if (number % 8 == 7) != (part == "test"):
                continue
            text, names = document["text"], []
            for row in entities.get(document["_id"], []):
                start, end = row["begin"], row["end"]
                if article := _ARTICLE.match(text[start:end]):
                    start += article.end()
                names.append(_re3d_name(text, start, end, row["type"]))
            yield MarkedText("re3d", document["_id"], text, without_overlaps(names), labels["O"])


def _re3d_name(text: str, start: int, end: int, kind: str) -> MarkedName:
    labels = LABEL_MAP["re3d"][kind]
    if text[start:end].lower() in _PRONOUNS:
        return MarkedName(start, end, frozenset({OUT}))
    if kind == "Person" and (title := _TITLES.match(text[start:end])):
        start += title.end()
    if OUT not in labels and not is_capitalised(text[start:end]):
        return MarkedName(start, end, ANYTHING)
    if kind == "Organisation" and text[start:end].count(" ") < 2:  # re3d marks states that act as organisations
        labels = labels | {"LOC", "NORP"}
    return MarkedName(start, end, labels)


def gum(part: str) -> Iterator[MarkedText]:
    """GUM: mentions with a Wikipedia article that contain a proper noun are names; of other proper nouns nothing is
    known. `train` includes the development part."""
    for file in ("train", "dev") if part == "train" else ("test",):
        for id_, text, mentions, proper_nouns in gum_documents(file):
            labels = LABEL_MAP["gum"]
            linked = []
            for start, end, kind, title, _ in mentions:
                article = _ARTICLE.match(text[start:end])
                start += article.end() if article else 0
                if title and is_capitalised(text[start:end]) and any(start <= at < end for at, _ in proper_nouns):
                    is_only_a_name = "," not in text[start:end] and "'s" not in text[start:end]
                    known = labels.get(kind, ANYTHING) if is_only_a_name else ANYTHING
                    linked.append(MarkedName(start, end, known, title))
            names = without_overlaps(linked)
            spans = [(name.start, name.end) for name in names]
            unknown = [
                MarkedName(start, end, ANYTHING)
                for start, end in proper_nouns
                if not any(a < end and start < b for a, b in spans)
            ]
            yield MarkedText("gum", id_, text, sorted([*names, *unknown], key=lambda n: n.start), labels["O"])
