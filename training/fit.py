"""Fits the encoder: python -m training.fit PACK.npz FOLDER [--minilm WEIGHTS.safetensors] [--at-once 5]

First a few teachers learn from the marked texts. The student, which is the shipped model, learns from the same texts
and from the teachers' averaged predictions for these texts and for unlabelled news. The links of Current Events
constrain these predictions: linked text is always a name, and all links to the same Wikipedia title decide its type
together. --at-once: how many models are fitted at the same time. On a GPU this takes minutes, on two cores a day.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from etl.nlp.encoder.decoding import best_labels, find_spans, log_softmax
from etl.nlp.encoder.labels import COLUMNS, NAME_COLUMNS, NAME_LABELS, QUOTE_COLUMNS, QUOTE_LABELS, TYPES
from etl.nlp.encoder.windows import CAPITALS, LOWER, MIXED, SINGLE, TITLE
from evaluation.label_map import ANY_LABEL
from training.encoder import INNER, LAYERS, Encoder, load_minilm, minilm_weights, shrunk

DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
JUDGED_PARTS = ("raw", "polnear", "gold")  # parts that the teachers judge
PLAIN_TYPES = ("PER", "ORG", "LOC")


@dataclass
class Part:
    """The windows of one part of the pack, with arrays as training.pack makes them. `soft`: the teachers' judgements, a
    row of chances for each piece."""

    name: str
    pieces: NDArray[Any]
    cases: NDArray[Any]
    firsts: NDArray[Any]
    names: NDArray[Any]
    quotes: NDArray[Any]
    sets: NDArray[Any]
    bounds: NDArray[Any]
    links: NDArray[Any]
    soft: NDArray[Any] | None = None

    def sizes(self) -> NDArray[Any]:
        """The number of pieces of each window."""
        return np.diff(self.bounds)

    def window(self, number: int) -> slice:
        """Where the pieces of a window are."""
        return slice(int(self.bounds[number]), int(self.bounds[number + 1]))


@dataclass
class Batch:
    """Windows of similar length, padded. `allowed`: for each piece and label 1 if the name may have it, else 0."""

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
    """The batches of one epoch: of each part a share of its windows, those of similar length together, at most `budget`
    pieces a batch."""
    chosen = [
        (part, int(n))
        for part, share in parts
        for n in random.permutation(len(part.sets))[: int(share * len(part.sets))]
    ]
    sizes = np.array([part.bounds[n + 1] - part.bounds[n] for part, n in chosen])
    order = np.argsort(sizes + random.integers(0, 16, len(sizes)))
    groups: list[list[int]] = []
    group: list[int] = []
    longest = 0
    for at in order.tolist():
        longest = max(longest, sizes[at])
        if group and longest * (len(group) + 1) > budget:
            groups.append(group)
            group, longest = [], sizes[at]
        group.append(at)
    groups.append(group)
    for number in random.permutation(len(groups)):
        yield _batch([chosen[at] for at in groups[number]], random)


def _batch(windows: Sequence[tuple[Part, int]], random: np.random.Generator | None) -> Batch:
    """A batch of windows. With `random`, the case of their words is sometimes changed."""
    longest = max(part.bounds[n + 1] - part.bounds[n] for part, n in windows)
    shape = (len(windows), longest)
    pieces, cases = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    names, quotes = np.full(shape, ANY_LABEL, np.int64), np.full((len(windows), 3, longest), -1, np.int64)
    firsts = np.zeros(shape, bool)
    is_soft = any(part.soft is not None for part, _ in windows)
    soft = np.zeros((*shape, len(COLUMNS)), np.float32) if is_soft else None
    for row, (part, n) in enumerate(windows):
        window = part.window(n)
        size = window.stop - window.start
        pieces[row, :size], names[row, :size] = part.pieces[window], part.names[window]
        firsts[row, :size], quotes[row, :, :size] = part.firsts[window], part.quotes[:, window]
        written = part.cases[window].astype(np.int64)
        cases[row, :size] = _rewritten(written, random) if random is not None else written
        if soft is not None and part.soft is not None:
            soft[row, :size] = part.soft[window]
    bits = (names[..., None] >> np.arange(len(NAME_LABELS))) & 1

    def to_device(array: NDArray[Any], kind: torch.dtype) -> Tensor:
        return torch.as_tensor(array, dtype=kind).to(DEVICE, non_blocking=True)

    return Batch(
        to_device(pieces, torch.long),
        to_device(cases, torch.long),
        to_device(firsts, torch.bool),
        to_device(bits, torch.float32),
        to_device(quotes, torch.long),
        to_device(soft, torch.float32) if soft is not None else None,
    )


def _rewritten(cases: NDArray[Any], random: np.random.Generator) -> NDArray[Any]:
    """The cases of words; in a sixth of all windows as if the text were written without capitals, in capitals, or as a
    headline."""
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
    """The loss of a batch: a partial-label loss of names, the cross-entropy of quotations, and the distance from the
    teachers where they judged."""
    logs = scores[..., NAME_COLUMNS].log_softmax(-1)
    constrained = batch.firsts & (batch.allowed.sum(-1) < len(NAME_LABELS))
    allowed_logs = (logs + (batch.allowed - 1) * 1e4).logsumexp(-1)
    loss: Tensor = -(allowed_logs * constrained).sum() / constrained.sum().clamp(min=1)
    quote_loss = scores.new_zeros(())
    for row, columns in enumerate(QUOTE_COLUMNS.values()):
        labels = batch.quotes[:, row]
        if bool((labels >= 0).any()):
            quote_loss = quote_loss + functional.cross_entropy(
                scores[..., columns].transpose(1, 2), labels, ignore_index=-1, reduction="mean"
            )
    loss = loss + 0.7 * quote_loss
    if batch.soft is not None:
        judged = batch.firsts & (batch.soft[..., NAME_COLUMNS].sum(-1) > 0.5)
        distance = -(batch.soft[..., NAME_COLUMNS] * logs).sum(-1)
        loss = loss + (distance * judged).sum() / judged.sum().clamp(min=1)
        for columns in QUOTE_COLUMNS.values():
            distance = -(batch.soft[..., columns] * scores[..., columns].log_softmax(-1)).sum(-1)
            loss = loss + 0.7 * (distance * judged).sum() / judged.sum().clamp(min=1)
    return loss


def fit(
    encoder: Encoder, parts: Sequence[tuple[Part, float]], epochs: int, rate: float, budget: int, seed: int
) -> Encoder:
    """Train an encoder in place and return it."""
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
    encoder.eval()
    return encoder


def _steps_at_most(parts: Sequence[tuple[Part, float]], budget: int) -> int:
    """An upper bound of the batches of an epoch, with room for padding."""
    pieces = sum(share * len(part.pieces) for part, share in parts)
    return int(pieces / budget * 1.13) + 12


def judge(encoder: Encoder, part: Part) -> NDArray[np.float16]:
    """The scores of every piece of a part, in its order."""
    encoder.to(DEVICE).eval()
    scores = np.zeros((len(part.pieces), len(COLUMNS)), np.float16)
    order = np.argsort(part.sizes())
    for start in range(0, len(order), 128):
        numbers = order[start : start + 128].tolist()
        batch = _batch([(part, n) for n in numbers], None)
        with torch.no_grad(), torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            rows = encoder(batch.pieces, batch.cases).float().cpu().numpy()
        for row, n in enumerate(numbers):
            window = part.window(n)
            scores[window] = rows[row, : window.stop - window.start]
    return scores


def soft_labels(teachers: Sequence[Encoder], part: Part) -> NDArray[np.float16]:
    """The teachers' mean chances of each label, a row for each piece, with the links of the part taken into account."""
    chances = np.zeros((len(part.pieces), len(COLUMNS)), np.float32)
    for teacher in teachers:
        scores = judge(teacher, part).astype(np.float32)
        for columns in (NAME_COLUMNS, *QUOTE_COLUMNS.values()):
            chances[:, columns] += np.exp(log_softmax(scores[:, columns])) / len(teachers)
    _apply_links(chances, part)
    return chances.astype(np.float16)


def _apply_links(chances: NDArray[np.float32], part: Part) -> None:
    """Make links names, of the types that all mentions of their title together have. Titles that are mostly judged to
    be no name are left alone."""
    if not len(part.links):
        return
    starts = part.bounds[part.links[:, 0]]
    first, last, title = starts + part.links[:, 1], starts + part.links[:, 2], part.links[:, 3]
    begins = [NAME_LABELS.index(f"B-{kind}") for kind in TYPES]
    continues = [NAME_LABELS.index(f"I-{kind}") for kind in TYPES]
    type_chances = chances[first][:, begins] + chances[first][:, continues] + 1e-4
    votes = np.zeros((int(title.max()) + 1, len(TYPES)))
    counts = np.zeros(len(votes))
    np.add.at(votes, title, type_chances)
    np.add.at(counts, title, 1)
    name_chances = votes.sum(1) / counts
    for a, b, t in zip(first, last, title, strict=True):
        if name_chances[t] < 0.6:  # a link to a common noun
            continue
        kinds = votes[t] / votes[t].sum()
        at = np.arange(a, b + 1)[part.firsts[a : b + 1]]
        chances[at, : NAME_COLUMNS.stop] = 0
        chances[at[0], begins] = kinds
        for further in at[1:]:
            chances[further, continues] = kinds


# -- scores ----------------------------------------------------------------------------------------------------------

WordSpans = set[tuple[int, int, str]]  # first and last word (half-open), type


def name_scores(scores: NDArray[Any], part: Part, of_set: int | None = None) -> dict[str, tuple[int, int, int]]:
    """Type -> (right, predicted, true). Predicted names that overlap only words of which nothing is known are not
    counted. `of_set`: count only the windows of this set."""
    counts = {kind: [0, 0, 0] for kind in TYPES}
    numbers = [n for n in range(len(part.sets)) if of_set is None or part.sets[n] == of_set]
    logs = [log_softmax(_word_scores(scores, part, n)[:, NAME_COLUMNS]) for n in numbers]
    for n, path, log in zip(numbers, best_labels(logs, NAME_LABELS), logs, strict=True):
        window = part.window(n)
        true, vague = _true_names(part.names[window][part.firsts[window]])
        for first, last, kind in {(s.first, s.last, s.kind) for s in find_spans(path, log, NAME_LABELS)}:
            if (first, last, kind) in true:
                counts[kind][0] += 1
                counts[kind][1] += 1
            elif not vague[first:last].any() or _overlaps(first, last, true):
                counts[kind][1] += 1
        for _, _, kind in true:
            counts[kind][2] += 1
    return {kind: (right, predicted, true) for kind, (right, predicted, true) in counts.items()}


def _overlaps(first: int, last: int, names: WordSpans) -> bool:
    return any(a < last and first < b for a, b, _ in names)


def _word_scores(scores: NDArray[Any], part: Part, n: int) -> NDArray[np.float32]:
    """The scores of the words of a window: those of their first pieces."""
    window = part.window(n)
    word_scores: NDArray[np.float32] = scores[window][part.firsts[window]].astype(np.float32)
    return word_scores


def _true_names(bits: NDArray[Any]) -> tuple[WordSpans, NDArray[np.bool_]]:
    """The names whose words have a single label, and which words are vague: they may have several labels, among them
    PER, ORG or LOC."""
    single = {1 << number: label for number, label in enumerate(NAME_LABELS)}
    labels = [single.get(int(b), "?") for b in bits]
    plain = sum(1 << NAME_LABELS.index(f"{p}-{k}") for k in PLAIN_TYPES for p in "BI")
    vague = np.array([label == "?" and bool(int(b) & plain) for label, b in zip(labels, bits, strict=True)], bool)
    names: WordSpans = set()
    first, kind = 0, ""
    for at, label in enumerate([*labels, "O"]):
        if kind and label != f"I-{kind}":
            names.add((first, at, kind))
            kind = ""
        if label.startswith("B-"):
            first, kind = at, label[2:]
    return names, vague


def f1(counts: Sequence[tuple[int, int, int]]) -> float:
    """The F1 of all counts of (right, predicted, true) together."""
    right, predicted, true = (sum(c[n] for c in counts) for n in range(3))
    return 2 * right / max(predicted + true, 1)


def quote_scores(scores: NDArray[Any], part: Part) -> dict[str, float]:
    """The F1 of exact spans of sources, cues and contents."""
    results = {}
    for row, (name, columns) in enumerate(QUOTE_COLUMNS.items()):
        right = n_predicted = n_true = 0
        logs = [log_softmax(_word_scores(scores, part, n)[:, columns]) for n in range(len(part.sets))]
        for n, path, log in zip(range(len(logs)), best_labels(logs, QUOTE_LABELS), logs, strict=True):
            window = part.window(n)
            gold = part.quotes[row, window][part.firsts[window]].astype(np.int64)
            true = {(s.first, s.last) for s in find_spans(gold, log, QUOTE_LABELS)}
            predicted = {(s.first, s.last) for s in find_spans(path, log, QUOTE_LABELS)}
            right += len(true & predicted)
            n_predicted += len(predicted)
            n_true += len(true)
        results[name] = f1([(right, n_predicted, n_true)])
    return results


def report(judge_part: Callable[[Part], NDArray[Any]], parts: dict[str, Part], title: str) -> str:
    """The scores on texts that nothing was learnt from, as lines."""
    lines = [f"== {title}"]
    scores = {name: judge_part(parts[name]) for name in ("world", "test", "polnear-dev")}
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


# -- models ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """How one model is made. `swapped`: the share of the texts with swapped names that it learns from. `of`: the
    teacher of which a student begins as a smaller copy.

    Teachers begin as MiniLM; students learn from the judgements of all teachers too. The vectors of word pieces stay
    MiniLM's, so that names that were never seen keep their place (0.02 better on news of other countries).
    """

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
# Half of MiniLM's inner units are as good as all of them, at 1.4 times the speed. Four complete layers instead are as
# fast and lose 0.02 on names in encyclopaedias and on quotations.
STUDENT = Recipe("student", 10, 14, 6e-4, inner=768, of="teacher-0")


def make(recipe: Recipe, pack: Path, minilm: Path | None, folder: Path, budget: int) -> str:
    """Fit one model, write its weights, and return its scores."""
    began = time.monotonic()
    torch.set_num_threads(2)
    parts = read_pack(pack)
    learnt_parts = [(parts["gold"], 1.0), (parts["swapped"], recipe.swapped), (parts["polnear"], 1.0)]
    if recipe.of:
        learnt_parts.append((parts["raw"], 1.0))
        for name in JUDGED_PARTS:
            parts[name].soft = np.load(folder / f"{name}.npy")
        encoder = shrunk(load(folder / f"{recipe.of}.npz", minilm), recipe.layers, recipe.inner)
    else:
        encoder = Encoder()
        load_minilm(encoder, minilm_weights(minilm))
    encoder.words.weight.requires_grad = False
    fit(encoder, learnt_parts, recipe.epochs, recipe.rate, budget, recipe.seed)
    save(encoder, folder / f"{recipe.name}.npz")
    return report(lambda part: judge(encoder, part), parts, f"{recipe}: {time.monotonic() - began:.0f} s")


def write_judgements(names: Sequence[str], pack: Path, minilm: Path | None, folder: Path) -> None:
    """Write the teachers' mean judgement of the texts that students learn from."""
    parts = read_pack(pack)
    teachers = [load(folder / f"{name}.npz", minilm) for name in names]
    for name in JUDGED_PARTS:
        np.save(folder / f"{name}.npy", soft_labels(teachers, parts[name]))


def save(encoder: Encoder, path: Path) -> None:
    """Write weights in half precision, without the vectors of word pieces, which are MiniLM's."""
    arrays = {name: tensor.detach().cpu().half().numpy() for name, tensor in encoder.state_dict().items()}
    del arrays["words.weight"]
    np.savez(path, **arrays)


def load(path: Path, minilm: Path | None) -> Encoder:
    """An encoder from a file that save() wrote."""
    arrays = {name: torch.from_numpy(array).float() for name, array in np.load(path).items()}
    arrays["words.weight"] = minilm_weights(minilm)["embeddings.word_embeddings.weight"].float()
    layers = 1 + max(int(name.split(".")[1]) for name in arrays if name.startswith("layers."))
    encoder = Encoder(layers, len(arrays["layers.0.inner.bias"]))
    encoder.load_state_dict(arrays)
    encoder.to(DEVICE).eval()
    return encoder


def main() -> None:
    options = argparse.ArgumentParser(description="Fit the encoder: first the teachers, then the student.")
    options.add_argument("pack", type=Path, help="file that training.pack wrote")
    options.add_argument("folder", type=Path, help="folder for the weights and the teachers' judgements")
    options.add_argument("--minilm", type=Path, help="MiniLM's weights, if the package with them is not installed")
    options.add_argument("--at-once", type=int, default=1, help="how many models are fitted at the same time")
    options.add_argument("--budget", type=int, default=8192, help="pieces in a batch, at most")
    chosen = options.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    began = time.monotonic()
    with ProcessPoolExecutor(chosen.at_once, get_context("spawn")) as pool:
        for recipes in (TEACHERS, (STUDENT,)):
            futures = [pool.submit(make, r, chosen.pack, chosen.minilm, chosen.folder, chosen.budget) for r in recipes]
            for future in as_completed(futures):
                print(future.result(), f"({time.monotonic() - began:.0f} s since the start)", sep="\n", flush=True)
            if recipes is TEACHERS:
                names = [recipe.name for recipe in TEACHERS]
                pool.submit(write_judgements, names, chosen.pack, chosen.minilm, chosen.folder).result()


if __name__ == "__main__":
    main()
