"""robots.txt: what an answer allows (RFC 9309)."""

from __future__ import annotations

import pytest

from etl.fetch.robots import read_robots

URL = "https://a.example/search/1"


def test_rules_for_us_go_before_rules_for_all() -> None:
    robots = read_robots(
        200, b"User-agent: *\nDisallow: /\n\nUser-agent: dateline\nDisallow: /search\nCrawl-delay: 7\n"
    )
    assert not robots.allows(URL)
    assert robots.allows("https://a.example/news")
    assert robots.delay_seconds == 7


@pytest.mark.parametrize(
    ("status", "allowed"),
    [(404, True), (403, True), (401, True), (429, False), (500, False), (503, False), (None, False)],
)
def test_without_a_file(status: int | None, allowed: bool) -> None:
    """There is none: all is allowed. It cannot be had, or we are asked to slow down: nothing is."""
    assert read_robots(status, b"").allows(URL) is allowed


def test_a_byte_order_mark_and_odd_bytes_do_not_hide_a_rule() -> None:
    assert not read_robots(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /search\n# \xff\n").allows(URL)


@pytest.mark.parametrize(("written", "seconds"), [(b"3600", 60.0), (b"0.5", 0.5), (b"-3", 0.0), (b"soon", 0.0)])
def test_a_crawl_delay_is_kept_within_bounds(written: bytes, seconds: float) -> None:
    assert read_robots(200, b"User-agent: *\nCrawl-delay: " + written + b"\n").delay_seconds == seconds
