"""The adapter for newspaper also works with newspaper3k, in an environment that has nothing else."""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path

import pytest

from etl.extract.body import newspaper as newspaper_text
from tests.extract.test_newspaper import PAGE, PARAGRAPHS, URL

ADAPTER = Path(newspaper_text.__file__)
PACKAGES = [
    "newspaper3k==0.2.8",
    "lxml_html_clean",
    "setuptools<81",
]  # newspaper3k needs the last two but does not require them


@pytest.mark.slow
def test_newspaper3k_reads_a_page(tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES]
    try:
        installed = subprocess.run(install, capture_output=True, text=True, timeout=170, check=False)
    except subprocess.TimeoutExpired:
        pytest.skip("pip could not install newspaper3k within three minutes; is there a network?")
    if installed.returncode:
        pytest.skip(f"pip could not install newspaper3k: {installed.stderr.strip()[-300:]}")
    (tmp_path / "page.html").write_text(PAGE, encoding="utf-8")
    script = (
        "import runpy, sys; adapter = runpy.run_path(sys.argv[1]); html = open(sys.argv[2], encoding='utf-8').read(); "
        "print(adapter['newspaper_version']()); print(adapter['newspaper_text'](html, sys.argv[3], 'en'))"
    )
    done = subprocess.run(
        [python, "-c", script, ADAPTER, tmp_path / "page.html", URL],
        capture_output=True, text=True, timeout=60, check=False,
        env={"PYTHONIOENCODING": "utf-8", "http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"},
    )  # fmt: skip
    assert done.stderr == "" and done.returncode == 0
    label, *lines = done.stdout.splitlines()
    assert label == "newspaper3k 0.2.8"
    assert [line for line in lines if line != "Treaty signed"] == PARAGRAPHS  # newspaper3k includes the headline
