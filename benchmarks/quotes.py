"""Quotations and their speakers: ours beside a regular expression, textacy, and people. Run: make bench-quotes

On PolNeAR's development part (every twelfth article of its train part, from which nothing is learnt), and on 34 texts
of other outlets and countries that were read for us (read_quotes.jsonl holds spans; the texts are beside the project),
there also whom a speaker is resolved to. Then what the quote pass costs.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.pages import FUNDUS, need_corpora
from benchmarks.quote_scores import Item, Quoted, Spans, matches, scores, table
from etl.configuration.settings import PACKAGED
from etl.nlp.annotate import Annotation, TextToAnnotate, annotate
from etl.nlp.encoder.read import read
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.encoder_tagger import names_of
from etl.nlp.names.find import find_names
from etl.nlp.quotes.fingerprints import quote_prints
from etl.nlp.quotes.marks import Marks, find_marked
from etl.nlp.quotes.pieces import pieces_of
from etl.text import fold, lay_out, words_key
from schemas import Quote
from training.corpora import CORPORA

ROOT = Path(__file__).resolve().parents[1]
READ = Path(__file__).with_name("read_quotes.jsonl")
# Words between double marks, a verb of saying on either side and capitalised words beside it: what a script would do.
_VERB = r"(?:said|says|told|added|asked|wrote|tweeted|explained|according to)"
_NAME = r"(?:[A-Z][\w.’'-]+(?:\s+[A-Z][\w.’'-]+)*|he|she|they)"
_REGEX = re.compile(
    rf'[“"](?P<said>[^“”"\n]+)[”"](?:\s*(?:{_VERB}\s+(?P<after>{_NAME})|(?P<before>{_NAME})\s+{_VERB}))?'
)


def main() -> None:
    options = argparse.ArgumentParser(description="Quotations: ours beside others' and people's.")
    options.add_argument("--spacy", type=Path, default=ROOT / ".venv-spacy", help="environment of benchmarks/spacy.txt")
    options.add_argument(
        "--pipeline", type=Path, default=ROOT / ".venv-spacy" / "parse", help="where the parser is kept"
    )
    given = options.parse_args()
    need_corpora()
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    articles = polnear()
    texts = [article["text"] for article in articles]
    dates = [date.fromisoformat(article["date"]) for article in articles]
    marked = [
        [quoted(a, text) for a in row["attributions"] if a["content"]]
        for row, text in zip(articles, texts, strict=True)
    ]
    print(f"PolNeAR, development part: {len(texts)} articles, {sum(map(len, marked)):,} attributions\n")
    ours = [
        [of_row(q, text) for q in a.quotes] for a, text in zip(annotated(texts, dates, gazetteer), texts, strict=True)
    ]
    found = {"Dateline": ours, "regular expression": [by_regex(text) for text in texts]}
    python = given.spacy.absolute() / "bin" / "python"
    if python.exists():
        label, by_textacy = run_textacy(python, texts, given.pipeline)
        found[label] = by_textacy
    else:
        print(f"{python} is not there; make bench-quotes makes it", file=sys.stderr)
    for name, rows in found.items():
        items = [Item(text, m, f) for text, m, f in zip(texts, marked, rows, strict=True)]
        print(f"{name}\n{table(scores(items))}\n")
    print(f"people with each other, articles that several marked\n{table(scores(between_people()))}\n")
    print_read(gazetteer)
    print_speed(texts, gazetteer)


def polnear(held: bool = True) -> list[dict[str, Any]]:
    with gzip.open(CORPORA / "nlp" / "polnear" / "train.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return [row for number, row in enumerate(rows) if not held or number % 12 == 11]


def quoted(attribution: dict[str, Any], text: str) -> Quoted:
    content, speaker = (tuple((s["start"], s["end"]) for s in attribution[part]) for part in ("content", "source"))
    return Quoted(kind_by_marks(text, content), content, speaker)


def kind_by_marks(text: str, content: Spans) -> str:
    """direct where all words stand between marks, mixed where some do. PolNeAR derives its kinds so too, but does not
    count ''two single marks'', as a part of its articles has them; one measure for all that are compared."""
    marks = Marks(find_marked(text, lay_out(text, "en").paragraphs))
    letters = [at for start, end in content for at in range(start, end) if text[at].isalnum()]
    inside = sum(marks.around(at) is not None for at in letters)
    return "direct" if inside == len(letters) else "mixed" if inside else "indirect"


def annotated(texts: Sequence[str], dates: Sequence[date], gazetteer: Gazetteer) -> list[Annotation]:
    given = zip(texts, dates, strict=True)
    return annotate(
        [TextToAnnotate("", "", "", str(n), text, "en", day) for n, (text, day) in enumerate(given)], gazetteer
    )


def of_row(quote: Quote, text: str) -> Quoted:
    content = tuple((part.char_start, part.char_end) for part in quote.parts)
    speaker = ((quote.speaker_char_start, quote.speaker_char_end),) if quote.speaker_char_start is not None else ()
    return Quoted(quote.kind if quote.speaker_method == "turn" else kind_by_marks(text, content), content, speaker)  # type: ignore[arg-type]


def by_regex(text: str) -> list[Quoted]:
    return [
        Quoted("direct", (match.span("said"),), (match.span(side),) if side else ())
        for match in _REGEX.finditer(text)
        for side in ["after" if match["after"] else "before" if match["before"] else ""]
    ]


def run_textacy(python: Path, texts: Sequence[str], pipeline: Path) -> tuple[str, list[list[Quoted]]]:
    with tempfile.TemporaryDirectory() as folder:
        given, result = Path(folder) / "texts.jsonl", Path(folder) / "result.json"
        given.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        script = Path(__file__).with_name("textacy_peer.py")
        subprocess.run(
            [str(python), str(script), str(CORPORA / "nlp" / "ud_en_ewt"), str(given), str(result), str(pipeline)],
            check=True,
        )
        said = json.loads(result.read_text(encoding="utf-8"))
    spans = [[(q["content"], q["speaker"]) for q in own] for own in said["found"]]
    rows = [
        [Quoted("direct", tuple(map(tuple, content)), tuple(map(tuple, speaker))) for content, speaker in own]
        for own in spans
    ]
    return f"{said['label']} ({said.get('skipped', 0)} paragraphs that it refuses)", rows


def between_people() -> list[Item]:
    """Every pair of those who marked the same article."""
    items = []
    for row in polnear(held=False):
        if row["n_annotators"] < 2:
            continue
        text = row["text"]
        each = [
            [quoted(a, text) for a in one if a["content"]] for one in (row["attributions"], *row["alt_annotations"])
        ]
        items += [Item(text, one, other) for one, other in itertools.combinations(each, 2)]
    return items


# -- texts of other outlets, read for us -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Read:
    """A text and what a careful reader found in it. `names`: for each quotation who speaks, in full, and how it is
    known."""

    text: str
    day: date
    marked: list[Quoted]
    optional: list[Spans]
    names: list[tuple[str | None, str]]


def read_texts() -> list[Read]:
    """The texts as they were read. A text that has changed since is left out, and said."""
    sources = {
        "near-duplicates": _helsinki(), "article-extraction-benchmark": _extraction(), "fundus": _fundus(),
    }  # fmt: skip
    days = {
        "near-duplicates": date(2018, 7, 16),
        "article-extraction-benchmark": date(2019, 11, 20),
        "fundus": date(2025, 1, 15),
    }
    found = []
    for line in READ.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        whole = re.sub(r"\s+", " ", sources[row["set"]].get(row["key"], ""))
        characters = list(whole[row["start"] : row["end"]])
        for at in row["breaks"]:
            characters[at : at + 1] = "\n"
        text = "".join(characters)
        if hashlib.sha256(text.encode()).hexdigest()[:16] != row["sha256"]:
            print(f"{row['set']} {row['key']}: not the text that was read; left out", file=sys.stderr)
            continue
        marked = [
            Quoted(q["kind"], _that_off(text, q["parts"]), (tuple(q["speaker"]),) if q["speaker"] else ())
            for q in row["quotes"]
        ]
        optional = [tuple(map(tuple, parts)) for parts in row["optional"]]
        names = [(q["name"], q["how"]) for q in row["quotes"]]
        found.append(Read(text, days[row["set"]], marked, optional, names))
    return found


def _that_off(text: str, parts: Sequence[Sequence[int]]) -> Spans:
    """Without the "that" or "whether" that leads in a clause: readers differ about it."""
    (start, end), *rest = ((part[0], part[1]) for part in parts)
    lead = re.match(r"(?:that|whether|if)\s+", text[start:end])
    return ((start + (lead.end() if lead else 0), end), *rest)


def _helsinki() -> dict[str, str]:
    csv.field_size_limit(1 << 24)
    with gzip.open(CORPORA / "near-duplicates" / "helsinki_articles.csv.gz", "rt", encoding="utf-8") as lines:
        return {row["id"]: row["text"].replace("###", " ") for row in csv.DictReader(lines)}


def _extraction() -> dict[str, str]:
    truth = CORPORA / "pages" / "article-extraction-benchmark" / "ground-truth.json"
    return {key: page["articleBody"] for key, page in json.loads(truth.read_text(encoding="utf-8")).items()}


def _fundus() -> dict[str, str]:
    found = {}
    for path in sorted(FUNDUS.glob("*/*.json")):
        for version, page in json.loads(path.read_text(encoding="utf-8")).items():
            if isinstance(page, dict) and (body := page.get("body")):
                lines = list(body.get("summary") or [])
                for section in body.get("sections") or []:
                    lines += [*(section.get("headline") or []), *(section.get("paragraphs") or [])]
                found[f"{path.parent.name}/{path.stem}/{version}"] = "\n".join(lines)
    return found


def print_read(gazetteer: Gazetteer) -> None:
    texts = read_texts()
    rows = annotated([t.text for t in texts], [t.day for t in texts], gazetteer)
    items, told = [], Counter[tuple[str, str]]()
    for own, annotation in zip(texts, rows, strict=True):
        found = [of_row(quote, own.text) for quote in annotation.quotes]
        found = [replace(q, content=_that_off(own.text, q.content)) for q in found]
        items.append(Item(own.text, own.marked, found, own.optional))
        for marked, number in matches(own.text, own.marked, found, "0.3"):
            name, how = own.names[marked]
            told[how, _resolved(name, how, annotation.quotes[number])] += 1
    print(f"Read for us: {len(texts)} texts, {sum(len(t.marked) for t in texts)} quotations\n{table(scores(items))}\n")
    print(f"{'whom the speaker is resolved to':34}" + "".join(f"{r:>8}" for r in ("right", "wrong", "nobody")))
    for how in ("named", "pronoun", "description", "collective", "document", "carried", "none"):
        print(f"{how:>34}" + "".join(f"{told[how, result]:8}" for result in ("right", "wrong", "nobody")))
    print()


def _resolved(name: str | None, how: str, quote: Quote) -> str:
    """Collectives and documents have no name of their own: none is right, and so is a wording of theirs."""
    true, said = (" ".join(re.findall(r"\w+", fold(n or ""))) for n in (name, quote.speaker_name))
    if not said:
        return "right" if not true or how in ("collective", "document") else "nobody"
    same = true and (said in true or true in said or said.split()[-1] == true.split()[-1])
    return "right" if same else "wrong"


def print_speed(texts: Sequence[str], gazetteer: Gazetteer) -> None:
    """What quotations cost beside names: the same texts, one thread, the least of three times."""
    words = sum(len(text.split()) for text in texts)
    names, quotes = (min(times) for times in zip(*(_timed(texts, gazetteer) for _ in range(3)), strict=True))
    print(f"names {words / names:,.0f} words/s; the quote pass adds {quotes / names:.1%} to their time")


def _timed(texts: Sequence[str], gazetteer: Gazetteer) -> tuple[float, float]:
    """Seconds for names (reading, linking) and for quotations (pieces, joining, speakers, fingerprints)."""
    day = date(2016, 6, 1)
    began = time.perf_counter()
    readings = read(texts, threads=1)
    layouts = [lay_out(text, "en") for text in texts]
    rows = zip(texts, layouts, names_of(readings), strict=True)
    names = [find_names(text, layout, gazetteer, tagged, day) for text, layout, tagged in rows]
    half = time.perf_counter()
    for text, layout, own, pieces in zip(texts, layouts, names, pieces_of(readings), strict=True):
        for quotation in find_quotes(text, layout, own, "en", pieces, day):
            said = " ".join(text[part.start : part.end] for part in quotation.parts)
            words_key(said), quote_prints(said)
    return half - began, time.perf_counter() - half


if __name__ == "__main__":
    main()
