"""`dateline sources`: list sources, check their listings, show what is extracted from their pages."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from etl.cli.options import Options, as_of_option, clock, format_option, now_or
from etl.cli.output import print_rows, print_text
from etl.errors import InputError

if TYPE_CHECKING:
    from etl.fetch.check import ListingCheck


@click.group()
def sources() -> None:
    """List, check and test the sources in config/sources."""


@sources.command("list")
@format_option
@click.pass_obj
def list_sources(options: Options, form: str) -> None:
    """List all sources with their settings."""
    from etl.configuration.sources import load_sources

    columns = ["source", "title", "country", "language", "listings", "articles a day", "checked"]
    rows = [
        (s.name, s.title, s.country, s.language, len(s.listings),
         f"{s.articles_per_day[0]}-{s.articles_per_day[1]}" if s.articles_per_day else None, s.checked or "never")
        for s in load_sources(options.settings().folder("sources"))
    ]  # fmt: skip
    print_rows(columns, rows, form)


@sources.command("check")
@click.argument("names", nargs=-1)
@as_of_option
@click.pass_obj
def check_sources(options: Options, names: tuple[str, ...], as_of: str | None) -> None:
    """Check that the listings of sources can be read.

    Requests robots.txt and the listings of the sources in NAMES (default: all). Shows whether they answer, how many
    pages they list, and how far back they reach. No pages are requested, and nothing is saved.
    """
    from etl.fetch.check import check_listings

    checks = check_listings(options.settings(), names, now_or(as_of), clock)
    _print_checks(checks)
    if any(check.outcome != "ok" for check in checks):
        sys.exit(1)


@sources.command("test")
@click.argument("name")
@click.option("--pages", type=click.IntRange(1, 50), default=5, show_default=True, help="How many pages to read.")
@click.option("--text", is_flag=True, help="Print the full text of each article.")
@as_of_option
@click.pass_obj
def test_source(options: Options, name: str, pages: int, text: bool, as_of: str | None) -> None:
    """Show what is extracted from a few pages of a source.

    Reads the first pages that the source NAME lists. Nothing is saved.
    """
    from etl.workbench.source_trial import try_source

    now = now_or(as_of)
    trial = try_source(options.settings(), name, pages, now, clock)
    _print_checks(trial.checked)
    for page in trial.pages:
        print_text(f"\n{page.url}")
        for label, value in page.summary(full_text=text):
            print_text(f"  {label:<10} {value}")
    n_articles = sum(page.article is not None for page in trial.pages)
    print_text(f"\n{n_articles} of {len(trial.pages)} pages gave an article.")
    if not n_articles:
        raise InputError(f"the source {name!r} gave no article; the lines above say why")
    if all(check.outcome == "ok" for check in trial.checked):
        print_text(f"If everything above is right, write into its file: checked: {now:%Y-%m-%d}")


def _print_checks(checks: Sequence[ListingCheck]) -> None:
    """Print a table of checked listings. Raises InputError if no host could be reached."""
    from etl.fetch.check import is_offline

    columns = ["source", "kind", "address", "outcome", "pages", "newest", "oldest", "note"]
    rows = [
        (c.source, c.kind, c.address, c.outcome, c.n_pages, c.newest, c.oldest, c.note) for c in checks
    ]  # fmt: skip
    print_rows(columns, rows, "table")
    if is_offline(checks):
        raise InputError("no host could be reached: this machine seems to have no internet; nothing was checked")


COMMANDS = (sources,)
