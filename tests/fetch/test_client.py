"""The HTTP client against a loopback server that misbehaves."""

from __future__ import annotations

import asyncio
import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise

import pytest

from etl.fetch.client import BODY_LIMIT, Answer, Web, connect, user_agent

NOW = datetime(2025, 9, 1, 23, tzinfo=UTC)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, float, dict[str, str]]] = []

    def do_GET(self) -> None:
        self.asked.append((self.path, time.monotonic(), dict(self.headers.items())))
        status, headers, body = _ANSWERS.get(self.path.split("?")[0], (404, {}, b"not here"))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


_ANSWERS: dict[str, tuple[int, dict[str, str], bytes]] = {
    "/ok": (200, {"Content-Type": "text/plain", "ETag": '"1"'}, b"hello"),
    "/gzip": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello")),
    "/cut": (200, {"Content-Encoding": "gzip"}, gzip.compress(b"hello" * 1000)[:-9]),
    "/brotli": (200, {"Content-Encoding": "br"}, b"..."),
    "/bomb": (200, {"Content-Encoding": "gzip"}, gzip.compress(bytes(BODY_LIMIT + 1))),
    "/large": (200, {}, bytes(BODY_LIMIT + 1)),
    "/error": (500, {}, b"out of order"),
    "/unchanged": (304, {}, b""),
    "/moved": (301, {"Location": "/moved-again?a=1"}, b""),
    "/moved-again": (302, {"Location": "/ok"}, b""),
    "/loop": (302, {"Location": "/loop"}, b""),
    "/to-a-file": (302, {"Location": "file:///etc/passwd"}, b""),
    "/nowhere": (302, {}, b""),
}


@pytest.fixture
def server() -> Iterator[str]:
    _Handler.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def get(*urls: str, delay: float = 0.0, replay: str | None = None) -> list[Answer]:
    async def all_of_them() -> list[Answer]:
        web = Web(user_agent("desk@paper.example"), lambda: NOW, delay, replay)
        async with connect(web) as client:
            return await asyncio.gather(*(client.get(url) for url in urls))

    return asyncio.run(all_of_them())


@pytest.mark.parametrize(
    ("path", "outcome", "status", "body"),
    [
        ("/ok", "ok", 200, b"hello"),
        ("/gzip", "ok", 200, b"hello"),
        ("/moved", "ok", 200, b"hello"),
        ("/unchanged", "not_modified", 304, b""),
        ("/error", "http_error", 500, b"out of order"),
        ("/missing", "http_error", 404, b"not here"),
        ("/nowhere", "http_error", 302, b""),
        ("/loop", "bad_redirect", 302, b""),
        ("/to-a-file", "bad_redirect", 302, b""),
        ("/cut", "bad_encoding", 200, b""),
        ("/brotli", "bad_encoding", 200, b""),
        ("/bomb", "too_large", 200, b""),
        ("/large", "too_large", 200, b""),
    ],
)
def test_every_answer_has_its_outcome(server: str, path: str, outcome: str, status: int, body: bytes) -> None:
    (answer,) = get(server + path)
    assert (answer.outcome, answer.status, answer.body) == (outcome, status, body)
    assert (answer.detail is None) == (outcome in ("ok", "not_modified"))


def test_a_host_that_is_not_there() -> None:
    (answer,) = get("http://127.0.0.1:9/")
    assert (answer.outcome, answer.status) == ("unreachable", None)


def test_the_raw_body_is_kept_beside_the_unpacked_one(server: str) -> None:
    (answer,) = get(server + "/gzip")
    assert gzip.decompress(answer.raw) == answer.body
    assert answer.header("content-encoding") == "gzip"


def test_redirects_are_noted_in_order(server: str) -> None:
    (answer,) = get(server + "/moved")
    assert answer.redirects == (f"{server}/moved-again?a=1", f"{server}/ok")
    assert (answer.url, answer.final_url) == (f"{server}/moved", f"{server}/ok")


def test_requests_say_who_asks(server: str) -> None:
    get(server + "/ok")
    headers = _Handler.asked[0][2]
    assert headers["User-Agent"].startswith("Dateline/")
    assert headers["User-Agent"].endswith("(+desk@paper.example)")


def test_a_host_is_asked_one_at_a_time_with_the_delay_between(server: str) -> None:
    get(*[f"{server}/ok?{n}" for n in range(4)], delay=0.2)
    times = [at for _, at, _ in _Handler.asked]
    assert len(times) == 4
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


def test_a_replay_answers_for_all_hosts_and_is_told_the_time(server: str) -> None:
    (answer,) = get("https://news.example/ok", replay=server)
    assert (answer.outcome, answer.requested_at) == ("ok", NOW)
    headers = _Handler.asked[0][2]
    assert headers["Host"] == "news.example"
    assert headers["Accept-Datetime"] == "Mon, 01 Sep 2025 23:00:00 GMT"
