"""Do two checkouts of the code give the same results? For changes that should not change what the code does.

    python -m evaluation.same_results record CHECKOUT results.json
    python -m evaluation.same_results compare before.json after.json

`record` runs the code of a checkout, with this Python, on the sample world, fetched night by night, and on the Kremlin
archive in ../shared/corpora, outside the repository (left out if it is absent). It writes down a hash of the sorted
rows of every table and mart, and the output of every command that reads them. Columns that differ between any two runs
(times of day, random ids, durations) are left out, and so are the names of folders.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from evaluation.corpora import CORPORA

ARCHIVE = CORPORA / "kremlin"
AS_OF = "2025-09-21T23:30:00"
# Columns that differ between any two runs.
VOLATILE = {"commit_id", "seconds", "started_at", "finished_at", "files", "requested_at", "sha256", "bytes", "stamp"}

_HASHES = """
import hashlib, json, sys
from pathlib import Path
from typing import Any
import duckdb
warehouse, volatile = Path(sys.argv[1]), set(sys.argv[2].split(","))
connection = duckdb.connect(str((warehouse / "dateline.duckdb").resolve()), read_only=True)
connection.execute("SET TimeZone = 'UTC'")
connection.execute(f"SET VARIABLE dateline_root = '{warehouse}'")
names = [n for (n,) in connection.execute(
    "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL"
).fetchall()]
hashes = {}
for name in names:
    columns = [c for c, *_ in connection.execute(f"DESCRIBE {name}").fetchall() if c not in volatile]
    rows = sorted(repr(row) for row in connection.execute(
        "SELECT " + ", ".join(f'"{c}"' for c in columns) + f" FROM {name}").fetchall())
    text = "\\n".join(rows).replace(str(warehouse), "WAREHOUSE")
    hashes[name] = f"{len(rows)} rows {hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"
print(json.dumps(hashes))
"""

_NIGHTS = """
import subprocess, sys
from datetime import timedelta
from pathlib import Path
from typing import Any
from etl.demo.nights import FIRST_NIGHT, write_settings
from etl.demo.show import demo_settings
from etl.demo.site import sample_world, serving
from etl.demo.world import LAST_DAY, load_world
from etl.demo.archive import write_archive
folder = Path(sys.argv[1])
settings = demo_settings(folder, 1)
world = load_world()
write_archive(world, folder / "archive", FIRST_NIGHT - timedelta(days=1))
def dateline(*arguments):
    done = subprocess.run([sys.executable, "-m", "etl.cli", "--config", str(folder / "config"), *arguments],
                          capture_output=True, text=True)
    print(" ".join(arguments), done.returncode, done.stdout, done.stderr, sep="\\n")
with serving(sample_world(world)) as server:
    write_settings(settings.config, server)
    dateline("import", str(folder / "archive"), "--complete-from", "2025-09-01", "--to",
             str(FIRST_NIGHT - timedelta(days=1)), "--as-of", f"{FIRST_NIGHT}T00:00:00")
    dateline("run", "--as-of", f"{FIRST_NIGHT}T00:00:00")
    for number in range((LAST_DAY - FIRST_NIGHT).days + 1):
        moment = f"{FIRST_NIGHT + timedelta(days=number)}T23:00:00"
        dateline("fetch", "--as-of", moment)
        dateline("run", "--as-of", moment)
"""

_SHOWN = 300  # characters of a result that differs

# The commands that are run on both warehouses. {id}: an article of the warehouse; {day}: its day.
COMMANDS = (
    ["status"],
    ["tables"],
    ["tables", "--format", "markdown"],
    *(["timeline", "china-russia", "--by", by, "--format", "csv"] for by in ("day", "week", "month", "year")),
    ["timeline", "china-russia", "--split", "outlet"],
    ["timeline", "china-russia", "--panel", "fixed", "--format", "json"],
    ["quotes", "--topic", "china-russia", "--format", "json"],
    ["quotes", "--speaker", "Putin", "--kind", "direct", "--confidence", "0.5"],
    ["article", "{id}"],
    ["explain", "china-russia", "{day}"],
    ["sql", "SELECT count(*) AS n FROM articles"],
    ["sql", "--safe", "SELECT outlet, count(*) AS n FROM articles GROUP BY ALL ORDER BY ALL", "--format", "csv"],
    ["topics", "list"],
    ["topics", "test"],
    ["topics", "try", "china-russia"],
    ["topics", "sample", "china-russia", "--output", "{folder}/sheet.csv"],
    ["sources", "list"],
    ["gazetteer", "check"],
    ["export", "{folder}/safe", "--format", "csv"],
    ["export", "{folder}/full", "articles", "quotes", "mentions", "quotation_graph", "--tier", "full"],
    ["freeze", "first", "--as-of", AS_OF],
    ["freeze", "first", "--check"],
    ["diff", "first", "--articles"],
)


def main() -> None:
    match sys.argv[1:]:
        case ["record", checkout, output]:
            Path(output).write_text(json.dumps(record(Path(checkout).resolve()), indent=1, ensure_ascii=False))
        case ["compare", before, after]:
            sys.exit(1 if compare(*(json.loads(Path(path).read_text()) for path in (before, after))) else 0)
        case _:
            sys.exit(__doc__)


def record(checkout: Path) -> dict[str, str]:
    """Name of a result -> its text or hash."""
    results: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as temporary:
        world = Path(temporary) / "world"
        results["world: nights"] = _normalised(_python(checkout, world.parent, "-c", _NIGHTS, str(world)), world)
        _record_warehouse(results, "world", checkout, world)
        if ARCHIVE.is_dir():
            archive = Path(temporary) / "archive"
            archive.mkdir()
            files = sorted(map(str, ARCHIVE.glob("*.warc.gz")))
            for command in (["import", *files, "--as-of", AS_OF], ["run", "--as-of", AS_OF]):
                output = _dateline(checkout, archive, *command)
                results[f"archive: {command[0]}"] = _normalised(output, archive)
            _record_warehouse(results, "archive", checkout, archive)
            _record_plain_commands(results, checkout, archive)
    return results


def _record_warehouse(results: dict[str, str], name: str, checkout: Path, folder: Path) -> None:
    """Add the hashes of a warehouse's tables, the output of the commands, and hashes of the files that they write."""
    hashes = _json(_python(checkout, folder, "-c", _HASHES, str(folder / "warehouse"), ",".join(VOLATILE)))
    results.update({f"{name}: rows of {table}": value for table, value in hashes.items()})
    sql = (
        "SELECT article_id, published_date FROM mentions JOIN articles USING (article_id) "
        "WHERE topic = 'china-russia' ORDER BY ALL LIMIT 1"
    )
    [row] = _json(_dateline(checkout, folder, "sql", sql, "--format", "json"))
    values = {"id": row["article_id"], "day": row["published_date"], "folder": str(folder)}
    for command in COMMANDS:
        words = [word.format(**values) if "{" in word else word for word in command]
        results[f"{name}: {' '.join(command)}"] = _normalised(_dateline(checkout, folder, *words), folder)
    for path in sorted(p for export in ("safe", "full", "sheet.csv") for p in (folder / export).rglob("*")):
        if path.suffix in (".csv", ".gz"):
            results[f"{name}: exported {path.relative_to(folder)}"] = _digest(path.read_bytes())
    results[f"{name}: sheet.csv"] = _digest((folder / "sheet.csv").read_bytes())


def _record_plain_commands(results: dict[str, str], checkout: Path, folder: Path) -> None:
    """Add the output of the commands that need no warehouse, on texts of the archive."""
    sql = "SELECT article_id AS id, title, text, published_date, url FROM articles ORDER BY article_id LIMIT 40"
    texts = folder / "texts.jsonl"
    rows = _json(_dateline(checkout, folder, "sql", sql, "--format", "json"))
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows))
    warc = min(ARCHIVE.glob("*.warc.gz"), key=lambda path: path.stat().st_size)
    for command in (
        ["extract", str(warc)],
        ["annotate", str(texts)],
        ["stories", str(texts), "--as-of", AS_OF],
        ["match", str(texts), "--topic", "china-russia"],
        ["match", str(texts), "--query", "Putin NEAR/8 visit*", "--within", "paragraph"],
    ):
        results[f"plain: {' '.join(Path(word).name for word in command)}"] = _digest(
            _dateline(checkout, folder, *command).encode("utf-8", "surrogatepass")
        )


def _dateline(checkout: Path, folder: Path, *arguments: str) -> str:
    config = ["--config", str(folder / "config")] if (folder / "config").is_dir() else []
    warehouse = ["--warehouse", str(folder / "warehouse")]
    return _python(checkout, folder, "-m", "etl.cli", *config, *warehouse, *arguments)


def _python(checkout: Path, folder: Path, *arguments: str) -> str:
    """The standard output of a command, followed by its exit status and its errors where there are any."""
    environment = os.environ | {"PYTHONPATH": str(checkout), "COLUMNS": "200"}
    folder.mkdir(exist_ok=True)
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + (f"\n== {done.returncode} {done.stderr}" if done.returncode or done.stderr else "")


def _json(output: str) -> Any:
    """The JSON value that a command printed. Ends the program if it printed something else."""
    try:
        return json.loads(output.partition("\n== ")[0])
    except ValueError:
        sys.exit(f"not JSON: {output[:2000]}")


def _normalised(text: str, folder: Path) -> str:
    """A text without what differs between any two runs: the folder, ports, hashes of files."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"127\.0\.0\.1:\d+", "SERVER", text)
    text = re.sub(r"━.*", "", text)  # a progress bar and its time
    return re.sub(r"\b[0-9a-f]{64}\b", "SHA256", text)


def _digest(data: bytes) -> str:
    return f"{len(data)} bytes {hashlib.sha256(data).hexdigest()[:16]}"


def compare(before: dict[str, str], after: dict[str, str]) -> int:
    """Print the results that differ, and return how many there are."""
    different = [name for name in before | after if before.get(name) != after.get(name)]
    for name in different:
        for when, results in (("before", before), ("after", after)):
            print(f"-- {name}, {when}: {results.get(name, 'absent')[:_SHOWN]}")
    print(f"{len(before | after) - len(different)} of {len(before | after)} results are the same")
    return len(different)


if __name__ == "__main__":
    main()
