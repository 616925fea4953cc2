"""The languages that have rules of their own. A language is a folder beside this module and a line in `LANGUAGES`."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from etl.nlp.languages.finder_input import QuoteFinder

# Code (ISO 639-1) -> the module that has `find_direct_quotes`.
LANGUAGES = {
    "en": "etl.nlp.languages.en.quotes",
    "es": "etl.nlp.languages.es.quotes",
    "ru": "etl.nlp.languages.ru.quotes",
    "zh": "etl.nlp.languages.zh.quotes",
}
_FALLBACK = "en"  # its rules read the texts of languages without a folder, and texts of unknown language


def quote_finder(language: str | None) -> QuoteFinder:
    """Return the function that finds the direct quotations of a text in this language by rule."""
    return _finder(language if language in LANGUAGES else _FALLBACK)


@cache
def _finder(code: str) -> QuoteFinder:
    return cast("QuoteFinder", import_module(LANGUAGES[code]).find_direct_quotes)
