"""Quotations and their speakers: our results compared with a regular expression, textacy and human annotators.

Run: make bench-quotes

Quotations are scored on PolNeAR's development part (every twelfth article of its training set; nothing is learnt from
these articles), and on 34 texts from other outlets and countries than PolNeAR's, which a reader marked for this project
(evaluation/hand_marked_quotes.py). For these 34 texts, the person that each speaker is resolved to is scored as well.
Then the cost of the quote pass is measured.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

from etl.configuration.settings import PACKAGED
from etl.nlp.annotate import Annotation, TextToAnnotate, annotate
from etl.nlp.encoder.read import read
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.encoder_tagger import names_of
from etl.nlp.names.find import find_names
from etl.nlp.quotes.fingerprints import quote_prints
from etl.nlp.quotes.pieces import pieces_of
from etl.text import fold, lay_out, words_key
from evaluation.corpora import CORPORA, PROJECT, need_corpora
from evaluation.hand_marked_quotes import hand_marked_texts, without_conjunction
from evaluation.polnear import attributed_quotation, held_out, kind_by_marks, polnear_rows
from evaluation.quote_scores import ScoredQuotation, ScoredText, format_scores, match_quotations, score_quotations
from schemas import Quote

# What a simple script would look for: words between double marks, a verb of saying before or after them, and beside the
# verb a capitalised name.
_VERB = r"(?:said|says|told|added|asked|wrote|tweeted|explained|according to)"
_NAME = r"(?:[A-Z][\w.’'-]+(?:\s+[A-Z][\w.’'-]+)*|he|she|they)"
_QUOTATION = re.compile(
    rf'[“"](?P<content>[^“”"\n]+)[”"](?:\s*(?:{_VERB}\s+(?P<after>{_NAME})|(?P<before>{_NAME})\s+{_VERB}))?'
)


def main() -> None:
    options = argparse.ArgumentParser(description="Compare quotations of ours, of other tools and of people.")
    options.add_argument(
        "--spacy", type=Path, default=PROJECT / ".venv-spacy", help="the environment of benchmarks/spacy.txt"
    )
    options.add_argument(
        "--pipeline",
        type=Path,
        default=PROJECT / ".venv-spacy" / "parse",
        help="folder where the trained parser is kept",
    )
    chosen = options.parse_args()
    need_corpora()
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    articles = held_out(polnear_rows())
    texts = [article["text"] for article in articles]
    dates = [date.fromisoformat(article["date"]) for article in articles]
    gold = [
        [attributed_quotation(a, text) for a in row["attributions"] if a["content"]]
        for row, text in zip(articles, texts, strict=True)
    ]
    print(f"PolNeAR, development part: {len(texts)} articles, {sum(map(len, gold)):,} attributions\n")
    ours = [
        [our_quotation(quote, text) for quote in annotation.quotes]
        for annotation, text in zip(annotated(texts, dates, gazetteer), texts, strict=True)
    ]
    predicted = {"Dateline": ours, "regular expression": [regex_quotations(text) for text in texts]}
    python = chosen.spacy.absolute() / "bin" / "python"
    if python.exists():
        label, textacy_quotations = run_textacy(python, texts, chosen.pipeline)
        predicted[label] = textacy_quotations
    else:
        print(f"{python} is missing; make bench-quotes creates it", file=sys.stderr)
    for name, rows in predicted.items():
        scored = [ScoredText(text, g, p) for text, g, p in zip(texts, gold, rows, strict=True)]
        print(f"{name}\n{format_scores(score_quotations(scored))}\n")
    print(
        "people with each other, articles that several people marked\n"
        f"{format_scores(score_quotations(between_people()))}\n"
    )
    print_hand_marked(gazetteer)
    print_speed(texts, gazetteer)


def annotated(texts: Sequence[str], dates: Sequence[date], gazetteer: Gazetteer) -> list[Annotation]:
    """The pipeline's names and quotations of English texts."""
    dated = zip(texts, dates, strict=True)
    return annotate(
        [TextToAnnotate("", "", "", str(n), text, "en", day) for n, (text, day) in enumerate(dated)], gazetteer
    )


def our_quotation(quote: Quote, text: str) -> ScoredQuotation:
    """A row of `quotes` as a quotation to score. Its kind is by marks, as of all others, except in turns of speech."""
    content = tuple((part.char_start, part.char_end) for part in quote.parts)
    start, end = quote.speaker_char_start, quote.speaker_char_end
    speaker = ((start, end),) if start is not None and end is not None else ()
    kind = quote.kind if quote.speaker_method == "turn" else kind_by_marks(text, content)
    return ScoredQuotation(kind, content, speaker)


def regex_quotations(text: str) -> list[ScoredQuotation]:
    return [
        ScoredQuotation("direct", (match.span("content"),), (match.span(side),) if side else ())
        for match in _QUOTATION.finditer(text)
        for side in ["after" if match["after"] else "before" if match["before"] else ""]
    ]


def run_textacy(python: Path, texts: Sequence[str], pipeline: Path) -> tuple[str, list[list[ScoredQuotation]]]:
    """(label, quotations of each text) of textacy, run by another Python."""
    with tempfile.TemporaryDirectory() as folder:
        text_file, result = Path(folder) / "texts.jsonl", Path(folder) / "result.json"
        text_file.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts), encoding="utf-8")
        script = Path(__file__).with_name("textacy_peer.py")
        treebank = CORPORA / "nlp" / "ud_en_ewt"
        subprocess.run(
            [str(python), str(script), str(treebank), str(text_file), str(result), str(pipeline)], check=True
        )
        output = json.loads(result.read_text(encoding="utf-8"))
    rows = [
        [
            ScoredQuotation("direct", tuple(map(tuple, q["content"])), tuple(map(tuple, q["speaker"])))
            for q in quotations
        ]
        for quotations in output["quotations"]
    ]
    return f"{output['label']} ({output.get('skipped', 0)} paragraphs that it refuses)", rows


def between_people() -> list[ScoredText]:
    """The quotations of every two people who marked the same article, one person's as gold, the other's as
    predicted."""
    scored = []
    for row in polnear_rows():
        if row["n_annotators"] < 2:
            continue
        text = row["text"]
        by_person = [
            [attributed_quotation(a, text) for a in attributions if a["content"]]
            for attributions in (row["attributions"], *row["alt_annotations"])
        ]
        scored += [ScoredText(text, first, second) for first, second in itertools.combinations(by_person, 2)]
    return scored


def print_hand_marked(gazetteer: Gazetteer) -> None:
    """Print the scores on the texts of other outlets, and whom speakers are resolved to."""
    texts = hand_marked_texts()
    annotations = annotated([t.text for t in texts], [t.day for t in texts], gazetteer)
    scored, resolved = [], Counter[tuple[str, str]]()
    for text, annotation in zip(texts, annotations, strict=True):
        predicted = [our_quotation(quote, text.text) for quote in annotation.quotes]
        predicted = [replace(q, content=without_conjunction(text.text, q.content)) for q in predicted]
        scored.append(ScoredText(text.text, text.quotations, predicted, text.optional))
        for gold, number in match_quotations(text.text, text.quotations, predicted, "0.3"):
            name, how = text.speakers[gold]
            resolved[how, _judge_speaker(name, how, annotation.quotes[number])] += 1
    n_quotations = sum(len(text.quotations) for text in texts)
    print(f"Marked by one reader: {len(texts)} texts, {n_quotations} quotations")
    print(f"{format_scores(score_quotations(scored))}\n")
    print(f"{'whom the speaker is resolved to':34}" + "".join(f"{r:>8}" for r in ("right", "wrong", "nobody")))
    for how in ("named", "pronoun", "description", "collective", "document", "carried", "none"):
        print(f"{how:>34}" + "".join(f"{resolved[how, result]:8}" for result in ("right", "wrong", "nobody")))
    print()


def _judge_speaker(name: str | None, how: str, quote: Quote) -> str:
    """Is the resolved speaker right? Groups and documents have no name: for them no name is right, and so is their
    description."""
    true, predicted = (" ".join(re.findall(r"\w+", fold(n or ""))) for n in (name, quote.speaker_name))
    if not predicted:
        return "right" if not true or how in ("collective", "document") else "nobody"
    is_same = true and (predicted in true or true in predicted or predicted.split()[-1] == true.split()[-1])
    return "right" if is_same else "wrong"


def print_speed(texts: Sequence[str], gazetteer: Gazetteer) -> None:
    """Print what quotations cost beside names: the same texts, one thread, the best of three rounds."""
    n_words = sum(len(text.split()) for text in texts)
    names, quotes = (min(times) for times in zip(*(_timed(texts, gazetteer) for _ in range(3)), strict=True))
    print(f"names {n_words / names:,.0f} words/s; the quote pass adds {quotes / names:.1%} to their time")


def _timed(texts: Sequence[str], gazetteer: Gazetteer) -> tuple[float, float]:
    """Seconds for names (reading, linking) and for quotations (pieces, joining, speakers, fingerprints)."""
    day = date(2016, 6, 1)
    began = time.perf_counter()
    readings = read(texts, threads=1)
    layouts = [lay_out(text, "en") for text in texts]
    rows = zip(texts, layouts, names_of(readings), strict=True)
    names = [find_names(text, layout, gazetteer, tagged, day) for text, layout, tagged in rows]
    names_done = time.perf_counter()
    for text, layout, names_of_text, pieces in zip(texts, layouts, names, pieces_of(readings), strict=True):
        for quotation in find_quotes(text, layout, names_of_text, "en", pieces, day):
            words = " ".join(text[part.start : part.end] for part in quotation.parts)
            words_key(words), quote_prints(words)
    return names_done - began, time.perf_counter() - names_done


if __name__ == "__main__":
    main()
