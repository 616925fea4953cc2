"""The command as a user has it: shapes of the plain commands, and one clear line for every mistake."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from etl.configuration.settings import Settings
from etl.warehouse.delta import Store
from tests.conftest import copy_warehouse
from tests.rows import content_hash
from tests.warehouse.test_upgrade import unpacked

PAGE = Path(__file__).parents[1] / "golden" / "pages" / "json-ld.html"


def dateline(
    *arguments: object, cwd: Path, stdin: str | bytes = "", prefix: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")} | {
        "PYTHONUTF8": "0",
        "LC_ALL": "C",
    }
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "etl.cli", *map(str, arguments)], cwd=cwd, input=data, capture_output=True,
        env=environment, timeout=120, check=False,
    )  # fmt: skip
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout.decode(), done.stderr.decode())


def objects(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


# -- the stages as plain commands ----------------------------------------------------------------------------------


def test_extract(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE.read_bytes())
    (tmp_path / "b.html.gz").write_bytes(gzip.compress(b"<html><body><p>Too short.</p></body></html>"))
    done = dateline("extract", tmp_path, cwd=tmp_path)
    article, reject = objects(done)
    assert done.returncode == 0
    assert article["path"].endswith("a.html") and article["title"] == "Ministers & ferries"
    assert article["published_date"] == "2025-09-03" and article["published_at"] == "2025-09-04T03:30:00Z"
    assert article["url"] is None and article["agency"] is None and article["authors"] == ["Jo Field", "Max Ray"]
    assert "batch" not in article and "month" not in article
    assert reject == {"path": str(tmp_path / "b.html.gz"), "reject": reject["reject"]}
    assert reject["reject"]["reason"] == "no_text" and reject["reject"]["detail"]


def test_extract_from_standard_input(tmp_path: Path) -> None:
    (article,) = objects(
        dateline("extract", "-", "--url", "https://www.courier.example/x", cwd=tmp_path, stdin=PAGE.read_bytes())
    )
    assert (article["path"], article["outlet"]) == ("-", "courier.example")


def test_extract_from_a_warc(tmp_path: Path, world: Settings) -> None:
    path = sorted((world.warehouse / "warc").glob("*northline*"))[0]
    (article,) = objects(dateline("extract", path, cwd=tmp_path))
    assert (article["path"], article["warc_offset"]) == (str(path), 0)
    assert article["url"].startswith("https://www.northline.example/")


def test_an_input_that_cannot_be_read_costs_only_itself(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_bytes(PAGE.read_bytes())
    done = dateline("extract", "none.html", "a.html", cwd=tmp_path)
    assert (done.returncode, len(objects(done))) == (1, 1)
    assert done.stderr == "error: none.html: no such file\n"


SAID = "\ufeffPutin left Beijing.\r\n“We are ready,” he said. 😀 中国"


@pytest.mark.parametrize("form", ["text", "json", "stdin"])
def test_annotate(tmp_path: Path, form: str) -> None:
    text = SAID.removeprefix("\ufeff")
    if form == "text":
        (tmp_path / "a.txt").write_bytes(SAID.encode())
        done = dateline("annotate", "a.txt", cwd=tmp_path)
    elif form == "json":
        (tmp_path / "a.jsonl").write_text(json.dumps({"id": 7, "text": text, "language": "en"}) + "\n")
        done = dateline("annotate", "a.jsonl", cwd=tmp_path)
    else:
        done = dateline("annotate", "-", cwd=tmp_path, stdin=SAID)
    (found,) = objects(done)
    assert found["id"] == {"text": "a.txt", "json": "7", "stdin": "-"}[form]
    assert all(text[e["char_start"] : e["char_end"]] == e["text"] for e in found["entities"])
    assert [e["countries"] for e in found["entities"]] == [["RUS"], ["CHN"], ["CHN"]]
    assert list(found["entities"][0]) == [
        "char_start", "char_end", "text", "type", "entity_id", "name", "candidates", "cluster", "countries",
        "paragraph", "sentence", "confidence",
    ]  # fmt: skip
    (quote,) = found["quotes"]
    assert quote["parts"] == [{"char_start": quote["char_start"], "char_end": quote["char_end"]}]
    assert (quote["text"], quote["speaker"], quote["cue"], quote["speaker_method"]) == (
        "We are ready,",
        "he",
        "said",
        "pronoun",
    )


def test_annotate_rejects_rows_and_goes_on(tmp_path: Path) -> None:
    lines = ["{", '{"id": "b"}', "[]", '{"id": "c", "text": "\\ud800 Putin"}', ""]
    done = dateline("annotate", "-", cwd=tmp_path, stdin="\n".join(['{"id": "a", "text": ""}', *lines]))
    found = objects(done)
    assert done.returncode == 0
    assert [("reject" in row, row["id"]) for row in found] == [
        (False, "a"), (True, "-:2"), (True, "b"), (True, "-:4"), (False, "c"),
    ]  # fmt: skip


def test_stories(tmp_path: Path) -> None:
    body = " ".join(f"word{n}" for n in range(60))
    rows = [
        {"id": "late", "title": "B", "text": "Local words first. " + body, "published_date": "2025-09-04"},
        {"id": "first", "title": "A", "text": body, "published_date": "2025-09-03"},
        {
            "id": "other",
            "title": "C",
            "text": "Something else entirely happened in the harbour.",
            "published_date": None,
        },
    ]
    (tmp_path / "s.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert objects(dateline("stories", "s.jsonl", cwd=tmp_path)) == [
        {"id": "late", "copy_of": "first", "story_id": "first", "role": "copy", "similarity": 1.0},
        {"id": "first", "copy_of": None, "story_id": "first", "role": "first", "similarity": 1.0},
        {"id": "other", "copy_of": None, "story_id": "other", "role": "first", "similarity": 1.0},
    ]


def test_match(tmp_path: Path) -> None:
    text = "Beijing and Moscow met. “China and Russia agree fully on this,” said Vladimir Putin."
    plain = tmp_path / "m.jsonl"
    plain.write_text(json.dumps({"id": "a", "text": text}) + "\n")
    found = objects(dateline("match", "--query", "country:CHN AND country:RUS", plain, cwd=tmp_path))
    assert [text[m["char_start"] : m["char_end"]] for m in found] == ["Beijing and Moscow met.", text[24:]]
    assert found[0]["matched_terms"] == ["country:CHN", "country:RUS"] and found[0]["level"] == "sentence"
    given = {"id": "a", "text": text, "entities": [{"char_start": 0, "countries": ["CHN", "RUS"]}]}
    plain.write_text(json.dumps(given) + "\n")
    (mention,) = objects(dateline("match", "--topic", "china-russia", plain, cwd=tmp_path))
    assert (mention["topic"], mention["level"], mention["quote_id"]) == ("china-russia", "paragraph", None)


# -- the warehouse -------------------------------------------------------------------------------------------------


def test_a_users_own_warehouse_from_init_to_timeline(tmp_path: Path) -> None:
    assert dateline("init", "mine", cwd=tmp_path).returncode == 0
    mine = tmp_path / "mine"
    rows = [
        {"id": "1", "text": "Xi Jinping met Vladimir Putin. “We are friends,” Putin said.", "date": "2025-09-03"},
        {"id": "2", "text": "Rain fell on the harbour all day long.", "date": "2025-09-04"},
        {"id": "3", "text": "", "date": "2025-09-04"},
    ]
    (mine / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert "3 records -> " in dateline("import", "texts.jsonl", cwd=mine).stdout
    assert "already imported" in dateline("import", "texts.jsonl", cwd=mine).stdout
    assert "2 stale" not in dateline("status", cwd=mine).stdout
    first = dateline("run", cwd=mine)
    assert (first.returncode, "published: " in first.stdout) == (0, True), first.stderr
    second = dateline("run", cwd=mine)
    assert "everything was up to date" in second.stdout and "nothing new to publish" in second.stdout
    series = json.loads(dateline("timeline", "china-russia", "--by", "day", "--format", "json", cwd=mine).stdout)
    assert [(row["period"], row["n_articles"], row["all_articles"]) for row in series] == [
        ("2025-09-03", 1, 1),
        ("2025-09-04", 0, 1),
    ]
    quotes = json.loads(
        dateline("quotes", "--speaker", "Putin", "--since", "2025-09-01", "--format", "json", cwd=mine).stdout
    )
    assert [(q["text"], q["speaker_name"], q["day"]) for q in quotes] == [
        ("We are friends,", "Vladimir Putin", "2025-09-03")
    ]
    assert (quotes[0]["kind"], quotes[0]["outlets"], quotes[0]["first_day"]) == ("direct", 1, "2025-09-03")
    narrowed = ("quotes", "--speaker", "Putin", "--format", "csv")
    assert len(dateline(*narrowed, "--kind", "direct", "--confidence", "0.5", cwd=mine).stdout.splitlines()) == 2
    assert len(dateline(*narrowed, "--kind", "indirect", cwd=mine).stdout.splitlines()) == 1
    assert dateline(*narrowed, "--confidence", "2", cwd=mine).returncode == 2
    csv = dateline("sql", "SELECT reason, count(*) AS n FROM rejects GROUP BY ALL", "--format", "csv", cwd=mine).stdout
    assert csv == "reason,n\nno_text,1\n"
    assert dateline("timeline", "china-russia", "--format", "png", cwd=mine).stdout == "china-russia.png\n"
    assert (mine / "china-russia.png").read_bytes().startswith(b"\x89PNG")
    assert "up to date" in dateline("status", cwd=mine).stdout


def test_tables_prints_the_dictionary(tmp_path: Path) -> None:
    done = dateline("tables", "quotes", cwd=tmp_path)
    assert "speaker_method" in done.stdout and done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("import", "none.warc.gz"), "none.warc.gz: no such file"),
        (("import", "cut.csv"), "cut.csv: no column 'text'"),
        (("import", "notes.txt"), "notes.txt: unknown kind of file"),
        (("import", "ok.jsonl", "--to", "2025-09-01"), "--complete-from and --to belong together"),
        (("run", "--as-of", "yesterday"), "'yesterday' is not a time"),
        (("timeline", "china-rusia"), "no topic 'china-rusia'"),
        (("timeline", "china-russia"), "nothing is published yet; run: dateline import"),
        (("sql", "SELECT 1"), "nothing is published yet"),
        (("match", "--query", "a AND (b", "ok.jsonl"), "it ends too early at character 8: 1 '(' not closed"),
        (("match", "--topic", "nothing", "ok.jsonl"), "no topic 'nothing'"),
        (("stories", "none.jsonl"), "none.jsonl: no such file"),
        (("annotate", "latin.txt"), "latin.txt: not UTF-8 at byte 3"),
        (("extract", "-"), "give the address of the page with --url"),
        (("tables", "none"), "no table 'none'"),
        (("--config", "none", "status"), "none: no such configuration folder"),
        (("init", "."), "already exists"),
    ],
)
def test_mistakes_give_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "cut.csv").write_text("id,words\n1,x\n")
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "ok.jsonl").write_text('{"text": "x"}\n')
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9")
    (tmp_path / "config").mkdir()
    done = dateline(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert said in done.stderr and done.stderr.startswith("error: ") and done.stderr.count("\n") == 1, done.stderr


def test_a_typo_stops_a_run_before_it_begins(world: Settings, tmp_path: Path) -> None:
    """And taking it back brings everything back: nothing was lost."""
    settings = copy_warehouse(world, tmp_path / "copy")
    source = settings.config / "sources" / "northline.yaml"
    before = source.read_text()
    source.write_text(before.replace("hosts", "hots"))
    done = dateline("--config", settings.config, "run", cwd=tmp_path)
    assert done.returncode == 1 and "field 'hots': there is no such field; did you mean 'hosts'?" in done.stderr
    source.write_text(before)
    assert "everything was up to date" in dateline("--config", settings.config, "run", cwd=tmp_path).stdout


def test_a_pipeline_that_is_not_there_stops_a_run_before_it_begins(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    with (settings.config / "dateline.yaml").open("a") as file:
        file.write("annotator: spacy:nothing_of_the_kind\n")
    done = dateline("--config", settings.config, "run", cwd=tmp_path)
    assert done.returncode == 1 and "there is no such pipeline; install it" in done.stderr
    assert "annotate" not in done.stdout


@pytest.mark.parametrize("table", ["quotes", "mentions", "runs", "batches"])
def test_a_lost_table_is_made_again(world: Settings, tmp_path: Path, table: str) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    shutil.rmtree(settings.warehouse / "tables" / table)
    done = dateline("--config", settings.config, "run", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    name = table if table in ("quotes", "mentions") else "articles"
    assert content_hash(Store(settings.warehouse), name) == content_hash(Store(world.warehouse), name)


def test_a_lost_archive_is_named_and_can_be_imported_again(world: Settings, tmp_path: Path) -> None:
    settings = copy_warehouse(world, tmp_path / "copy")
    lost = sorted((settings.warehouse / "warc").iterdir())[0]
    lost.rename(tmp_path / "again.warc.gz")
    assert f"missing: {lost}" in dateline("--config", settings.config, "status", cwd=tmp_path).stdout
    done = dateline("--config", settings.config, "import", "again.warc.gz", cwd=tmp_path)
    assert done.returncode == 0 and lost.exists()


def test_sql_mistakes_say_where(tmp_path: Path, world: Settings) -> None:
    done = dateline("--warehouse", world.warehouse, "sql", "SELECT nothing FROM articles", cwd=tmp_path)
    assert done.returncode == 1 and "nothing" in done.stderr and done.stderr.count("\n") == 1


def test_a_typo_in_a_topic_says_field_and_line(tmp_path: Path) -> None:
    assert dateline("init", cwd=tmp_path).returncode == 0
    topic = tmp_path / "config" / "topics" / "china-russia.yaml"
    topic.write_text(topic.read_text().replace("within:", "wihin:"))
    done = dateline("run", cwd=tmp_path)
    assert done.returncode == 1
    assert "field 'wihin': there is no such field; did you mean 'within'?" in done.stderr
    assert "china-russia.yaml:5:" in done.stderr


def test_a_truncated_archive_warns_and_goes_on(tmp_path: Path, world: Settings) -> None:
    whole = max((world.warehouse / "warc").iterdir(), key=lambda path: path.stat().st_size)
    (tmp_path / "cut.warc.gz").write_bytes(whole.read_bytes()[:-500])
    done = dateline("import", "cut.warc.gz", cwd=tmp_path)
    assert done.returncode == 0
    assert "warning: cut.warc.gz: lost" in done.stderr and "the rest is kept" in done.stderr
    assert "damaged: " in dateline("status", cwd=tmp_path).stdout


def test_a_read_only_warehouse(world: Settings, tmp_path: Path) -> None:
    """A warehouse that may not be written can be read; writing is refused with one line."""
    settings = copy_warehouse(world, tmp_path / "copy")
    with read_only(tmp_path) as prefix:
        done = dateline("--config", settings.config, "run", cwd=Path("/"), prefix=prefix)
        assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
        assert "cannot be written" in done.stderr
        counted = dateline(
            "--config", settings.config, "sql", "FROM about SELECT n_articles", cwd=Path("/"), prefix=prefix
        )
        assert counted.returncode == 0, counted.stderr


@contextmanager
def read_only(folder: Path) -> Iterator[tuple[str, ...]]:
    """Makes a folder read-only: by its permissions, or, for root, by a mount that the command sees."""
    if os.geteuid() == 0:
        mount = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
        if subprocess.run(["unshare", "-m", "sh", "-c", mount], capture_output=True, check=False).returncode:
            pytest.skip("root here may neither mount nor be refused")
        yield ("unshare", "-m", "sh", "-c", f'{mount} && exec "$@"', "sh")
        return
    changed = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for path in changed:
        path.chmod(0o555)
    try:
        yield ()
    finally:
        for path in changed:
            path.chmod(0o755)


def test_an_upgrade_says_first_what_it_does(tmp_path: Path) -> None:
    settings = unpacked(1, tmp_path).settings
    done = dateline("--config", settings.config, "upgrade", "--dry-run", cwd=tmp_path)
    assert "table batches: from schema version 1 to 2: new columns file_sha256, damaged_sha256\n" in done.stdout
    assert "extract: 5 of 5 units to compute\n" in done.stdout
    assert not (settings.warehouse / "batches.jsonl").exists()
    assert "published: " in dateline("--config", settings.config, "upgrade", cwd=tmp_path).stdout
    done = dateline("--config", settings.config, "upgrade", "--dry-run", cwd=tmp_path)
    assert done.stdout == "everything is of this version and up to date\n"
    assert "everything is as it was written" in dateline("--config", settings.config, "verify", cwd=tmp_path).stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--warehouse", "s3://bucket/wh", "run"), "s3:/bucket/wh: a warehouse is a folder of this machine"),
        (("--warehouse", "a\\b", "run"), "the path of a warehouse cannot contain \\"),
        (("--warehouse", "a\tb", "run"), "the path of a warehouse cannot contain control characters"),
        (("freeze", "../../x", "--check"), "'../../x': a snapshot's name begins with a letter or digit"),
        (("match", "--query", "(" * 5000 + "a" + ")" * 5000, "ok.jsonl"), "more than 50 parentheses inside each other"),
    ],
)
def test_what_cannot_be_used_is_refused_in_one_line(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "ok.jsonl").write_text('{"text": "x"}\n')
    (tmp_path / "config").mkdir()
    done = dateline(*arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (1, 1), done.stderr
    assert said in done.stderr


def test_control_characters_of_a_corpus_do_not_reach_the_terminal(tmp_path: Path) -> None:
    text = {
        "id": "1",
        "title": "\u001b[2Jcleared",
        "text": "He said \u009b31m nothing. " * 20,
        "url": "https://a.example/\u001b]0;x",
    }
    (tmp_path / "a.jsonl").write_text(json.dumps(text) + "\n")
    assert dateline("import", "a.jsonl", cwd=tmp_path).returncode == 0
    assert dateline("run", cwd=tmp_path).returncode == 0
    for form in ("table", "json"):
        done = dateline("sql", "SELECT title, url, chr(27) || 'x' AS c FROM articles", "--format", form, cwd=tmp_path)
        assert done.returncode == 0
        assert "\x1b" not in done.stdout and "\\u001b" in done.stdout
