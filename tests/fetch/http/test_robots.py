"""robots.txt: which addresses an answer allows (RFC 9309)."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protego import Protego

from etl.fetch.http.robots import MAX_ROBOTS_BYTES, read_robots

URL = "https://a.example/search/1"


def test_rules_for_us_take_precedence_over_rules_for_all() -> None:
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
def test_without_a_file_the_status_decides(status: int | None, allowed: bool) -> None:
    """If there is no file, all is allowed; if it cannot be fetched or we are asked to slow down, nothing is."""
    assert read_robots(status, b"").allows(URL) is allowed


def test_a_byte_order_mark_and_odd_bytes_do_not_hide_a_rule() -> None:
    assert not read_robots(200, b"\xef\xbb\xbfUser-agent: *\nDisallow: /search\n# \xff\n").allows(URL)


@pytest.mark.parametrize(("written", "seconds"), [(b"3600", 60.0), (b"0.5", 0.5), (b"-3", 0.0), (b"soon", 0.0)])
def test_a_crawl_delay_is_limited_to_0_to_60_seconds(written: bytes, seconds: float) -> None:
    assert read_robots(200, b"User-agent: *\nCrawl-delay: " + written + b"\n").delay_seconds == seconds


@pytest.mark.parametrize(
    ("line", "is_for_us"),
    [
        ("User-agent: Dateline", True),
        ("User-agent: DATELINE/2.0 # old", True),
        ("user-agent : dateline", True),
        ("User-agent: date", False),
        ("User-agent: Dateline-Bot", False),
        ("User-agent: notDateline", False),
        ("User-agent: *", True),
        ("User-agent: Mozilla/5.0 (compatible; Dateline/1.0)", False),
    ],
)
def test_a_group_is_addressed_by_its_product_token(line: str, is_for_us: bool) -> None:
    assert read_robots(200, f"{line}\nDisallow: /search\n".encode()).allows(URL) is not is_for_us


def test_groups_for_us_are_combined_and_replace_the_group_for_all() -> None:
    robots = read_robots(
        200,
        b"User-agent: dateline\nDisallow: /a\n\nUser-agent: *\nDisallow: /c\n\nUser-agent: Dateline\nDisallow: /b\n",
    )
    allowed = [path for path in "abc" if robots.allows(f"https://a.example/{path}")]
    assert allowed == ["c"]


@pytest.mark.parametrize(
    ("rules", "path", "allowed"),
    [
        ("Disallow: /news\nAllow: /news/world", "/news/world/1", True),
        ("Allow: /news\nDisallow: /news", "/news", True),
        ("Disallow: /*.pdf$", "/a.pdf", False),
        ("Disallow: /*.pdf$", "/a.pdf?x", True),
        ("Disallow:", "/a", True),
        ("Disallow: /caf%C3%A9", "/café", False),
        ("Disallow: /\nAllow: /$", "/", True),
        ("Disallow: /", "/robots.txt", True),
    ],
)
def test_the_longest_matching_rule_counts(rules: str, path: str, allowed: bool) -> None:
    """Of two rules of equal length the one that allows counts."""
    assert read_robots(200, f"User-agent: *\n{rules}\n".encode()).allows(f"https://a.example{path}") is allowed


RULES = "User-agent: *\nDisallow: /search\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig"])
def test_other_encodings_are_recognised_by_their_byte_order_mark(encoding: str) -> None:
    """Without a mark the file is read as UTF-8, in which it has no rules."""
    has_mark = encoding in ("utf-16", "utf-32", "utf-8-sig")
    assert read_robots(200, RULES.encode(encoding)).allows(URL) is not has_mark


def test_500_kib_are_read_and_a_rule_that_is_cut_off_is_ignored() -> None:
    filler = b"# " + b"x" * 98 + b"\n"
    early = filler * 3960 + RULES.encode()
    assert 390_000 < len(early) < 410_000
    assert not read_robots(200, early + filler * 200_000).allows(URL)
    late = filler * 5100 + RULES.encode()
    assert read_robots(200, late).allows(URL)
    cut = b"User-agent: *\n" + b"#" * (MAX_ROBOTS_BYTES - 14 - len("\nDisallow: /s")) + b"\nDisallow: /something\n"
    assert cut[:MAX_ROBOTS_BYTES].endswith(b"\nDisallow: /s")
    assert read_robots(200, cut).allows(URL)


@pytest.mark.parametrize(
    ("written", "note"),
    [("1e99", "Crawl-delay of 1e+99 s is capped at 60 s"), ("60", None), ("inf", None), ("nan", None)],
)
def test_a_crawl_delay_over_a_minute_gives_a_note(written: str, note: str | None) -> None:
    assert read_robots(200, f"User-agent: *\nCrawl-delay: {written}\n".encode()).delay_note == note


@given(st.binary(max_size=300))
def test_any_bytes_can_be_read(body: bytes) -> None:
    robots = read_robots(200, body)
    assert robots.allows("https://a.example/robots.txt")
    assert 0 <= robots.delay_seconds <= 60


@pytest.mark.corpora
def test_real_files_allow_what_protego_says_they_allow(corpora: Path) -> None:
    """No real file names us, so our rules are those for any crawler."""
    forbidden = read = 0
    with tarfile.open(corpora / "wire" / "robots-protego.tar.xz") as archive:
        for member in archive:
            if member.isfile() and "/test_data/" in f"/{member.name}" and (file := archive.extractfile(member)):
                body = file.read()
                robots = read_robots(200, body)
                read += 1
                forbidden += not robots.allows("https://a.example/")
                theirs = Protego.parse(body[:MAX_ROBOTS_BYTES].decode("utf-8", "replace").removeprefix("\ufeff"))
                for path in ("/", "/search?q=a", "/news/2025/1.html", "/wp-admin/", "/api/v1", "/a.pdf"):
                    url = f"https://a.example{path}"
                    assert robots.allows(url) == theirs.can_fetch(url, "Dateline"), (member.name, path)
    assert read > 4000
    assert 0 < forbidden < read / 4
