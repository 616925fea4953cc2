"""From fitted weights to the shipped model: python -m training.export STUDENT.npz PACK.npz [MINILM.safetensors]

Writes etl/nlp/models/encoder.onnx in 8 bits and prints its scores and, for comparison, those of the unquantized model.
With `--plain FILE.onnx [MINILM.safetensors]` it writes MiniLM as it is, with an untrained output layer, so that its
speed can be compared with ours.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from onnxruntime.quantization import QuantType, quantize_dynamic

from etl.models.files import record_sum
from etl.nlp.encoder.labels import COLUMNS
from etl.nlp.encoder.model_files import MODEL
from training import fit
from training.encoder import Encoder, load_minilm, minilm_weights


def export(encoder: Encoder, path: Path) -> None:
    """Write an encoder as ONNX. The weights of matrix products and word pieces are in 8 bits; what is computed between
    them stays in floats."""
    example = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "windows", 1: "pieces"} for name in ("pieces", "cases", "scores")}
    with tempfile.TemporaryDirectory() as folder:
        full = Path(folder) / "full.onnx"
        torch.onnx.export(
            encoder.cpu().eval(), (example, example), str(full), dynamo=False, opset_version=17,
            input_names=["pieces", "cases"], output_names=["scores"], dynamic_axes=axes,
        )  # fmt: skip
        quantize_dynamic(
            full, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip


def judge_with(path: Path, part: fit.Part) -> NDArray[np.float16]:
    """Scores of every piece of a part by an ONNX file, as fit.judge() gives them."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    scores = np.zeros((len(part.pieces), len(COLUMNS)), np.float16)
    for n in range(len(part.sets)):
        window = part.window(n)
        pieces, cases = part.pieces[None, window].astype(np.int64), part.cases[None, window].astype(np.int64)
        scores[window] = session.run(None, {"pieces": pieces, "cases": cases})[0][0]
    return scores


def main() -> None:
    if sys.argv[1] == "--plain":
        plain = Encoder()
        load_minilm(plain, minilm_weights(*map(Path, sys.argv[3:])))
        export(plain, Path(sys.argv[2]))
        return
    weights, pack, *minilm = map(Path, sys.argv[1:4])
    parts = fit.read_pack(pack)
    encoder = fit.load(weights, minilm[0] if minilm else None)
    export(encoder, MODEL)
    record_sum(MODEL)
    print(fit.report(lambda part: fit.judge(encoder, part), parts, "full weights"))
    print(fit.report(lambda part: judge_with(MODEL, part), parts, f"shipped, {MODEL.stat().st_size / 1e6:.1f} MB"))


if __name__ == "__main__":
    main()
