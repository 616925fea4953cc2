"""One exchange with servers that misbehave: every answer has its outcome, and none costs memory, time or a secret."""

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

from etl.fetch.http.client import Exchange, Limits, Web, connect, user_agent
from evaluation.loopback import Reply, Request, reply, serving

NOW = datetime(2025, 9, 1, 23, tzinfo=UTC)
LIMIT = 2**20
WEB = Web(
    user_agent("desk@paper.example"),
    lambda: NOW,
    limits=Limits(seconds=2.0, silent_seconds=1.5),
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


def respond(request: Request) -> Reply:
    if request.path == "/slow":  # a byte now and then: each pause is short, the whole is not
        return pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", endless=b"x", pause=0.3)
    if request.path == "/silent":
        return pieces(b"", pause=5)
    if request.path == "/endless":
        return pieces(CHUNKED, endless=chunk(bytes(2**16)))
    if request.path == "/reset":
        return pieces(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf")
    if request.path == "/reset-chunked":
        return pieces(CHUNKED, chunk(b"half"))
    return ANSWERS[request.path]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving(respond) as port:
        yield f"http://127.0.0.1:{port}"


def ask(url: str, web: Web = WEB, headers: Mapping[str, str] | None = None, keep_beginning: bool = False) -> Exchange:
    async def one() -> Exchange:
        async with connect(web) as client:
            return await client.ask(url, LIMIT, headers, keep_beginning)

    return asyncio.run(one())


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
def test_every_answer_has_its_outcome(server: str, path: str, outcome: str, status: int | None, body: bytes) -> None:
    found = ask(server + path)
    assert (found.outcome, found.status, found.body) == (outcome, status, body), found.detail
    assert (found.detail is None) == (outcome in ("ok", "not_modified"))
    assert body or not found.raw, "what is not whole is not kept"


def test_a_host_that_is_not_there() -> None:
    assert ask("http://127.0.0.1:9/").outcome == "unreachable"
    assert ask("http://no-such-host.invalid/").outcome == "unreachable"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://a.example/", "data:text/html,a", "http:///a", "http://[bad/", "http://a:99999/"],
)
def test_only_web_addresses_are_asked_for(url: str) -> None:
    assert ask(url).outcome == "unreachable"


def test_names_and_passwords_are_not_sent(server: str) -> None:
    found = ask(server.replace("//", "//user:secret@") + "/ok")
    assert (found.outcome, found.status) == ("unreachable", None)


def test_the_raw_body_is_kept_beside_the_unpacked_one(server: str) -> None:
    found = ask(server + "/gzip")
    assert gzip.decompress(found.raw) == found.body
    assert found.header("content-encoding") == "gzip"


@pytest.mark.parametrize("path", ["/large", "/bomb"])
def test_the_beginning_can_be_wanted(server: str, path: str) -> None:
    found = ask(server + path, keep_beginning=True)
    assert (found.outcome, found.truncated, len(found.body)) == ("ok", "length", LIMIT)


def test_requests_say_who_asks_and_nothing_else(server: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, no .netrc, no cookie of the environment is used."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    sent = {name.lower(): value for name, value in ask(server + "/ok", headers={"If-None-Match": '"1"'}).sent}
    assert sent["user-agent"].startswith("Dateline/")
    assert sent["user-agent"].endswith("(+desk@paper.example)")
    assert sent.keys() == {"host", "user-agent", "accept", "accept-encoding", "if-none-match"}


def test_a_replay_answers_for_all_hosts_and_is_told_the_time(server: str) -> None:
    found = ask("https://news.example/ok", replace(WEB, replay=server))
    sent = dict(found.sent)
    assert (found.outcome, sent["Host"], sent["Accept-Datetime"]) == (
        "ok", "news.example", "Mon, 01 Sep 2025 23:00:00 GMT"
    )  # fmt: skip


def test_a_certificate_that_nobody_signed(tmp_path: Path) -> None:
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
    found = ask(f"https://127.0.0.1:{server.server_port}/")
    server.shutdown()
    server.server_close()
    assert (found.outcome, found.status) == ("unreachable", None)
    assert "certificate" in (found.detail or "").lower()
