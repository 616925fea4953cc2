"""`fetches`: what was asked of the web, and what came back."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated

from schemas.record import Table


@dataclass(frozen=True, slots=True)
class Fetch:
    """One row a request made while fetching; recorded once, never recomputed."""

    batch: Annotated[str, "The batch (WARC file) the response was written to."]
    month: Annotated[str, "Month of the request, YYYY-MM: a layout key."]
    source: Annotated[str, "The source the request was made for."]
    kind: Annotated[str, "What was asked for: robots, feed, sitemap, index (of sitemaps), section, list or page."]
    url: Annotated[str, "The address requested."]
    requested_at: Annotated[datetime, "When the request was sent (UTC)."]
    outcome: Annotated[
        str,
        "ok, not_modified, http_error, timeout, unreachable, address_refused, too_large, cut_off, bad_headers, "
        "bad_encoding, bad_redirect, not_a_listing, unsafe (built to exhaust its reader), or without an answer of its "
        "own: robots (not allowed), foreign (not on the source's hosts), postponed (to the next visit).",
    ]
    detail: Annotated[str | None, "What went wrong, in words; of a robots.txt also a Crawl-delay that is cut."]
    status: Annotated[int | None, "HTTP status of the last response; null when there was none."]
    etag: Annotated[str | None, "ETag header, for the next conditional request."]
    last_modified: Annotated[str | None, "Last-Modified header, for the next conditional request."]
    content_type: Annotated[str | None, "Content-Type header."]
    bytes: Annotated[int, "Bytes of the body after decoding."]
    sha256: Annotated[str | None, "SHA-256 of the body, hexadecimal."]
    warc_file: Annotated[str | None, "WARC file of the stored response, relative to the warehouse."]
    warc_offset: Annotated[int | None, "Byte offset of its record in that file."]
    redirects: Annotated[list[str], "Addresses passed through, in order, the last one being the final address."]
    oldest_entry: Annotated[date | None, "For a listing: the day down to which it has everything; see coverage."]
    # Not in visits recorded by early versions.
    page_keys: Annotated[
        list[str], "Keys of a page's address and final address, the same for all twins (AMP, m., …)."
    ] = field(default_factory=list)
    requests: Annotated[int, "Requests that were made for it: redirects and repeated ones count."] = 1
    listed: Annotated[
        str | None, "Date of publication that the feed or sitemap gave (ISO 8601), the day alone if so."
    ] = None


FETCHES = Table("fetches", Fetch, unit=("batch",), key=("batch", "requested_at", "url"), text=("detail",))
