"""The crawler: robots.txt first, pauses that outlive a process, retries, redirects by the rules of each host."""

from __future__ import annotations

import asyncio
import gzip
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import pairwise
from pathlib import Path

import pytest

from etl.fetch.http.client import ClientSettings, ExchangeLimits, Politeness, connect, user_agent
from etl.fetch.http.crawler import Answer, Crawler, FetchOptions
from etl.fetch.http.hosts import Hosts, retry_after
from etl.fetch.http.robots import MAX_ROBOTS_BYTES
from evaluation.loopback import Reply, Request, reply, serving

FORBID = b"User-agent: *\nDisallow: /secret\n"
QUICK = Politeness(delay_seconds=0.0, retries=2, backoff_seconds=0.05, max_wait_seconds=1.0)


@dataclass
class Site:
    """What hosts answer, by address or path; `requests` are the addresses they were asked for, and when."""

    port: int = 0
    answers: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    requests: list[tuple[str, float]] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 24, 23, tzinfo=UTC)
    politeness: Politeness = QUICK

    def __call__(self, request: Request) -> Reply:
        self.requests.append((f"{request.host}{request.path}", request.at))
        answer = self.answers.get(f"{request.host}{request.path}", self.answers.get(request.path))
        if answer is None:
            return reply(404) if request.path == "/robots.txt" else reply(body=request.path.encode())
        return answer() if callable(answer) else answer

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def get(self, *urls: str, folder: Path | None = None, options: FetchOptions | None = None) -> list[Answer]:
        settings = ClientSettings(
            user_agent("desk@paper.example"),
            lambda: self.now,
            self.politeness,
            ExchangeLimits(seconds=1.0),
            allowed=(ip_network("127.0.0.0/8"),),
        )

        async def get_all() -> list[Answer]:
            async with connect(settings) as client:
                crawler = Crawler(client, Hosts(folder, self.politeness))
                return await asyncio.gather(*(crawler.get(url, options or FetchOptions(2**20)) for url in urls))

        return asyncio.run(get_all())

    def paths(self) -> list[str]:
        return [address.removeprefix("127.0.0.1") for address, _ in self.requests]


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    with serving(site) as port:
        site.port = port
        yield site


async def silence() -> AsyncIterator[bytes]:
    await asyncio.sleep(5)
    yield b""


# -- robots.txt ------------------------------------------------------------------------------------------------------

FILLER = b"# " + b"x" * 98 + b"\n"
MOVED = {f"/r{n}": reply(301, Location=f"/r{n + 1}") for n in range(1, 6)}


@pytest.mark.parametrize(
    ("answers", "outcome"),
    [
        ({"/robots.txt": reply(body=FORBID)}, "robots"),
        ({"/robots.txt": reply(301, Location="/r2"), **MOVED, "/r6": reply(body=FORBID)}, "robots"),
        ({"/robots.txt": reply(301, Location="/r1"), **MOVED, "/r6": reply(body=FORBID)}, "ok"),
        ({"/robots.txt": reply(302, Location="file:///etc/passwd")}, "ok"),
        ({"/robots.txt": reply(404, FORBID)}, "ok"),
        ({"/robots.txt": reply(403)}, "ok"),
        ({"/robots.txt": reply(204)}, "ok"),
        ({"/robots.txt": reply(429)}, "robots"),
        ({"/robots.txt": reply(500)}, "robots"),
        ({"/robots.txt": reply(503)}, "robots"),
        ({"/robots.txt": silence}, "timeout"),
        ({"/robots.txt": reply(body=b"x", Content_Encoding="br")}, "robots"),
        ({"/robots.txt": reply(body=gzip.compress(FORBID), Content_Encoding="gzip")}, "robots"),
        ({"/robots.txt": reply(body=b"\xef\xbb\xbf" + FORBID)}, "robots"),
        ({"/robots.txt": reply(body=FORBID.decode().encode("utf-16"))}, "robots"),
        ({"/robots.txt": reply(body=FORBID.decode().encode("utf-16-le"))}, "ok"),
        ({"/robots.txt": reply(body=FILLER * 3960 + FORBID)}, "robots"),
        ({"/robots.txt": reply(body=FORBID + FILLER * 200_000)}, "robots"),
        ({"/robots.txt": reply(body=FILLER * 200_000 + FORBID)}, "ok"),
        ({"/robots.txt": reply(body=b"<html>Not found</html>")}, "ok"),
    ],
    ids="""200 301x5 301x6 to-a-file 404 403 204 429 500 503 time-out brotli gzip bom utf-16 utf-16-without-mark
    byte-400,000 20-MB rule-behind-20-MB html""".split(),
)
def test_what_an_answer_to_a_request_for_robots_txt_allows(site: Site, answers: dict[str, Reply], outcome: str) -> None:
    site.answers = dict(answers)
    (answer,) = site.get(site.url("/secret/1"))
    assert answer.outcome == outcome, answer.detail
    assert ("/secret/1" in site.paths()) == (outcome == "ok")


def test_500_kib_of_a_robots_txt_of_20_mb_are_kept(site: Site) -> None:
    sizes = []
    site.answers["/robots.txt"] = reply(body=FORBID + FILLER * 200_000)
    site.get(site.url("/"), options=FetchOptions(100, on_robots=lambda answer, robots: sizes.append(len(answer.body))))
    assert sizes == [MAX_ROBOTS_BYTES]


def test_robots_txt_is_cached_for_24_hours_by_all_processes_that_share_the_folder(site: Site, tmp_path: Path) -> None:
    site.answers["/robots.txt"] = reply(body=FORBID)
    for hours, n_requests in ((0, 1), (23.9, 1), (24, 2), (30, 2), (49, 3)):
        site.now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours)
        (answer,) = site.get(site.url("/secret"), folder=tmp_path)
        assert (answer.outcome, site.paths().count("/robots.txt")) == ("robots", n_requests)


def test_a_robots_txt_that_could_not_be_fetched_is_requested_the_next_time(site: Site, tmp_path: Path) -> None:
    site.answers["/robots.txt"] = reply(503)
    assert [a.outcome for a in site.get(site.url("/1"), site.url("/2"), folder=tmp_path)] == ["robots", "robots"]
    assert site.paths().count("/robots.txt") == 1
    del site.answers["/robots.txt"]
    assert site.get(site.url("/1"), folder=tmp_path)[0].outcome == "ok"


def test_a_crawl_delay_is_obeyed(site: Site) -> None:
    site.answers["/robots.txt"] = reply(body=b"User-agent: *\nCrawl-delay: 0.3\n")
    site.get(site.url("/1"), site.url("/2"), site.url("/3"))
    times = [at for path, at in site.requests if not path.endswith("robots.txt")]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


# -- redirects -------------------------------------------------------------------------------------------------------


def test_five_redirects_are_followed_and_a_sixth_is_not(site: Site) -> None:
    site.answers = dict(MOVED)
    (good,) = site.get(site.url("/r1"))
    assert (good.outcome, good.body, len(good.redirects)) == ("ok", b"/r6", 5)
    assert good.final_url == site.url("/r6")
    site.answers["/r0"] = reply(301, Location="/r1")
    (bad,) = site.get(site.url("/r0"))
    assert (bad.outcome, bad.detail) == ("bad_redirect", "more than 5 redirects")


def test_a_redirect_to_another_host_obeys_its_robots_txt(site: Site) -> None:
    site.answers["127.0.0.1/go"] = reply(301, Location=site.url("/secret", "127.0.0.2"))
    site.answers["127.0.0.2/robots.txt"] = reply(body=FORBID)
    (answer,) = site.get(site.url("/go"))
    assert answer.outcome == "robots"
    assert answer.detail == f"redirected to {site.url('/secret', '127.0.0.2')}: robots.txt does not allow it"
    assert "127.0.0.2/secret" not in [address for address, _ in site.requests]


def test_conditions_and_cookies_are_not_sent_after_a_redirect(site: Site) -> None:
    """A validator belongs to one address; cookies are sent to no one."""
    headers: list[dict[str, str]] = []
    target = site.url("/b", "127.0.0.2")
    answers = {
        "/robots.txt": reply(404),
        "/a": reply(302, Location=target, Set_Cookie="a=1; Domain=0.0.1", WWW_Authenticate="Basic"),
    }
    with serving(lambda r: headers.append(dict(r.headers)) or answers.get(r.path, reply(body=b"b"))) as port:  # type: ignore[func-returns-value]
        site.port = port
        answers["/a"] = reply(302, Location=site.url("/b", "127.0.0.2"), Set_Cookie="a=1")
        site.get(site.url("/a"), options=FetchOptions(100, conditions={site.url("/a"): {"If-None-Match": '"1"'}}))
    *_, first, _, second = headers
    assert first["If-None-Match"] == '"1"'
    assert not {"If-None-Match", "Cookie", "Authorization", "Referer"} & second.keys()


def test_a_redirect_to_a_host_that_is_not_the_sources_is_not_followed(site: Site) -> None:
    site.answers["127.0.0.1/go"] = reply(302, Location=site.url("/consent", "127.0.0.2"))
    (answer,) = site.get(site.url("/go"), options=FetchOptions(100, may_follow=lambda url: "127.0.0.1" in url))
    assert answer.outcome == "foreign"
    assert len(answer.exchanges) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/a", "http://[bad/a", "ftp://127.0.0.1/a", "http://a:b@127.0.0.1/"]
)
def test_an_invalid_address_is_an_outcome_in_a_listing_and_behind_a_redirect(site: Site, url: str) -> None:
    (direct,) = site.get(url)
    assert (direct.outcome, direct.exchanges) == ("unreachable", ())
    site.answers["/go"] = reply(302, Location=url)
    (redirected,) = site.get(site.url("/go"))
    assert redirected.outcome == "bad_redirect"
    site.answers["127.0.0.2/robots.txt"] = reply(302, Location=url)
    (after_robots,) = site.get(site.url("/1", "127.0.0.2"))
    assert after_robots.outcome == "ok"


# -- pauses ----------------------------------------------------------------------------------------------------------


def test_a_host_gets_one_request_at_a_time_with_the_delay_between(site: Site) -> None:
    site.politeness = replace(QUICK, delay_seconds=0.2)
    site.get(*[site.url(f"/{n}") for n in range(4)])
    times = [at for _, at in site.requests]
    assert len(times) == 5
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


SCRIPT = """
import asyncio, sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from etl.fetch.http.client import ClientSettings, Politeness, connect
from etl.fetch.http.crawler import Crawler, FetchOptions
from etl.fetch.http.hosts import Hosts

async def get(folder, url, name):
    politeness = Politeness(delay_seconds=0.25)
    allowed = (ip_network("127.0.0.0/8"),)
    settings = ClientSettings("Dateline", lambda: datetime.now(UTC), politeness, allowed=allowed)
    async with connect(settings) as client:
        crawler = Crawler(client, Hosts(Path(folder), politeness))
        for n in range(4):
            assert (await crawler.get(f"{url}/{name}/{n}", FetchOptions(1000))).outcome == "ok"

asyncio.run(get(*sys.argv[1:]))
"""


def test_the_delay_holds_between_processes(site: Site, tmp_path: Path) -> None:
    """Three processes at once, one of which is killed before it is done."""
    command = [sys.executable, "-c", SCRIPT, str(tmp_path), site.url("")]
    running = [subprocess.Popen([*command, name], env=dict(os.environ)) for name in "abc"]
    time.sleep(1.5)
    running[0].kill()
    assert [process.wait(60) for process in running[1:]] == [0, 0]
    running.append(subprocess.Popen([*command, "d"], env=dict(os.environ)))
    assert running[-1].wait(60) == 0
    times = [at for _, at in site.requests]
    assert len(times) >= 12
    assert min(later - earlier for earlier, later in pairwise(sorted(times))) >= 0.25


def test_fifty_hosts_do_not_wait_for_each_other(site: Site) -> None:
    site.politeness = replace(QUICK, delay_seconds=0.3)
    began = time.time()
    site.get(*[site.url("/1", f"127.0.0.{n}") for n in range(1, 51)])
    assert time.time() - began < 5, "50 hosts with two requests each, 0.3 s apart"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (format_datetime(datetime(2026, 11, 24, 23, 0, 30, tzinfo=UTC), usegmt=True), 30.0),
        (format_datetime(datetime(2026, 11, 24, 22, tzinfo=UTC), usegmt=True), 0.0),
        ("99999999999", 24 * 3600.0),
        ("-5", 0.0),
        ("soon", 0.0),
        ("Tue, 24 Nov 2026 23:00:30", 0.0),
        (None, 0.0),
    ],
)
def test_retry_after_in_seconds_and_as_a_date(value: str | None, seconds: float) -> None:
    assert retry_after(value, datetime(2026, 11, 24, 23, tzinfo=UTC)) == seconds


def test_a_busy_server_gets_the_request_again_after_its_retry_after(site: Site) -> None:
    answers = [reply(503, Retry_After="1"), reply(body=b"fine")]
    site.politeness = replace(QUICK, max_wait_seconds=5.0)
    site.answers["/1"] = lambda: answers.pop(0)
    (answer,) = site.get(site.url("/1"))
    assert (answer.outcome, answer.body, len(answer.exchanges)) == ("ok", b"fine", 2)
    first, second = [at for path, at in site.requests if path.endswith("/1")]
    assert second - first >= 1.0


def test_a_host_with_a_long_retry_after_is_not_contacted_by_this_or_any_other_process(
    site: Site, tmp_path: Path
) -> None:
    site.answers["/1"] = reply(429, Retry_After="600")
    (first,) = site.get(site.url("/1"), folder=tmp_path)
    assert (first.outcome, len(first.exchanges)) == ("http_error", 1)
    (second,) = site.get(site.url("/2"), folder=tmp_path)
    assert second.outcome == "postponed"
    assert "127.0.0.1" in (second.detail or "") and "is not contacted until" in (second.detail or "")
    assert "/2" not in site.paths()


def test_failures_in_a_row_double_the_pause_until_the_host_is_not_contacted_any_more(site: Site) -> None:
    for n in range(20):
        site.answers[f"/{n}"] = reply(503)
    answers = site.get(*[site.url(f"/{n}") for n in range(20)])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes[0] == "http_error" and outcomes[-1] == "postponed"
    times = [at for path, at in site.requests if not path.endswith("robots.txt")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) < 8
    assert all(later > 1.5 * earlier for earlier, later in pairwise(gaps))


def test_a_success_resets_the_pause(site: Site) -> None:
    answers = [reply(503), reply(503), reply(body=b"a")]
    site.answers["/1"] = lambda: answers.pop(0)
    began = time.time()
    assert [a.outcome for a in site.get(site.url("/1"), *[site.url(f"/{n}") for n in range(2, 20)])] == ["ok"] * 19
    assert time.time() - began < 2


def test_an_answer_that_was_cut_off_is_requested_again(site: Site) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"

    answers: list[Reply] = [half(), reply(body=b"whole")]
    site.answers["/1"] = lambda: answers.pop(0)
    (answer,) = site.get(site.url("/1"))
    assert [exchange.outcome for exchange in answer.exchanges] == ["cut_off", "ok"]
