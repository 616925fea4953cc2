"""The authors of an article, and the news agency that is named among them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml.html import HtmlElement

from etl.extract.credits.words import (
    AGENCIES,
    BETWEEN,
    DEGREE,
    ENDING,
    FILLERS,
    JOBS,
    OPENING,
    ORGANISATIONS,
    PERHAPS_BETWEEN,
    PLACES,
    RANKS,
    SUFFIX,
)
from etl.extract.site_names import comparison_key, plain_text, site_names
from etl.extract.structured import Structured

Credits = tuple[list[str], str | None]

_MOST_NAMES = 30
_LONGEST_NAME, _MOST_WORDS = 60, 6  # characters, words
_LONGEST_BYLINE = 200  # characters
_PARTICLES = frozenset("von van de der den del della di da dos das do du la le el al ter ten y e zu bin ibn".split())
_META = (
    "article:author", "parsely-author", "author", "byl", "cxenseparse:author", "sailthru.author", "og:author",
    "og:article:author", "citation_author", "dc.creator", "dcterms.creator", "dable:author",
)  # fmt: skip
_EMAIL = re.compile(r"\S+@\S+\.\w+")
_ADDRESS = re.compile(
    r"https?:|www\.|\w\.(?:com|net|org|de|at|ch|fr|it|es|ru|ua|cn|jp|kr|tv|is|uk|info|eu|nl|pl|cz)\b", re.I
)
_IMPRINT = re.compile(rf"^[\w-]*(?:{_ADDRESS.pattern})[^/|]*,|\([^()]*(?:{_ADDRESS.pattern})[^()]*\)", re.I)
_HANDLE = re.compile(r"(?<!\w)@\w+")
_PARENTHESIS = re.compile(r"[(（]([^()（）]*)[)）]")
_SURNAME_FIRST = re.compile(r"([^\W\d_][\w'’-]+),\s*([^\W\d_][\w'’.-]*)(?:\s+[A-Z]\.)?")
_ROMAN = re.compile(r"[IVX]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_JOB = re.compile(
    r"(?<=[\u3400-\u9fff\uac00-\ud7af])\s*(?:기자|특파원|記者|记者|特派員|编辑|編輯)(?:\s*외\s*\d+명)?$"
)
_BYLINE_ELEMENTS = """
    .//*[@itemprop="author" or @rel="author" or contains(@class, "byline") or contains(@class, "Byline")
         or contains(@class, "author") or contains(@class, "Author")]
        [not(ancestor::figure or ancestor::aside or ancestor::footer or ancestor::nav)]
"""
_NOT_A_BYLINE_CLASS = re.compile(
    r"comment|caption|image|photo|media|teaser|related|bio|social|follow|quote|date|avatar|credit", re.I
)
_MOST_LEVELS_UP = 6  # a by-line is looked for in the heading and in the elements around it, up to this many


def find_authors(tree: HtmlElement, structured: Structured) -> Credits:
    """Return (persons, agency) of an article.

    JSON-LD is read first, then meta tags, until one names persons; if they name nobody, the by-line near the heading is
    read. Sites, desks, web addresses and handles are left out, and an agency is not a person.
    """
    site = site_names(tree, structured)
    agency = None
    declared = (structured.meta.get(name, [])[:_MOST_NAMES] for name in _META)
    for credits in (_json_ld(structured), *(map(plain_text, values) for values in declared)):
        persons, credited_agency = read_credits(credits, site)
        agency = agency or credited_agency
        if persons:
            return persons, agency
    if agency:
        return [], agency
    persons, agency = read_credits(_bylines(tree), site)
    return [person for person in persons if _is_full_name(person)], agency


def agency_of(name: str) -> str | None:
    """Return the agency that has this name, in its shortest usual form; null if none has."""
    folded = name.strip(" .,-–—©").casefold().removeprefix("the ")
    if folded in AGENCIES:
        return AGENCIES[folded]
    words = [word for word in folded.split() if word not in FILLERS]
    return AGENCIES.get(" ".join(words)) if 0 < len(words) < len(folded.split()) else None


# -- where a page names its authors ----------------------------------------------------------------------------------


def _json_ld(structured: Structured) -> Iterator[str]:
    nodes = {node["@id"]: node for node in structured.nodes if isinstance(node.get("@id"), str)}
    for key in ("author", "creator"):
        names = [name for value in structured.json_ld(key) for name in _names(value, nodes, 0)]
        if names:
            yield from names
            return


def _names(value: Any, nodes: dict[str, dict[str, Any]], depth: int) -> Iterator[str]:
    """Yield the names of JSON-LD persons and organisations in all forms that pages use.

    `nodes` are the page's JSON-LD objects by `@id`.
    """
    if depth > 5:
        return
    if isinstance(value, str):
        yield from _names(nodes[value], nodes, depth + 1) if value in nodes else (plain_text(value),)
    elif isinstance(value, list):
        for item in value[:_MOST_NAMES]:
            yield from _names(item, nodes, depth + 1)
    elif isinstance(value, dict):
        if value.get("name"):
            yield from _names(value["name"], {}, depth + 1)
        elif value.get("familyName"):
            yield plain_text(f"{value.get('givenName') or ''} {value['familyName']}")
        elif value.get("@id") in nodes and nodes[value["@id"]] is not value:
            yield from _names(nodes[value["@id"]], nodes, depth + 1)


def _bylines(tree: HtmlElement) -> Iterator[str]:
    """Yield the by-lines nearest to the heading. Most by-lines farther away belong to other stories."""
    heading = next(iter(tree.xpath("//h1")[-1:]), None)
    container = heading if heading is not None else next(iter(tree.xpath("//article|//main")), None)
    for _ in range(_MOST_LEVELS_UP):
        if container is None or container.tag == "body":
            return
        candidates = container.xpath(_BYLINE_ELEMENTS)[:20]
        elements = [e for e in candidates if not _NOT_A_BYLINE_CLASS.search(e.get("class") or "")]
        wrapping = {ancestor for element in elements for ancestor in element.iterancestors()}
        texts = [" ".join(" ".join(element.itertext()).split()) for element in elements if element not in wrapping]
        texts = [text for text in texts if 2 < len(text) <= _LONGEST_BYLINE]
        if texts:
            yield from texts[:_MOST_NAMES]
            return
        container = container.getparent()


# -- names -----------------------------------------------------------------------------------------------------------


def read_credits(credits: Any, site: frozenset[str]) -> Credits:
    """Return the persons in some credits, each once, and the first agency. `site` has the site's names.

    Names are compared by comparison_key().
    """
    persons: dict[str, str] = {}
    agency = None
    for raw in credits:
        for part in _parts(raw[:2000]):
            part_agency = agency_of(part)
            agency = agency or part_agency
            if not part_agency and (name := _person(part, site)):
                persons.setdefault(comparison_key(name), name)
    return list(persons.values())[:_MOST_NAMES], agency


def _parts(raw: str) -> list[str]:
    """Split a by-line into parts that may be names."""
    text = OPENING.sub("", _HANDLE.sub(" ", _EMAIL.sub(" ", raw)), count=1).strip()
    if _IMPRINT.search(text):
        return []
    text = DEGREE.sub("", SUFFIX.sub(" ", text))
    if agency_of(text):
        return [text]
    agencies = [inside for inside in _PARENTHESIS.findall(text) if agency_of(inside)]
    text = _PARENTHESIS.sub(" ", text)
    if match := _SURNAME_FIRST.fullmatch(text):
        first, second = match[1], match[2]
        if not (_CJK.search(text) or agency_of(first) or agency_of(second)):
            return [f"{second} {first}"]
    parts = [piece.strip() for part in BETWEEN.split(text) for piece in _split_at_commas(part.strip())]
    return [piece for part in parts for piece in _split_at_and(part)] + agencies


def _split_at_commas(text: str) -> list[str]:
    """Split at commas. A single word or a known place at the end is dropped, as in “Anna Martel, Nairobi”."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and len(parts[0].split()) > 1 and not agency_of(parts[-1]):
        last = parts[-1].casefold()
        if (len(last.split()) == 1 and not _CJK.search(last)) or last in PLACES:
            return parts[:-1]
    return parts


def _split_at_and(text: str) -> list[str]:
    """Split at words for “and” if all parts are full names or agencies; such words also occur inside names."""
    parts = PERHAPS_BETWEEN.split(text)
    are_full_names = all(len(part.split()) > 1 or agency_of(part) for part in parts)
    return parts if len(parts) > 1 and are_full_names else [text]


def _person(raw: str, site: frozenset[str]) -> str | None:
    """Return a person's name without job, place and punctuation and in its usual case; null if it is not a person's."""
    name = OPENING.sub("", raw, count=1)
    if _ADDRESS.search(name) or comparison_key(name) in site:
        return None
    name = _CJK_JOB.sub("", ENDING.sub("", name)).strip(" .,:;-–—*\"“”'|")
    if name and raw.rstrip().endswith("Jr."):
        name += "."
    with_job, name = name, _without_job(name)
    words = name.split()
    if name != with_job and words and words[0].isupper() and agency_of(words[0]):
        return None  # “AP Auto Writer”
    if not words or len(words) > _MOST_WORDS or len(name) > _LONGEST_NAME or comparison_key(name) in site | {""}:
        return None
    if ORGANISATIONS.search(name) or name.casefold() in PLACES or any(char.isdigit() for char in name):
        return None
    if words[0].islower() and words[0] not in _PARTICLES and not name.islower():
        return None  # initials and a place, as in “ku Frankfurt”
    if any(word.isupper() and comparison_key(word) in site for word in words):
        return None  # a site and its desk, as in “MDR THÜRINGEN”
    if len(words) == 1 and (name.islower() or (name.isupper() and not _CJK.search(name)) or len(name) < 2):
        return None  # initials, abbreviations, accounts
    return _usual_case(name)


def _is_full_name(name: str) -> bool:
    """Whether a name consists of two to four capitalised words or is Chinese, Japanese or Korean.

    Other names found near a heading are often not names of persons.
    """
    words = [word for word in name.split() if word not in _PARTICLES]
    return bool(_CJK.search(name)) or (1 < len(words) <= 4 and all(word[0].isupper() for word in words))


def _without_job(name: str) -> str:
    """Remove the words of a job and its rank: “Senior Reporter Anna Diaz” and “Anna Diaz Political Editor” become
    “Anna Diaz”.
    """
    words = name.split()
    jobs = [number for number, word in enumerate(words) if word.strip(".,:").casefold() in JOBS]
    if not jobs:
        return name
    first, last = jobs[0], jobs[-1]
    while first and words[first - 1].casefold() in RANKS | JOBS:
        first -= 1
    return " ".join(words[:first] if first else words[last + 1 :])


def _usual_case(name: str) -> str:
    """Return the name with words in capitals put in title case, except initials; and names in lower case as well."""
    words = name.split()
    all_capitals = name.isupper()
    if len(words) == 1 or name.islower():
        return name.title() if name.islower() and len(words) > 1 else name
    return " ".join(_capitalised(word) if _is_in_capitals(word, all_capitals) else word for word in words)


def _is_in_capitals(word: str, all_capitals: bool) -> bool:
    """Whether a word is in capitals and not an initial, a numeral or, in a name of other words, an abbreviation."""
    letters = sum(char.isalpha() for char in word)
    return word.isupper() and not _ROMAN.fullmatch(word) and "." not in word and letters > (1 if all_capitals else 3)


def _capitalised(word: str) -> str:
    word = re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), word)
    return re.sub(r"\bMc([a-z])", lambda match: f"Mc{match[1].upper()}", word)
