"""The HTML of the sample world's pages as of a given time. Each outlet has its own way of marking up its pages."""

from __future__ import annotations

import json
from datetime import datetime
from html import escape

from etl.demo.world import Outlet, Site, Story

_NOTICE = "A page of Dateline's sample world. Outlets, people and events are invented."
_RUSSIAN_MONTHS = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()


def page_at(site: Site, story: Story, as_of: datetime) -> str | None:
    """Return the HTML of a page at a moment, with the corrections made until then; null if it is not published yet."""
    if story.published > as_of:
        return None
    title, body = story.title, story.body
    for correction in story.corrections:
        if correction.at <= as_of:
            title, body = correction.title, correction.body
    return _html(site, story, title, body, as_of)


def _html(site: Site, story: Story, title: str, body: str, as_of: datetime) -> str:
    outlet = site.outlet
    paragraphs = [line.strip() for line in body.split("\n") if line.strip()]
    if story.kind == "index":
        content = (
            "<ul>"
            + "".join(f'<li><a href="{story.path}/{n}">{escape(p)}</a></li>' for n, p in enumerate(paragraphs))
            + "</ul>"
        )
    else:
        content = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in paragraphs)
    head, visible = ("", "") if story.kind == "index" else _markup(site, story, title)
    return (
        f'<!doctype html><html lang="{outlet.language}"><head><meta charset="utf-8">'
        f"<title>{escape(title)} | {escape(outlet.name)}</title>{head}</head><body>"
        f'<header><a href="/">{escape(outlet.name)}</a><nav><a href="/world">World</a> <a href="/sport">Sport</a></nav>'
        f"</header><main><article><h1>{escape(title)}</h1>{visible}<div {_body_attributes(outlet)}>{content}</div>"
        f"</article></main>"
        f"<aside><h2>More</h2><ul>{_latest_headlines(site, story, as_of)}</ul></aside>"
        f"<footer>{_NOTICE}</footer></body></html>"
    )


def _body_attributes(outlet: Outlet) -> str:
    return 'itemprop="articleBody"' if outlet.markup == "microdata" else 'class="body"'


def _markup(site: Site, story: Story, title: str) -> tuple[str, str]:
    """The tags for the head, and the HTML under the headline."""
    outlet, url = site.outlet, escape(site.url(story))
    published = None if story.kind == "undated" else story.published.isoformat()
    author = escape(story.author or "")
    properties = {"type": "article", "url": site.url(story), "title": title, "site_name": outlet.name}
    og = "".join(f'<meta property="og:{name}" content="{escape(value)}">' for name, value in properties.items())
    byline = f'<p class="byline">{author}</p>' if author else ""
    match outlet.markup:
        case "json-ld" | "agency":
            head = og if outlet.markup == "agency" else f'<link rel="canonical" href="{url}">'
            return head + _json_ld(story, title, published), byline
        case "meta":
            times = f'<meta property="article:published_time" content="{published}">' if published else ""
            agency = f'<p class="credit">Source: {escape(story.agency)}</p>' if story.agency else ""
            return og + times + f'<meta name="author" content="{author}">', byline + agency
        case "microdata":
            date = f'<meta itemprop="datePublished" content="{published}">' if published else ""
            return og, f'{date}<span itemprop="author">{author}</span>'
        case "visible-date":
            return (
                f'<link rel="canonical" href="{url}">',
                f"<p class='date'>{_russian_date(story.published)}</p>{byline}" if published else byline,
            )
        case "og-only":
            date = f'<time datetime="{published}">{story.published:%Y-%m-%d %H:%M}</time>' if published else ""
            return og, date + byline


def _json_ld(story: Story, title: str, published: str | None) -> str:
    author = (
        {"@type": "Organization", "name": story.agency} if story.agency else {"@type": "Person", "name": story.author}
    )
    value = {
        "@context": "https://schema.org", "@type": "NewsArticle", "headline": title, "articleSection": story.section,
        "datePublished": published, "author": [author] if author["name"] else [],
    }  # fmt: skip
    text = json.dumps({k: v for k, v in value.items() if v is not None}, ensure_ascii=False)
    return f'<script type="application/ld+json">{text}</script>'


def _russian_date(moment: datetime) -> str:
    return f"{moment.day} {_RUSSIAN_MONTHS[moment.month - 1]} {moment.year}, {moment:%H:%M}"


def _latest_headlines(site: Site, story: Story, as_of: datetime) -> str:
    """Links to the latest other articles, which every page has beside its text."""
    others = [s for s in site.stories if s.path != story.path and s.published <= as_of and s.kind == "article"]
    latest = sorted(others, key=lambda s: s.published, reverse=True)[:4]
    return "".join(f'<li><a href="{s.path}">{escape(s.title)}</a></li>' for s in latest)
