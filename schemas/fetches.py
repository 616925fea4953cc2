"""The table `fetches`: requests to web sites, and their answers."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table
from schemas.values import FETCH_KINDS, FETCH_OUTCOMES


@dataclass(frozen=True, slots=True)
class Fetch:
    """One row per address that a visit to a source requested, or decided not to request. Rows are never recomputed."""

    batch: Annotated[str, "Id of the batch: the WARC file that the visit wrote."]
    month: Annotated[str, "Month of the request, as YYYY-MM; the files are partitioned by it."]
    source: Annotated[str, "Source that was visited."]
    # `kind` and `outcome` are plain strings: rows are also read from WARC files, where another version of Dateline may
    # have written other values.
    kind: Annotated[str, "What was requested.", FETCH_KINDS]
    url: Annotated[str, "Address that was requested."]
    requested_at: Annotated[
        datetime,
        "Moment when the last request for the address was sent (UTC); if none was sent, the moment when that was "
        "decided.",
    ]
    outcome: Annotated[str, "Result of the request.", FETCH_OUTCOMES]
    detail: Annotated[
        str | None,
        "What went wrong, in words; null if nothing did. For robots.txt also a note that its Crawl-delay is longer "
        "than the limit and was cut to it.",
    ]
    status: Annotated[int | None, "HTTP status of the last response; null if there was none."]
    etag: Annotated[str | None, "ETag header of the last response, for the next conditional request; null if none."]
    last_modified: Annotated[
        str | None, "Last-Modified header of the last response, for the next conditional request; null if none."
    ]
    content_type: Annotated[str | None, "Content-Type header of the last response; null if none."]
    bytes: Annotated[int, "Size of the body in bytes, after decompression."]
    sha256: Annotated[str | None, "SHA-256 of the body, hexadecimal; null if there is no body."]
    warc_file: Annotated[
        str | None,
        "WARC file that holds the response, relative to the warehouse folder; null if no response was stored.",
    ]
    warc_offset: Annotated[
        int | None, "Offset of the response's record in that file, in bytes; null if no response was stored."
    ]
    redirects: Annotated[
        list[str],
        "Addresses that redirects led to, in order; the last one gave the response. Empty if there were none.",
    ]
    oldest_entry: Annotated[
        date | None,
        "For a listing: the earliest day, in the source's time zone, since which the listing includes every article; "
        "null if that is not known, and for robots.txt and pages. The mart `coverage` is made from it.",
    ]
    # Visits recorded by early versions lack the columns below.
    page_keys: Annotated[
        list[str],
        "For a page: keys of the requested and the final address. All addresses of one page (AMP, `m.`, tracking "
        "parameters) have the same key. Empty for other kinds.",
    ] = field(default_factory=list)
    requests: Annotated[int, "Number of requests that were sent for the address, redirects and repeats included."] = 1
    listed: Annotated[
        str | None,
        "Date of publication that the feed or sitemap gives for the page, in ISO 8601, with or without a time; null if "
        "it gives none.",
    ] = None


FETCHES = Table(
    "fetches", Fetch, unit=("batch",), key=("batch", "requested_at", "url"), text=("detail",), exported=False
)
