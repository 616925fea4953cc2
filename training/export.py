"""From fitted weights to what is shipped: python -m training.export STUDENT.npz PACK.npz [MINILM.safetensors]

Writes etl/nlp/models/encoder.onnx in 8 bits and prints its scores beside those of the weights in full.
`--plain FILE.onnx [MINILM.safetensors]` writes MiniLM as it is, with scores that nobody fitted, to compare speed with.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from etl.nlp.encoder.labels import MODEL
from training import fit
from training.encoder import Encoder, load_minilm, minilm_weights


def export(encoder: Encoder, path: Path) -> None:
    """Weights of products and of word pieces in 8 bits; what is computed between them stays in floats."""
    example = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "windows", 1: "pieces"} for name in ("pieces", "cases", "scores")}
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / "whole.onnx"
        torch.onnx.export(
            encoder.cpu().eval(), (example, example), str(whole), dynamo=False, opset_version=17,
            input_names=["pieces", "cases"], output_names=["scores"], dynamic_axes=axes,
        )  # fmt: skip
        quantize_dynamic(
            whole, path, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"],
            extra_options={"MatMulConstBOnly": True},
        )  # fmt: skip


def judge_by(path: Path, part: fit.Part) -> np.ndarray:
    """As fit.judge(), by an ONNX file."""
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found = np.zeros((len(part.pieces), len(fit.COLUMNS)), np.float16)
    for n in range(len(part.sets)):
        own = slice(part.bounds[n], part.bounds[n + 1])
        pieces, cases = part.pieces[None, own].astype(np.int64), part.cases[None, own].astype(np.int64)
        found[own] = session.run(None, {"pieces": pieces, "cases": cases})[0][0]
    return found


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
    print(fit.report(lambda part: fit.judge(encoder, part), parts, "weights in full"))
    print(fit.report(lambda part: judge_by(MODEL, part), parts, f"shipped, {MODEL.stat().st_size / 1e6:.1f} MB"))


if __name__ == "__main__":
    main()
