"""Plain lists of addresses, one per line."""

from __future__ import annotations

from etl.fetch.listings.listing import Entry, Listing
from etl.urls import is_web_address


def read_address_list(body: bytes) -> Listing | None:
    """Return the addresses of a list; empty lines and lines that begin with # are skipped.

    None if the body has no address, or if more than half of its lines are something else.
    """
    lines = [line.strip() for line in body.decode("utf-8-sig", "replace").splitlines()]
    content = [line for line in lines if line and not line.startswith("#")]
    entries = [Entry(line) for line in content if is_web_address(line) and " " not in line]
    return Listing(entries) if entries and 2 * len(entries) >= len(content) else None
