"""From an answer to WARC records: each exchange as a response (or a revisit, where nothing changed) and its request."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from http import HTTPStatus
from urllib.parse import urlsplit

from etl.fetch.http.client import Exchange
from etl.fetch.http.crawler import Answer
from etl.warc.reader import Stored
from etl.warc.writer import Message, WarcFile, record_id


def archive(
    warc: WarcFile, answer: Answer, kind: str, stored: Stored | None, listed: str | None, with_ip: bool
) -> tuple[Answer, int | None]:
    """Writes all exchanges of an answer; returns it, and the offset of the last one's record.

    `stored` is what the address gave before: an answer with the very same body becomes not_modified. What is not a
    whole answer for the address itself is marked, so that no reader takes it for a page.
    """
    offset = None
    for number, exchange in enumerate(answer.exchanges):
        offset = None
        if exchange.status is None:
            continue
        is_last = number == len(answer.exchanges) - 1
        unchanged = is_last and stored is not None and _is_unchanged(exchange, stored)
        more = {"WARC-Truncated": exchange.truncated} if exchange.truncated else {}
        if with_ip and exchange.ip:
            more["WARC-IP-Address"] = exchange.ip
        line, at = _status_line(exchange.status), exchange.requested_at
        if unchanged and stored is not None:
            offset = warc.revisit(exchange.url, at, line, exchange.headers, stored, more)
            if answer.outcome == "ok":
                answer = replace(answer, outcome="not_modified", detail="the same bytes again")
        else:
            own = _kind(answer, exchange, kind, is_last)
            body = exchange.raw
            offset = warc.response(exchange.url, at, line, exchange.headers, body, own, listed, more)
        name = record_id(exchange.url, "revisit" if unchanged else "response", at, b"" if unchanged else exchange.raw)
        warc.request(exchange.url, at, Message(_request_line(exchange.url), exchange.sent), name)
    return answer, offset


def _kind(answer: Answer, exchange: Exchange, kind: str, is_last: bool) -> str:
    """What a response is to a reader of the file."""
    if not is_last:
        return "redirect" if 300 <= (exchange.status or 0) < 400 else "failed-attempt"
    if kind != "page":
        return kind
    return "page" if answer.outcome in ("ok", "http_error") else answer.outcome.replace("_", "-")


def _is_unchanged(exchange: Exchange, stored: Stored) -> bool:
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
