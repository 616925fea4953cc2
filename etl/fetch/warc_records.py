"""Writes each exchange as WARC records: a response (or a revisit if nothing changed) and its request."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from etl.fetch.http.client import Exchange
from etl.fetch.http.crawler import Answer
from etl.warc.reader import StoredResponse
from etl.warc.writer import HttpMessage, WarcFile, record_id


def write_exchanges(
    warc: WarcFile, answer: Answer, kind: str, stored: StoredResponse | None, listed: str | None, with_ip: bool
) -> tuple[Answer, int | None]:
    """Write all exchanges of an answer; return the answer and the offset of the last exchange's record.

    `stored` is the previous response of the address: an answer with the same body becomes not_modified. A response
    that is not a complete answer for the address itself is marked, so that it is not read as a page.
    """
    offset = None
    for number, exchange in enumerate(answer.exchanges):
        offset = None
        if exchange.status is None:
            continue
        is_last = number == len(answer.exchanges) - 1
        unchanged = is_last and stored is not None and _is_unchanged(exchange, stored)
        extra_headers = {"WARC-Truncated": exchange.truncated} if exchange.truncated else {}
        if with_ip and exchange.ip:
            extra_headers["WARC-IP-Address"] = exchange.ip
        line, date = _status_line(exchange.status), exchange.requested_at
        if unchanged and stored is not None:
            offset = warc.revisit(exchange.url, date, line, exchange.headers, stored, extra_headers)
            if answer.outcome == "ok":
                answer = replace(answer, outcome="not_modified", detail="the same bytes again")
        else:
            response_kind = _response_kind(answer, exchange, kind, is_last)
            body = exchange.raw
            offset = warc.response(
                exchange.url, date, line, exchange.headers, body, response_kind, listed, extra_headers
            )
        record_type, record_body = ("revisit", b"") if unchanged else ("response", exchange.raw)
        concurrent_to = record_id(exchange.url, record_type, date, record_body)
        request = HttpMessage(_request_line(exchange.url), exchange.request_headers)
        warc.request(exchange.url, date, request, concurrent_to)
    return answer, offset


def without_bodies(answer: Answer) -> Answer:
    """Return an answer without what its bodies say, and without what would let a later visit ask for changes only."""
    conditions = ("etag", "last-modified")
    exchanges = tuple(
        replace(
            exchange, raw=b"", body=b"", headers=tuple(h for h in exchange.headers if h[0].lower() not in conditions)
        )
        for exchange in answer.exchanges
    )
    return replace(answer, exchanges=exchanges)


def _response_kind(answer: Answer, exchange: Exchange, kind: str, is_last: bool) -> str:
    """Return how a response is marked in the file; only `page` is read as an article's page."""
    if not is_last:
        return "redirect" if 300 <= (exchange.status or 0) < 400 else "failed-attempt"
    if kind != "page":
        return kind
    return "page" if answer.outcome in ("ok", "http_error") else answer.outcome.replace("_", "-")


def _is_unchanged(exchange: Exchange, stored: StoredResponse) -> bool:
    if exchange.status == HTTPStatus.NOT_MODIFIED:
        return True
    if exchange.outcome != "ok" or exchange.truncated:
        return False
    return stored.payload_digest == "sha1:" + base64.b32encode(hashlib.sha1(exchange.raw).digest()).decode()


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _request_line(url: str) -> str:
    parts = urlsplit(url)
    return f"GET {parts.path or '/'}{'?' + parts.query if parts.query else ''} HTTP/1.1"
