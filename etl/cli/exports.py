"""`dateline export`, `freeze` and `diff`: export tables, make snapshots, explain changed counts."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from etl.cli.options import PATH, Options, as_of_option, now_or
from etl.cli.output import FORMATS, print_arrow, print_text
from etl.configuration.settings import Settings
from etl.errors import InputError
from etl.text import readable_bytes

_EXPORT_FORMS = ("parquet", "csv", "json")


@click.command()
@click.argument("folder", type=PATH)
@click.argument("names", nargs=-1)
@click.option("--format", "form", type=click.Choice(_EXPORT_FORMS), default="parquet", show_default=True)
@click.option(
    "--tier",
    type=click.Choice(("safe", "full")),
    default="safe",
    show_default=True,
    help="safe: without full texts, quotes cut to 50 words, links kept; full: everything.",
)
@click.pass_obj
def export(options: Options, folder: Path, names: tuple[str, ...], form: str, tier: str) -> None:
    """Write tables as files into a new FOLDER.

    FOLDER must be empty or not exist yet. It also gets checksums and a manifest.

    NAMES are the tables to write (default: all marts): any mart, or articles, entities, quotes, mentions, stories,
    topics, sources or quotation_graph. quotation_graph writes quotes as JSON lines in the format of GDELT's Global
    Quotation Graph.
    """
    from etl.publish.exports import export as write
    from etl.warehouse.layout import MANIFEST, SUMS
    from schemas.marts import MARTS

    for path in write(options.settings().warehouse, folder, names or MARTS, form, tier):
        print_text(str(path))
    print_text(f"{folder / MANIFEST}\n{folder / SUMS}")


@click.command()
@click.argument("name")
@click.option("--check", is_flag=True, help="Make no snapshot; check that no file of the snapshot NAME has changed.")
@as_of_option
@click.pass_obj
def freeze(options: Options, name: str, check: bool, as_of: str | None) -> None:
    """Save the published data as a snapshot called NAME.

    A snapshot can be cited, queried, and compared with later data.
    """
    from etl.publish.snapshots import checked_name, damaged

    warehouse = options.warehouse()
    if check:
        changed = damaged(warehouse.settings.layout.snapshot(checked_name(name)))
        for file in changed:
            print_text(f"missing or changed: {file}")
        print_text(f"{name}: {f'{len(changed)} files missing or changed' if changed else 'unchanged'}")
        sys.exit(1 if changed else 0)
    snapshot = warehouse.freeze(name, as_of=now_or(as_of))
    print_text(f"{snapshot.folder}: {snapshot.files} files, {readable_bytes(snapshot.bytes)}")
    print_text(f"to cite: {name}, manifest sha256:{snapshot.sha256}")
    print_text(f"to read: dateline --warehouse {snapshot.folder} sql ...")


@click.command()
@click.argument("before")
@click.argument("after", default="published")
@click.option("--topic", help="Only this topic.")
@click.option("--articles", is_flag=True, help="List the articles instead of only counting them.")
@click.option("--format", "form", type=click.Choice(FORMATS), default="table", show_default=True)
@click.pass_obj
def diff(options: Options, before: str, after: str, topic: str | None, articles: bool, form: str) -> None:
    """Show why the counts in two published files differ.

    Shows which articles entered, left or moved in the series of each topic, and why. BEFORE and AFTER are each the name
    of a snapshot, the path of a published file, or `published` for the current one. AFTER defaults to `published`.
    """
    from etl.publish.diff import CAUSES, compare_files, with_addresses

    settings = options.settings()
    files = _published_file(settings, before), _published_file(settings, after)
    comparison = compare_files(*files, topic)
    table = with_addresses(comparison.articles, files) if articles else comparison.summary
    if form != "table":
        print_arrow(table, form)
        return
    for label, about in (("before", comparison.before), ("after", comparison.after)):
        print_text(f"{label}: published {about['published_at']:%Y-%m-%d %H:%M} UTC, Dateline {about['code_version']}")
    if comparison.before["model"] != comparison.after["model"]:
        print_text("the model or the gazetteer differs")
    if not table.num_rows:
        print_text("no article of a topic's series differs")
        return
    print_text("")
    print_arrow(table, "table")
    for cause in sorted(set(table["cause"].to_pylist()), key=list(CAUSES).index):
        print_text(f"{cause}: {CAUSES[cause]}")


def _published_file(settings: Settings, name: str) -> Path:
    """The published file that a user names. Raises InputError, WarehouseError."""
    from etl.publish.snapshots import damaged
    from etl.warehouse.duck import published_path
    from etl.warehouse.layout import PUBLISHED, WarehouseLayout

    if name == "published":
        return published_path(settings.warehouse)
    for path in (WarehouseLayout(settings.layout.snapshot(name)).published, Path(name)):
        if path.is_file():
            if WarehouseLayout(path.parent).is_snapshot() and PUBLISHED in damaged(path.parent):
                raise InputError(f"{path}: has changed since it was frozen; see: dateline freeze {name} --check")
            return path
    snapshots = ", ".join(settings.layout.snapshots())
    raise InputError(f"no snapshot {name!r}; there are: {snapshots or 'none (make one with: dateline freeze NAME)'}")


COMMANDS = (export, freeze, diff)
