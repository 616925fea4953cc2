"""A model is used only as it was shipped, and running one tells nobody."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from etl.errors import MachineError
from etl.extract.body.model_files import BLOCKS_MODEL, BODY_MODELS
from etl.models.files import SUMS, damaged_models, models_stamp, read_model, record_sum
from etl.nlp.encoder.model_files import ATTRIBUTIONS, FOLDER, LABELS, MODEL, TOKENIZER


@pytest.mark.parametrize("model", [*BODY_MODELS, MODEL, TOKENIZER, LABELS, ATTRIBUTIONS], ids=lambda path: path.name)
def test_every_model_is_as_it_was_shipped(model: Path) -> None:
    assert read_model(model)


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    shutil.copytree(FOLDER, tmp_path / "models")
    return tmp_path / "models"


@pytest.mark.parametrize("name", [LABELS.name, TOKENIZER.name, ATTRIBUTIONS.name])
def test_a_flipped_bit_is_noticed(copied: Path, name: str) -> None:
    stamp = models_stamp([copied / name])
    content = bytearray((copied / name).read_bytes())
    content[len(content) // 2] ^= 1
    (copied / name).write_bytes(content)
    with pytest.raises(MachineError, match=f"{name}: is damaged"):
        read_model(copied / name)
    assert damaged_models(copied) == [copied / name]
    assert models_stamp([copied / name]) == stamp, "what was computed with the model as shipped stays up to date"


def test_a_missing_model_is_named(copied: Path) -> None:
    (copied / LABELS.name).unlink()
    with pytest.raises(MachineError, match=r"labels.json: cannot be read: No such file or directory"):
        read_model(copied / LABELS.name)


def test_a_new_model_is_recorded_and_changes_the_stamp(copied: Path) -> None:
    stamp = models_stamp([copied / LABELS.name])
    (copied / LABELS.name).write_text("{}", encoding="utf-8")
    record_sum(copied / LABELS.name)
    assert read_model(copied / LABELS.name) == b"{}"
    assert models_stamp([copied / LABELS.name]) != stamp
    assert not damaged_models(copied)
    assert len((copied / SUMS).read_text(encoding="utf-8").splitlines()) == 4


def test_running_a_model_leaves_no_id_of_this_device(tmp_path: Path) -> None:
    code = f"import pathlib, etl.models.sessions as s; s.open_session(pathlib.Path({str(BLOCKS_MODEL)!r}))"
    variables = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path / "cache")}
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | variables
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert not list(tmp_path.rglob("*"))
