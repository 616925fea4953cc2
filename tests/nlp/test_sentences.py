"""Russian and Chinese sentences, written before the rules: the countries that a careful reader finds named, a third of
them lures. Rules were made with one half in sight, `dev`; the other is `held`."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from etl.nlp.annotate import Subject, annotate
from etl.nlp.gazetteer import Gazetteer

FOLDER = Path(__file__).parent / "sentences"
# (language, half) -> the least precision and recall of countries; what is measured is in docs/measurements.md.
LEAST = {("ru", "dev"): 0.95, ("ru", "held"): 0.93, ("zh", "dev"): 0.95, ("zh", "held"): 0.92}


@pytest.mark.parametrize(("language", "half"), LEAST)
def test_countries_by_dictionary(language: str, half: str, gazetteer: Gazetteer) -> None:
    rows = [row for row in yaml.safe_load((FOLDER / f"{language}.yaml").read_text("utf-8")) if row["half"] == half]
    assert len(rows) >= 48 and sum("lure" in row for row in rows) >= len(rows) // 3 - 1
    right = found_all = true_all = 0
    for row, found in zip(
        rows, annotate([Subject("", "", "", "v", r["text"], language) for r in rows], gazetteer), strict=True
    ):
        named, true = {code for e in found.entities for code in e.countries}, set(row["countries"])
        right, found_all, true_all = right + len(named & true), found_all + len(named), true_all + len(true)
    assert right / found_all >= LEAST[language, half]
    assert right / true_all >= LEAST[language, half]
