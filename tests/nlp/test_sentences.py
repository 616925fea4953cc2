"""Russian, Chinese and Spanish sentences, written before the rules: the countries that a careful reader finds named
(not in Spanish), and the direct quotations with their speakers; a third of them lures. Rules were made with one half in
sight, `dev`; the other is `held`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Quote

FOLDER = Path(__file__).parent / "sentences"
# (language, half) -> the least precision and recall of countries; what is measured is in docs/measurements.md.
LEAST = {("ru", "dev"): 0.95, ("ru", "held"): 0.93, ("zh", "dev"): 0.95, ("zh", "held"): 0.92}


@pytest.mark.parametrize(("language", "half"), LEAST)
def test_countries_by_dictionary(language: str, half: str, gazetteer: Gazetteer) -> None:
    rows = [row for row in yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")) if row["half"] == half]
    assert len(rows) >= 48 and sum("lure" in row for row in rows) >= len(rows) // 3 - 1
    right = found_all = true_all = 0
    for row, found in zip(
        rows, annotate([TextToAnnotate("", "", "", "v", r["text"], language) for r in rows], gazetteer), strict=True
    ):
        named, true = {code for e in found.entities for code in e.countries}, set(row["countries"])
        right, found_all, true_all = right + len(named & true), found_all + len(named), true_all + len(true)
    assert right / found_all >= LEAST[language, half]
    assert right / true_all >= LEAST[language, half]


# (language, half) -> the least precision and recall of quotations, and share of right speakers.
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
    assert all(found >= least for found, least in zip(score, LEAST_OF_QUOTES[language, half], strict=True)), score


def quote_score(rows: list[dict[str, Any]], language: str, gazetteer: Gazetteer) -> tuple[float, float, float]:
    """(precision, recall, right speakers of those found). A quotation is right if all its parts are, to the character
    but for a comma or full stop at their ends; a speaker, if the span touches the one marked, or there is none."""
    right = found = true = speakers = 0
    subjects = [TextToAnnotate("", "", "", "v", row["text"], language) for row in rows]
    for row, annotation in zip(rows, annotate(subjects, gazetteer), strict=True):
        wanted = {_plain(quote["parts"]): quote["speaker"] for quote in row["quotes"]}
        found, true = found + len(annotation.quotes), true + len(wanted)
        for quote in annotation.quotes:
            parts = _plain([row["text"][part.char_start : part.char_end] for part in quote.parts])
            if parts in wanted:
                right += 1
                speakers += _same(wanted[parts], quote)
    return right / found, right / true, speakers / right


def _plain(parts: list[str]) -> tuple[str, ...]:
    return tuple(part.strip(" ,，.。") for part in parts)


def _same(wanted: str | None, quote: Quote) -> bool:
    if wanted is None:  # nobody, or a pronoun
        return quote.speaker_method in (None, "pronoun", "carried")
    return quote.speaker is not None and (wanted in quote.speaker or quote.speaker in wanted)
