"""Speed, loading time and memory of the encoder, each measured in a process of its own.

`plain`, the baseline, is the unmodified MiniLM with its six layers, in 8 bits, run by onnxruntime with its defaults, in
batches of up to 512 pieces of similar length. It is only timed if its file is given (python -m training.export --plain
PLAIN.onnx makes it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from benchmarks.peers import peak_memory
from evaluation.corpora import PROJECT

_ROUNDS = 3


def print_speed(texts: Sequence[str], plain: Path | None) -> None:
    """Print words a second on one core and on two, seconds to load, peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(list(texts)), encoding="utf-8")
        print(f"\nspeed on {sum(len(t.split()) for t in texts):,} words: words/s, seconds to load, peak MiB")
        for cores in (1, 2):
            for subject in ("encoder", *(["plain"] if plain else []), "pipeline"):
                environment = os.environ | {"OMP_NUM_THREADS": str(cores)}
                command = ["taskset", "-c", "0" if cores == 1 else "0,1", sys.executable, "-m", "benchmarks.name_speed"]
                done = subprocess.run(
                    [*command, subject, str(path), str(plain)],
                    cwd=PROJECT,
                    env=environment,
                    check=True,
                    capture_output=True,
                    text=True,
                )
                print(f"{subject:10} {cores} core{'s' * (cores > 1)}: {done.stdout.strip()}")


def main() -> None:
    """Measure one subject in this process and print a line."""
    subject, path = sys.argv[1], Path(sys.argv[2])
    texts = json.loads(path.read_text(encoding="utf-8"))
    n_words = sum(len(text.split()) for text in texts)
    began = time.perf_counter()
    work = load(subject)
    work(texts[:1])
    loading = time.perf_counter() - began
    best = 0.0
    for _ in range(_ROUNDS):
        began = time.perf_counter()
        for first in range(0, len(texts), 64):
            work(texts[first : first + 64])
        best = max(best, n_words / (time.perf_counter() - began))
    print(f"{best:9,.0f} {loading:6.2f} {peak_memory() / 2**20:6.0f}")


def load(subject: str) -> Callable[[Sequence[str]], object]:
    """The function that is measured. What it needs is imported here, as its memory and loading count."""
    if subject == "encoder":
        from etl.nlp.names.encoder_tagger import tag

        return tag
    if subject == "plain":
        return plain_reader(Path(sys.argv[3]))
    from etl.configuration.settings import PACKAGED
    from etl.nlp.annotate import TextToAnnotate, annotate
    from etl.nlp.gazetteer.gazetteer import load_gazetteer

    gazetteer = load_gazetteer(PACKAGED / "gazetteer")

    def annotate_texts(texts: Sequence[str]) -> object:
        subjects = [TextToAnnotate("", "", "", str(n), text, "en", date(2025, 9, 3)) for n, text in enumerate(texts)]
        return annotate(subjects, gazetteer)

    return annotate_texts


def plain_reader(model: Path) -> Callable[[Sequence[str]], object]:
    """A function that reads texts with onnxruntime's defaults."""
    import numpy as np
    import onnxruntime

    from etl.nlp.encoder.read import cores
    from etl.nlp.encoder.windows import windows

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = min(2, cores())
    session = onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])

    def read(texts: Sequence[str]) -> object:
        waiting = sorted((w for text in texts for w in windows(text)), key=lambda w: len(w.pieces))
        while waiting:
            longest = len(waiting[-1].pieces)
            batch = waiting[-max(1, 512 // longest) :]
            del waiting[-len(batch) :]
            pieces = np.zeros((len(batch), longest), np.int64)
            cases = np.zeros_like(pieces)
            for row, window in enumerate(batch):
                pieces[row, : len(window.pieces)], cases[row, : len(window.pieces)] = window.pieces, window.cases
            session.run(None, {"pieces": pieces, "cases": cases})
        return None

    return read


if __name__ == "__main__":
    main()
