"""The body of a page as newspaper reads it, for sources that ask for it: newspaper4k, or newspaper3k in its place.

Of ours it imports nothing, so that it can be tried in an environment that has only newspaper.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version


@cache
def newspaper_version() -> str:
    """The library and its version, as the column `extractor` names them."""
    for name in ("newspaper4k", "newspaper3k"):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    raise ImportError("neither newspaper4k nor newspaper3k is installed")


def newspaper_text(html: str, url: str, language: str | None = None) -> str:
    """The article's paragraphs, one a line; empty where newspaper finds none or cannot read the page.

    `language` (ISO 639-1) goes before what the page says of itself. Nothing is asked of the network.
    """
    with _quiet():
        import newspaper  # a third of a second, which only those pay who use it
        from newspaper.utils import get_available_languages

        options = {"language": language} if language in get_available_languages() else {}
        try:
            article = newspaper.Article(url, fetch_images=False, **options)
            article.download(input_html=html)
            article.parse()
            text: str = article.text
        except Exception:  # noqa: BLE001 - pages are untrusted, and newspaper raises whatever its libraries do
            return ""
    return "\n".join(line for raw in text.splitlines() if (line := " ".join(raw.split())))


@contextmanager
def _quiet() -> Iterator[None]:
    """Without newspaper's warnings and logs: of parts that are not installed, and of what it thinks of a page."""
    logging.getLogger("newspaper").propagate = False  # it has a handler of its own, which says nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
