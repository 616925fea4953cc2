"""An archive from import to answers: time, memory, records a second, and whether every record is accounted for.

Reads the Kremlin archive (../shared/corpora/kremlin, outside the repository) and writes to a temporary folder.

Run: make bench-archive
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from etl.warehouse.duck import query
from evaluation.corpora import need_corpora
from evaluation.kremlin import KREMLIN, kremlin_index


def main() -> None:
    need_corpora()
    files = sorted(KREMLIN.glob("*.warc.gz"))
    with tempfile.TemporaryDirectory() as folder:
        warehouse = Path(folder) / "warehouse"
        import_seconds = run_dateline(warehouse, "import", *files)
        first_run_seconds = run_dateline(warehouse, "run")
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        second_run_seconds = run_dateline(warehouse, "run")
        report(warehouse, import_seconds, first_run_seconds, second_run_seconds, memory)


def run_dateline(warehouse: Path, *arguments: object) -> float:
    """Run `dateline` on a warehouse; return the seconds that it took."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "etl.cli", "--warehouse", str(warehouse), *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - started


def report(
    warehouse: Path, import_seconds: float, first_run_seconds: float, second_run_seconds: float, memory: float
) -> None:
    """Print the counts and costs. `memory`: MiB of the largest process."""
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
        f"import {import_seconds:.1f} s, run {first_run_seconds:.1f} s, "
        f"{counts['records'] / first_run_seconds:.0f} records/s, second run {second_run_seconds:.1f} s"
    )
    print(f"memory of the largest process {memory:.0f} MiB")
    matched, n_tagged, untagged = tagged_pages(warehouse)
    print(
        f"pages in which China is named: {matched} of the {n_tagged} that the site's editors tagged with it, "
        f"and {untagged} others"
    )


def tagged_pages(warehouse: Path) -> tuple[int, int, int]:
    """Compare the pages in which China is named with the site's own tag: the tagged ones among them, all tagged ones,
    and the untagged ones among them."""
    tagged = {page["url"].split("://")[1] for page in kremlin_index() if "CN" in page["countries"]}
    sql = (
        "SELECT DISTINCT a.canonical_url FROM entities e JOIN articles a USING (article_id) "
        "WHERE list_contains(e.countries, 'CHN')"
    )
    named = {row["canonical_url"].split("://")[1] for row in query(warehouse, sql).to_pylist()}
    return len(tagged & named), len(tagged), len(named - tagged)


if __name__ == "__main__":
    main()
