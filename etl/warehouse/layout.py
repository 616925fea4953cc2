"""Where everything in a warehouse lies. No other module builds these paths: tests/test_imports.py checks it. Only the
files inside `hosts/` and inside a run's folder in `staging/` are named by the modules that write them.

warehouse/
  dateline.duckdb             link to the current edition, dateline-<n>.duckdb
  tables/<table>/             Delta tables
  warc/<batch>.warc.gz        pages and texts as they were fetched or imported; beside it <batch>.warc.gz.index
  batches.jsonl               the rows of the table `batches`, in case the table is lost
  takedowns.jsonl             hashes of articles that were taken down and must not come back
  hosts/                      pauses between requests and robots.txt, by host
  staging/                    computed rows that are not committed yet, one folder per run
  damaged/                    files of tables that were not as they were written; nothing reads them
  exports/<stamp>/            marts as files for dashboards; `latest` links to the newest
  frozen/<name>/              snapshots, each laid out like a warehouse, with its own config/
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from etl.warc import JOURNAL_ENDING, WARC_ENDINGS

MANIFEST, SUMS = "manifest.json", "SHA256SUMS"  # of a snapshot and of an export
PUBLISHED = "dateline.duckdb"
DATA_FOLDER = "tables"
WARC_ENDING = ".warc.gz"
_EDITION = "dateline-*.duckdb"
_WARC = "warc"


@dataclass(frozen=True)
class WarehouseLayout:
    """The paths of one warehouse; `root` is its folder. Nothing is created or read unless a method says so."""

    root: Path

    # -- tables and published file -----------------------------------------------------------------------------------

    def table(self, name: str) -> Path:
        """The folder of a Delta table."""
        return self.root / DATA_FOLDER / name

    @property
    def writer_lock(self) -> Path:
        """The lock that lets one process write at a time."""
        return self.root / ".writer.lock"

    @property
    def published(self) -> Path:
        """The file that readers open: a link to the current edition, or an edition itself in a snapshot."""
        return self.root / PUBLISHED

    def edition(self, number: int) -> Path:
        """The published file of one edition."""
        return self.root / _EDITION.replace("*", str(number))

    @staticmethod
    def edition_checksum(edition: Path) -> Path:
        """The SHA-256 of an edition's file, in the form of sha256sum(1)."""
        return edition.with_suffix(".sha256")

    @property
    def withheld(self) -> Path:
        """Why the newest edition was not published; missing if it was."""
        return self.root / "withheld.txt"

    def editions(self) -> list[tuple[int, Path]]:
        """The editions on disk with their numbers, oldest first."""
        prefix, _, ending = _EDITION.partition("*")
        numbered = ((path.name.removeprefix(prefix).removesuffix(ending), path) for path in self.root.glob(_EDITION))
        return sorted((int(number), path) for number, path in numbered if number.isdigit())

    # -- WARC files --------------------------------------------------------------------------------------------------

    @property
    def warc_folder(self) -> Path:
        """The folder of the WARC files."""
        return self.root / _WARC

    def warc_files(self) -> list[Path]:
        """All complete WARC and ARC files, in order of names."""
        files = self.warc_folder.glob("[!.]*")
        return sorted(path for path in files if path.name.endswith(WARC_ENDINGS))

    def visit_files(self, day: date, source: str) -> list[Path]:
        """The WARC files of visits to a source on a day; `source` as in batch ids."""
        return sorted(self.warc_folder.glob(f"{day:%Y%m%d}-{source}*{WARC_ENDING}"))

    def visit_journals(self, source: str = "") -> list[tuple[str, Path]]:
        """The batches of visits that were interrupted, with their journals; of one source, or of all."""
        ending = WARC_ENDING + JOURNAL_ENDING
        journals = sorted(self.warc_folder.glob(f"*-{source}*{ending}"))
        return [(path.name.removesuffix(ending), path) for path in journals]

    def fetched_batches(self) -> set[str]:
        """The names of all batches whose file is complete."""
        return {path.name.removesuffix(WARC_ENDING) for path in self.warc_folder.glob(f"*{WARC_ENDING}")}

    def source_lock(self, source: str) -> Path:
        """The lock that lets one process visit a source at a time; `source` as in batch ids."""
        return self.warc_folder / f".{source}.lock"

    def incoming(self, process: int) -> Path:
        """Where a process writes a WARC file before it has its name."""
        return self.warc_folder / f".incoming-{process}"

    def file(self, relative: str) -> Path:
        """A file by its path below the warehouse, as tables name it (`warc_file`)."""
        return self.root / relative

    @staticmethod
    def warc_file(batch: str, ending: str = WARC_ENDING) -> str:
        """A batch's WARC file as tables name it: relative to the warehouse."""
        return f"{_WARC}/{batch}{ending}"

    @property
    def batch_journal(self) -> Path:
        """All rows of the table `batches`, also earlier ones: the table is restored from this file if it is lost."""
        return self.root / "batches.jsonl"

    @property
    def takedowns(self) -> Path:
        """Which articles were taken down."""
        return self.root / "takedowns.jsonl"

    @property
    def hosts(self) -> Path:
        """The folder of the pauses and robots.txt of hosts."""
        return self.root / "hosts"

    # -- work in progress --------------------------------------------------------------------------------------------

    @property
    def staging(self) -> Path:
        """The folder of rows that are computed and not committed yet."""
        return self.root / "staging"

    @property
    def local_staging(self) -> Path:
        """Staging of runs in one process; other runs have folders of their own beside it."""
        return self.staging / "local"

    def local_commit(self, commit_id: str) -> Path:
        """Staging of the units that a run in one process commits together."""
        return self.local_staging / commit_id

    @property
    def publish_spill(self) -> Path:
        """Where DuckDB writes data that does not fit into memory while an edition is built."""
        return self.local_staging / "publish"

    @property
    def compaction_spill(self) -> Path:
        """The same, while the files of a table are merged."""
        return self.local_staging / "compact"

    def run_staging(self, run: str) -> Path:
        """Staging of a scheduler's run; `run` may be any text."""
        return self.staging / "".join(c if c.isalnum() or c in "-_." else "-" for c in run)

    @property
    def damaged(self) -> Path:
        """Where files are moved that are not as they were written."""
        return self.root / "damaged"

    # -- for others --------------------------------------------------------------------------------------------------

    @property
    def exports(self) -> Path:
        """The folder of the exports for dashboards."""
        return self.root / "exports"

    def export(self, stamp: str) -> Path:
        """The export of the edition with this stamp."""
        return self.exports / stamp

    @property
    def latest_export(self) -> Path:
        """The link to the newest export."""
        return self.exports / "latest"

    def old_exports(self, newest: Path) -> list[Path]:
        """The other exports on disk, oldest first."""
        folders = (path for path in self.exports.iterdir() if path.is_dir() and not path.is_symlink())
        return sorted((path for path in folders if path != newest), key=lambda path: path.stat().st_mtime)

    def snapshot(self, name: str) -> Path:
        """The folder of a snapshot."""
        return self.root / "frozen" / name

    def snapshots(self) -> list[str]:
        """The names of the snapshots on disk, in order."""
        return sorted(path.parent.name for path in self.root.glob(f"frozen/[!.]*/{PUBLISHED}"))

    @property
    def manifest(self) -> Path:
        """What a snapshot holds, and what it was made from."""
        return self.root / MANIFEST

    @property
    def checksums(self) -> Path:
        """SHA-256 of a snapshot's files."""
        return self.root / SUMS

    @property
    def config(self) -> Path:
        """A snapshot's own configuration."""
        return self.root / "config"

    def config_folder(self, name: str) -> Path:
        """A folder of a snapshot's configuration."""
        return self.config / name

    def is_snapshot(self) -> bool:
        """Whether this folder was made by `dateline freeze`. Looks at the disk."""
        return self.manifest.is_file() and self.checksums.is_file()


def replace_file(path: Path, content: bytes) -> None:
    """Write a file in one step: it has its old content or the new one, which is durable on return."""
    new = path.with_name(f".{path.name}.new")
    with new.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)


def replace_link(link: Path, target: str) -> None:
    """Point a symbolic link at a name beside it, in one step: readers see the old target or the new one."""
    new = link.with_name(f".{link.name}.new")
    new.unlink(missing_ok=True)
    new.symlink_to(target)
    new.replace(link)
