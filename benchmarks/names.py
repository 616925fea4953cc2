"""Names: precision, recall and F1 per type beside a spaCy CNN trained on the same sets; speed, load time and memory;
linking; countries of the Kremlin's pages. Run: make bench-names, or python -m benchmarks.names [--spacy FOLDER]

Reads the corpora beside the project (../shared/corpora). Error pages go to benchmarks/errors/, which is not committed:
they hold sentences of the corpora.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.linking import print_linking
from benchmarks.name_errors import Seen, write_errors
from benchmarks.name_speed import print_speed
from etl.configuration.settings import PACKAGED
from etl.extract.language import identify
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.encoder_tagger import tag
from etl.nlp.names.find import find_names
from etl.text import lay_out
from evaluation import name_sets as corpora
from evaluation.gold_pages import fundus, need_corpora
from evaluation.name_sets import Marked

ROOT = Path(__file__).resolve().parents[1]
PLAIN = ("PER", "ORG", "LOC")
TYPES = (*PLAIN, "NORP", "EVENT")
Span = tuple[int, int, str]
Find = Callable[[Sequence[str]], list[list[Span]]]
NOTE = """\
Exact spans and types. PLAIN: PER, ORG and LOC together. A found name that overlaps only words of which the set says
nothing counts for neither side. world: 275 sentences of 15 countries' news, marked for us; the other rows are parts of
the open sets that nothing was learnt from (wikigold: a fifth of it). "Dateline": tagger and gazetteer together, as
articles have it.
"""


def main() -> None:
    options = argparse.ArgumentParser(description="Names: ours beside a spaCy CNN's.")
    options.add_argument("--spacy", type=Path, default=ROOT / ".venv-spacy", help="environment of benchmarks/spacy.txt")
    options.add_argument("--pipeline", type=Path, help="where the trained spaCy pipeline is kept")
    options.add_argument("--plain", type=Path, help="a plain model for speed: training.export --plain makes it")
    given = options.parse_args()
    need_corpora()
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    tests = [*corpora.world(), *corpora.names("test")]
    texts = [marked.text for marked in tests]
    found: dict[str, list[list[Span]]] = {
        "Dateline": whole(texts, gazetteer),
        "encoder alone": [[(t.start, t.end, t.type) for t in tags] for tags in tag(texts)],
    }
    python = given.spacy.absolute() / "bin" / "python"
    if python.exists():
        label, found_by_spacy, rate = run_spacy(python, texts, given.pipeline)
        found[label] = found_by_spacy
        print(f"{label}: {rate:,.0f} words/s on these texts")
    else:
        print(f"{python} is not there; make bench-names makes it", file=sys.stderr)
    print(NOTE)
    for name in dict.fromkeys(marked.set for marked in tests):
        print_scores(name, tests, found)
    write_errors(ROOT / "benchmarks" / "errors", seen(tests, found["Dateline"]))
    print_linking(gazetteer)
    articles = [page.body for page in fundus() if identify(page.body) == "en"]
    print_speed(articles, given.plain)


def whole(texts: Sequence[str], gazetteer: Gazetteer) -> list[list[Span]]:
    """Names as `entities` has them, without descriptions by office."""
    rows = zip(texts, tag(texts), strict=True)
    named = [find_names(text, lay_out(text, "en"), gazetteer, tags) for text, tags in rows]
    return [[(n.start, n.end, n.type) for n in names if n.type != "OFFICE"] for names in named]


def run_spacy(python: Path, texts: Sequence[str], kept: Path | None) -> tuple[str, list[list[Span]], float]:
    """(label, names of each text, words a second) of a spaCy pipeline fitted on our training texts."""
    with tempfile.TemporaryDirectory() as folder:
        train, asked, result = (Path(folder) / name for name in ("train.jsonl", "texts.jsonl", "result.json"))
        with train.open("w", encoding="utf-8") as lines:
            for marked in corpora.names("train"):
                spans = [(m.start, m.end, *m.labels) for m in marked.marks if len(m.labels) == 1 and m.labels != {"O"}]
                vague = [(m.start, m.end) for m in marked.marks if len(m.labels) > 1]
                lines.write(json.dumps({"text": marked.text, "spans": spans, "vague": vague}) + "\n")
        asked.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
        script = str(ROOT / "benchmarks" / "spacy_peer.py")
        subprocess.run([python, script, train, asked, result, *([kept] if kept else [])], check=True)
        said = json.loads(result.read_text(encoding="utf-8"))
    found = [[(start, end, kind) for start, end, kind in spans] for spans in said["found"]]
    return said["label"], found, sum(len(text.split()) for text in texts) / said["seconds"]


# -- scores ----------------------------------------------------------------------------------------------------------


def count(marked: Marked, found: Sequence[Span]) -> dict[str, tuple[list[Span], list[Span], list[Span]]]:
    """Type -> names that are right, wrong, missed."""
    true = {(m.start, m.end, next(iter(m.labels))) for m in marked.marks if len(m.labels) == 1}
    vague = [(m.start, m.end) for m in marked.marks if len(m.labels) > 1]
    certain = [(m.start, m.end) for m in marked.marks if len(m.labels) == 1]
    counts: dict[str, tuple[list[Span], list[Span], list[Span]]] = {kind: ([], [], []) for kind in TYPES}
    for span in found:
        if span[2] not in counts:
            continue
        if span in true:
            counts[span[2]][0].append(span)
        elif _overlaps(span, certain) or not (_overlaps(span, vague) or span[2] in marked.outside):
            counts[span[2]][1].append(span)
    for span in true - set(found):
        if span[2] in counts:
            counts[span[2]][2].append(span)
    return counts


def _overlaps(span: Span, others: Sequence[tuple[int, int]]) -> bool:
    return any(span[0] < end and start < span[1] for start, end in others)


def print_scores(name: str, tests: Sequence[Marked], found: dict[str, list[list[Span]]]) -> None:
    """One set's table."""
    print(f"\n{name:18}{'PLAIN':>20}" + "".join(f"{kind:>20}" for kind in TYPES))
    for label, names in found.items():
        totals: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        for marked, own in zip(tests, names, strict=True):
            if marked.set == name:
                for kind, lists in count(marked, own).items():
                    for group in (kind, *(["PLAIN"] if kind in PLAIN else [])):
                        totals[group] = [a + len(b) for a, b in zip(totals[group], lists, strict=True)]
        print(f"{label:18}" + "".join(_scores(*totals[kind]) for kind in ("PLAIN", *TYPES)))


def _scores(right: int, wrong: int, missed: int) -> str:
    if not right + missed:
        return f"{'-':>20}"
    precision, recall = right / max(right + wrong, 1), right / (right + missed)
    f1 = 2 * right / max(2 * right + wrong + missed, 1)
    return f"  {precision:.3f} {recall:.3f} {f1:.3f}"


def seen(tests: Sequence[Marked], found: Sequence[Sequence[Span]]) -> list[Seen]:
    """Every wrong and missed name with its sentence."""
    rows = []
    for marked, own in zip(tests, found, strict=True):
        layout = lay_out(marked.text, "en")
        for kind, (_, wrong, missed) in count(marked, own).items():
            for spans, how in ((wrong, "false"), (missed, "missed")):
                for start, end, _ in spans:
                    sentence = layout.sentences[layout.sentence_at(start)]
                    around = marked.text[sentence.start : sentence.end]
                    rows.append(Seen(kind, how, marked.set, marked.text[start:end], around))
    return rows


if __name__ == "__main__":
    main()
