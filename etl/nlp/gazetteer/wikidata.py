"""The names that Wikidata has for rows of the gazetteer, read from its API (https://www.wikidata.org/w/api.php)."""

from __future__ import annotations

import http.client
import json
import urllib.parse
import urllib.request
from collections.abc import Sequence
from typing import Any

from etl import __version__
from etl.errors import InputError, Retryable
from etl.urls import is_web_address

SERVER = "https://www.wikidata.org"
_ITEMS_A_REQUEST = 50  # the API's limit
_TIMEOUT_SECONDS = 30


def labels_and_aliases(qids: Sequence[str], server: str, contact: str | None) -> dict[str, Any]:
    """Ask for items by Q-id; return each with its English label and aliases, as the API gives them.

    `contact` is sent in the User-Agent header. Raises InputError if `server` is not an http or https address,
    Retryable if it cannot be reached.
    """
    items: dict[str, Any] = {}
    for first in range(0, len(qids), _ITEMS_A_REQUEST):
        items |= _request(server, qids[first : first + _ITEMS_A_REQUEST], contact)
    return items


def _request(server: str, qids: Sequence[str], contact: str | None) -> dict[str, Any]:
    parameters = {
        "action": "wbgetentities", "ids": "|".join(qids), "props": "labels|aliases", "languages": "en",
        "format": "json",
    }  # fmt: skip
    url = f"{server.rstrip('/')}/w/api.php?{urllib.parse.urlencode(parameters)}"
    if not is_web_address(url):
        raise InputError(f"--server {server}: not an http or https address")
    agent = f"Dateline/{__version__} ({contact or 'no contact set'})"
    try:
        request = urllib.request.Request(url, headers={"User-Agent": agent})
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as response:
            items: dict[str, Any] = json.load(response)["entities"]
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
        reason = getattr(error, "reason", error)
        raise Retryable(f"{server}: Wikidata did not answer as expected: {reason}; try again") from None
    return items
