"""Annotators: the encoder, a spaCy pipeline in its place, the gazetteer alone; errors in the setting."""

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
    """A small pipeline that has rules instead of a model, with the labels of spaCy's own pipelines."""
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
    [annotation] = annotate([TextToAnnotate("b", "m", "a", "v", text, "en")], gazetteer, annotator)
    return annotation.entities


def test_the_encoder_and_a_spacy_pipeline_give_the_same_rows(annotator: str, gazetteer: Gazetteer) -> None:
    by_text = {e.text: (e.type, e.name, e.countries) for e in entities(TEXT, gazetteer, annotator)}
    assert by_text["Ngozi Okonkwo"] == ("PER", "Ngozi Okonkwo", [])
    assert by_text["Okonkwo"] == ("PER", "Ngozi Okonkwo", [])
    assert by_text["Putin"] == ("PER", "Vladimir Putin", ["RUS"])
    assert by_text["Shell plc"][0] == "ORG"
    assert by_text["Port Harcourt"][0] == "LOC"
    assert by_text["Kremlin"] == ("ORG", "Kremlin", ["RUS"])


@pytest.mark.parametrize("text", ["", "\n", "😀 " * 100, "x" * 150_000, f"{TEXT}\n" * 2000], ids=len)
def test_any_text_can_be_annotated_and_spans_are_slices(text: str, annotator: str, gazetteer: Gazetteer) -> None:
    for entity in entities(text, gazetteer, annotator):
        assert text[entity.char_start : entity.char_end] == entity.text


def test_the_gazetteer_alone_finds_only_names_that_it_has(gazetteer: Gazetteer) -> None:
    assert {e.text for e in entities(TEXT, gazetteer, "gazetteer")} >= {"Vladimir Putin", "Kremlin", "Putin"}
    assert "Ngozi Okonkwo" not in {e.text for e in entities(TEXT, gazetteer, "gazetteer")}


def test_the_encoder_reads_english_and_texts_of_unknown_language(pipeline: Path) -> None:
    texts, languages = ["Putin spoke.", "Putin spoke.", "Putin sprach."], ["en", None, "de"]
    outputs = find_annotator("encoder")(texts, languages, 1)
    assert [bool(t.names) for t in outputs] == [True, True, False]
    assert [t.pieces is not None for t in outputs] == [True, True, False]


def test_a_pipeline_gives_names_and_the_encoder_quotations(pipeline: Path) -> None:
    [output] = find_annotator(f"spacy:{pipeline}")(["“Yes,” said Ngozi Okonkwo."], ["en"], 1)
    assert [name.type for name in output.names] == ["PER"]
    assert output.pieces is not None and len(output.pieces.contents) == 1


@pytest.mark.parametrize(
    ("annotator_name", "message"),
    [
        ("spacy:nothing_of_the_kind", "there is no such pipeline; install it, or give the path of its folder"),
        ("flair", "must be encoder, gazetteer or spacy: and a pipeline's name"),
        ("flair:ner-english", "must be encoder, gazetteer or spacy: and a pipeline's name"),
    ],
)
def test_an_unknown_annotator_is_an_error_that_says_what_to_do(annotator_name: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        find_annotator(annotator_name)


def test_the_stamp_changes_with_the_annotator() -> None:
    assert len({annotator_stamp(name) for name in ("encoder", "gazetteer", "spacy:a", "spacy:b")}) == 4
