"""Who wrote an article: persons, and the agency that it was taken from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
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
from etl.extract.site_names import plain, site_names, squash
from etl.extract.structured import Structured

Credits = tuple[list[str], str | None]

_MOST = 30
_LONGEST_NAME, _MOST_WORDS = 60, 6
_LONGEST_BYLINE = 200
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
_SWAPPED = re.compile(r"([^\W\d_][\w'’-]+),\s*([^\W\d_][\w'’.-]*)(?:\s+[A-Z]\.)?")
_ROMAN = re.compile(r"[IVX]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_CJK_JOB = re.compile(
    r"(?<=[\u3400-\u9fff\uac00-\ud7af])\s*(?:기자|특파원|記者|记者|特派員|编辑|編輯)(?:\s*외\s*\d+명)?$"
)
_BYLINE = """
    .//*[@itemprop="author" or @rel="author" or contains(@class, "byline") or contains(@class, "Byline")
         or contains(@class, "author") or contains(@class, "Author")]
        [not(ancestor::figure or ancestor::aside or ancestor::footer or ancestor::nav)]
"""
_NOT_OURS = re.compile(
    r"comment|caption|image|photo|media|teaser|related|bio|social|follow|quote|date|avatar|credit", re.I
)
_CLIMB = 6  # levels above the heading where its by-line is looked for


def find_authors(tree: HtmlElement, structured: Structured) -> Credits:
    """(persons, agency) of the first witness that names either: JSON-LD, meta tags, then the by-line by the heading.

    Sites, desks, addresses and handles are nobody; an agency is no person.
    """
    site = site_names(tree, structured)
    agency = None
    declared = (structured.meta.get(name, [])[:_MOST] for name in _META)
    for credits in (_json_ld(structured), *(map(plain, values) for values in declared)):
        persons, found = read_credits(credits, site)
        agency = agency or found
        if persons:
            return persons, agency
    if agency:
        return [], agency
    persons, agency = read_credits(_byline(tree), site)
    return [person for person in persons if _looks_whole(person)], agency


def agency_of(name: str) -> str | None:
    """The agency of this name, in the shortest form in use; null where it is none."""
    folded = name.strip(" .,-–—©").casefold().removeprefix("the ")
    if folded in AGENCIES:
        return AGENCIES[folded]
    words = [word for word in folded.split() if word not in FILLERS]
    return AGENCIES.get(" ".join(words)) if 0 < len(words) < len(folded.split()) else None


# -- witnesses -------------------------------------------------------------------------------------------------------


def _json_ld(structured: Structured) -> Iterator[str]:
    nodes = {node["@id"]: node for node in structured.nodes if isinstance(node.get("@id"), str)}
    for key in ("author", "creator"):
        found = [name for value in structured.json_ld(key) for name in _names(value, nodes, 0)]
        if found:
            yield from found
            return


def _names(value: Any, nodes: dict[str, dict[str, Any]], depth: int) -> Iterator[str]:
    """Names of JSON-LD persons and organisations, however they are written."""
    if depth > 5:
        return
    if isinstance(value, str):
        yield from _names(nodes[value], nodes, depth + 1) if value in nodes else (plain(value),)
    elif isinstance(value, list):
        for item in value[:_MOST]:
            yield from _names(item, nodes, depth + 1)
    elif isinstance(value, dict):
        if value.get("name"):
            yield from _names(value["name"], {}, depth + 1)
        elif value.get("familyName"):
            yield plain(f"{value.get('givenName') or ''} {value['familyName']}")
        elif value.get("@id") in nodes and nodes[value["@id"]] is not value:
            yield from _names(nodes[value["@id"]], nodes, depth + 1)


def _byline(tree: HtmlElement) -> Iterator[str]:
    """The by-lines nearest to the heading: of further ones on the page most belong to other stories."""
    heading = next(iter(tree.xpath("//h1")[-1:]), None)
    place = heading if heading is not None else next(iter(tree.xpath("//article|//main")), None)
    for _ in range(_CLIMB):
        if place is None or place.tag == "body":
            return
        found = [element for element in place.xpath(_BYLINE)[:20] if not _NOT_OURS.search(element.get("class") or "")]
        wrapping = {ancestor for element in found for ancestor in element.iterancestors()}
        texts = [" ".join(" ".join(element.itertext()).split()) for element in found if element not in wrapping]
        texts = [text for text in texts if 2 < len(text) <= _LONGEST_BYLINE]
        if texts:
            yield from texts[:_MOST]
            return
        place = place.getparent()


# -- names -----------------------------------------------------------------------------------------------------------


def read_credits(credits: Any, site: frozenset[str]) -> Credits:
    """Persons, each once, and the first agency."""
    persons: dict[str, str] = {}
    agency = None
    for raw in credits:
        for part in _parts(raw[:2000]):
            found = agency_of(part)
            agency = agency or found
            if not found and (name := _person(part, site)):
                persons.setdefault(squash(name), name)
    return list(persons.values())[:_MOST], agency


def _parts(raw: str) -> list[str]:
    """A by-line's names, with what is not yet known to be one."""
    text = OPENING.sub("", _HANDLE.sub(" ", _EMAIL.sub(" ", raw)), count=1).strip()
    if _IMPRINT.search(text):
        return []
    text = DEGREE.sub("", SUFFIX.sub(" ", text))
    if agency_of(text):
        return [text]
    within = [inside for inside in _PARENTHESIS.findall(text) if agency_of(inside)]
    text = _PARENTHESIS.sub(" ", text)
    if match := _SWAPPED.fullmatch(text):
        first, second = match[1], match[2]
        if not (_CJK.search(text) or agency_of(first) or agency_of(second)):
            return [f"{second} {first}"]
    parts = [piece.strip() for part in BETWEEN.split(text) for piece in _listed(part.strip())]
    return [piece for part in parts for piece in _paired(part)] + within


def _listed(text: str) -> list[str]:
    """Split at commas; a single word after whole names is where they are: “Anna Martel, Nairobi”."""
    parts = [part.strip() for part in text.split(",")]
    if len(parts) > 1 and len(parts[0].split()) > 1 and not agency_of(parts[-1]):
        last = parts[-1].casefold()
        if (len(last.split()) == 1 and not _CJK.search(last)) or last in PLACES:
            return parts[:-1]
    return parts


def _paired(text: str) -> list[str]:
    parts = PERHAPS_BETWEEN.split(text)
    whole = all(len(part.split()) > 1 or agency_of(part) for part in parts)
    return parts if len(parts) > 1 and whole else [text]


def _person(raw: str, site: frozenset[str]) -> str | None:
    """The person's name, bare and in usual case; null where it is not one."""
    name = OPENING.sub("", raw, count=1)
    if _ADDRESS.search(name) or squash(name) in site:
        return None
    name = _CJK_JOB.sub("", ENDING.sub("", name)).strip(" .,:;-–—*\"“”'|")
    if name and raw.rstrip().endswith("Jr."):
        name += "."
    credited, name = name, _without_job(name)
    words = name.split()
    if name != credited and words and words[0].isupper() and agency_of(words[0]):
        return None  # “AP Auto Writer”
    if not words or len(words) > _MOST_WORDS or len(name) > _LONGEST_NAME or squash(name) in site | {""}:
        return None
    if ORGANISATIONS.search(name) or name.casefold() in PLACES or any(char.isdigit() for char in name):
        return None
    if words[0].islower() and words[0] not in _PARTICLES and not name.islower():
        return None  # “ku Frankfurt”: initials and a place
    if any(word.isupper() and squash(word) in site for word in words):
        return None  # “MDR THÜRINGEN”
    if len(words) == 1 and (name.islower() or (name.isupper() and not _CJK.search(name)) or len(name) < 2):
        return None  # initials, abbreviations, accounts
    return _usual_case(name)


def _looks_whole(name: str) -> bool:
    """Of what stands near a heading only first and last names, all capitalised, are believed."""
    words = [word for word in name.split() if word not in _PARTICLES]
    return bool(_CJK.search(name)) or (1 < len(words) <= 4 and all(word[0].isupper() for word in words))


def _without_job(name: str) -> str:
    """“Senior Reporter Anna Diaz”, “Anna Diaz Political Editor”: the words of a job and beside it those of its rank."""
    words = name.split()
    jobs = [number for number, word in enumerate(words) if word.strip(".,:").casefold() in JOBS]
    if not jobs:
        return name
    is_rank: Callable[[str], bool] = lambda word: word.casefold() in RANKS | JOBS  # noqa: E731
    first, last = jobs[0], jobs[-1]
    while first and is_rank(words[first - 1]):
        first -= 1
    return " ".join(words[:first] if first else words[last + 1 :])


def _usual_case(name: str) -> str:
    """Title case for names and surnames in capitals; initials stay."""
    words = name.split()
    all_capitals = name.isupper()
    if len(words) == 1 or name.islower():
        return name.title() if name.islower() and len(words) > 1 else name
    return " ".join(_capitalised(word) if _shouts(word, all_capitals) else word for word in words)


def _shouts(word: str, among_capitals: bool) -> bool:
    letters = sum(char.isalpha() for char in word)
    return word.isupper() and not _ROMAN.fullmatch(word) and "." not in word and letters > (1 if among_capitals else 3)


def _capitalised(word: str) -> str:
    word = re.sub(r"[^\W\d_]+", lambda match: match[0].capitalize(), word)
    return re.sub(r"\bMc([a-z])", lambda match: f"Mc{match[1].upper()}", word)
