"""Fits the encoder: python -m training.fit PACK.npz FOLDER [--minilm WEIGHTS.safetensors] [--at-once 5]

First a few teachers on what is marked. Their mean judgement of raw news, with the links of Current Events as
constraints (a link is a name; of which kind, all mentions of its title say together), is what the student learns from
besides. On a GPU minutes, on two cores a day.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from etl.nlp.encoder.decoding import best_labels, find_spans, log_softmax
from etl.nlp.encoder.labels import COLUMNS, NAME_COLUMNS, NAME_LABELS, QUOTE_COLUMNS, QUOTE_LABELS, TYPES
from etl.nlp.encoder.windows import CAPITALS, LOWER, MIXED, SINGLE, TITLE
from training.encoder import INNER, LAYERS, Encoder, load_minilm, minilm_weights, shrunk
from training.label_map import ANY_LABEL

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
TAUGHT = ("raw", "polnear", "gold")  # parts that the teachers judge
PLAIN_TYPES = ("PER", "ORG", "LOC")


@dataclass
class Part:
    """Windows of one part of the pack; `soft`: judgements of the teachers, a row of chances a piece."""

    name: str
    pieces: np.ndarray
    cases: np.ndarray
    firsts: np.ndarray
    names: np.ndarray
    quotes: np.ndarray
    sets: np.ndarray
    bounds: np.ndarray
    links: np.ndarray
    soft: np.ndarray | None = None

    def sizes(self) -> np.ndarray:
        """Pieces a window."""
        return np.diff(self.bounds)


@dataclass
class Batch:
    """Windows of like length, filled up with zeros."""

    pieces: Tensor
    cases: Tensor
    firsts: Tensor
    allowed: Tensor
    quotes: Tensor
    soft: Tensor | None


def read_pack(path: Path) -> dict[str, Part]:
    """The parts of a file that training.pack wrote."""
    packed = np.load(path)
    names = dict.fromkeys(key.split("/")[0] for key in packed.files)
    columns = ("pieces", "cases", "firsts", "names", "quotes", "sets", "bounds", "links")
    return {name: Part(name, *(packed[f"{name}/{column}"] for column in columns)) for name in names}


# -- batches ---------------------------------------------------------------------------------------------------------


def batches(parts: Sequence[tuple[Part, float]], budget: int, random: np.random.Generator) -> Iterator[Batch]:
    """One epoch: each part's share of windows, those of like length together, in batches of `budget` pieces."""
    chosen = [
        (part, int(n))
        for part, share in parts
        for n in random.permutation(len(part.sets))[: int(share * len(part.sets))]
    ]
    sizes = np.array([part.bounds[n + 1] - part.bounds[n] for part, n in chosen])
    order = np.argsort(sizes + random.integers(0, 16, len(sizes)))
    groups, group, longest = [], [], 0
    for at in order:
        longest = max(longest, sizes[at])
        if group and longest * (len(group) + 1) > budget:
            groups.append(group)
            group, longest = [], sizes[at]
        group.append(at)
    groups.append(group)
    for number in random.permutation(len(groups)):
        yield _batch([chosen[at] for at in groups[number]], random)


def _batch(windows: Sequence[tuple[Part, int]], random: np.random.Generator | None) -> Batch:
    longest = max(part.bounds[n + 1] - part.bounds[n] for part, n in windows)
    shape = (len(windows), longest)
    pieces, cases = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    names, quotes = np.full(shape, ANY_LABEL, np.int64), np.full((len(windows), 3, longest), -1, np.int64)
    firsts = np.zeros(shape, bool)
    is_soft = any(part.soft is not None for part, _ in windows)
    soft = np.zeros((*shape, len(COLUMNS)), np.float32) if is_soft else None
    for row, (part, n) in enumerate(windows):
        own = slice(part.bounds[n], part.bounds[n + 1])
        size = own.stop - own.start
        pieces[row, :size], names[row, :size] = part.pieces[own], part.names[own]
        firsts[row, :size], quotes[row, :, :size] = part.firsts[own], part.quotes[:, own]
        written = part.cases[own].astype(np.int64)
        cases[row, :size] = _rewritten(written, random) if random is not None else written
        if soft is not None and part.soft is not None:
            soft[row, :size] = part.soft[own]
    bits = (names[..., None] >> np.arange(len(NAME_LABELS))) & 1

    def to(array: np.ndarray, kind: torch.dtype) -> Tensor:
        return torch.as_tensor(array, dtype=kind).to(DEVICE, non_blocking=True)

    return Batch(
        to(pieces, torch.long), to(cases, torch.long), to(firsts, torch.bool), to(bits, torch.float32),
        to(quotes, torch.long), to(soft, torch.float32) if soft is not None else None,
    )  # fmt: skip


def _rewritten(cases: np.ndarray, random: np.random.Generator) -> np.ndarray:
    """Sometimes as if a text were written without capitals, in capitals, or as a headline."""
    chance = random.random()
    if chance > 0.16:
        return cases
    letters = (cases >= LOWER) & (cases <= MIXED)
    if chance < 0.05:
        return np.where(letters, LOWER, cases)
    if chance < 0.10:
        return np.where(letters & (cases != SINGLE), CAPITALS, cases)
    return np.where(cases == LOWER, TITLE, cases)


# -- learning --------------------------------------------------------------------------------------------------------


def loss_of(scores: Tensor, batch: Batch) -> Tensor:
    """Partial-label loss of names, cross-entropy of quotations, distance from the teachers where they spoke."""
    logs = scores[..., NAME_COLUMNS].log_softmax(-1)
    asked = batch.firsts & (batch.allowed.sum(-1) < len(NAME_LABELS))
    right = (logs + (batch.allowed - 1) * 1e4).logsumexp(-1)
    loss = -(right * asked).sum() / asked.sum().clamp(min=1)
    quoted = scores.new_zeros(())
    for row, columns in enumerate(QUOTE_COLUMNS.values()):
        wanted = batch.quotes[:, row]
        if bool((wanted >= 0).any()):
            quoted = quoted + functional.cross_entropy(
                scores[..., columns].transpose(1, 2), wanted, ignore_index=-1, reduction="mean"
            )
    loss = loss + 0.7 * quoted
    if batch.soft is not None:
        told = batch.firsts & (batch.soft[..., NAME_COLUMNS].sum(-1) > 0.5)
        distance = -(batch.soft[..., NAME_COLUMNS] * logs).sum(-1)
        loss = loss + (distance * told).sum() / told.sum().clamp(min=1)
        for columns in QUOTE_COLUMNS.values():
            distance = -(batch.soft[..., columns] * scores[..., columns].log_softmax(-1)).sum(-1)
            loss = loss + 0.7 * (distance * told).sum() / told.sum().clamp(min=1)
    return loss


def fit(
    encoder: Encoder, parts: Sequence[tuple[Part, float]], epochs: int, rate: float, budget: int, seed: int
) -> Encoder:
    """Trains the encoder in place."""
    torch.manual_seed(seed)
    random = np.random.default_rng(seed)
    encoder.to(DEVICE).train()
    steps = epochs * _steps_at_most(parts, budget)
    learnt = [weights for weights in encoder.parameters() if weights.requires_grad]
    optimizer = torch.optim.AdamW(learnt, lr=rate, weight_decay=0.01, fused=DEVICE == "cuda")
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, max_lr=rate, total_steps=steps, pct_start=0.08, cycle_momentum=False,
        anneal_strategy="linear",
    )  # fmt: skip
    for _ in range(epochs):
        for batch in batches(parts, budget, random):
            with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
                scores = encoder(batch.pieces, batch.cases)
            loss = loss_of(scores.float(), batch)
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(learnt, 1.0)
            optimizer.step()
            if schedule.last_epoch < schedule.total_steps - 1:
                schedule.step()
    return encoder.eval()


def _steps_at_most(parts: Sequence[tuple[Part, float]], budget: int) -> int:
    """Batches an epoch, with room for padding."""
    pieces = sum(share * len(part.pieces) for part, share in parts)
    return int(pieces / budget * 1.13) + 12


@torch.no_grad()
def judge(encoder: Encoder, part: Part) -> np.ndarray:
    """Scores of every piece of a part, in its order."""
    encoder.to(DEVICE).eval()
    found = np.zeros((len(part.pieces), len(COLUMNS)), np.float16)
    order = np.argsort(part.sizes())
    for start in range(0, len(order), 128):
        numbers = order[start : start + 128]
        batch = _batch([(part, int(n)) for n in numbers], None)
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            scores = encoder(batch.pieces, batch.cases).float().cpu().numpy()
        for row, n in enumerate(numbers):
            own = slice(part.bounds[n], part.bounds[n + 1])
            found[own] = scores[row, : own.stop - own.start]
    return found


def soft_labels(teachers: Sequence[Encoder], part: Part) -> np.ndarray:
    """The teachers' mean chances, a row a piece; names that are links are names, of the kind that their title is."""
    chances = np.zeros((len(part.pieces), len(COLUMNS)), np.float32)
    for teacher in teachers:
        scores = judge(teacher, part).astype(np.float32)
        for columns in (NAME_COLUMNS, *QUOTE_COLUMNS.values()):
            chances[:, columns] += np.exp(log_softmax(scores[:, columns])) / len(teachers)
    _heed_links(chances, part)
    return chances.astype(np.float16)


def _heed_links(chances: np.ndarray, part: Part) -> None:
    if not len(part.links):
        return
    starts = part.bounds[part.links[:, 0]]
    first, last, title = starts + part.links[:, 1], starts + part.links[:, 2], part.links[:, 3]
    begins = [NAME_LABELS.index(f"B-{kind}") for kind in TYPES]
    goes_on = [NAME_LABELS.index(f"I-{kind}") for kind in TYPES]
    said = chances[first][:, begins] + chances[first][:, goes_on] + 1e-4
    votes = np.zeros((int(title.max()) + 1, len(TYPES)))
    counts = np.zeros(len(votes))
    np.add.at(votes, title, said)
    np.add.at(counts, title, 1)
    is_name = votes.sum(1) / counts
    for a, b, t in zip(first, last, title, strict=True):
        if is_name[t] < 0.6:  # most often no name: a link to a common noun
            continue
        kinds = votes[t] / votes[t].sum()
        at = np.arange(a, b + 1)[part.firsts[a : b + 1]]
        chances[at, : NAME_COLUMNS.stop] = 0
        chances[at[0], begins] = kinds
        for further in at[1:]:
            chances[further, goes_on] = kinds


# -- scores ----------------------------------------------------------------------------------------------------------

Spans = set[tuple[int, int, int, str]]


def name_scores(scores: np.ndarray, part: Part, of_set: int | None = None) -> dict[str, tuple[int, int, int]]:
    """Kind -> (right, found, true): names of which nothing is known count for neither."""
    counts = {kind: [0, 0, 0] for kind in TYPES}
    numbers = [n for n in range(len(part.sets)) if of_set is None or part.sets[n] == of_set]
    logs = [log_softmax(_words(scores, part, n)[:, NAME_COLUMNS]) for n in numbers]
    for n, path, log in zip(numbers, best_labels(logs, NAME_LABELS), logs, strict=True):
        own = slice(part.bounds[n], part.bounds[n + 1])
        bits = part.names[own][part.firsts[own]]
        true, vague = _true_spans(bits)
        found = {(s.first, s.last, s.kind) for s in find_spans(path, log, NAME_LABELS)}
        for first, last, kind in found:
            if (first, last, kind) in true:
                counts[kind][0] += 1
                counts[kind][1] += 1
            elif not vague[first:last].any() or _overlaps(first, last, true):
                counts[kind][1] += 1
        for _, _, kind in true:
            counts[kind][2] += 1
    return {kind: (a, b, c) for kind, (a, b, c) in counts.items()}


def _overlaps(first: int, last: int, true: set[tuple[int, int, str]]) -> bool:
    return any(a < last and first < b for a, b, _ in true)


def _words(scores: np.ndarray, part: Part, n: int) -> np.ndarray:
    own = slice(part.bounds[n], part.bounds[n + 1])
    return scores[own][part.firsts[own]].astype(np.float32)


def _true_spans(bits: np.ndarray) -> tuple[set[tuple[int, int, str]], np.ndarray]:
    single = {1 << number: label for number, label in enumerate(NAME_LABELS)}
    labels = [single.get(int(b), "?") for b in bits]
    plain = sum(1 << NAME_LABELS.index(f"{p}-{k}") for k in PLAIN_TYPES for p in "BI")
    vague = np.array([label == "?" and bool(int(b) & plain) for label, b in zip(labels, bits, strict=True)])
    found, first, kind = set(), 0, ""
    for at, label in enumerate([*labels, "O"]):
        if kind and label != f"I-{kind}":
            found.add((first, at, kind))
            kind = ""
        if label.startswith("B-"):
            first, kind = at, label[2:]
    return found, vague


def f1(counts: Sequence[tuple[int, int, int]]) -> float:
    """Over all counts together."""
    right, found, true = (sum(c[n] for c in counts) for n in range(3))
    return 2 * right / max(found + true, 1)


def quote_scores(scores: np.ndarray, part: Part) -> dict[str, float]:
    """F1 of exact spans of sources, cues and contents."""
    found = {}
    for row, (name, columns) in enumerate(QUOTE_COLUMNS.items()):
        counts = [0, 0, 0]
        logs = [log_softmax(_words(scores, part, n)[:, columns]) for n in range(len(part.sets))]
        for n, path, log in zip(range(len(logs)), best_labels(logs, QUOTE_LABELS), logs, strict=True):
            own = slice(part.bounds[n], part.bounds[n + 1])
            gold = part.quotes[row, own][part.firsts[own]].astype(np.int64)
            true = {(s.first, s.last) for s in find_spans(gold, log, QUOTE_LABELS)}
            said = {(s.first, s.last) for s in find_spans(path, log, QUOTE_LABELS)}
            counts[0] += len(true & said)
            counts[1] += len(said)
            counts[2] += len(true)
        found[name] = f1([tuple(counts)])  # type: ignore[list-item]
    return found


def report(judged: Callable[[Part], np.ndarray], parts: dict[str, Part], title: str) -> str:
    """Scores on what nothing was learnt from, as lines."""
    lines = [f"== {title}"]
    scores = {name: judged(parts[name]) for name in ("world", "test", "polnear-dev")}
    for name, of_set, label in (
        ("world", None, "world"), ("test", 0, "uner_en_ewt"), ("test", 1, "wikigold"), ("test", 2, "crossner"),
        ("test", 3, "re3d"), ("test", 4, "gum"),
    ):  # fmt: skip
        counts = name_scores(scores[name], parts[name], of_set)
        each = " ".join(f"{kind} {f1([counts[kind]]):.3f}" for kind in TYPES)
        lines.append(f"{label:12} {f1([counts[kind] for kind in PLAIN_TYPES]):.3f}   {each}")
    quotes = quote_scores(scores["polnear-dev"], parts["polnear-dev"])
    lines.append("quotations   " + " ".join(f"{name} {score:.3f}" for name, score in quotes.items()))
    return "\n".join(lines)


# -- the whole -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """How one model is made. Teachers begin as MiniLM; students (`of`: the teacher that they begin as a smaller copy
    of) learn from what all teachers said, too. Vectors of word pieces stay MiniLM's: names that were never seen keep
    their place (0.02 better on news of other countries)."""

    name: str
    seed: int
    epochs: int
    rate: float
    swapped: float = 0.5
    layers: int = LAYERS
    inner: int = INNER
    of: str | None = None


TEACHERS = (
    Recipe("teacher-0", 0, 8, 6e-4),
    Recipe("teacher-1", 1, 8, 4e-4),
    Recipe("teacher-2", 2, 8, 8e-4),
    Recipe("teacher-3", 3, 8, 6e-4, swapped=1.0),
    Recipe("teacher-4", 4, 6, 6e-4),
)
# Half of MiniLM's inner units: as good as all of them, at 1.4 times the speed. Four whole layers instead are as fast
# and lose 0.02 of names in encyclopaedias and of quotations.
STUDENT = Recipe("student", 10, 14, 6e-4, inner=768, of="teacher-0")


def make(recipe: Recipe, pack: Path, minilm: Path | None, folder: Path, budget: int) -> str:
    """Fits one model, writes its weights, and gives its scores."""
    began = time.monotonic()
    torch.set_num_threads(2)
    parts = read_pack(pack)
    learnt = [(parts["gold"], 1.0), (parts["swapped"], recipe.swapped), (parts["polnear"], 1.0)]
    if recipe.of:
        learnt.append((parts["raw"], 1.0))
        for name in TAUGHT:
            parts[name].soft = np.load(folder / f"{name}.npy")
        encoder = shrunk(load(folder / f"{recipe.of}.npz", minilm), recipe.layers, recipe.inner)
    else:
        encoder = Encoder()
        load_minilm(encoder, minilm_weights(minilm))
    encoder.words.weight.requires_grad = False
    fit(encoder, learnt, recipe.epochs, recipe.rate, budget, recipe.seed)
    save(encoder, folder / f"{recipe.name}.npz")
    return report(lambda part: judge(encoder, part), parts, f"{recipe}: {time.monotonic() - began:.0f} s")


def teach(names: Sequence[str], pack: Path, minilm: Path | None, folder: Path) -> None:
    """Writes what the teachers say, together, of the texts that students learn from."""
    parts = read_pack(pack)
    teachers = [load(folder / f"{name}.npz", minilm) for name in names]
    for name in TAUGHT:
        np.save(folder / f"{name}.npy", soft_labels(teachers, parts[name]))


def save(encoder: Encoder, path: Path) -> None:
    """Weights in half precision, without those of word pieces, which are MiniLM's."""
    arrays = {name: tensor.detach().cpu().half().numpy() for name, tensor in encoder.state_dict().items()}
    del arrays["words.weight"]
    np.savez(path, **arrays)


def load(path: Path, minilm: Path | None) -> Encoder:
    """An encoder as save() wrote it."""
    arrays = {name: torch.from_numpy(array).float() for name, array in np.load(path).items()}
    arrays["words.weight"] = minilm_weights(minilm)["embeddings.word_embeddings.weight"].float()
    layers = 1 + max(int(name.split(".")[1]) for name in arrays if name.startswith("layers."))
    encoder = Encoder(layers, len(arrays["layers.0.inner.bias"]))
    encoder.load_state_dict(arrays)
    return encoder.to(DEVICE).eval()


def main() -> None:
    options = argparse.ArgumentParser(description="Fits the encoder: teachers, then students.")
    options.add_argument("pack", type=Path)
    options.add_argument("folder", type=Path)
    options.add_argument("--minilm", type=Path, help="weights, where the package that carries them is not installed")
    options.add_argument("--at-once", type=int, default=1, help="models that are fitted side by side")
    options.add_argument("--budget", type=int, default=8192, help="pieces a batch")
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with ProcessPoolExecutor(given.at_once, get_context("spawn")) as pool:
        for recipes in (TEACHERS, (STUDENT,)):
            waiting = [pool.submit(make, r, given.pack, given.minilm, given.folder, given.budget) for r in recipes]
            for made in as_completed(waiting):
                print(made.result(), f"({time.monotonic() - began:.0f} s since the beginning)", sep="\n", flush=True)
            if recipes is TEACHERS:
                pool.submit(teach, [r.name for r in TEACHERS], given.pack, given.minilm, given.folder).result()


if __name__ == "__main__":
    main()
