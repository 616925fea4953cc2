"""Visits to a source on a replayed web: what is requested and stored, and what a second visit does not request."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from warcio.archiveiterator import ArchiveIterator

from etl.configuration.settings import Replay, Settings
from etl.demo.site import NOT_FOUND, FeedEntry, SiteResponse, atom, serving
from etl.errors import ConfigError, InputError
from etl.fetch.check import check_listings, is_offline
from etl.fetch.listings.listing import Entry
from etl.fetch.stage import VisitResult, fetch
from etl.fetch.visit import _RunningVisit
from etl.ingest.registry import register_new_files
from etl.pipeline.run import run_stages
from etl.pipeline.status import read_status
from etl.warc.reader import Record, read_metadata, read_warc
from etl.warc.visit_record import VISIT_TYPE, read_visit
from etl.warc.writer import WarcFile
from etl.warehouse.delta import Store
from etl.warehouse.duck import reading
from schemas import FETCHES, Fetch

NIGHT = datetime(2025, 9, 1, 23, tzinfo=UTC)
_PAGE = "<html><body><h1>{0}</h1><p>{0} and more words.</p></body></html>"


@dataclass
class Web:
    """A site that a test sets up; `requests` are the paths it was asked for by the latest visit."""

    settings: Settings
    entries: list[FeedEntry] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    robots: bytes = b""
    requests: list[str] = field(default_factory=list)
    edited: dict[str, str] = field(default_factory=dict)
    pages: dict[str, str] = field(default_factory=dict)

    def publish(self, path: str, updated: datetime | None = None, host: str = "www.paper.example") -> None:
        self.entries.insert(0, FeedEntry(f"https://{host}{path}", path, NIGHT - timedelta(hours=2), updated))

    def __call__(self, host: str, path: str, as_of: datetime) -> SiteResponse:
        self.requests.append(path if host == "www.paper.example" else f"{host}{path}")
        if path in self.broken:
            return SiteResponse(self.broken[path], "text/plain", b"no")
        if path == "/robots.txt":
            return SiteResponse(200, "text/plain", self.robots)
        if path == "/feed":
            return SiteResponse(200, "application/atom+xml", atom("Paper", self.entries).encode())
        if path in self.pages:
            return SiteResponse(200, "text/html", self.pages[path].encode())
        page = _PAGE.format(self.edited.get(path, path))
        return SiteResponse(200, "text/html", page.encode()) if path.startswith("/news") else NOT_FOUND

    def visit(self, night: datetime = NIGHT) -> VisitResult:
        self.requests.clear()
        (result,) = fetch(self.settings, [], night, lambda: night)
        with Store(self.settings.warehouse).writing():
            register_new_files(Store(self.settings.warehouse), self.settings.warehouse, night)
        return result

    def rows(self) -> list[Fetch]:
        with reading(Store(self.settings.warehouse), [FETCHES]) as connection:
            rows = connection.execute("SELECT * FROM fetches ORDER BY requested_at, batch, warc_offset").fetchall()
        return [Fetch(**dict(zip(FETCHES.schema.names, row, strict=True))) for row in rows]

    def records(self, record_type: str) -> list[tuple[int, Any]]:
        """Return the offset and headers of all WARC records of a type."""
        records = []
        for path in sorted((self.settings.warehouse / "warc").glob("*.warc.gz")):
            with path.open("rb") as stream:
                archive = ArchiveIterator(stream)
                records += [(archive.offset, r.rec_headers) for r in archive if r.rec_type == record_type]
        return records

    def outcomes(self) -> dict[str, str]:
        return {row.url.removeprefix("https://www.paper.example"): row.outcome for row in self.rows()}


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    sources = tmp_path / "config" / "sources"
    sources.mkdir(parents=True)
    (sources / "paper.yaml").write_text(
        "title: Paper\nhosts: [paper.example]\nlanguage: en\nfeeds: [https://www.paper.example/feed]\n"
    )
    web = Web(Settings(config=tmp_path / "config", warehouse=tmp_path / "warehouse"))
    with serving(web) as address:
        replay = Replay(server=address, first_night=date(2025, 9, 1), last_night=date(2025, 9, 30))
        web.settings = web.settings.model_copy(update={"replay": replay})
        yield web


def test_a_visit_requests_robots_txt_then_the_feed_then_new_pages(web: Web) -> None:
    web.publish("/news/1")
    web.publish("/news/2")
    assert web.visit() == VisitResult("paper", pages=2, requests=4, error=None)
    assert web.requests == ["/robots.txt", "/feed", "/news/2", "/news/1"]
    assert [(row.kind, row.outcome) for row in web.rows()] == [
        ("robots", "ok"), ("feed", "ok"), ("page", "ok"), ("page", "ok")
    ]  # fmt: skip
    assert web.rows()[1].oldest_entry == date(2025, 9, 1)


def test_the_feed_and_robots_txt_are_stored_but_not_read_as_pages(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    (path,) = (web.settings.warehouse / "warc").glob("*.warc.gz")
    assert [item.url for item in read_warc(path) if isinstance(item, Record)] == ["https://www.paper.example/news/1"]
    with path.open("rb") as stream:
        kinds = [
            (record.rec_type, record.rec_headers.get_header("Dateline-Kind")) for record in ArchiveIterator(stream)
        ]
    assert kinds == [
        ("warcinfo", None),
        ("response", "robots"), ("request", None),
        ("response", "feed"), ("request", None),
        ("response", None), ("request", None),
        ("metadata", None),
    ]  # fmt: skip


def test_a_row_has_the_file_and_offset_of_its_record(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    page = web.rows()[-1]
    (record,) = [r for r in read_warc(web.settings.warehouse / str(page.warc_file)) if isinstance(r, Record)]
    assert record.offset == page.warc_offset


def test_a_page_that_was_fetched_is_not_requested_again(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    web.publish("/news/2")
    assert web.visit(NIGHT + timedelta(hours=1)).pages == 1
    assert web.requests == ["/robots.txt", "/feed", "/news/2"]


def test_a_page_with_several_addresses_is_requested_once(web: Web) -> None:
    """With tracking parameters, as AMP, for mobile phones: in one listing or in a later visit."""
    web.publish("/news/1?utm_source=feed")
    web.publish("/news/1/amp")
    web.publish("/news/1", host="m.paper.example")
    web.visit()
    assert len(web.requests) == 3
    web.publish("/news/1?fbclid=abc")
    web.visit(NIGHT + timedelta(hours=1))
    assert web.requests == ["/robots.txt", "/feed"]


def test_a_page_is_revisited_after_a_day_and_after_a_week(web: Web) -> None:
    """The request has the page's validators; an unchanged page is not sent again and is stored as a revisit record."""
    web.publish("/news/1")
    counts = []
    for days in range(12):
        web.visit(NIGHT + timedelta(days=days, minutes=days % 3))
        counts.append(web.requests.count("/news/1"))
    assert counts == [1, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]
    rows = [row for row in web.rows() if row.kind == "page"]
    assert [(row.outcome, row.status, row.bytes) for row in rows[1:]] == [("not_modified", 304, 0)] * 2
    records = [record for _, record in web.records("revisit") if record.get_header("WARC-Target-URI") == rows[0].url]
    assert {record.get_header("WARC-Refers-To-Date") for record in records} == {f"{NIGHT:%Y-%m-%dT%H:%M:%SZ}"}


def test_a_corrected_page_is_stored_beside_the_first_version(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    web.edited["/news/1"] = "corrected"
    web.visit(NIGHT + timedelta(days=1))
    pages = [row for row in web.rows() if row.kind == "page"]
    assert [row.outcome for row in pages] == ["ok", "ok"]
    assert pages[0].sha256 != pages[1].sha256
    assert pages[1].listed == pages[0].listed, "both have the feed's date"


def test_an_unchanged_feed_still_lists_its_pages(web: Web) -> None:
    """If the server answers 304, the stored feed is read."""
    web.broken = {"/news/down": 503}
    web.publish("/news/down")
    web.visit()
    web.broken = {}
    assert web.visit(NIGHT + timedelta(days=1)).pages == 1
    feed = [row for row in web.rows() if row.kind == "feed"][-1]
    assert (feed.outcome, feed.oldest_entry) == ("not_modified", date(2025, 9, 1))


def test_a_page_is_known_by_its_canonical_address_and_from_an_archive(web: Web) -> None:
    words = "The minister said on Tuesday that both countries would hold talks about trade in the spring. " * 20
    web.pages["/news/1"] = (
        "<html><head><link rel=canonical href='/news/one'></head>"
        f"<body><article><h1>One</h1><p>{words}</p></article></body></html>"
    )
    web.publish("/news/1")
    web.visit()
    run_stages(web.settings)
    web.publish("/news/one?utm_source=feed")
    assert web.visit(NIGHT + timedelta(hours=1)).pages == 0
    for lost in ("fetches", "runs"):  # as if the WARC file had been imported
        shutil.rmtree(web.settings.warehouse / "tables" / lost)
    assert web.visit(NIGHT + timedelta(hours=2)).pages == 0
    assert web.requests == ["/robots.txt", "/feed"]


def test_the_date_of_the_feed_is_stored_with_the_page(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    (path,) = (web.settings.warehouse / "warc").glob("*.warc.gz")
    (record,) = [item for item in read_warc(path) if isinstance(item, Record)]
    assert record.listed == "2025-09-01T21:00:00+00:00"


def test_a_page_is_fetched_again_if_the_feed_says_that_it_changed(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    web.entries.clear()
    web.publish("/news/1", updated=NIGHT + timedelta(hours=3))
    web.edited["/news/1"] = "changed"
    assert web.visit(NIGHT + timedelta(hours=4)).pages == 1
    assert web.visit(NIGHT + timedelta(hours=5)).pages == 0
    assert web.requests == ["/robots.txt", "/feed"]


def test_a_second_visit_of_the_same_night_requests_nothing(web: Web) -> None:
    web.publish("/news/1")
    first_result = web.visit()
    assert web.visit() == first_result
    assert web.requests == []


def test_pages_that_cannot_be_fetched_are_recorded_with_their_outcome(web: Web) -> None:
    web.robots = b"User-agent: *\nDisallow: /news/secret\n"
    web.broken = {"/news/down": 503}
    for path in ("/news/secret", "/news/down", "/gone"):
        web.publish(path)
    web.publish("/elsewhere", host="ads.example")
    web.visit()
    assert web.outcomes() == {
        "/robots.txt": "ok", "/feed": "ok", "/news/secret": "robots", "/news/down": "http_error",
        "/gone": "http_error", "https://ads.example/elsewhere": "foreign",
    }  # fmt: skip
    assert "ads.example/elsewhere" not in web.requests


def test_a_page_that_failed_is_requested_again_and_one_that_is_gone_is_not(web: Web) -> None:
    web.broken = {"/news/down": 503}
    web.publish("/news/down")
    web.publish("/gone")
    web.visit()
    web.broken = {}
    web.visit(NIGHT + timedelta(days=1))
    assert web.requests == ["/robots.txt", "/feed", "/news/down"]


def test_a_page_that_failed_is_retried_when_the_feed_does_not_list_it_any_more(web: Web) -> None:
    web.broken = {"/news/down": 503}
    web.publish("/news/down")
    web.visit()
    web.entries.clear()
    web.publish("/news/2")
    web.broken = {}
    assert web.visit(NIGHT + timedelta(days=1)).pages == 2
    row = [row for row in web.rows() if row.url.endswith("/news/down")][-1]
    assert (row.outcome, row.listed) == ("ok", "2025-09-01T21:00:00+00:00")


def test_a_page_that_keeps_failing_is_given_up_after_three_days(web: Web) -> None:
    web.broken = {"/news/down": 503}
    web.publish("/news/down")
    web.visit()
    web.entries.clear()
    requested = []
    for days in range(1, 9):
        web.visit(NIGHT + timedelta(days=days))
        requested.append("/news/down" in web.requests)
    assert requested == [True] * 3 + [False] * 5


def test_a_feed_that_failed_is_requested_again_in_the_same_night(web: Web) -> None:
    web.publish("/news/1")
    web.broken = {"/feed": 500}
    assert web.visit().error == "https://www.paper.example/feed: http_error: the server answered 500"
    web.broken = {}
    assert web.visit().error is None
    assert [(row.batch, row.outcome) for row in web.rows() if row.kind == "feed"] == [
        ("20250901-paper", "http_error"), ("20250901-paper-001", "ok")
    ]  # fmt: skip


def test_a_robots_txt_that_cannot_be_fetched_forbids_all(web: Web) -> None:
    web.publish("/news/1")
    web.broken = {"/robots.txt": 500}
    error = "robots: robots.txt could not be fetched (the server answered 500)"
    assert web.visit().error == f"https://www.paper.example/feed: {error}"
    assert web.requests == ["/robots.txt"]


def test_a_sign_in_page_in_place_of_a_feed_is_not_a_listing(web: Web) -> None:
    (web.settings.config / "sources" / "paper.yaml").write_text(
        "title: Paper\nhosts: [paper.example]\nfeeds: [https://www.paper.example/news/sign-in]\n"
    )
    error = "not_a_listing: the answer is neither RSS nor Atom nor JSON Feed"
    assert web.visit().error == f"https://www.paper.example/news/sign-in: {error}"


def test_pages_beyond_the_limit_are_postponed_to_the_next_visit(web: Web) -> None:
    web.settings = web.settings.model_copy(update={"pages_per_visit": 1})
    web.publish("/news/1")
    web.publish("/news/2")
    assert web.visit().pages == 1
    assert web.outcomes()["/news/1"] == "postponed"
    assert web.visit(NIGHT + timedelta(days=1)).pages == 1


def test_lost_tables_are_restored_from_the_warc_files(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    before = web.rows()
    for lost in ("fetches", "batches"):
        shutil.rmtree(web.settings.warehouse / "tables" / lost)
        with Store(web.settings.warehouse).writing():
            files = register_new_files(Store(web.settings.warehouse), web.settings.warehouse, NIGHT)
        assert [file.row.batch for file in files] == ["20250901-paper"]
        assert web.rows() == before


def kill_at(web: Web, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Make a visit that dies before it requests a page."""
    page = _RunningVisit.page

    async def die_at_path(self: Any, entry: Entry, known: Any) -> None:
        if entry.url.endswith(path):
            raise RuntimeError("killed")
        await page(self, entry, known)

    with monkeypatch.context() as patched, pytest.raises(RuntimeError):
        patched.setattr(_RunningVisit, "page", die_at_path)
        web.visit()
    assert list((web.settings.warehouse / "warc").glob("*.warc.gz")) == []


def test_a_killed_visit_continues_where_it_stopped(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """No page is requested twice, and the stored feed counts, whatever the feed lists now. The file is the same as that
    of a visit that was not killed."""
    for number in (4, 3, 2, 1):
        web.publish(f"/news/{number}")
    kill_at(web, monkeypatch, "/news/3")
    assert web.requests == ["/robots.txt", "/feed", "/news/1", "/news/2"]
    web.publish("/news/5")
    assert web.visit().pages == 4
    assert web.requests == ["/news/3", "/news/4"]
    assert [row.outcome for row in web.rows() if row.kind == "page"] == ["ok"] * 4
    continued = (web.settings.warehouse / "warc" / "20250901-paper.warc.gz").read_bytes()
    shutil.rmtree(web.settings.warehouse)
    web.entries.pop(0)
    web.visit()
    assert (web.settings.warehouse / "warc" / "20250901-paper.warc.gz").read_bytes() == continued
    names = sorted(path.name for path in (web.settings.warehouse / "warc").iterdir() if path.name[0] != ".")
    assert names == ["20250901-paper.warc.gz", "20250901-paper.warc.gz.index"]


def test_a_killed_visit_of_an_earlier_night_is_closed(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pages are kept and not requested again; the others are recorded as postponed and fetched the next night."""
    for number in (3, 2, 1):
        web.publish(f"/news/{number}")
    kill_at(web, monkeypatch, "/news/2")
    web.settings = web.settings.model_copy(update={"revisit_days": ()})
    assert web.visit(NIGHT + timedelta(days=1)).pages == 2
    assert [path for path in web.requests if path.startswith("/news")] == ["/news/2", "/news/3"]
    rows = [(row.batch[:8], row.url[-1], row.outcome) for row in web.rows() if row.kind == "page"]
    assert sorted(rows) == [
        ("20250901", "1", "ok"), ("20250901", "2", "postponed"), ("20250901", "3", "postponed"),
        ("20250902", "2", "ok"), ("20250902", "3", "ok"),
    ]  # fmt: skip


def test_a_visit_killed_before_its_first_request_leaves_nothing(web: Web) -> None:
    folder = web.settings.warehouse / "warc"
    folder.mkdir(parents=True)
    for name in ("20250831-paper.warc.gz.journal", "20250831-paper.warc.gz.open"):
        (folder / name).write_bytes(b"")
    assert web.visit().error is None
    assert not list(folder.glob("20250831*.journal"))


def test_the_minutes_of_a_visit_are_limited(web: Web) -> None:
    for number in (3, 2, 1):
        web.publish(f"/news/{number}")
    add_to_source(web, "minutes_per_visit: 0.000001")
    assert web.visit().pages == 0
    assert {row.detail for row in web.rows() if row.kind == "page"} == {
        "paper reached its limit of 1e-06 minutes per visit"
    }


def add_to_source(web: Web, lines: str) -> None:
    path = web.settings.config / "sources" / "paper.yaml"
    path.write_text(f"{path.read_text()}{lines}\n")


def test_sitemaps_sections_and_lists_are_read_beside_the_feed(web: Web) -> None:
    """Only current sitemaps of an index are read, loops end, and a page that several listings name is fetched once."""
    site = "https://www.paper.example"
    add_to_source(
        web,
        f"sitemaps: [{site}/index.xml]\nsections: [{site}/world]\nlists: [more.txt]\narticle_links: ['/news/\\d']",
    )
    (web.settings.config / "sources" / "more.txt").write_text(f"{site}/news/3\n{site}/news/4\n")
    web.pages = {
        "/index.xml": "<sitemapindex><sitemap><loc>/index.xml</loc></sitemap><sitemap><loc>/news.xml</loc></sitemap>"
        "<sitemap><loc>/2019.xml</loc><lastmod>2019-12-31</lastmod></sitemap></sitemapindex>",
        "/news.xml": "<urlset><url><loc>/news/1</loc><lastmod>2025-09-01</lastmod></url><url><loc>/tag/a</loc></url>"
        "</urlset>",
        "/world": "<a href='/news/2'>two</a><a href='/news/1?utm_source=world'>one</a><a href='/about'>about</a>",
    }
    web.visit()
    assert web.requests[:5] == ["/robots.txt", "/feed", "/index.xml", "/news.xml", "/world"]
    assert sorted(web.requests[5:]) == ["/news/1", "/news/2", "/news/3", "/news/4"]
    kinds = [(row.kind, row.outcome) for row in web.rows() if row.kind not in ("page", "robots")]
    assert sorted(kinds) == [("feed", "ok"), ("index", "ok"), ("list", "ok"), ("section", "ok"), ("sitemap", "ok")]


def test_a_listing_built_to_exhaust_its_reader_is_recorded_as_unsafe(web: Web) -> None:
    add_to_source(web, "sitemaps: [https://www.paper.example/bomb.xml]")
    web.pages = {"/bomb.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><urlset/>"}
    web.publish("/news/1")
    result = web.visit()
    assert result.pages == 1
    assert result.error == "https://www.paper.example/bomb.xml: unsafe: a sitemap that declares entities"


def test_the_status_shows_a_crawl_delay_that_is_capped(web: Web) -> None:
    web.robots = b"User-agent: *\nCrawl-delay: 1e99\n"
    web.visit()
    (capped,) = read_status(web.settings, Store(web.settings.warehouse), ()).capped_delays
    assert (capped.source, capped.detail) == ("paper", "Crawl-delay of 1e+99 s is capped at 60 s")


def test_the_record_of_a_visit_has_its_as_of(web: Web) -> None:
    web.visit()
    (path,) = (web.settings.warehouse / "warc").glob("*.warc.gz")
    recorded = read_visit(path)
    assert recorded is not None
    assert recorded.as_of == NIGHT


def test_the_records_of_early_versions_can_be_read(web: Web) -> None:
    web.publish("/news/1")
    web.visit()
    (path,) = (web.settings.warehouse / "warc").glob("*.warc.gz")
    recorded = json.loads(read_metadata(path, VISIT_TYPE) or b"")
    for row in recorded["rows"]:
        for name in ("page_keys", "requests", "listed"):
            del row[name]
    early = path.with_name("20250101-early.warc.gz")
    with WarcFile(early) as warc:
        warc.metadata("https://a.example", NIGHT, VISIT_TYPE, json.dumps(recorded).encode())
    recorded_early = read_visit(early)
    assert recorded_early is not None
    assert recorded_early.rows[-1].page_keys == ["paper.example/news/1"]


def test_live_sites_are_not_fetched_without_a_contact(web: Web) -> None:
    web.settings = web.settings.model_copy(update={"replay": None})
    with pytest.raises(ConfigError, match="'contact'"):
        web.visit()


def test_an_unknown_source_is_an_error(web: Web) -> None:
    with pytest.raises(InputError, match="no source 'papr'; there are: paper"):
        fetch(web.settings, ["papr"], NIGHT, lambda: NIGHT)


def test_a_check_requests_feeds_and_no_page(web: Web) -> None:
    web.publish("/news/1")
    web.publish("/elsewhere", host="ads.example")
    checks = check_listings(web.settings, [], NIGHT, lambda: NIGHT)
    assert not is_offline(checks)
    (check,) = checks
    assert (check.outcome, check.n_pages, check.newest, check.oldest) == ("ok", 2, date(2025, 9, 1), date(2025, 9, 1))
    assert check.note == "1 pages are not on its hosts; add their hosts to 'hosts'"
    assert web.requests == ["/robots.txt", "/feed"]
