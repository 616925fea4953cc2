"""`dateline gazetteer`: what is doubtful in it."""

from __future__ import annotations

import http.client
import json
import sys
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from etl import __version__
from etl.cli.options import Options, format_option
from etl.cli.output import print_rows
from etl.errors import InputError, Retryable

if TYPE_CHECKING:
    from etl.nlp.gazetteer.check import Doubt
    from etl.nlp.gazetteer.gazetteer import Gazetteer

WIKIDATA = "https://www.wikidata.org"
_AT_ONCE = 50  # items that Wikidata answers about in one request
_SECONDS = 30
_SHOWN = ("duplicate", "shared alias", "wikidata")


@click.group()
def gazetteer() -> None:
    """The gazetteer in config/gazetteer: countries, persons, organisations, places."""


@gazetteer.command("check")
@click.option("--all", "everything", is_flag=True, help="List ambiguous aliases and rows without a Q-id, too.")
@click.option("--wikidata", is_flag=True, help="Compare rows with Wikidata (needs the internet).")
@click.option("--server", default=WIKIDATA, show_default=True, help="The server that is asked with --wikidata.")
@format_option
@click.pass_obj
def check_gazetteer(options: Options, everything: bool, wikidata: bool, server: str, form: str) -> None:
    """What is there twice, what stands for several, what has no Q-id. Status 1 if something is there twice."""
    from etl.nlp.gazetteer.check import KINDS, doubts
    from etl.nlp.gazetteer.gazetteer import load_gazetteer

    settings = options.settings()
    table = load_gazetteer(settings.folder("gazetteer"))
    found = doubts(table.aliases)
    if wikidata:
        found += _compared(table, server, settings.contact)
    counts = Counter(doubt.kind for doubt in found)
    shown = [doubt for doubt in found if everything or doubt.kind in _SHOWN]
    print_rows(["kind", "row", "what"], [(d.kind, d.id, d.what) for d in shown], form)
    if form == "table":
        click.echo(", ".join(f"{kind}: {counts[kind]}" for kind in KINDS if counts[kind] or kind != "wikidata"))
    if counts["duplicate"]:
        sys.exit(1)


def _compared(table: Gazetteer, server: str, contact: str | None) -> list[Doubt]:
    from etl.nlp.gazetteer.check import differences, qids

    rows = qids(table.aliases)
    names = sorted(rows)
    said: dict[str, Any] = {}
    for first in range(0, len(names), _AT_ONCE):
        said |= _ask(server, names[first : first + _AT_ONCE], contact)
    return differences(rows, table.aliases, said)


def _ask(server: str, names: Sequence[str], contact: str | None) -> dict[str, Any]:
    query = {
        "action": "wbgetentities", "ids": "|".join(names), "props": "labels|aliases", "languages": "en",
        "format": "json",
    }  # fmt: skip
    agent = f"Dateline/{__version__} ({contact or 'no contact set'})"
    url = f"{server.rstrip('/')}/w/api.php?{urllib.parse.urlencode(query)}"
    if not url.startswith(("http://", "https://")):
        raise InputError(f"--server {server}: not an http or https address")
    try:
        request = urllib.request.Request(url, headers={"User-Agent": agent})
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            entities: dict[str, Any] = json.load(answer)["entities"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", error)
        raise Retryable(f"{server}: Wikidata was not reached, or answered otherwise: {reason}; try again") from None
    return entities


COMMANDS = (gazetteer,)
