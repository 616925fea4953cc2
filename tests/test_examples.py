"""The notebooks of examples/ run, and the code of docs/python.md does what the page says."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from etl.configuration.settings import Settings

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "examples").glob("*.ipynb"))


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_runs_on_the_sample_data(
    path: Path, world: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATELINE_WAREHOUSE", str(world.warehouse))
    monkeypatch.setenv("DATELINE_CONFIG", str(world.config))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    text = "".join(output.get("text", "") for output in outputs)
    assert not re.search(r"\b0 rows", text), "a table of the notebook is empty"
    if "topic" in path.stem:
        assert any("image/png" in output.get("data", {}) for output in outputs)
    else:
        assert "Sergey Lavrov" in text


def test_notebooks_are_stored_without_outputs() -> None:
    for path in NOTEBOOKS:
        cells = nbformat.read(path, as_version=4).cells
        assert not any(cell.get("outputs") or cell.get("execution_count") for cell in cells), path


def test_the_python_page_runs_from_top_to_bottom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = (ROOT / "docs" / "python.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATELINE_CONFIG", raising=False)
    monkeypatch.delenv("DATELINE_WAREHOUSE", raising=False)
    names: dict[str, object] = {}
    for block in re.findall(r"```python\n(.*?)```", page, re.S):
        exec(block, names)
    printed = capsys.readouterr().out
    assert "texts.jsonl 1 records" in printed
    assert "0 units failed" in printed
    assert "'title': 'Harbour'" in printed
    assert "('We are ready,', 'Xi Jinping')" in printed and "'RUS'" in printed
