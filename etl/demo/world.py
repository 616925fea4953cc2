"""Read the sample world from YAML: invented outlets and their pages. All people who are quoted are invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from etl.configuration.yaml_models import ConfigModel, load_model

FIRST_DAY, LAST_DAY = date(2025, 9, 1), date(2025, 9, 21)


class Outlet(ConfigModel):
    """An invented outlet. `markup`: how its pages state their author and date."""

    name: str
    host: str
    language: str
    country: str
    timezone: str
    markup: Literal["json-ld", "meta", "microdata", "visible-date", "og-only", "agency"]


class Correction(ConfigModel):
    """A page's title and text after a correction."""

    at: datetime
    title: str
    body: str


class Story(ConfigModel):
    """A page of an outlet. `teaches`: what the page tests."""

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


class _SiteModel(ConfigModel):
    source: str
    outlet: Outlet
    articles: list[Story]


@dataclass(frozen=True)
class Site:
    """An outlet and its pages. `source`: the name of its source in the configuration."""

    source: str
    outlet: Outlet
    stories: tuple[Story, ...]

    def url(self, story: Story) -> str:
        return f"https://{self.outlet.host}{story.path}"


def load_world() -> list[Site]:
    """Read the six outlets of the sample world."""
    files = sorted((Path(__file__).parent / "world").glob("*.yaml"))
    models = [load_model(path, _SiteModel) for path in files]
    return [Site(model.source, model.outlet, tuple(model.articles)) for model in models]
