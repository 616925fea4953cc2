"""The sets beside the project (../shared/corpora) as marked texts: what each word may be, as far as a set says it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from evaluation.label_map import ANYTHING, LABEL_MAP, OUT, Labels
from evaluation.world_names import world_names

ROOT = Path(__file__).resolve().parents[1]
CORPORA = ROOT.parent / "shared" / "corpora"
Sentence = list[tuple[str, str]]  # words and their labels, in IOB
_DOMAINS = ("politics", "science", "literature", "music", "ai")
_JOINING = frozenset("of the and for de la al el bin van von der du des in on to & -".split())
_ARTICLES = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_TITLES = re.compile(
    r"^(?:(?:Mr|Mrs|Ms|Dr|Sir|Lord|Lt|Gen|Col|Maj|President|Prime|Minister|Foreign|Defen[cs]e|Secretary|Ambassador|"
    r"General|Colonel|Army|Major|Commander|King|Queen|Special|Envoy|High|Representative|Senator)\b\.?\s+)+"
)
_OFFICE = re.compile(r"^(?:List|President|Vice|Prime|Minister|Chancellor|Secretary|Foreign|Speaker|Governor|Mayor|Chief|King|"
                     r"Head|Leader|Deputy|Supreme Leader|Ministry|Premier|Office|Attorney|Chair\w*|Member)s?\b.*\b(?:of|for)\b|"
                     r"diaspora|\(title\)$")  # fmt: skip
_HAPPENING = re.compile(
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


@dataclass(frozen=True)
class Mark:
    """A span of a text (half-open, code points) that is one name; `labels`: what kind it may be of.

    `title`: the article of an encyclopaedia that it links to. Where `labels` has "O", it may be none.
    """

    start: int
    end: int
    labels: Labels
    title: str | None = None


@dataclass(frozen=True)
class Attribution:
    """What somebody said: spans of its parts, a list each for source, cue and content."""

    source: list[tuple[int, int]]
    cue: list[tuple[int, int]]
    content: list[tuple[int, int]]


@dataclass(frozen=True)
class Marked:
    """A text and what a set says of it. `outside`: what an unmarked word may be. `attributions`: null where the set
    says nothing of quotations."""

    set: str
    id: str
    text: str
    marks: list[Mark]
    outside: Labels
    attributions: list[Attribution] | None = None


def names(part: str) -> list[Marked]:
    """All texts with names of `train`, or of `test`: the parts that nothing is learnt from."""
    readers = (uner, wikigold, crossner, re3d, gum)
    return [settled(marked) for reader in readers for marked in reader(part)]


def settled(marked: Marked) -> Marked:
    """Where a set leaves open whether a name is of a people, an event or none of ours, its words decide."""
    marks = [replace(m, labels=_settled(marked.text[m.start : m.end], m.labels)) for m in marked.marks]
    if "NORP" in marked.outside:
        taken = [(mark.start, mark.end) for mark in marks]
        for word in re.finditer(r"[A-Z]\w+(?:-[A-Z]\w+)?", marked.text):
            if word[0] in peoples() and not any(a < word.end() and word.start() < b for a, b in taken):
                marks.append(Mark(*word.span(), frozenset({"NORP"})))
    return replace(marked, marks=sorted(marks, key=lambda m: m.start), outside=marked.outside - {"NORP"})


def _settled(name: str, labels: Labels) -> Labels:
    if len(labels) == 1 or labels == ANYTHING or not labels & {"NORP", "EVENT"}:
        return labels
    if "NORP" in labels and peoples().issuperset(name.split()):
        return frozenset({"NORP"})
    if "EVENT" in labels and _HAPPENING.search(name):
        return frozenset({"EVENT"})
    return labels - {"NORP", "EVENT"} or labels


@lru_cache(maxsize=1)
def peoples() -> frozenset[str]:
    """Words for nationalities, religions and parties: the gazetteer's demonyms, and a few more."""
    rows = yaml.load((ROOT / "config/gazetteer/countries.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    found = {word for row in rows for word in row.get("demonyms", {}).get("en", [])}
    return frozenset({*found, *(f"{word}s" for word in found if word.endswith(("an", "i"))), *_PEOPLES})


# -- sets in columns -------------------------------------------------------------------------------------------------


def uner(part: str) -> Iterator[Marked]:
    """uner_en_ewt: a document a text; `train` has its development part too."""
    for file in ("train", "dev") if part == "train" else ("test",):
        document: list[Sentence] = []
        for line in [*_lines(CORPORA / "nlp" / "uner_en_ewt" / f"{file}.iob2.gz"), "# newdoc id = end"]:
            if line.startswith("# newdoc"):
                yield from _joined("uner_en_ewt", file, document)
                document = []
            elif line.startswith("# sent_id"):
                document.append([])
            elif line and not line.startswith("#"):
                _, word, label, *_ = line.split("\t")
                document[-1].append((word, label.strip().replace("B-O", "B-OTH") if label == "B-O" else label.strip()))


def wikigold(part: str) -> Iterator[Marked]:
    """wikigold: every fifth group of four sentences is its test part; it has none of its own."""
    sentences = list(_blocks(CORPORA / "nlp" / "wikigold" / "wikigold.conll.txt.gz", " "))
    for number in range(0, len(sentences), 4):
        if (number // 4 % 5 == 4) == (part == "test"):
            yield from _joined("wikigold", part, _begun(sentences[number : number + 4]))


def crossner(part: str) -> Iterator[Marked]:
    """The five domains; `train` has their development parts too."""
    for domain in _DOMAINS:
        for file in ("train", "dev") if part == "train" else ("test",):
            sentences = list(_blocks(CORPORA / "nlp" / "crossner" / domain / f"{file}.txt.gz", "\t"))
            yield from _joined("crossner", f"{domain}-{file}", sentences)


def _joined(name: str, part: str, sentences: Iterable[Sentence], together: int = 3) -> Iterator[Marked]:
    """Sentences as running texts of a few."""
    kept = [sentence for sentence in sentences if sentence]
    for number in range(0, len(kept), together):
        words = [pair for sentence in kept[number : number + together] for pair in sentence]
        yield _from_words(name, f"{part}-{number}", words)


def _from_words(name: str, id_: str, words: Sentence) -> Marked:
    text, marks = "", []
    open_: tuple[int, int, str] | None = None
    for word, label in words:
        start = len(text) + bool(text)
        text = f"{text} {word}" if text else word
        kind = label[2:] if label != "O" else None
        if open_ and (kind != open_[2] or label.startswith("B-")):
            marks.append(open_)
            open_ = None
        if kind:
            open_ = (open_[0] if open_ else start, len(text), kind)
    if open_:
        marks.append(open_)
    labels = LABEL_MAP[name]
    found = [Mark(start, end, labels.get(kind, ANYTHING)) for start, end, kind in marks]
    return Marked(name, id_, text, found, labels["O"])


def _begun(sentences: list[Sentence]) -> list[Sentence]:
    """IOB1 as IOB2."""
    found = []
    for sentence in sentences:
        before, now = "O", []
        for word, label in sentence:
            begins = label.startswith("I-") and before[2:] != label[2:]
            now.append((word, f"B-{label[2:]}" if begins else label))
            before = label
        found.append(now)
    return found


def _blocks(path: Path, separator: str) -> Iterator[Sentence]:
    sentence: Sentence = []
    for line in _lines(path):
        if line.strip():
            word, label = line.rstrip().rsplit(separator, 1)
            sentence.append((word.strip(), label.strip()))
        elif sentence:
            yield sentence
            sentence = []
    if sentence:
        yield sentence


# -- sets with spans -------------------------------------------------------------------------------------------------


def re3d(part: str) -> Iterator[Marked]:
    """re3d marks phrases ("U.S. service members"): those that are a name without their article are names, of the
    others nothing is known. Every eighth document is its test part."""
    labels = LABEL_MAP["re3d"]
    for folder in sorted((CORPORA / "nlp" / "re3d").iterdir()):
        entities: dict[str, list[dict[str, Any]]] = {}
        for row in _rows(folder / "entities.json.gz"):
            entities.setdefault(row["documentId"], []).append(row)
        for number, document in enumerate(_rows(folder / "documents.json.gz")):
            if (number % 8 == 7) != (part == "test"):
                continue
            text, marks = document["text"], []
            for row in entities.get(document["_id"], []):
                start, end = row["begin"], row["end"]
                if article := _ARTICLES.match(text[start:end]):
                    start += article.end()
                marks.append(Mark(*_re3d_mark(text, start, end, row["type"])))
            yield Marked("re3d", document["_id"], text, _apart(marks), labels["O"])


def _re3d_mark(text: str, start: int, end: int, kind: str) -> tuple[int, int, Labels]:
    labels = LABEL_MAP["re3d"][kind]
    if text[start:end].lower() in _PRONOUNS:
        return start, end, frozenset({OUT})
    if kind == "Person" and (title := _TITLES.match(text[start:end])):
        start += title.end()
    if OUT not in labels and not _capitalised(text[start:end]):
        return start, end, ANYTHING
    if kind == "Organisation" and text[start:end].count(" ") < 2:  # states that act are organisations there
        labels = labels | {"LOC", "NORP"}
    return start, end, labels


def gum(part: str) -> Iterator[Marked]:
    """GUM: mentions with an article of Wikipedia whose words are proper; of other proper words nothing is known."""
    for file in ("train", "dev") if part == "train" else ("test",):
        for id_, text, mentions, proper in gum_documents(file):
            labels = LABEL_MAP["gum"]
            known = []
            for start, end, kind, title, _ in mentions:
                article = _ARTICLES.match(text[start:end])
                start += article.end() if article else 0
                if title and _capitalised(text[start:end]) and any(start <= at < end for at, _ in proper):
                    whole = "," not in text[start:end] and "'s" not in text[start:end]
                    known.append(Mark(start, end, labels.get(kind, ANYTHING) if whole else ANYTHING, title))
            marks = _apart(known)
            taken = [(mark.start, mark.end) for mark in marks]
            rest = [Mark(s, e, ANYTHING) for s, e in proper if not any(a < e and s < b for a, b in taken)]
            yield Marked("gum", id_, text, sorted([*marks, *rest], key=lambda m: m.start), labels["O"])


def gum_documents(
    file: str,
) -> Iterator[tuple[str, str, list[tuple[int, int, str, str | None, str]], list[tuple[int, int]]]]:
    """(id, text, mentions, proper words): mentions as (start, end, kind, title of its article or null, number of what it
    is a mention of)."""
    id_, text = "", ""
    mentions: list[tuple[int, int, str, str | None, str]] = []
    proper: list[tuple[int, int]] = []
    open_: list[tuple[str, str, str | None, int]] = []
    for line in [*_lines(CORPORA / "nlp" / "gum_permissive" / f"{file}.conllu.gz"), "# newdoc id = end"]:
        if line.startswith("# newdoc id"):
            if text:
                yield id_, text, mentions, proper
            id_, text, mentions, proper, open_ = line.split("= ")[1], "", [], [], []
        elif line.startswith("# newpar") and text:
            text = text.rstrip() + "\n"
        elif line and line[0].isdigit():
            columns = line.split("\t")
            if not columns[0].isdigit():
                continue
            start, end = len(text), len(text) + len(columns[1])
            text += columns[1] + ("" if "SpaceAfter=No" in columns[9] else " ")
            if columns[3] == "PROPN":
                proper.append((start, end))
            note = next((n[7:] for n in columns[9].split("|") if n.startswith("Entity=")), "")
            for opened, closed in re.findall(r"\(([^()]+)|([^()]*\))", note):
                if opened:
                    fields = opened.split("-", 7)
                    title = fields[7] if len(fields) > 7 else None
                    open_.append((fields[0], fields[1] if len(fields) > 1 else "", title, start))
                    if f"({opened})" in note:
                        closed = ")"
                if closed and open_:
                    number = closed.rstrip(")")
                    at = next((n for n in range(len(open_) - 1, -1, -1) if not number or open_[n][0] == number), None)
                    if at is not None:
                        own, kind, title, began = open_.pop(at)
                        mentions.append((began, end, kind, title, own))


def world() -> list[Marked]:
    """News of 15 countries, marked for us (evaluation/world_names.py): to score by, never to learn from."""
    labels = LABEL_MAP["world"]
    return [
        Marked("world", s.id, s.text, [Mark(a, b, labels[kind]) for a, b, kind in s.names], labels["O"])
        for s in world_names()
    ]


def polnear() -> list[Marked]:
    """PolNeAR's articles with their attributions; nothing is said of names."""
    found = []
    for row in _rows(CORPORA / "nlp" / "polnear" / "train.jsonl.gz"):
        attributions = [
            Attribution(
                *([(span["start"], span["end"]) for span in a.get(part) or []] for part in ("source", "cue", "content"))
            )
            for a in row["attributions"]
        ]
        found.append(Marked("polnear", row["id"], row["text"], [], ANYTHING, attributions))
    return found


def current_events() -> list[Marked]:
    """Wikipedia's Current Events: links whose words are capitalised are names, of which kind is not said."""
    found = []
    for row in _rows(CORPORA / "current-events" / "events.jsonl.gz"):
        marks = []
        for link in row["links"]:
            start, end = link["char_start"], link["char_end"]
            if _capitalised(row["text"][start:end]) and not _OFFICE.search(link["title"]):
                marks.append(Mark(start, end, ANYTHING, link["title"]))
        found.append(Marked("current-events", row["id"], row["text"], _apart(marks), ANYTHING))
    return found


def _apart(marks: list[Mark]) -> list[Mark]:
    """Marks that do not overlap: the longest of those that do."""
    kept: list[Mark] = []
    for mark in sorted(marks, key=lambda m: (m.start - m.end, m.start)):
        if mark.start < mark.end and not any(mark.start < other.end and other.start < mark.end for other in kept):
            kept.append(mark)
    return sorted(kept, key=lambda m: m.start)


def _capitalised(phrase: str) -> bool:
    words = phrase.split()
    if not words:
        return False
    strong = [word for word in words if word.lower() not in _JOINING]
    return bool(strong) and all(w[0].isupper() or w[0].isdigit() for w in strong) and words[-1] in strong


def _lines(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("utf-8").split("\n")


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    for line in _lines(path):
        if line.strip():
            yield json.loads(line)


__all__ = ["ANYTHING", "OUT", "Attribution", "Mark", "Marked", "current_events", "gum_documents", "names", "polnear"]
