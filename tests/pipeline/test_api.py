"""The Python interface: a mistake is an error of Dateline with one clear line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import etl
from etl.errors import ConfigError, InputError


@pytest.mark.parametrize("workers", [0, -3, 257])
def test_a_number_of_workers_that_cannot_be_is_refused(tmp_path: Path, workers: int) -> None:
    with pytest.raises(ConfigError, match=rf"^workers: input should be .*, not {workers}$"):
        etl.open_warehouse(tmp_path, workers=workers)


def test_a_contact_in_the_environment_is_checked_like_one_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_CONTACT", "nobody")
    with pytest.raises(ConfigError, match=r"^DATELINE_CONTACT: must be a mail address"):
        etl.open_warehouse(tmp_path)
    monkeypatch.setenv("DATELINE_CONTACT", "desk@paper.example")
    assert etl.open_warehouse(tmp_path).settings.contact == "desk@paper.example"


def test_one_path_or_name_may_be_given_without_a_list(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    texts.write_text(json.dumps({"id": "a", "text": "The bridge opens in May."}) + "\n")
    warehouse = etl.open_warehouse(tmp_path / "warehouse")
    for paths in (str(texts), texts):
        [imported] = warehouse.import_files(paths).imported
        assert imported.records == 1
    with pytest.raises(InputError, match=r"^no source 'nowhere'"):
        warehouse.fetch("nowhere")
