"""`dateline sources`: list them, try their addresses, look at what their pages give."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from etl.cli.options import Options, as_of_option, clock, format_option, now_or
from etl.cli.output import print_rows, print_text
from etl.errors import InputError

if TYPE_CHECKING:
    from etl.fetch.check import Checked


@click.group()
def sources() -> None:
    """The sources in config/sources: list them, try their addresses, look at what their pages give."""


@sources.command("list")
@format_option
@click.pass_obj
def list_sources(options: Options, form: str) -> None:
    """All sources, with what their files say."""
    from etl.configuration.sources import load_sources

    found = list(load_sources(options.settings().folder("sources")))
    columns = ["source", "title", "country", "language", "listings", "articles a day", "checked"]
    rows = [
        (s.name, s.title, s.country, s.language, len(s.listings),
         f"{s.articles_per_day[0]}-{s.articles_per_day[1]}" if s.articles_per_day else None, s.checked or "never")
        for s in found
    ]  # fmt: skip
    print_rows(columns, rows, form)


@sources.command("check")
@click.argument("names", nargs=-1)
@as_of_option
@click.pass_obj
def check_sources(options: Options, names: tuple[str, ...], as_of: str | None) -> None:
    """Try the listings of the sources in NAMES (default: all); ask for no page, keep nothing."""
    from etl.fetch.check import check

    checked = check(options.settings(), names, now_or(as_of), clock)
    _print_checked(checked)
    if any(row.outcome != "ok" for row in checked):
        sys.exit(1)


@sources.command("test")
@click.argument("name")
@click.option("--pages", type=click.IntRange(1, 50), default=5, show_default=True, help="How many pages to read.")
@click.option("--text", is_flag=True, help="Print the whole text of each page.")
@as_of_option
@click.pass_obj
def test_source(options: Options, name: str, pages: int, text: bool, as_of: str | None) -> None:
    """Read the first pages that the source NAME lists and show what is extracted; keep nothing."""
    from etl.workbench.source_trial import try_source

    now = now_or(as_of)
    trial = try_source(options.settings(), name, pages, now, clock)
    _print_checked(trial.checked)
    for page in trial.pages:
        print_text(f"\n{page.url}")
        for label, value in page.summary(full_text=text):
            print_text(f"  {label:<10} {value}")
    good = sum(page.article is not None for page in trial.pages)
    print_text(f"\n{good} of {len(trial.pages)} pages gave an article.")
    if not good:
        raise InputError(f"the source {name!r} gave no article; the lines above say why")
    if all(row.outcome == "ok" for row in trial.checked):
        print_text(f"If they are right, write into its file: checked: {now:%Y-%m-%d}")


def _print_checked(checked: Sequence[Checked]) -> None:
    from etl.fetch.check import offline

    columns = ["source", "kind", "address", "outcome", "pages", "newest", "oldest", "note"]
    rows = [
        (c.source, c.kind, c.address, c.outcome, c.n_pages, c.newest, c.oldest, c.note) for c in checked
    ]  # fmt: skip
    print_rows(columns, rows, "table")
    if offline(checked):
        raise InputError(
            "none of the hosts could be reached: this machine seems to have no internet; nothing was checked"
        )
