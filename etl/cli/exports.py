"""`dateline export`, `freeze` and `diff`: what leaves the house, what stays as it was, and why a figure changed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import PATH, Options, as_of_option, now_or
from etl.cli.output import print_arrow, print_text
from etl.configuration.settings import Settings, is_snapshot
from etl.errors import InputError
from etl.warehouse.delta import Store

_EXPORT_FORMS = ("parquet", "csv", "json")


@click.command()
@click.argument("folder", type=PATH)
@click.argument("names", nargs=-1)
@click.option("--format", "form", type=click.Choice(_EXPORT_FORMS), default="parquet", show_default=True)
@click.option("--tier", type=click.Choice(("safe", "full")), default="safe", show_default=True,
              help="safe: no full texts, quotes up to 50 words, links; full: everything.")  # fmt: skip
@click.pass_obj
def export(options: Options, folder: Path, names: tuple[str, ...], form: str, tier: str) -> None:
    """Write the marts, or the tables in NAMES, as files into the new FOLDER, with checksums and a manifest.

    NAMES may be marts, articles, entities, quotes, mentions, stories, topics, sources, and quotation_graph: quotes as
    JSON lines in the form of GDELT's Global Quotation Graph.
    """
    from etl.publish.exports import export as write
    from schemas.marts import MARTS

    for path in write(options.settings().warehouse, folder, names or MARTS, form, tier):
        print_text(str(path))
    print_text(f"{folder / 'manifest.json'}\n{folder / 'SHA256SUMS'}")


@click.command()
@click.argument("name")
@click.option("--check", is_flag=True, help="Freeze nothing: are all files of the snapshot as they were?")
@as_of_option
@click.pass_obj
def freeze(options: Options, name: str, check: bool, as_of: str | None) -> None:
    """Keep what is published now under NAME: to cite, to go back to, to compare with."""
    from etl.pipeline.run import freeze_published
    from etl.publish.snapshots import damaged

    settings = options.settings()
    if check:
        wrong = damaged(settings.layout.snapshot(name))
        for file in wrong:
            print_text(f"missing or changed: {file}")
        print_text(f"{name}: {f'{len(wrong)} files are not as they were' if wrong else 'as it was'}")
        sys.exit(1 if wrong else 0)
    with Store(settings.warehouse).writing():
        frozen = freeze_published(settings, name, now_or(as_of))
    print_text(f"{frozen.folder}: {frozen.files} files, {frozen.bytes / 2**20:,.1f} MiB")
    print_text(f"to cite: {name}, manifest sha256:{frozen.sha256}")
    print_text(f"to read: dateline --warehouse {frozen.folder} sql ...")


@click.command()
@click.argument("before")
@click.argument("after", default="published")
@click.option("--topic", help="Only this topic.")
@click.option("--articles", is_flag=True, help="List the articles, not only how many.")
@click.option("--format", "form", type=click.Choice(("table", "csv", "json")), default="table", show_default=True)
@click.pass_obj
def diff(options: Options, before: str, after: str, topic: str | None, articles: bool, form: str) -> None:
    """Why figures of BEFORE and AFTER differ: snapshots by name, `published`, or published files by path."""
    from etl.publish.diff import CAUSES, compare_files, with_addresses

    settings = options.settings()
    files = _published_file(settings, before), _published_file(settings, after)
    found = compare_files(*files, topic)
    table = with_addresses(found.articles, files) if articles else found.summary
    if form != "table":
        print_arrow(table, form)
        return
    for label, about in (("before", found.before), ("after", found.after)):
        print_text(f"{label}: published {about['published_at']:%Y-%m-%d %H:%M} UTC, Dateline {about['code_version']}")
    if found.before["model"] != found.after["model"]:
        print_text("another model or gazetteer")
    if not table.num_rows:
        print_text("no article of a topic's series differs")
        return
    print_text("")
    print_arrow(table, "table")
    for cause in sorted(set(table["cause"].to_pylist()), key=list(CAUSES).index):
        print_text(f"{cause}: {CAUSES[cause]}")


def _published_file(settings: Settings, name: str) -> Path:
    from etl.publish.snapshots import damaged
    from etl.warehouse.duck import published_path
    from etl.warehouse.layout import PUBLISHED, WarehouseLayout

    if name == "published":
        return published_path(settings.warehouse)
    for path in (WarehouseLayout(settings.layout.snapshot(name)).published, Path(name)):
        if path.is_file():
            if is_snapshot(path.parent) and PUBLISHED in damaged(path.parent):
                raise InputError(f"{path}: is not as it was when it was frozen; see: dateline freeze {name} --check")
            return path
    kept = settings.layout.snapshots()
    raise InputError(f"no snapshot {name!r}; there are: {', '.join(kept) or 'none (dateline freeze NAME)'}")


COMMANDS = (export, freeze, diff)
