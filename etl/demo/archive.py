"""Write the sample world as WARC files, with the pages that were new or changed on each night."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from etl.demo.pages import page_at
from etl.demo.world import FIRST_DAY, LAST_DAY, Site
from etl.warc.writer import WarcFile

_NIGHT = time(23, 0, tzinfo=UTC)


@dataclass(frozen=True)
class NightFile:
    """A WARC file with a source's pages of one night."""

    source: str
    day: date
    path: Path


def write_archive(sites: list[Site], folder: Path, last_day: date) -> None:
    """Write a WARC file for each source, with its pages as they were fetched night by night up to `last_day`."""
    folder.mkdir(parents=True, exist_ok=True)
    for site in sites:
        with WarcFile(folder / f"{site.source}.warc.gz") as warc:
            for number in range((last_day - FIRST_DAY).days + 1):
                _write_night(warc, site, FIRST_DAY + timedelta(days=number))


def write_nights(sites: list[Site], folder: Path) -> Iterator[NightFile]:
    """Write the WARC files that nightly visits would have left: one for each night and source with changed pages."""
    folder.mkdir(parents=True, exist_ok=True)
    day = FIRST_DAY
    while day <= LAST_DAY:
        now = datetime.combine(day, _NIGHT)
        for site in sites:
            if changed_pages(site, now - timedelta(days=1), now):
                path = folder / f"{site.source}-{day:%Y%m%d}.warc.gz"
                with WarcFile(path) as warc:
                    _write_night(warc, site, day)
                yield NightFile(site.source, day, path)
        day += timedelta(days=1)


def _write_night(warc: WarcFile, site: Site, day: date) -> None:
    now = datetime.combine(day, _NIGHT)
    for url, html in changed_pages(site, now - timedelta(days=1), now):
        warc.response(url, now, "200 OK", [("Content-Type", "text/html; charset=utf-8")], html.encode())


def changed_pages(site: Site, since: datetime, until: datetime) -> list[tuple[str, str]]:
    """Return the pages that were published or corrected after `since`, as (URL, HTML at `until`)."""
    changed = []
    for story in site.stories:
        moments = [story.published, *(correction.at for correction in story.corrections)]
        if any(since < moment <= until for moment in moments) and (html := page_at(site, story, until)):
            changed.append((site.url(story), html))
    return changed
