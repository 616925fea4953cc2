"""Speed, load time and memory of the encoder, each in a process of its own.

"as the trial": MiniLM of six whole layers in 8 bits by onnxruntime's own defaults, in batches of 32 windows as they
come: what the design's trial was. It has the weights of word pieces, but untrained heads: only its speed is asked.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_TIMES = 3


def print_speed(texts: Sequence[str]) -> None:
    """Words a second on one core and on two, seconds to load, peak memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "texts.json"
        path.write_text(json.dumps(list(texts)), encoding="utf-8")
        print(f"\nspeed on {sum(len(t.split()) for t in texts):,} words: words/s, seconds to load, peak MiB")
        for cores in (1, 2):
            for what in ("encoder", "pipeline"):
                environment = os.environ | {"OMP_NUM_THREADS": str(cores)}
                command = ["taskset", "-c", "0" if cores == 1 else "0,1", sys.executable, "-m", "benchmarks.name_speed"]
                said = subprocess.run(
                    [*command, what, str(path)], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
                )
                print(f"{what:10} {cores} core{'s' * (cores > 1)}: {said.stdout.strip()}")


def main() -> None:
    what, path = sys.argv[1], Path(sys.argv[2])
    texts = json.loads(path.read_text(encoding="utf-8"))
    words = sum(len(text.split()) for text in texts)
    began = time.perf_counter()
    if what == "encoder":
        from etl.nlp.encoded_names import tag as work
    else:
        from etl.nlp.annotate import Subject, annotate
        from etl.nlp.gazetteer import load_gazetteer
        from etl.settings import PACKAGED

        gazetteer = load_gazetteer(PACKAGED / "gazetteer")

        def work(texts: Sequence[str]) -> object:  # type: ignore[misc]
            return annotate([Subject("", "", "", str(n), text, "en") for n, text in enumerate(texts)], gazetteer)

    work(texts[:1])
    loaded = time.perf_counter() - began
    best = 0.0
    for _ in range(_TIMES):
        began = time.perf_counter()
        for first in range(0, len(texts), 64):
            work(texts[first : first + 64])
        best = max(best, words / (time.perf_counter() - began))
    print(f"{best:9,.0f} {loaded:6.2f} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f}")


if __name__ == "__main__":
    main()
