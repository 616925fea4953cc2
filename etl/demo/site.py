"""A loopback server that replays web sites as they were at the time that a request names (Accept-Datetime, RFC 7089).

The site is chosen by the Host header. A function passed to the server supplies the pages, for instance from the sample
world or from an archive.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import escape
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from etl.demo.pages import page_at
from etl.demo.world import Site, Story

FEED_ENTRIES = 10


@dataclass(frozen=True)
class SiteResponse:
    """A response of the server."""

    status: int
    content_type: str
    body: bytes


World = Callable[[str, str, datetime], SiteResponse]  # (host, path with query, time) -> response


@dataclass(frozen=True)
class FeedEntry:
    """An entry of a feed."""

    url: str
    title: str
    published: datetime | None
    updated: datetime | None = None


def sample_world(sites: list[Site]) -> World:
    """Return a world that serves the robots.txt, the feed (/feed.xml) and the pages of the invented outlets."""
    by_host = {site.outlet.host: site for site in sites}

    def serve(host: str, path: str, as_of: datetime) -> SiteResponse:
        site = by_host.get(host)
        if site is None:
            return NOT_FOUND
        if path == "/robots.txt":
            return SiteResponse(200, "text/plain; charset=utf-8", b"User-agent: *\nDisallow: /search\n")
        if path == "/feed.xml":
            return SiteResponse(
                200, "application/atom+xml", atom(site.outlet.name, _feed_entries(site, as_of)).encode()
            )
        story = next((story for story in site.stories if story.path == path), None)
        html = page_at(site, story, as_of) if story else None
        return SiteResponse(200, "text/html; charset=utf-8", html.encode()) if html else NOT_FOUND

    return serve


NOT_FOUND = SiteResponse(404, "text/plain; charset=utf-8", b"not here\n")


def _feed_entries(site: Site, as_of: datetime) -> list[FeedEntry]:
    """The pages that were published or corrected last before `as_of`, newest first."""
    published = [story for story in site.stories if story.published <= as_of]
    latest = sorted(published, key=lambda story: (_changed(story, as_of), story.path), reverse=True)[:FEED_ENTRIES]
    return [
        FeedEntry(
            site.url(story), story.title, None if story.kind == "undated" else story.published, _changed(story, as_of)
        )
        for story in latest
    ]


def _changed(story: Story, as_of: datetime) -> datetime:
    """When a page was last published or corrected."""
    return max([story.published, *(c.at for c in story.corrections if c.at <= as_of)])


def atom(title: str, entries: list[FeedEntry]) -> str:
    """Return an Atom feed (RFC 4287)."""
    items = "".join(
        f"<entry><id>{escape(e.url)}</id><title>{escape(e.title)}</title><link href='{escape(e.url)}'/>"
        + (f"<published>{e.published.isoformat()}</published>" if e.published else "")
        + (f"<updated>{e.updated.isoformat()}</updated>" if e.updated else "")
        + "</entry>"
        for e in entries
    )
    return (
        f"<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'>"
        f"<title>{escape(title)}</title>{items}</feed>"
    )


@contextmanager
def serving(world: World, port: int = 0) -> Iterator[str]:
    """Serve a world on the loopback interface while the context is open; gives the address of the server."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            accept_datetime = self.headers.get("Accept-Datetime")
            as_of = parsedate_to_datetime(accept_datetime) if accept_datetime else datetime.now(UTC)
            response = world(self.headers.get("Host", "").lower(), self.path, as_of)
            etag = f'"{hashlib.sha256(response.body).hexdigest()[:16]}"'
            status, body = response.status, response.body
            if status == HTTPStatus.OK and self.headers.get("If-None-Match") == etag:
                status, body = HTTPStatus.NOT_MODIFIED, b""
            # Without the headers Server and Date, the same night gives the same bytes.
            self.send_response_only(status, HTTPStatus(status).phrase)
            self.send_header("Content-Type", response.content_type)
            self.send_header("ETag", etag)
            if status != HTTPStatus.NOT_MODIFIED:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
