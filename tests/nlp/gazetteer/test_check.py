"""Doubts about a gazetteer, and its differences from Wikidata."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from click.testing import CliRunner

from etl.cli.main import cli
from etl.configuration.settings import PACKAGED
from etl.nlp.gazetteer.check import doubts
from etl.nlp.gazetteer.gazetteer import Alias, Gazetteer, GazetteerEntry

CHINA = GazetteerEntry("Q148", "China", "LOC", ("CHN",))
TAIWAN = GazetteerEntry("Q865", "Taiwan", "LOC", ("TWN",))
SECOND_CHINA = GazetteerEntry("place:china", "China", "LOC", ())


def test_doubts_about_rows_and_aliases() -> None:
    rows = [
        Alias(CHINA, "China", False), Alias(TAIWAN, "Taiwan", False), Alias(TAIWAN, "China", False),
        Alias(TAIWAN, "Republic", True), Alias(SECOND_CHINA, "Cathay", False),
    ]  # fmt: skip
    assert {(d.kind, d.id) for d in doubts(rows)} == {
        ("duplicate", "place:china"), ("shared alias", "Q148"), ("ambiguous alias", "Q865"), ("no Q-id", "place:china"),
    }  # fmt: skip


def test_the_packaged_gazetteer_has_no_duplicates(gazetteer: Gazetteer) -> None:
    assert [d for d in doubts(gazetteer.aliases) if d.kind in ("duplicate", "shared alias")] == []


@pytest.fixture
def wikidata() -> Iterator[str]:
    """A server that answers as wbgetentities does. The label of every item is its Q-id, but China has its right label,
    and Russia is missing."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            ids = parse_qs(urlsplit(self.path).query)["ids"][0].split("|")
            answer = {q: {"labels": {"en": {"value": {"Q148": "China"}.get(q, q)}}, "aliases": {}} for q in ids}
            answer |= {"Q159": {"missing": ""}} if "Q159" in answer else {}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"entities": answer}).encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, ["--config", str(PACKAGED), "gazetteer", "check", *words])
    return result.exit_code, result.output


def test_rows_are_compared_with_wikidata(wikidata: str) -> None:
    status, answer = run("--wikidata", "--server", wikidata, "--format", "json")
    by_row = {row["row"]: row["what"] for row in json.loads(answer)}
    assert status == 0
    assert by_row["Q159"] == "Russia: Wikidata has no such item"
    assert by_row["Q30"] == "United States: Wikidata calls it 'Q30'"
    assert "Q148" not in by_row


def test_the_check_prints_a_summary_and_with_all_every_doubt() -> None:
    status, answer = run()
    assert status == 0
    assert "duplicate: 0, shared alias: 0, ambiguous alias: " in answer
    assert "no Q-id" in run("--all", "--format", "csv")[1]


@pytest.mark.parametrize(
    ("server", "message"),
    [
        ("http://127.0.0.1:9", "http://127.0.0.1:9: Wikidata did not answer as expected: "),
        ("wikidata.org", "--server wikidata.org: not an http or https address"),
    ],
)
def test_a_server_that_cannot_be_reached_is_one_line(server: str, message: str) -> None:
    answer = subprocess.run(
        [sys.executable, "-m", "etl.cli", "gazetteer", "check", "--wikidata", "--server", server],
        capture_output=True, text=True,
    )  # fmt: skip
    assert answer.returncode == 1
    [line] = answer.stderr.splitlines()
    assert line.startswith(f"error: {message}")
