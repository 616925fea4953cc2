"""Names: precision, recall and F1 of each type, compared with a spaCy CNN that is trained on the same sets.

Also measures speed, loading time and memory, links, and the countries of the Kremlin's pages. Run: make bench-names, or
python -m benchmarks.names [--spacy FOLDER] [--pipeline FOLDER] [--plain PLAIN.onnx]

Reads corpora in ../shared/corpora, outside the repository. Lists of errors go to benchmarks/errors/, which is not
committed, as they hold sentences of the corpora.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.linking import print_linking
from benchmarks.name_errors import ErrorRow, write_errors
from benchmarks.name_speed import print_speed
from etl.configuration.settings import PACKAGED
from etl.extract.language import identify
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.encoder_tagger import tag
from etl.nlp.names.find import find_names
from etl.text import lay_out
from evaluation.corpora import PROJECT, need_corpora
from evaluation.gold_pages import fundus_gold_pages
from evaluation.marked_texts import MarkedText
from evaluation.name_sets import named_texts, world_texts

PLAIN = ("PER", "ORG", "LOC")
TYPES = (*PLAIN, "NORP", "EVENT")
Span = tuple[int, int, str]  # start and end (half-open, code points), type
NOTE = """\
Exact spans and types. PLAIN: PER, ORG and LOC together. A name that overlaps only words of which the set says nothing
is neither right nor wrong. world: 275 sentences of news from 15 countries, marked for this project; the other rows are
parts of the open sets that nothing was learnt from (wikigold: a fifth of it). "Dateline": tagger and gazetteer
together, as in the names of articles.
"""


def main() -> None:
    options = argparse.ArgumentParser(description="Compare names of ours and of a spaCy CNN.")
    options.add_argument(
        "--spacy", type=Path, default=PROJECT / ".venv-spacy", help="the environment of benchmarks/spacy.txt"
    )
    options.add_argument("--pipeline", type=Path, help="folder where the trained spaCy pipeline is kept")
    options.add_argument(
        "--plain", type=Path, help="a plain model to compare speed with, made by training.export --plain"
    )
    chosen = options.parse_args()
    need_corpora()
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    tests = [*world_texts(), *named_texts("test")]
    texts = [test.text for test in tests]
    predicted: dict[str, list[list[Span]]] = {
        "Dateline": pipeline_names(texts, gazetteer),
        "encoder alone": [[(t.start, t.end, t.type) for t in tags] for tags in tag(texts)],
    }
    python = chosen.spacy.absolute() / "bin" / "python"
    if python.exists():
        label, spacy_names, rate = run_spacy(python, texts, chosen.pipeline)
        predicted[label] = spacy_names
        print(f"{label}: {rate:,.0f} words/s on these texts")
    else:
        print(f"{python} is missing; make bench-names creates it", file=sys.stderr)
    print(NOTE)
    for name in dict.fromkeys(test.set for test in tests):
        print_scores(name, tests, predicted)
    write_errors(error_rows(tests, predicted["Dateline"]))
    print_linking(gazetteer)
    articles = [page.body for page in fundus_gold_pages() if identify(page.body) == "en"]
    print_speed(articles, chosen.plain)


def pipeline_names(texts: Sequence[str], gazetteer: Gazetteer) -> list[list[Span]]:
    """The names of each text as in `entities`, without descriptions by office."""
    rows = zip(texts, tag(texts), strict=True)
    names = [find_names(text, lay_out(text, "en"), gazetteer, tags) for text, tags in rows]
    return [[(n.start, n.end, n.type) for n in names_of_text if n.type != "OFFICE"] for names_of_text in names]


def run_spacy(python: Path, texts: Sequence[str], pipeline: Path | None) -> tuple[str, list[list[Span]], float]:
    """(label, names of each text, words a second) of a spaCy pipeline that is fitted on our training texts, or loaded
    from the folder `pipeline`."""
    with tempfile.TemporaryDirectory() as folder:
        train, test, result = (Path(folder) / name for name in ("train.jsonl", "texts.jsonl", "result.json"))
        with train.open("w", encoding="utf-8") as lines:
            for text in named_texts("train"):
                spans = [(n.start, n.end, *n.labels) for n in text.names if len(n.labels) == 1 and n.labels != {"O"}]
                vague = [(n.start, n.end) for n in text.names if len(n.labels) > 1]
                lines.write(json.dumps({"text": text.text, "spans": spans, "vague": vague}) + "\n")
        test.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
        script = str(PROJECT / "benchmarks" / "spacy_peer.py")
        subprocess.run([python, script, train, test, result, *([pipeline] if pipeline else [])], check=True)
        output = json.loads(result.read_text(encoding="utf-8"))
    names = [[(start, end, kind) for start, end, kind in spans] for spans in output["names"]]
    return output["label"], names, sum(len(text.split()) for text in texts) / output["seconds"]


# -- scores ----------------------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """Names of one type and text: predicted and right, predicted and wrong, not predicted."""

    right: list[Span]
    wrong: list[Span]
    missed: list[Span]


def judge(text: MarkedText, predicted: Sequence[Span]) -> dict[str, Judged]:
    """Type -> the names of the text, judged."""
    true = {(n.start, n.end, next(iter(n.labels))) for n in text.names if len(n.labels) == 1}
    vague = [(n.start, n.end) for n in text.names if len(n.labels) > 1]
    certain = [(n.start, n.end) for n in text.names if len(n.labels) == 1]
    judged = {kind: Judged([], [], []) for kind in TYPES}
    for span in predicted:
        if span[2] not in judged:
            continue
        if span in true:
            judged[span[2]].right.append(span)
        elif _overlaps(span, certain) or not (_overlaps(span, vague) or span[2] in text.outside):
            judged[span[2]].wrong.append(span)
    for span in true - set(predicted):
        if span[2] in judged:
            judged[span[2]].missed.append(span)
    return judged


def _overlaps(span: Span, others: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def print_scores(set_: str, tests: Sequence[MarkedText], predicted: dict[str, list[list[Span]]]) -> None:
    """Print the table of one set: precision, recall and F1 of each type."""
    print(f"\n{set_:18}{'PLAIN':>20}" + "".join(f"{kind:>20}" for kind in TYPES))
    for label, names in predicted.items():
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for text, names_of_text in zip(tests, names, strict=True):
            if text.set == set_:
                for kind, judged in judge(text, names_of_text).items():
                    for group in (kind, *(["PLAIN"] if kind in PLAIN else [])):
                        totals[group] = [a + len(b) for a, b in zip(totals[group], judged, strict=True)]
        print(f"{label:18}" + "".join(_scores(*totals[kind]) for kind in ("PLAIN", *TYPES)))


def _scores(right: int, wrong: int, missed: int) -> str:
    if not right + missed:
        return f"{'-':>20}"
    precision, recall = right / max(right + wrong, 1), right / (right + missed)
    f1 = 2 * right / max(2 * right + wrong + missed, 1)
    return f"  {precision:.3f} {recall:.3f} {f1:.3f}"


def error_rows(tests: Sequence[MarkedText], predicted: Sequence[Sequence[Span]]) -> list[ErrorRow]:
    """Every wrong and missed name with its sentence."""
    rows = []
    for text, names in zip(tests, predicted, strict=True):
        layout = lay_out(text.text, "en")
        for kind, judged in judge(text, names).items():
            for spans, how in ((judged.wrong, "false"), (judged.missed, "missed")):
                for start, end, _ in spans:
                    sentence = layout.sentences[layout.sentence_at(start)]
                    around = text.text[sentence.start : sentence.end]
                    rows.append(ErrorRow(kind, how, text.set, text.text[start:end], around))
    return rows


if __name__ == "__main__":
    main()
