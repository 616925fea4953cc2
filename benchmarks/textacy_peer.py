"""textacy's quotations, found with a spaCy CNN trained on a treebank, in an environment of its own.

Imports nothing of this project.

python benchmarks/textacy_peer.py TREEBANK TEXTS.jsonl RESULT.json FOLDER fits the parts of speech, lemmas and parser of
a blank English pipeline on TREEBANK/train*.conllu.gz, unless FOLDER has one, and prints its scores on the dev part.
Then it finds direct quotations, a paragraph at a time: textacy raises an error on a paragraph with an odd number of
quotation marks; such paragraphs are skipped and counted. Offsets are those of the complete text; the content includes
its marks, as in textacy. OMP_NUM_THREADS=1 keeps it to one core.
"""

from __future__ import annotations

import gzip
import json
import random
import re
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import spacy
import textacy
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.batchers import minibatch_by_words
from spacy.util import compounding, fix_random_seed
from textacy.extract.triples import direct_quotations
from thinc.api import Adam

EPOCHS = 9
WIDTH = 96
# Label of the treebank -> label that textacy looks for. In spaCy's English, titles and parts of names are compounds.
LABELS = {
    "root": "ROOT",
    "nsubj:outer": "nsubj",
    "nsubj:pass": "nsubjpass",
    "csubj:outer": "csubj",
    "csubj:pass": "csubjpass",
    "aux:pass": "auxpass",
    "flat": "compound",
    "nmod:desc": "compound",
}

Row = list[str]
Quotation = dict[str, list[tuple[int, int]]]  # content, cue, speaker -> their spans


def read_rows(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def paragraphs(path: Path) -> Iterator[list[list[Row]]]:
    """The paragraphs of a CoNLL-U file: lists of sentences, which are lists of rows, without empty nodes."""
    paragraph: list[list[Row]] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for block in lines.read().strip().split("\n\n"):
            if paragraph and re.search(r"^# new(par|doc)", block, re.M):
                yield paragraph
                paragraph = []
            rows = [line.split("\t") for line in block.split("\n") if line[0] != "#"]
            paragraph.append([row for row in rows if "." not in row[0]])
    yield paragraph


def words(rows: list[Row]) -> tuple[list[Row], list[bool]]:
    """The rows of words, and for each whether a space follows it. Where a word consists of several tokens, a row before
    them says so."""
    word_rows: list[Row] = []
    spaces: list[bool] = []
    last, space_after_last = 0, True
    for row in rows:
        space = "SpaceAfter=No" not in row[9]
        if "-" in row[0]:
            last, space_after_last = int(row[0].split("-")[1]), space
        else:
            number = int(row[0])
            word_rows.append(row)
            spaces.append(space if number > last else space_after_last and number == last)
    return word_rows, spaces


def label(row: Row) -> str:
    """The dependency label of a word in spaCy's terms."""
    if row[7] == "advmod" and row[3] == "PART":
        return "neg"
    return LABELS.get(row[7], row[7])


def curled(texts: list[str]) -> list[str]:
    """The same words with curly quotation marks, which are rare in a treebank of web texts."""
    curly = [text.replace("'", "’") for text in texts]
    straight = [n for n, text in enumerate(texts) if text == '"']
    for count, n in enumerate(straight):
        curly[n] = "“”"[count % 2]
    return curly


def gold(vocab: Any, sentences: list[list[Row]], curly: bool = False) -> Doc:
    """A paragraph of the treebank with its annotation."""
    columns: dict[str, Any] = {name: [] for name in ("words", "spaces", "pos", "lemmas", "heads", "deps")}
    for sentence in sentences:
        first = len(columns["words"])
        rows, spaces = words(sentence)
        columns["words"] += [row[1] for row in rows]
        columns["spaces"] += spaces
        columns["pos"] += [row[3] for row in rows]
        columns["lemmas"] += [row[2] for row in rows]
        columns["heads"] += [first + (int(row[6]) or int(row[0])) - 1 for row in rows]
        columns["deps"] += [label(row) for row in rows]
    if curly:
        columns["words"] = curled(columns["words"])
    return Doc(vocab, **columns)


def examples(pipeline: Any, files: Iterable[Path], curly: bool = False) -> list[Example]:
    docs = [gold(pipeline.vocab, sentences, curly) for path in files for sentences in paragraphs(path)]
    return [Example(pipeline.make_doc(doc.text), doc) for doc in docs]


def blank() -> Any:
    """A pipeline whose parts share one CNN, of the size of spaCy's own small pipelines."""
    pipeline = spacy.blank("en")
    features = {"attrs": ["NORM", "PREFIX", "SUFFIX", "SHAPE", "SPACY"], "rows": [5000, 1000, 2500, 2500, 50]}
    embed = {"@architectures": "spacy.MultiHashEmbed.v2", "width": WIDTH, "include_static_vectors": False, **features}
    sizes = {"width": WIDTH, "depth": 4, "window_size": 1, "maxout_pieces": 3}
    encode = {"@architectures": "spacy.MaxoutWindowEncoder.v2", **sizes}
    cnn = {"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": encode}
    listener = {"@architectures": "spacy.Tok2VecListener.v1", "width": WIDTH, "upstream": "tok2vec"}
    pipeline.add_pipe("tok2vec", config={"model": cnn})
    pipeline.add_pipe("morphologizer", config={"model": {"tok2vec": listener}})
    pipeline.add_pipe("trainable_lemmatizer", config={"model": {"tok2vec": listener}})
    pipeline.add_pipe("parser", config={"model": {"tok2vec": listener, "hidden_width": 128}})
    return pipeline


def fit(treebank: Path, folder: Path) -> None:
    """Fit a pipeline and write it to a folder. It sees every paragraph once an epoch, with straight or curly marks at
    random."""
    random.seed(1)
    fix_random_seed(1)
    pipeline = blank()
    files = sorted(treebank.glob("train*.conllu.gz"))
    straight = examples(pipeline, files)
    pairs = list(zip(straight, examples(pipeline, files, curly=True), strict=True))
    optimizer = pipeline.initialize(lambda: straight, sgd=Adam(0.001, L2=0.01, grad_clip=1.0, use_averages=True))
    sizes: Any = compounding(100.0, 1000.0, 1.001)
    for epoch in range(EPOCHS):
        random.shuffle(pairs)
        losses: dict[str, float] = {}
        for batch in minibatch_by_words([random.choice(pair) for pair in pairs], size=sizes):
            pipeline.update(batch, sgd=optimizer, drop=0.1, losses=losses)
        print(f"spaCy, epoch {epoch + 1} of {EPOCHS}: loss {losses['parser']:.0f}", file=sys.stderr, flush=True)
    with pipeline.use_params(optimizer.averages):
        pipeline.to_disk(folder)


def print_scores(pipeline: Any, treebank: Path) -> None:
    """Print the scores of a pipeline on the treebank's dev part."""
    scores = pipeline.evaluate(examples(pipeline, sorted(treebank.glob("dev*.conllu.gz"))))
    line = ", ".join(f"{name} {scores[name]:.3f}" for name in ("pos_acc", "lemma_acc", "dep_uas", "dep_las", "sents_f"))
    print(f"spaCy, dev: {line}", file=sys.stderr, flush=True)


def spans_of(tokens: Any, start: int) -> list[tuple[int, int]]:
    """The spans of successive tokens, moved by `start`."""
    spans: list[tuple[int, int]] = []
    previous = None
    for token in tokens:
        first = start + token.idx
        end = first + len(token)
        if previous is not None and token.i == previous + 1:
            spans[-1] = (spans[-1][0], end)
        else:
            spans.append((first, end))
        previous = token.i
    return spans


def quotations(doc: Doc, start: int) -> list[Quotation]:
    return [
        {
            "content": spans_of(quotation.content, start),
            "cue": spans_of(quotation.cue, start),
            "speaker": spans_of([token for token in quotation.speaker if not token.is_space], start),
        }
        for quotation in direct_quotations(doc)
    ]


def find_quotations(pipeline: Any, texts: list[str]) -> tuple[list[list[Quotation]], int]:
    """The quotations of each text, and how many paragraphs textacy refused."""
    by_text: list[list[Quotation]] = [[] for _ in texts]
    skipped = 0
    parts = [(m.group(), (n, m.start())) for n, text in enumerate(texts) for m in re.finditer(r"[^\n]+", text)]
    for doc, (n, start) in pipeline.pipe(parts, as_tuples=True, batch_size=64):
        try:
            by_text[n] += quotations(doc, start)
        except ValueError:
            skipped += 1
    return by_text, skipped


def main() -> None:
    treebank, texts, result, folder = map(Path, sys.argv[1:5])
    if not (folder / "meta.json").exists():
        fit(treebank, folder)
    pipeline = spacy.load(folder)
    print_scores(pipeline, treebank)
    rows = [row["text"] for row in read_rows(texts)]
    find_quotations(pipeline, rows[:5])
    began = time.perf_counter()
    by_text, skipped = find_quotations(pipeline, rows)
    seconds = time.perf_counter() - began
    name = f"textacy {textacy.__version__}, spaCy {spacy.__version__}"
    output = {"label": name, "quotations": by_text, "skipped": skipped, "seconds": seconds}
    result.write_text(json.dumps(output), encoding="utf-8")


if __name__ == "__main__":
    main()
