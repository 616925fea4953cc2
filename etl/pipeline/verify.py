"""Reads every file of a warehouse again and compares it with what was written; nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from etl.configuration.settings import Settings
from etl.errors import WarehouseError
from etl.extract.body.model_files import BODY_MODELS
from etl.ingest.archive_check import Problem, check_archive
from etl.ingest.batch_journal import read_batch_journal
from etl.ingest.registry import read_batches
from etl.models.files import damaged_models
from etl.nlp.encoder.model_files import FOLDER as NLP_MODELS
from etl.publish.edition_file import is_damaged_edition
from etl.publish.snapshots import damaged as changed_in_snapshot
from etl.warc.reader import index_path, read_index
from etl.warehouse.delta import Store

_RUN = "dateline run"


def verify(settings: Settings) -> list[Problem]:
    """Return all that is damaged: tables, WARC files, the published file, snapshots and models.

    Of a snapshot its own files are compared.
    """
    if settings.layout.is_snapshot():
        return [*_snapshot(settings.warehouse), *_models(settings)]
    checks = (_tables, _archives, _editions, _snapshots, _models)
    return [problem for check in checks for problem in check(settings)]


def _tables(settings: Settings) -> Iterator[Problem]:
    for damage in Store(settings.warehouse).find_damage(again=True):
        yield Problem(damage.message, _RUN)


def _archives(settings: Settings) -> Iterator[Problem]:
    layout = settings.layout
    try:
        rows = read_batches(Store(settings.warehouse))
    except WarehouseError as error:
        yield Problem(f"the WARC files cannot be checked: {error}", f"{_RUN}, then: dateline verify")
        return
    for row in rows:
        check = check_archive(layout.file(row.warc_file), row)
        if check.problem:
            yield check.problem
        elif row.file_sha256 and not read_index(check.path):
            yield Problem(f"{index_path(check.path)}: is missing or damaged", "nothing to do: it is made when needed")
    _, damaged_lines = read_batch_journal(layout.batch_journal)
    if damaged_lines:
        what = f"{layout.batch_journal}: {damaged_lines:,} damaged lines"
        yield Problem(what, "nothing to do: it is only read if the table batches is lost")


def _editions(settings: Settings) -> Iterator[Problem]:
    current = settings.layout.published.resolve()
    for _, path in settings.layout.editions():
        if is_damaged_edition(path):
            yield Problem(f"{path}: is damaged", _RUN if path == current else "delete it: it is an earlier edition")


def _snapshots(settings: Settings) -> Iterator[Problem]:
    for name in settings.layout.snapshots():
        yield from _snapshot(settings.layout.snapshot(name))


def _snapshot(folder: Path) -> Iterator[Problem]:
    for file in changed_in_snapshot(folder):
        yield Problem(f"{folder / file}: is missing or damaged", "restore the snapshot from a backup")


def _models(_: Settings) -> Iterator[Problem]:
    for path in damaged_model_files():
        yield Problem(f"{path}: is missing or damaged", "install Dateline again")


def damaged_model_files() -> list[Path]:
    """Return the files of models that are missing or not as they were released."""
    folders: set[Path] = {BODY_MODELS[0].parent, NLP_MODELS}
    return [path for folder in sorted(folders) for path in damaged_models(folder)]
