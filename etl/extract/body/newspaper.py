"""The body of a page as the library newspaper finds it: newspaper4k, or newspaper3k if only that is installed.

It is used for sources whose settings name it, and where other extractors disagree. Of this project this
module imports only etl.errors, so that it can be tested in an environment that has only newspaper.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import PackageNotFoundError, version

from etl.errors import is_machine_error


@cache
def newspaper_version() -> str:
    """Return the library's name and version, as they are written in the column `extractor`."""
    for name in ("newspaper4k", "newspaper3k"):
        try:
            return f"{name} {version(name)}"
        except PackageNotFoundError:
            continue
    raise ImportError("neither newspaper4k nor newspaper3k is installed")


def newspaper_text(html: str, url: str, language: str | None = None) -> str:
    """Return the article's paragraphs, one a line; empty if newspaper finds none or cannot read the page.

    `language` (ISO 639-1) takes precedence over the language that the page declares. The network is not used.
    """
    with _quiet():
        import newspaper  # imported here because it takes a third of a second
        from newspaper.utils import get_available_languages

        options = {"language": language} if language in get_available_languages() else {}
        try:
            article = newspaper.Article(url, fetch_images=False, **options)
            article.download(input_html=html)
            article.parse()
            text: str = article.text
        except Exception as error:  # pages are untrusted, and newspaper raises whatever its libraries do
            if is_machine_error(error):
                raise
            return ""
    return "\n".join(line for raw in text.splitlines() if (line := " ".join(raw.split())))


@contextmanager
def _quiet() -> Iterator[None]:
    """Suppress newspaper's warnings and log messages, which are about missing optional parts and about pages."""
    logging.getLogger("newspaper").propagate = False  # the logger has a handler that prints nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
