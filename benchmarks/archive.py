"""An archive from import to answers: wall time, memory, pages a second, and whether every record is accounted for.

Reads the Kremlin archive beside the project (../shared/corpora/kremlin); writes to a temporary folder.
Run: make bench-archive
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from etl.warehouse.duck import query

ARCHIVE = Path(__file__).resolve().parents[2] / "shared" / "corpora" / "kremlin"


def main() -> None:
    if not ARCHIVE.is_dir():
        sys.exit("the corpora are not beside the project (../shared/corpora)")
    files = sorted(ARCHIVE.glob("*.warc.gz"))
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse"
        imported = timed(warehouse, "import", *files)
        first = timed(warehouse, "run")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        second = timed(warehouse, "run")
        report(warehouse, imported, first, second, memory)


def timed(warehouse: Path, *arguments: object) -> float:
    started = time.perf_counter()
    command = [sys.executable, "-m", "etl.cli", "--warehouse", str(warehouse), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def report(warehouse: Path, imported: float, first: float, second: float, memory: float) -> None:
    counts = query(
        warehouse,
        """
        SELECT (SELECT sum(records)::BIGINT FROM batches) AS records, (SELECT count(*) FROM article_versions) AS pages,
               (SELECT count(*) FROM articles) AS articles, (SELECT count(*) FROM rejects) AS rejects,
               (SELECT count(*) FROM entities) AS entities, (SELECT count(*) FROM quotes) AS quotes
        """,
    ).to_pylist()[0]
    print(f"records {counts['records']:,} = {counts['pages']:,} pages of articles + {counts['rejects']:,} rejects")
    print(f"articles {counts['articles']:,}, names {counts['entities']:,}, quotes {counts['quotes']:,}")
    print(
        f"import {imported:.1f} s, run {first:.1f} s, {counts['records'] / first:.0f} records/s, "
        f"second run {second:.1f} s"
    )
    print(f"memory of the largest process {memory:.0f} MiB")
    print(
        "country:CHN at article level against the site's own tag: {} of {} tagged; {} more".format(*tagged(warehouse))
    )


def tagged(warehouse: Path) -> tuple[int, int, int]:
    """(tagged pages found, tagged pages, pages found without the tag)."""
    index = [json.loads(line) for line in (ARCHIVE / "index.jsonl").read_text(encoding="utf-8").splitlines()]
    with_tag = {page["url"].split("://")[1] for page in index if "CN" in page["countries"]}
    sql = (
        "SELECT DISTINCT a.canonical_url FROM entities e JOIN articles a USING (article_id) "
        "WHERE list_contains(e.countries, 'CHN')"
    )
    found = {row["canonical_url"].split("://")[1] for row in query(warehouse, sql).to_pylist()}
    return len(with_tag & found), len(with_tag), len(found - with_tag)


if __name__ == "__main__":
    main()
