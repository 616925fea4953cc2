"""A spaCy pipeline in the encoder's place, or the gazetteer alone; what a mistake in the setting says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import spacy

from etl.errors import ConfigError
from etl.nlp.annotate import TextToAnnotate, annotate
from etl.nlp.annotators import annotator_stamp, find_annotator
from etl.nlp.gazetteer.gazetteer import Gazetteer
from schemas import Entity

TEXT = "Vladimir Putin met Ngozi Okonkwo of Shell plc in Port Harcourt, the Kremlin said.\nOkonkwo thanked Putin."


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small pipeline: rules in place of a model, with labels as spaCy's own pipelines have them."""
    small = spacy.blank("en")
    ruler = small.add_pipe("entity_ruler")
    ruler.add_patterns([  # type: ignore[attr-defined]
        {"label": "PERSON", "pattern": "Ngozi Okonkwo"}, {"label": "PERSON", "pattern": "Okonkwo"},
        {"label": "ORG", "pattern": "Shell plc"}, {"label": "GPE", "pattern": "Port Harcourt"},
        {"label": "DATE", "pattern": "Monday"},
    ])  # fmt: skip
    folder = tmp_path_factory.mktemp("spacy") / "small"
    small.to_disk(folder)
    return folder


@pytest.fixture(params=["encoder", "spacy"])
def annotator(request: pytest.FixtureRequest, pipeline: Path) -> Iterator[str]:
    yield request.param if request.param == "encoder" else f"spacy:{pipeline}"


def entities(text: str, gazetteer: Gazetteer, annotator: str) -> list[Entity]:
    [found] = annotate([TextToAnnotate("b", "m", "a", "v", text, "en")], gazetteer, annotator)
    return found.entities


def test_both_give_the_same_rows(annotator: str, gazetteer: Gazetteer) -> None:
    found = {e.text: (e.type, e.name, e.countries) for e in entities(TEXT, gazetteer, annotator)}
    assert found["Ngozi Okonkwo"] == ("PER", "Ngozi Okonkwo", [])
    assert found["Okonkwo"] == ("PER", "Ngozi Okonkwo", [])
    assert found["Putin"] == ("PER", "Vladimir Putin", ["RUS"])
    assert found["Shell plc"][0] == "ORG"
    assert found["Port Harcourt"][0] == "LOC"
    assert found["Kremlin"] == ("ORG", "Kremlin", ["RUS"])


@pytest.mark.parametrize("text", ["", "\n", "😀 " * 100, "x" * 150_000, f"{TEXT}\n" * 2000], ids=len)
def test_any_text_is_taken_and_spans_are_slices(text: str, annotator: str, gazetteer: Gazetteer) -> None:
    for entity in entities(text, gazetteer, annotator):
        assert text[entity.char_start : entity.char_end] == entity.text


def test_the_gazetteer_alone(gazetteer: Gazetteer) -> None:
    assert {e.text for e in entities(TEXT, gazetteer, "gazetteer")} >= {"Vladimir Putin", "Kremlin", "Putin"}
    assert "Ngozi Okonkwo" not in {e.text for e in entities(TEXT, gazetteer, "gazetteer")}


def test_the_encoder_reads_english_and_what_is_not_identified(pipeline: Path) -> None:
    texts, languages = ["Putin spoke.", "Putin spoke.", "Putin sprach."], ["en", None, "de"]
    told = find_annotator("encoder")(texts, languages, 1)
    assert [bool(t.names) for t in told] == [True, True, False]
    assert [t.pieces is not None for t in told] == [True, True, False]


def test_a_pipeline_gives_names_and_the_encoder_quotations(pipeline: Path) -> None:
    [told] = find_annotator(f"spacy:{pipeline}")(["“Yes,” said Ngozi Okonkwo."], ["en"], 1)
    assert [name.type for name in told.names] == ["PER"]
    assert told.pieces is not None and len(told.pieces.contents) == 1


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("spacy:nothing_of_the_kind", "there is no such pipeline; install it, or give the path of its folder"),
        ("flair", "must be encoder, gazetteer or spacy:"),
    ],
)
def test_mistakes_say_what_to_do(named: str, said: str) -> None:
    with pytest.raises(ConfigError, match=said):
        find_annotator(named)


def test_names_are_stale_when_the_annotator_changes() -> None:
    assert len({annotator_stamp(name) for name in ("encoder", "gazetteer", "spacy:a", "spacy:b")}) == 4
