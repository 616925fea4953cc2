"""Russian, Chinese and Spanish sentences, written before the rules: the countries that a careful reader finds named
(not in Spanish), and the direct quotations with their speakers; a third of them lures. Rules were made with one half in
sight, `dev`; the other is `held`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.nlp.annotate import Annotation, TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote

FOLDER = Path(__file__).parent / "sentences"
# (language, half) -> the least precision and recall of countries. The measured figures are in docs/measurements.md.
LEAST = {("ru", "dev"): 0.95, ("ru", "held"): 0.93, ("zh", "dev"): 0.95, ("zh", "held"): 0.92}


def annotations_of(rows: list[dict[str, Any]], language: str, gazetteer: Gazetteer) -> list[Annotation]:
    return annotate([TextToAnnotate("", "", "", "v", row["text"], language) for row in rows], gazetteer)


@pytest.mark.parametrize(("language", "half"), LEAST)
def test_countries_by_the_gazetteer(language: str, half: str, gazetteer: Gazetteer) -> None:
    rows = [row for row in yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")) if row["half"] == half]
    assert len(rows) >= 48 and sum("lure" in row for row in rows) >= len(rows) // 3 - 1
    n_right = n_found = n_true = 0
    for row, annotation in zip(rows, annotations_of(rows, language, gazetteer), strict=True):
        codes, true = {code for e in annotation.entities for code in e.countries}, set(row["countries"])
        n_right, n_found, n_true = n_right + len(codes & true), n_found + len(codes), n_true + len(true)
    assert n_right / n_found >= LEAST[language, half]
    assert n_right / n_true >= LEAST[language, half]


# (language, half) -> the least precision and recall of quotations, and the least share of right speakers.
LEAST_OF_QUOTES = {
    ("ru", "dev"): (1.0, 0.95, 0.95), ("ru", "held"): (0.95, 0.8, 0.7),
    ("zh", "dev"): (1.0, 0.95, 0.9), ("zh", "held"): (0.95, 0.8, 0.9),
    ("es", "dev"): (1.0, 0.95, 0.95), ("es", "held"): (0.85, 0.85, 0.95),
}  # fmt: skip


@pytest.mark.parametrize(("language", "half"), LEAST_OF_QUOTES)
def test_direct_quotes_by_rule(language: str, half: str, gazetteer: Gazetteer) -> None:
    rows = yaml.safe_load((FOLDER / f"quotes_{language}.yaml").read_text("utf-8"))
    assert len(rows) == 50 and sum(not row["quotes"] for row in rows) >= 16
    score = quote_score([row for row in rows if row["half"] == half], language, gazetteer)
    assert all(value >= least for value, least in zip(score, LEAST_OF_QUOTES[language, half], strict=True)), score


def quote_score(rows: list[dict[str, Any]], language: str, gazetteer: Gazetteer) -> tuple[float, float, float]:
    """Return precision, recall, and the share of right speakers among the quotations that are right. A quotation is
    right if all its parts are, to the character, but for commas and full stops at their ends; a speaker is right if the
    span holds the marked one or lies in it, or if there is none."""
    n_right = n_found = n_true = n_speakers = 0
    for row, annotation in zip(rows, annotations_of(rows, language, gazetteer), strict=True):
        speakers = {_plain(quote["parts"]): quote["speaker"] for quote in row["quotes"]}
        n_found, n_true = n_found + len(annotation.quotes), n_true + len(speakers)
        for quote in annotation.quotes:
            parts = _plain([row["text"][part.char_start : part.char_end] for part in quote.parts])
            if parts in speakers:
                n_right += 1
                n_speakers += _is_right_speaker(speakers[parts], quote)
    return n_right / n_found, n_right / n_true, n_speakers / n_right


def _plain(parts: list[str]) -> tuple[str, ...]:
    return tuple(part.strip(" ,，.。") for part in parts)


def _is_right_speaker(true: str | None, quote: Quote) -> bool:
    if true is None:  # nobody, or a pronoun
        return quote.speaker_method in (None, "pronoun", "carried")
    return quote.speaker is not None and (true in quote.speaker or quote.speaker in true)
