"""Topics, answers and what leaves the house, as a user asks for them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from etl.configuration.settings import Settings
from tests.cli.test_main import dateline
from tests.conftest import copy_warehouse


def asked(settings: Settings, *arguments: object, cwd: Path) -> str:
    done = dateline("--config", settings.config, "--warehouse", settings.warehouse, *arguments, cwd=cwd)
    assert done.returncode == 0 and "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_from_a_tried_query_to_a_coded_sheet(world: Settings, tmp_path: Path) -> None:
    assert "china-russia" in asked(world, "topics", "list", cwd=tmp_path)
    tried = asked(world, "topics", "try", 'country:CHN AND "gas pipeline*"~8', "--n", 3, cwd=tmp_path)
    assert "2025-09" in tried and " articles" in tried.splitlines()[-1]
    made = asked(world, "topics", "sample", "china-russia", "--n", 10, cwd=tmp_path)
    assert "topics score china-russia.csv" in made
    with (tmp_path / "china-russia.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert 5 <= len(rows) <= 12 and {row["kind"] for row in rows} == {"match", "near miss"}
    with (tmp_path / "coded.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row | {"relevant": int(row["kind"] == "match")} for row in rows)
    score = asked(world, "topics", "score", "coded.csv", cwd=tmp_path)
    assert score.startswith("precision 1.000 (") and "recall 1.000" in score


def test_a_wrong_example_gives_status_1(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    folder = settings.config / "topics"
    folder.mkdir(exist_ok=True)
    (folder / "t.yaml").write_text(
        "title: T\nquery: grain\ntests: {must_match: [Wheat moved.], must_not_match: [Tea.]}\n"
    )
    done = dateline("--config", settings.config, "topics", "test", "t", cwd=tmp_path)
    assert done.returncode == 1
    assert done.stdout.splitlines() == ["t: must match: Wheat moved.", "1 topics, 2 examples, 1 wrong"]


def test_answers(world: Settings, tmp_path: Path) -> None:
    rows = json.loads(asked(world, "timeline", "china-russia", "--by", "week", "--format", "json", cwd=tmp_path))
    best = max(rows, key=lambda row: row["n_articles"] or 0)["period"]
    parts = asked(world, "timeline", "china-russia", "--split", "outlet", "--format", "csv", cwd=tmp_path)
    assert parts.startswith("period,outlet,n_articles")
    day = json.loads(asked(world, "timeline", "china-russia", "--by", "day", "--format", "json", cwd=tmp_path))
    day = next(row["period"] for row in day if row["n_articles"] and row["period"] >= best)
    explained = json.loads(asked(world, "explain", "china-russia", day, "--format", "json", cwd=tmp_path))
    assert explained["day"]["n_articles"] == sum(story["n_articles"] for story in explained["stories"])
    assert "outlets:" in asked(world, "explain", "china-russia", day, cwd=tmp_path)
    article = json.loads(asked(world, "article", explained["stories"][0]["url"], cwd=tmp_path))
    assert article["entities"] and article["mentions"]
    safe = asked(world, "sql", "--safe", "SELECT count(*) > 0 AS some FROM quotes", "--format", "csv", cwd=tmp_path)
    assert safe == "some\nTrue\n"


def test_exports_and_snapshots_of_what_is_published(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    listed = asked(settings, "export", "out", "topic_daily", "quotation_graph", cwd=tmp_path).splitlines()
    assert [Path(line).name for line in listed] == [
        "topic_daily.parquet", "quotation_graph.jsonl.gz", "manifest.json", "SHA256SUMS",
    ]  # fmt: skip
    assert "to cite: first, manifest sha256:" in asked(settings, "freeze", "first", cwd=tmp_path)
    assert asked(settings, "freeze", "first", "--check", cwd=tmp_path) == "first: unchanged\n"
    assert "no article of a topic's series differs" in asked(settings, "diff", "first", cwd=tmp_path)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "out", "nothing"), "'nothing' cannot be exported"),
        (("freeze", "a b"), "a snapshot's name begins with a letter"),
        (("freeze", "none", "--check"), "is not a snapshot; make one with: dateline freeze NAME"),
        (("diff", "none"), "no snapshot 'none'; there are: none (make one with: dateline freeze NAME)"),
        (("explain", "china-russia", "2031-01-01"), "the series of 'china-russia' goes from"),
        (("explain", "china-russia", "soon"), "'soon' is not a day"),
        (("article", "x"), "no article 'x' is published"),
        (("sql", "--safe", "DROP TABLE topic_daily"), "only one SELECT statement is allowed"),
        (("topics", "try", "a AND (b"), "it ends too early"),
        (("topics", "score", "none.csv"), "none.csv: no such file"),
    ],
)
def test_mistakes_give_one_line(world: Settings, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    done = dateline("--config", world.config, "--warehouse", world.warehouse, *arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr
