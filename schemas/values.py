"""Columns with a closed set of values: each set as a type, with what every value means.

A set is declared here once. The data dictionary, the comments in the published file and the type checker all read it
from here.
"""

from __future__ import annotations

from typing import Literal, get_args

PublishedMethod = Literal["json-ld", "meta", "microdata", "time", "feed", "url", "text", "given"]
PUBLISHED_METHODS: dict[PublishedMethod, str] = {
    "json-ld": "JSON-LD metadata of the page",
    "meta": "a `meta` element",
    "microdata": "a microdata attribute (`itemprop`)",
    "time": "a `time` element",
    "feed": "the feed or sitemap that listed the page",
    "url": "the address of the page",
    "text": "the visible text or a script of the page",
    "given": "the date that came with an imported text",
}

PublishedPrecision = Literal["second", "minute", "day", "month", "year"]
PUBLISHED_PRECISIONS: dict[PublishedPrecision, str] = {
    "second": "day and time with seconds",
    "minute": "day and time without seconds",
    "day": "a day without a time",
    "month": "a month; `published_date` is null",
    "year": "a year; `published_date` is null",
}

EntityType = Literal["PER", "ORG", "LOC", "NORP", "EVENT", "OFFICE"]
ENTITY_TYPES: dict[EntityType, str] = {
    "PER": "a person",
    "ORG": "an organisation",
    "LOC": "a place or a state",
    "NORP": "a people, a religion or a political party",
    "EVENT": "an event",
    "OFFICE": "a person described by office and country, such as 'the Russian president'",
}

QuoteKind = Literal["direct", "mixed", "indirect"]
QUOTE_KINDS: dict[QuoteKind, str] = {
    "direct": "all words stand between quotation marks, or are the turn of a speaker in a transcript",
    "mixed": "some words stand between quotation marks",
    "indirect": "no words stand between quotation marks",
}

SpeakerMethod = Literal["named", "pronoun", "description", "collective", "document", "carried", "turn"]
SPEAKER_METHODS: dict[SpeakerMethod, str] = {
    "named": "by a name beside the quote",
    "pronoun": "by a pronoun, such as 'she'",
    "description": "by a description or an office, such as 'the governor'; the name is null if it was not resolved",
    "collective": "as a group or several persons, such as 'Chinese officials'; there is no id",
    "document": "as a document, such as 'a statement by the Kremlin'; the name, if there is one, is its author's",
    "carried": "as the speaker of the quote before it, because nobody is named beside this one",
    "turn": "by the label before a turn of a transcript, such as 'QUESTION:'",
}

MentionLevel = Literal["sentence", "paragraph", "article"]
MENTION_LEVELS: dict[MentionLevel, str] = {
    "sentence": "one sentence",
    "paragraph": "one paragraph",
    "article": "the article as a whole",
}

StoryRole = Literal["first", "copy", "revision"]
STORY_ROLES: dict[StoryRole, str] = {
    "first": "copies no earlier article",
    "copy": "copies an article of another outlet",
    "revision": "copies an article of the same outlet, which printed it again with changes",
}

StoryMethod = Literal["none", "same-text", "wording"]
STORY_METHODS: dict[StoryMethod, str] = {
    "none": "no earlier article with this text was found",
    "same-text": "the two texts are identical",
    "wording": "the two texts share so much of their wording that they are one story",
}

ListingKind = Literal["feed", "sitemap", "index", "section", "list"]
LISTING_KINDS: tuple[ListingKind, ...] = get_args(ListingKind)
FetchKind = Literal["robots", ListingKind, "page"]
FETCH_KINDS: dict[FetchKind, str] = {
    "robots": "a robots.txt file",
    "feed": "an RSS, Atom or JSON feed",
    "sitemap": "a sitemap that lists pages",
    "index": "a sitemap that lists other sitemaps",
    "section": "a page of the outlet with links to articles",
    "list": "a list of addresses, one per line",
    "page": "a page that may be an article",
}

FetchOutcome = Literal[
    "ok", "not_modified", "http_error", "timeout", "unreachable", "address_refused", "too_large", "cut_off",
    "bad_headers", "bad_encoding", "bad_redirect", "not_a_listing", "unsafe", "robots", "foreign", "postponed",
]  # fmt: skip
FETCH_OUTCOMES: dict[FetchOutcome, str] = {
    "ok": "the whole answer was read",
    "not_modified": "the server answered that the page has not changed (304)",
    "http_error": "the server answered with a status other than 200 and 304",
    "timeout": "the answer was not complete in time",
    "unreachable": "there was no connection, or the address cannot be requested",
    "address_refused": "the host has no public address",
    "too_large": "the answer is larger than the limit",
    "cut_off": "the connection ended before the answer did",
    "bad_headers": "the headers of the answer are invalid or too large",
    "bad_encoding": "the answer is compressed in a way that was not requested, or cannot be decompressed",
    "bad_redirect": "there were too many redirects, or one leads to an address that cannot be requested",
    "not_a_listing": "the answer is not a listing of the expected kind",
    "unsafe": "reading the listing would take too much time or memory",
    "robots": "not requested, because robots.txt forbids it or could not be read",
    "foreign": "not requested, because the address, or the one it redirects to, is not on a host of the source",
    "postponed": "left for the next visit, because a limit of this visit was reached or the host asked to wait",
}

Reason = Literal[
    "bad_date", "bad_row", "broken", "crashed", "damaged", "empty", "error_page", "http_status", "index_page", "memory",
    "no_text", "not_html", "paywall", "taken_down", "timeout", "too_deep", "too_large", "video_page",
]  # fmt: skip
REASONS: dict[Reason, str] = {
    "http_status": "the server answered with a status other than 200",
    "not_html": "the page is not HTML, by its Content-Type or its content: an image, a PDF and so on",
    "empty": "the record has no content",
    "error_page": "the title says that the page is an error message or a check for robots",
    "index_page": "the page is a list of articles: it says so, or consists mostly of links or headlines",
    "video_page": "the page is a video with a few words of text",
    "paywall": "the page shows only the beginning of the article, or only an invitation to subscribe",
    "no_text": "no article text was found (text that only scripts load is not read), or the text of an imported row is "
    "empty",
    "bad_row": "a row of an imported file cannot be used; `detail` says why",
    "bad_date": "the date of an imported row is not a date, could mean two days, or is impossible",
    "damaged": "a part of the WARC file cannot be read",
    "too_large": "the page, or the text to annotate, is larger than the limit",
    "too_deep": "the elements of the page are nested too deeply",
    "taken_down": "the article was taken down; neither its address nor its text is kept",
    "timeout": "reading the page, or annotating the text, took too long",
    "memory": "reading the page took too much memory",
    "crashed": "the process that read the page crashed at both attempts",
    "broken": "reading the page failed with an unexpected error, which `detail` quotes; please report it",
}

RunState = Literal["begun", "done", "failed"]
RUN_STATES: dict[RunState, str] = {
    "begun": "the rows of the unit are being written; a unit without a later `done` is computed again",
    "done": "the rows of the unit are in the tables",
    "failed": "the unit could not be computed; `error` says why",
}
