"""Weights for whom "he" and "she" mean, from GUM's coreference: python -m training.pronouns

For each pronoun the persons whom etl.nlp.quotes.coreference offers,
and which of them GUM says it is; a softmax over the
persons, by gradient descent with a mild prior at zero. Prints WEIGHTS for etl/nlp/coreference.py, fitted on the train
part, and how often each set of weights is right on the development and test parts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import numpy as np

from etl.configuration.settings import PACKAGED
from etl.nlp.annotators import ENCODER, find_annotator
from etl.nlp.find_quotes import find_quotes
from etl.nlp.gazetteer.gazetteer import Gazetteer, load_gazetteer
from etl.nlp.names.find import NamedEntity, find_names
from etl.nlp.quotes.coreference import PERSONAL, WEIGHTS, LastSpeaker, Persons
from etl.nlp.quotes.marks import Marks, find_marked
from etl.text import lay_out
from training.corpora import gum_documents

FEATURES = tuple(WEIGHTS)
_PRONOUN = re.compile(r"\b(?:he|she)\b", re.IGNORECASE)
Example = tuple[np.ndarray, int]  # (persons, features), the number of the right one


def examples(part: str, gazetteer: Gazetteer) -> tuple[list[Example], int]:
    """Examples of one part of GUM, and how many pronouns were left out: the person is not named before, or not
    found."""
    found, left = [], 0
    for _, text, mentions, _ in gum_documents(part):
        layout = lay_out(text, "en")
        [told] = find_annotator(ENCODER)([text], ["en"], 2)
        names = find_names(text, layout, gazetteer, told.names, None)
        marks = Marks(find_marked(text, layout.paragraphs))
        persons = Persons(text, layout, marks, names)
        spoke = [
            LastSpeaker(q.attribution.speaker.cluster, q.attribution.speaker.start)
            for q in find_quotes(text, layout, names, "en", told.pieces)
            if q.attribution and q.attribution.speaker and q.attribution.speaker.cluster is not None
        ]
        for match in _PRONOUN.finditer(text):
            true = next((m[4] for m in mentions if m[:2] == match.span()), None)
            if true is None:
                continue
            last = next((s for s in reversed(spoke) if match.start() - 1000 < s.at < match.start()), None)
            offered = persons.candidates(match.start(), PERSONAL[match[0].lower()], last)
            right = [n for n, (name, _) in enumerate(offered) if _is(name, true, mentions)]
            if len(right) != 1:
                left += 1
                continue
            found.append((np.array([[f[name] for name in FEATURES] for _, f in offered]), right[0]))
    return found, left


def _is(name: NamedEntity, number: str, mentions: list[tuple[int, int, str, str | None, str]]) -> bool:
    """Is the smallest mention that holds the name one of what is numbered so?"""
    around = [m for m in mentions if m[0] <= name.start and name.end <= m[1] and m[2] == "person"]
    return bool(around) and min(around, key=lambda m: m[1] - m[0])[4] == number


def fit(given: list[Example], prior: float = 1.0, steps: int = 3000) -> np.ndarray:
    weights = np.zeros(len(FEATURES))
    for _ in range(steps):
        slope = -prior * weights
        for rows, right in given:
            chances = np.exp(rows @ weights - (rows @ weights).max())
            slope += rows[right] - (chances / chances.sum()) @ rows
        weights += 0.3 * slope / len(given)
    return weights


def right(given: list[Example], weights: np.ndarray) -> str:
    several = [(rows, own) for rows, own in given if len(rows) > 1]
    sure = [(rows, own) for rows, own in given if _chance(rows, weights) >= 0.5]
    return (
        f"{_share(given, weights)}; of several persons {_share(several, weights)}; "
        f"where the chance is a half and more {_share(sure, weights)}"
    )


def _chance(rows: np.ndarray, weights: np.ndarray) -> float:
    scores = rows @ weights
    return float(1 / np.exp(scores - scores.max()).sum())


def _share(given: list[Example], weights: np.ndarray) -> str:
    return f"{np.mean([int((rows @ weights).argmax()) == own for rows, own in given]):.3f} of {len(given)}"


def parts() -> Iterator[tuple[str, list[Example], int]]:
    gazetteer = load_gazetteer(PACKAGED / "gazetteer")
    for part in ("train", "dev", "test"):
        yield part, *examples(part, gazetteer)


def main() -> None:
    given = {part: own for part, own, left in parts() if print(f"{part}: {len(own)} pronouns, {left} left out") is None}
    fitted = fit(given["train"])
    print({name: round(float(weight), 2) for name, weight in zip(FEATURES, fitted, strict=True)})
    recent = np.zeros(len(FEATURES))
    recent[FEATURES.index("between")] = -1
    shipped = np.array(list(WEIGHTS.values()))
    held = [*given["dev"], *given["test"]]
    for name, weights in (("named last", recent), ("shipped", shipped), ("fitted", fitted)):
        print(f"{name}: train {right(given['train'], weights)}\n    held {right(held, weights)}")


if __name__ == "__main__":
    main()
