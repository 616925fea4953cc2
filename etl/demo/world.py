"""The sample world: invented outlets and their pages, read from YAML. All names of people quoted are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from etl.configuration.yaml_models import ConfigModel, load_model

FIRST_DAY, LAST_DAY = date(2025, 9, 1), date(2025, 9, 21)


class Outlet(ConfigModel):
    """An invented outlet; `markup` is how its pages say who wrote them and when."""

    name: str
    host: str
    language: str
    country: str
    timezone: str
    markup: Literal["json-ld", "meta", "microdata", "visible-date", "og-only", "agency"]


class Correction(ConfigModel):
    """A later wording of a page."""

    at: datetime
    title: str
    body: str


class Story(ConfigModel):
    """A page of an outlet; `teaches` says what it is there to exercise."""

    path: str
    title: str
    published: datetime
    author: str | None = None
    section: str | None = None
    agency: str | None = None
    kind: Literal["article", "index", "undated", "stub"]
    teaches: str
    body: str
    corrections: list[Correction] = []


class _WorldFile(ConfigModel):
    source: str
    outlet: Outlet
    articles: list[Story]


@dataclass(frozen=True)
class Site:
    """An outlet with its pages."""

    source: str
    outlet: Outlet
    stories: tuple[Story, ...]

    def url(self, story: Story) -> str:
        return f"https://{self.outlet.host}{story.path}"


def load_world() -> list[Site]:
    """The six outlets of the sample world."""
    files = sorted((Path(__file__).parent / "world").glob("*.yaml"))
    read = [load_model(path, _WorldFile) for path in files]
    return [Site(w.source, w.outlet, tuple(w.articles)) for w in read]
