"""`dateline gazetteer`: check the gazetteer."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING

import click

from etl.cli.options import Options, format_option
from etl.cli.output import print_rows
from etl.nlp.gazetteer.wikidata import SERVER

if TYPE_CHECKING:
    from etl.nlp.gazetteer.check import Doubt
    from etl.nlp.gazetteer.gazetteer import Gazetteer

_ALWAYS_LISTED = ("duplicate", "shared alias", "wikidata")


@click.group()
def gazetteer() -> None:
    """Check the gazetteer, the list of known names.

    It lies in config/gazetteer and has countries, persons, organisations and places.
    """


@gazetteer.command("check")
@click.option(
    "--all",
    "everything",
    is_flag=True,
    help="Also list the ambiguous aliases and the rows without a Q-id, which are only counted otherwise.",
)
@click.option("--wikidata", is_flag=True, help="Compare rows with Wikidata (needs the internet).")
@click.option(
    "--server", default=SERVER, show_default=True, help="Address of the Wikidata server that --wikidata asks."
)
@format_option
@click.pass_obj
def check_gazetteer(options: Options, everything: bool, wikidata: bool, server: str, form: str) -> None:
    """Look for likely mistakes in the gazetteer.

    Lists duplicate rows, and aliases shared by several rows without being marked as ambiguous. Counts aliases marked as
    ambiguous, and rows without a Wikidata id (Q-id). Exits with status 1 if there are duplicates.
    """
    from etl.nlp.gazetteer.check import KINDS, doubts
    from etl.nlp.gazetteer.gazetteer import load_gazetteer

    settings = options.settings()
    table = load_gazetteer(settings.folder("gazetteer"))
    problems = doubts(table.aliases)
    if wikidata:
        problems += _differences_from_wikidata(table, server, settings.contact)
    counts = Counter(problem.kind for problem in problems)
    listed = [problem for problem in problems if everything or problem.kind in _ALWAYS_LISTED]
    print_rows(["kind", "row", "what"], [(problem.kind, problem.id, problem.what) for problem in listed], form)
    if form == "table":
        click.echo(", ".join(f"{kind}: {counts[kind]}" for kind in KINDS if counts[kind] or kind != "wikidata"))
    if counts["duplicate"]:
        sys.exit(1)


def _differences_from_wikidata(table: Gazetteer, server: str, contact: str | None) -> list[Doubt]:
    from etl.nlp.gazetteer.check import differences, qids
    from etl.nlp.gazetteer.wikidata import labels_and_aliases

    rows = qids(table.aliases)
    return differences(rows, table.aliases, labels_and_aliases(sorted(rows), server, contact))


COMMANDS = (gazetteer,)
