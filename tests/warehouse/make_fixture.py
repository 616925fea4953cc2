"""Write a small warehouse with the code as it is: the fixture of this schema version.

Run: python -m tests.warehouse.make_fixture tests/warehouse/fixtures
"""

from __future__ import annotations

import json
import shutil
import sys
import tarfile
import tempfile
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import etl
from etl.demo.archive import write_archive
from etl.demo.nights import FIRST_NIGHT, write_settings
from etl.demo.show import demo_settings
from etl.demo.site import sample_world, serving
from etl.demo.world import FIRST_DAY, load_world

try:
    from schemas import SCHEMA_VERSION
except ImportError:  # the code of the first version
    SCHEMA_VERSION = 1

_TEXTS = (
    {
        "id": "1", "date": "2025-09-02", "title": "Port talks",
        "text": 'The port will stay open, the mayor of Lyon said. "We have found the money," Gérard Collomb said.',
    },
    {"id": "2", "date": "2025-09-03", "title": "Nothing", "text": ""},
)  # fmt: skip


def make(folder: Path) -> None:
    """Write `config` and `warehouse` to a folder: an archive of two sources, texts, one visit to each source."""
    settings = demo_settings(folder, workers=1)
    for topic in (settings.config / "topics").glob("*.yaml"):
        if topic.stem != "china-russia":
            topic.unlink()
    sites = load_world()
    kept = {site.source for site in sites[:2]}
    for source in (settings.config / "sources").glob("*.yaml"):
        if source.stem not in kept:
            source.unlink()
    last_day = FIRST_NIGHT - timedelta(days=1)
    write_archive(sites[:2], folder / "archive", last_day)
    texts = folder / "letters.jsonl"
    texts.write_text("".join(json.dumps(text) + "\n" for text in _TEXTS), encoding="utf-8")
    as_of = datetime.combine(FIRST_NIGHT, time(23, tzinfo=UTC))
    with serving(sample_world(sites)) as server:
        write_settings(settings.config, server)
        warehouse = etl.open_warehouse(settings.warehouse, config=settings.config, workers=1)
        warehouse.import_files(folder / "archive", complete=(FIRST_DAY, last_day), as_of=as_of)
        warehouse.import_files(texts, source="letters", as_of=as_of)
        warehouse.fetch(as_of=as_of)
        warehouse.run(as_of=as_of)
        warehouse.run(as_of=as_of)
    (settings.config / "dateline.yaml").write_text("warehouse: warehouse\n", encoding="utf-8")
    shutil.rmtree(folder / "archive")


def main() -> None:
    target = Path(sys.argv[1])
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "project"
        folder.mkdir()
        make(folder)
        path = target / f"schema-{SCHEMA_VERSION}.tar.xz"
        with tarfile.open(path, "w:xz") as archive:
            for name in ("config", "warehouse"):
                archive.add(folder / name, name)
        print(f"wrote {path}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
