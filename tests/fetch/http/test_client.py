"""One exchange with servers that misbehave: every answer has an outcome; memory, time and what is sent are limited."""

from __future__ import annotations

import asyncio
import gzip
import ssl
import subprocess
import threading
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from ipaddress import ip_network
from pathlib import Path

import pytest

from etl.fetch.http.client import ClientSettings, Exchange, ExchangeLimits, connect, user_agent
from evaluation.loopback import Reply, Request, reply, serving

NOW = datetime(2025, 9, 1, 23, tzinfo=UTC)
LIMIT = 2**20
SETTINGS = ClientSettings(
    user_agent("desk@paper.example"),
    lambda: NOW,
    limits=ExchangeLimits(seconds=2.0, idle_seconds=1.5),
    allowed=(ip_network("127.0.0.0/8"),),
)


async def pieces(*parts: bytes, pause: float = 0.0, endless: bytes = b"") -> AsyncIterator[bytes]:
    for part in parts:
        yield part
        await asyncio.sleep(pause)
    while endless:
        yield endless
        await asyncio.sleep(pause)


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
ANSWERS: dict[str, bytes] = {
    "/ok": reply(body=b"hello", ETag='"1"'),
    "/gzip": reply(body=gzip.compress(b"hello"), Content_Encoding="gzip"),
    "/empty-gzip": reply(body=b"", Content_Encoding="gzip"),
    "/unchanged": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "/moved": reply(301, Location="/ok"),
    "/missing": reply(404, b"not here"),
    "/error": reply(500, b"out of order"),
    "/cut-gzip": reply(body=gzip.compress(b"hello" * 1000)[:-9], Content_Encoding="gzip"),
    "/not-gzip": reply(body=b"hello", Content_Encoding="gzip"),
    "/brotli": reply(body=b"...", Content_Encoding="br"),
    "/gzip-twice": reply(body=gzip.compress(gzip.compress(b"a")), Content_Encoding="gzip, gzip"),
    "/six-encodings": reply(body=b"...", Content_Encoding=", ".join(["gzip"] * 6)),
    "/bomb": reply(body=gzip.compress(bytes(LIMIT + 1)), Content_Encoding="gzip"),
    "/large": reply(body=bytes(LIMIT + 1)),
    "/huge-header": reply(X="a" * 40_000),
    "/many-headers": b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: a\r\n" % n for n in range(300)) + b"\r\n",
    "/not-http": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
}


def respond(incoming: Request) -> Reply:
    if incoming.path == "/slow":  # a byte now and then: each pause is short, the whole answer takes too long
        return pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", endless=b"x", pause=0.3)
    if incoming.path == "/silent":
        return pieces(b"", pause=5)
    if incoming.path == "/endless":
        return pieces(CHUNKED, endless=chunk(bytes(2**16)))
    if incoming.path == "/reset":
        return pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    if incoming.path == "/reset-chunked":
        return pieces(CHUNKED, chunk(b"half"))
    return ANSWERS[incoming.path]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(respond) as port:
        yield f"http://127.0.0.1:{port}"


def request(
    url: str,
    settings: ClientSettings = SETTINGS,
    headers: Mapping[str, str] | None = None,
    keep_beginning: bool = False,
) -> Exchange:
    async def send() -> Exchange:
        async with connect(settings) as client:
            return await client.request(url, LIMIT, headers, keep_beginning)

    return asyncio.run(send())


@pytest.mark.parametrize(
    ("path", "outcome", "status", "body"),
    [
        ("/ok", "ok", 200, b"hello"),
        ("/gzip", "ok", 200, b"hello"),
        ("/empty-gzip", "ok", 200, b""),
        ("/unchanged", "not_modified", 304, b""),
        ("/moved", "http_error", 301, b""),
        ("/missing", "http_error", 404, b"not here"),
        ("/error", "http_error", 500, b"out of order"),
        ("/cut-gzip", "bad_encoding", 200, b""),
        ("/not-gzip", "bad_encoding", 200, b""),
        ("/brotli", "bad_encoding", 200, b""),
        ("/gzip-twice", "bad_encoding", 200, b""),
        ("/six-encodings", "bad_encoding", 200, b""),
        ("/bomb", "too_large", 200, b""),
        ("/large", "too_large", 200, b""),
        ("/endless", "too_large", 200, b""),
        ("/slow", "timeout", 200, b""),
        ("/silent", "timeout", None, b""),
        ("/reset", "cut_off", 200, b""),
        ("/reset-chunked", "cut_off", 200, b""),
        ("/huge-header", "bad_headers", None, b""),
        ("/many-headers", "bad_headers", None, b""),
        ("/not-http", "bad_headers", None, b""),
    ],
)
def test_every_answer_has_an_outcome(server: str, path: str, outcome: str, status: int | None, body: bytes) -> None:
    exchange = request(server + path)
    assert (exchange.outcome, exchange.status, exchange.body) == (outcome, status, body), exchange.detail
    assert (exchange.detail is None) == (outcome in ("ok", "not_modified"))
    assert body or not exchange.raw, "an incomplete body is not kept"


def test_a_host_that_does_not_exist_is_unreachable() -> None:
    assert request("http://127.0.0.1:9/").outcome == "unreachable"
    assert request("http://no-such-host.invalid/").outcome == "unreachable"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/", "data:text/html,a", "http:///a", "http://[bad/", "http://a:99999/"],
)
def test_only_web_addresses_are_requested(url: str) -> None:
    assert request(url).outcome == "unreachable"


def test_an_address_with_a_name_and_password_is_not_requested(server: str) -> None:
    exchange = request(server.replace("//", "//user:secret@") + "/ok")
    assert (exchange.outcome, exchange.status) == ("unreachable", None)


def test_the_raw_body_is_kept_beside_the_decompressed_one(server: str) -> None:
    exchange = request(server + "/gzip")
    assert gzip.decompress(exchange.raw) == exchange.body
    assert exchange.header("content-encoding") == "gzip"


@pytest.mark.parametrize("path", ["/large", "/bomb"])
def test_the_beginning_of_a_longer_body_is_kept_on_request(server: str, path: str) -> None:
    exchange = request(server + path, keep_beginning=True)
    assert (exchange.outcome, exchange.truncated, len(exchange.body)) == ("ok", "length", LIMIT)


def test_requests_identify_the_crawler_and_send_nothing_else(
    server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Proxies of the environment, .netrc and cookies are not used."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sent = {
        name.lower(): value for name, value in request(server + "/ok", headers={"If-None-Match": '"1"'}).request_headers
    }
    assert sent["user-agent"].startswith("Dateline/")
    assert sent["user-agent"].endswith("(+desk@paper.example)")
    assert sent.keys() == {"host", "user-agent", "accept", "accept-encoding", "if-none-match"}


def test_a_replay_server_gets_the_host_and_the_time_of_each_request(server: str) -> None:
    exchange = request("https://news.example/ok", replace(SETTINGS, replay=server))
    sent = dict(exchange.request_headers)
    assert (exchange.outcome, sent["Host"], sent["Accept-Datetime"]) == (
        "ok", "news.example", "Mon, 01 Sep 2025 23:00:00 GMT"
    )  # fmt: skip


def test_a_self_signed_certificate_is_refused(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    exchange = request(f"https://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    assert (exchange.outcome, exchange.status) == ("unreachable", None)
    assert "certificate" in (exchange.detail or "").lower()
