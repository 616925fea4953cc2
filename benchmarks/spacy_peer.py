"""A spaCy CNN trained on the same texts as our encoder, run by an environment of its own. Imports nothing of this
project.

python benchmarks/spacy_peer.py TRAIN.jsonl TEXTS.jsonl RESULT.json [FOLDER] fits the `ner` of a blank English pipeline
on marked texts and keeps it in FOLDER (a pipeline that FOLDER already holds is loaded instead); then it finds the names
of texts and measures how long that takes.
"""

from __future__ import annotations

import json
import random
import sys
import time
from pathlib import Path
from typing import Any

import spacy
from spacy.training import Example
from spacy.util import compounding, filter_spans, minibatch

EPOCHS = 8


def read_rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def fit(rows: list[dict[str, Any]]) -> Any:
    """Fit a pipeline. What a set leaves open (`vague` spans) is missing, neither right nor wrong."""
    pipeline = spacy.blank("en")
    ner: Any = pipeline.add_pipe("ner")
    for row in rows:
        for _, _, label in row["spans"]:
            ner.add_label(label)
    examples = []
    for row in rows:
        doc = pipeline.make_doc(row["text"])
        reference = doc.copy()
        spans = [reference.char_span(a, b, label, alignment_mode="contract") for a, b, label in row["spans"]]
        vague = [reference.char_span(a, b, alignment_mode="expand") for a, b in row["vague"]]
        certain = filter_spans([span for span in spans if span])
        certain_tokens = {token.i for span in certain for token in span}
        missing = [s for s in vague if s and not certain_tokens.intersection(range(s.start, s.end))]
        reference.set_ents(certain, missing=filter_spans(missing), default="outside")
        examples.append(Example(doc, reference))
    optimizer = pipeline.initialize(lambda: examples[:200])
    random.seed(1)
    for epoch in range(EPOCHS):
        random.shuffle(examples)
        losses: dict[str, float] = {}
        for batch in minibatch(examples, size=compounding(8.0, 64.0, 1.001)):
            pipeline.update(batch, sgd=optimizer, drop=0.2, losses=losses)
        print(f"spaCy, epoch {epoch + 1} of {EPOCHS}: loss {losses['ner']:.0f}", file=sys.stderr, flush=True)
    return pipeline


def main() -> None:
    train, texts, result = map(Path, sys.argv[1:4])
    folder = Path(sys.argv[4]) if len(sys.argv) > 4 else None
    if folder and (folder / "meta.json").exists():
        pipeline = spacy.load(folder)
    else:
        pipeline = fit(read_rows(train))
        if folder:
            pipeline.to_disk(folder)
    rows = [row["text"] for row in read_rows(texts)]
    list(pipeline.pipe(rows[:5]))
    began = time.perf_counter()
    names = [[(e.start_char, e.end_char, e.label_) for e in doc.ents] for doc in pipeline.pipe(rows, batch_size=64)]
    seconds = time.perf_counter() - began
    label = f"spaCy {spacy.__version__}, CNN"
    result.write_text(json.dumps({"label": label, "names": names, "seconds": seconds}), encoding="utf-8")


if __name__ == "__main__":
    main()
