"""Fits the weights that choose whom "he" or "she" means, on GUM's coreference: python -m training.pronouns

For each pronoun it takes the persons that etl.nlp.quotes.coreference considers, and the one that the pronoun means
according to GUM. A softmax over the persons is fitted by gradient descent with weak L2 regularization. Prints WEIGHTS
for etl/nlp/quotes/coreference.py, fitted on the train part, and how often each set of weights is right on the train
part and on the development and test parts.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from etl.configuration.settings import PACKAGED
from etl.nlp.annotators import ENCODER, find_annotator
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.quotes.coreference import PERSONAL, WEIGHTS, LastSpeaker, Persons
from etl.nlp.quotes.marks import Marks, find_marked
from etl.text import lay_out
from evaluation.gum import GumMention, gum_documents

FEATURES = tuple(WEIGHTS)
_PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
Example = tuple[NDArray[Any], int]  # (persons, features), the number of the right person


def examples(part: str, gazetteer: Gazetteer) -> tuple[list[Example], int]:
    """The pronouns of a part of GUM, and how many were left out because their person is not named before or not
    found."""
    usable: list[Example] = []
    n_left_out = 0
    for document in gum_documents(part):
        text = document.text
        layout = lay_out(text, "en")
        [annotation] = find_annotator(ENCODER)([text], ["en"], 2)
        names = find_names(text, layout, gazetteer, annotation.names, None)
        marks = Marks(find_marked(text, layout.paragraphs))
        persons = Persons(text, layout, marks, names)
        spoke = [
            LastSpeaker(q.attribution.speaker.cluster, q.attribution.speaker.start)
            for q in find_quotes(text, layout, names, "en", annotation.pieces)
            if q.attribution and q.attribution.speaker and q.attribution.speaker.cluster is not None
        ]
        for match in _PRONOUN.finditer(text):
            entity = next((m.entity for m in document.mentions if (m.start, m.end) == match.span()), None)
            if entity is None:
                continue
            last = next((s for s in reversed(spoke) if match.start() - 1000 < s.at < match.start()), None)
            candidates = persons.candidates(match.start(), PERSONAL[match[0].lower()], last)
            right = [n for n, (name, _) in enumerate(candidates) if _names_entity(name, entity, document.mentions)]
            if len(right) != 1:
                n_left_out += 1
                continue
            rows = np.array([[features[name] for name in FEATURES] for _, features in candidates])
            usable.append((rows, right[0]))
    return usable, n_left_out


def _names_entity(name: NamedEntity, entity: str, mentions: Sequence[GumMention]) -> bool:
    """Does the smallest mention of a person that holds the name refer to the entity?"""
    around = [m for m in mentions if m.start <= name.start and name.end <= m.end and m.kind == "person"]
    return bool(around) and min(around, key=lambda m: m.end - m.start).entity == entity


def fit(examples: list[Example], prior: float = 1.0, steps: int = 3000) -> NDArray[Any]:
    weights = np.zeros(len(FEATURES))
    for _ in range(steps):
        gradient = -prior * weights
        for rows, right in examples:
            chances = np.exp(rows @ weights - (rows @ weights).max())
            gradient += rows[right] - (chances / chances.sum()) @ rows
        weights += 0.3 * gradient / len(examples)
    return weights


def accuracy(examples: list[Example], weights: NDArray[Any]) -> str:
    """How often the likeliest person is right: of all pronouns, of those with several persons, of those whose chance
    is a half or more."""
    several = [(rows, right) for rows, right in examples if len(rows) > 1]
    sure = [(rows, right) for rows, right in examples if _chance(rows, weights) >= 0.5]
    return (
        f"{_share_right(examples, weights)}; of several persons {_share_right(several, weights)}; "
        f"where the chance is a half or more {_share_right(sure, weights)}"
    )


def _chance(rows: NDArray[Any], weights: NDArray[Any]) -> float:
    """The chance of the likeliest person."""
    scores = rows @ weights
    return float(1 / np.exp(scores - scores.max()).sum())


def _share_right(examples: list[Example], weights: NDArray[Any]) -> str:
    share = np.mean([int((rows @ weights).argmax()) == right for rows, right in examples])
    return f"{share:.3f} of {len(examples)}"


def main() -> None:
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    parts: dict[str, list[Example]] = {}
    for part in ("train", "dev", "test"):
        parts[part], n_left_out = examples(part, gazetteer)
        print(f"{part}: {len(parts[part])} pronouns, {n_left_out} left out")
    fitted = fit(parts["train"])
    print({name: round(float(weight), 2) for name, weight in zip(FEATURES, fitted, strict=True)})
    most_recent = np.zeros(len(FEATURES))
    most_recent[FEATURES.index("between")] = -1
    shipped = np.array(list(WEIGHTS.values()))
    held_out = [*parts["dev"], *parts["test"]]
    for name, weights in (("named last", most_recent), ("shipped", shipped), ("fitted", fitted)):
        print(f"{name}: train {accuracy(parts['train'], weights)}\n    held out {accuracy(held_out, weights)}")


if __name__ == "__main__":
    main()
