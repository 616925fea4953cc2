"""Manners: robots.txt before anything else, pauses that outlive a process, failures, redirects by everyone's rules."""

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

from etl.fetch.http.client import Limits, Manners, Web, connect, user_agent
from etl.fetch.http.crawler import Answer, Crawler, Errand
from etl.fetch.http.hosts import Hosts, retry_after
from etl.fetch.http.robots import LIMIT
from evaluation.loopback import Reply, Request, reply, serving

FORBID = b"User-agent: *\nDisallow: /secret\n"
QUICK = Manners(delay_seconds=0.0, retries=2, backoff_seconds=0.05, patience_seconds=1.0)


@dataclass
class Site:
    """What its hosts answer, by address or path; `asked` is what they were asked for, and when."""

    port: int = 0
    answers: dict[str, Reply | Callable[[], Reply]] = field(default_factory=dict)
    asked: list[tuple[str, float]] = field(default_factory=list)
    now: datetime = datetime(2026, 11, 24, 23, tzinfo=UTC)
    manners: Manners = QUICK

    def __call__(self, request: Request) -> Reply:
        self.asked.append((f"{request.host}{request.path}", request.at))
        found = self.answers.get(f"{request.host}{request.path}", self.answers.get(request.path))
        if found is None:
            return reply(404) if request.path == "/robots.txt" else reply(body=request.path.encode())
        return found() if callable(found) else found

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def get(self, *urls: str, folder: Path | None = None, errand: Errand | None = None) -> list[Answer]:
        web = Web(
            user_agent("desk@paper.example"),
            lambda: self.now,
            self.manners,
            Limits(seconds=1.0),
            allowed=(ip_network("127.0.0.0/8"),),
        )

        async def all_of_them() -> list[Answer]:
            async with connect(web) as client:
                crawler = Crawler(client, Hosts(folder, self.manners))
                return await asyncio.gather(*(crawler.get(url, errand or Errand(2**20)) for url in urls))

        return asyncio.run(all_of_them())

    def paths(self) -> list[str]:
        return [address.removeprefix("127.0.0.1") for address, _ in self.asked]


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
def test_what_an_answer_for_robots_txt_means(site: Site, answers: dict[str, Reply], outcome: str) -> None:
    site.answers = dict(answers)
    (answer,) = site.get(site.url("/secret/1"))
    assert answer.outcome == outcome, answer.detail
    assert ("/secret/1" in site.paths()) == (outcome == "ok")


def test_of_20_mb_of_robots_txt_500_kib_are_kept(site: Site) -> None:
    kept = []
    site.answers["/robots.txt"] = reply(body=FORBID + FILLER * 200_000)
    site.get(site.url("/"), errand=Errand(100, on_robots=lambda answer, robots: kept.append(len(answer.body))))
    assert kept == [LIMIT]


def test_robots_txt_is_believed_for_24_hours(site: Site, tmp_path: Path) -> None:
    """By all processes that share the folder."""
    site.answers["/robots.txt"] = reply(body=FORBID)
    for hours, asked in ((0, 1), (23.9, 1), (24, 2), (30, 2), (49, 3)):
        site.now = datetime(2026, 11, 24, tzinfo=UTC) + timedelta(hours=hours)
        (answer,) = site.get(site.url("/secret"), folder=tmp_path)
        assert (answer.outcome, site.paths().count("/robots.txt")) == ("robots", asked)


def test_a_robots_txt_that_could_not_be_had_is_asked_for_the_next_time(site: Site, tmp_path: Path) -> None:
    site.answers["/robots.txt"] = reply(503)
    assert [a.outcome for a in site.get(site.url("/1"), site.url("/2"), folder=tmp_path)] == ["robots", "robots"]
    assert site.paths().count("/robots.txt") == 1
    del site.answers["/robots.txt"]
    assert site.get(site.url("/1"), folder=tmp_path)[0].outcome == "ok"


def test_a_crawl_delay_is_kept(site: Site) -> None:
    site.answers["/robots.txt"] = reply(body=b"User-agent: *\nCrawl-delay: 0.3\n")
    site.get(site.url("/1"), site.url("/2"), site.url("/3"))
    times = [at for path, at in site.asked if not path.endswith("robots.txt")]
    assert all(later - earlier >= 0.3 for earlier, later in pairwise(times))


# -- redirects -------------------------------------------------------------------------------------------------------


def test_redirects_are_followed_five_times(site: Site) -> None:
    site.answers = dict(MOVED)
    (good,) = site.get(site.url("/r1"))
    assert (good.outcome, good.body, len(good.redirects)) == ("ok", b"/r6", 5)
    assert good.final_url == site.url("/r6")
    site.answers["/r0"] = reply(301, Location="/r1")
    (bad,) = site.get(site.url("/r0"))
    assert (bad.outcome, bad.detail) == ("bad_redirect", "more than 5 redirects")


def test_a_redirect_to_another_host_asks_its_robots_txt(site: Site) -> None:
    site.answers["127.0.0.1/go"] = reply(301, Location=site.url("/secret", "127.0.0.2"))
    site.answers["127.0.0.2/robots.txt"] = reply(body=FORBID)
    (answer,) = site.get(site.url("/go"))
    assert answer.outcome == "robots"
    assert answer.detail == f"redirected to {site.url('/secret', '127.0.0.2')}: robots.txt does not allow it"
    assert "127.0.0.2/secret" not in [address for address, _ in site.asked]


def test_conditions_and_cookies_do_not_follow(site: Site) -> None:
    """A validator belongs to one address; what a site sets is not given to anyone."""
    seen: list[dict[str, str]] = []
    target = site.url("/b", "127.0.0.2")
    answers = {
        "/robots.txt": reply(404),
        "/a": reply(302, Location=target, Set_Cookie="a=1; Domain=0.0.1", WWW_Authenticate="Basic"),
    }
    with serving(lambda r: seen.append(dict(r.headers)) or answers.get(r.path, reply(body=b"b"))) as port:  # type: ignore[func-returns-value]
        site.port = port
        answers["/a"] = reply(302, Location=site.url("/b", "127.0.0.2"), Set_Cookie="a=1")
        site.get(site.url("/a"), errand=Errand(100, conditions={site.url("/a"): {"If-None-Match": '"1"'}}))
    *_, first, _, second = seen
    assert first["If-None-Match"] == '"1"'
    assert not {"If-None-Match", "Cookie", "Authorization", "Referer"} & second.keys()


def test_a_redirect_off_the_sources_hosts_is_not_followed(site: Site) -> None:
    site.answers["127.0.0.1/go"] = reply(302, Location=site.url("/consent", "127.0.0.2"))
    (answer,) = site.get(site.url("/go"), errand=Errand(100, stays=lambda url: "127.0.0.1" in url))
    assert answer.outcome == "foreign"
    assert len(answer.exchanges) == 1


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:99999/a", "http://[bad/a", "ftp://127.0.0.1/a", "http://a:b@127.0.0.1/"]
)
def test_what_is_no_address_is_an_outcome(site: Site, url: str) -> None:
    """In a listing, or where a redirect leads."""
    (direct,) = site.get(url)
    assert (direct.outcome, direct.exchanges) == ("unreachable", ())
    site.answers["/go"] = reply(302, Location=url)
    (redirected,) = site.get(site.url("/go"))
    assert redirected.outcome == "bad_redirect"
    site.answers["127.0.0.2/robots.txt"] = reply(302, Location=url)
    (behind,) = site.get(site.url("/1", "127.0.0.2"))
    assert behind.outcome == "ok"


# -- pauses ----------------------------------------------------------------------------------------------------------


def test_a_host_is_asked_one_at_a_time_with_the_delay_between(site: Site) -> None:
    site.manners = replace(QUICK, delay_seconds=0.2)
    site.get(*[site.url(f"/{n}") for n in range(4)])
    times = [at for _, at in site.asked]
    assert len(times) == 5
    assert all(later - earlier >= 0.2 for earlier, later in pairwise(times))


ASK = """
import asyncio, sys
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from etl.fetch.http.client import Manners, Web, connect
from etl.fetch.http.crawler import Crawler, Errand
from etl.fetch.http.hosts import Hosts

async def ask(folder, url, name):
    manners = Manners(delay_seconds=0.25)
    web = Web("Dateline", lambda: datetime.now(UTC), manners, allowed=(ip_network("127.0.0.0/8"),))
    async with connect(web) as client:
        crawler = Crawler(client, Hosts(Path(folder), manners))
        for n in range(4):
            assert (await crawler.get(f"{url}/{name}/{n}", Errand(1000))).outcome == "ok"

asyncio.run(ask(*sys.argv[1:]))
"""


def test_the_delay_is_kept_between_processes(site: Site, tmp_path: Path) -> None:
    """Three at once, and one of them is killed on its way."""
    command = [sys.executable, "-c", ASK, str(tmp_path), site.url("")]
    running = [subprocess.Popen([*command, name], env=dict(os.environ)) for name in "abc"]
    time.sleep(1.5)
    running[0].kill()
    assert [process.wait(60) for process in running[1:]] == [0, 0]
    running.append(subprocess.Popen([*command, "d"], env=dict(os.environ)))
    assert running[-1].wait(60) == 0
    times = [at for _, at in site.asked]
    assert len(times) >= 12
    assert min(later - earlier for earlier, later in pairwise(sorted(times))) >= 0.25


def test_hosts_do_not_wait_for_each_other(site: Site) -> None:
    site.manners = replace(QUICK, delay_seconds=0.3)
    began = time.time()
    site.get(*[site.url("/1", f"127.0.0.{n}") for n in range(1, 51)])
    assert time.time() - began < 5, "50 hosts, each two requests 0.3 s apart"


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


def test_a_busy_server_is_asked_again_when_it_says(site: Site) -> None:
    busy = [reply(503, Retry_After="1"), reply(body=b"fine")]
    site.manners = replace(QUICK, patience_seconds=5.0)
    site.answers["/1"] = lambda: busy.pop(0)
    (answer,) = site.get(site.url("/1"))
    assert (answer.outcome, answer.body, len(answer.exchanges)) == ("ok", b"fine", 2)
    first, second = [at for path, at in site.asked if path.endswith("/1")]
    assert second - first >= 1.0


def test_a_host_that_wants_to_be_left_alone_for_long_is(site: Site, tmp_path: Path) -> None:
    """By this visit, and by those of other processes."""
    site.answers["/1"] = reply(429, Retry_After="600")
    (first,) = site.get(site.url("/1"), folder=tmp_path)
    assert (first.outcome, len(first.exchanges)) == ("http_error", 1)
    (second,) = site.get(site.url("/2"), folder=tmp_path)
    assert second.outcome == "postponed"
    assert "127.0.0.1" in (second.detail or "") and "is left alone until" in (second.detail or "")
    assert "/2" not in site.paths()


def test_failures_in_a_row_lengthen_the_pause_until_the_host_is_left_alone(site: Site) -> None:
    for n in range(20):
        site.answers[f"/{n}"] = reply(503)
    answers = site.get(*[site.url(f"/{n}") for n in range(20)])
    outcomes = [answer.outcome for answer in answers]
    assert outcomes[0] == "http_error" and outcomes[-1] == "postponed"
    times = [at for path, at in site.asked if not path.endswith("robots.txt")]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(times) < 8
    assert all(later > 1.5 * earlier for earlier, later in pairwise(gaps))


def test_a_success_ends_the_pause(site: Site) -> None:
    answers = [reply(503), reply(503), reply(body=b"a")]
    site.answers["/1"] = lambda: answers.pop(0)
    began = time.time()
    assert [a.outcome for a in site.get(site.url("/1"), *[site.url(f"/{n}") for n in range(2, 20)])] == ["ok"] * 19
    assert time.time() - began < 2


def test_an_answer_that_was_cut_off_is_asked_for_again(site: Site) -> None:
    async def half() -> AsyncIterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"

    answers: list[Reply] = [half(), reply(body=b"whole")]
    site.answers["/1"] = lambda: answers.pop(0)
    (answer,) = site.get(site.url("/1"))
    assert [exchange.outcome for exchange in answer.exchanges] == ["cut_off", "ok"]
