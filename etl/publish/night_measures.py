"""The figures by which a night's visits are compared with those of other nights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Measure:
    """A figure of a night: `part` divided by the sum of `whole`, which are columns of the mart visit_health.

    `kind` is how it is compared: a share that must not rise or not fall, or a rate that must do neither. `line` says
    what is unusual; `value`, `usual` and `n` (the divisor) are filled in.
    """

    part: str
    whole: tuple[str, ...]
    kind: Literal["high share", "low share", "confidence", "rate"]
    line: str


_ARTICLES = ("n_articles",)
MEASURES = (
    Measure("n_undated", _ARTICLES, "high share", "{value:.0%} of {n:,.0f} articles have no date, usually {usual:.0%}"),
    Measure("n_future", _ARTICLES, "high share",
            "{value:.0%} of {n:,.0f} articles are dated in the future, usually {usual:.0%}"),
    Measure("n_rejects", ("n_articles", "n_rejects"), "high share",
            "{value:.0%} of {n:,.0f} records gave no article, usually {usual:.0%}"),
    Measure("n_without_language", _ARTICLES, "high share",
            "the language of {value:.0%} of {n:,.0f} articles is unknown, usually {usual:.0%}"),
    Measure("n_other_language", _ARTICLES, "high share",
            "{value:.0%} of {n:,.0f} articles are in another language than their source, usually {usual:.0%}"),
    Measure("n_untitled", _ARTICLES, "high share",
            "{value:.0%} of {n:,.0f} articles have no headline, usually {usual:.0%}"),
    Measure("n_repeated", _ARTICLES, "high share",
            "{value:.0%} of {n:,.0f} articles have the same text as another, usually {usual:.0%}"),
    Measure("n_words", _ARTICLES, "rate", "{value:,.0f} words an article in {n:,.0f} articles, usually {usual:,.0f}"),
    Measure("n_names", _ARTICLES, "rate", "{value:.1f} names an article in {n:,.0f} articles, usually {usual:.1f}"),
    Measure("n_quotes", _ARTICLES, "rate", "{value:.1f} quotes an article in {n:,.0f} articles, usually {usual:.1f}"),
    Measure("n_linked", ("n_names",), "low share", "{value:.0%} of {n:,.0f} names are linked, usually {usual:.0%}"),
    Measure("n_attributed", ("n_quotes",), "low share",
            "{value:.0%} of {n:,.0f} quotes have a speaker, usually {usual:.0%}"),
    Measure("name_confidence", ("n_names",), "confidence",
            "the mean confidence of {n:,.0f} names is {value:.2f}, usually {usual:.2f}"),
    Measure("quote_confidence", ("n_quotes",), "confidence",
            "the mean confidence of {n:,.0f} quotes is {value:.2f}, usually {usual:.2f}"),
)  # fmt: skip
WEIGHTED = {"name_confidence": "n_names", "quote_confidence": "n_quotes"}  # means, with the number they are taken of
