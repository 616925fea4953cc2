"""Annotators, by their name in the settings: the encoder, a spaCy pipeline, or none beside the gazetteer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from etl.errors import ConfigError
from etl.nlp.encoder.labels import ATTRIBUTIONS, LABELS, MODEL, TOKENIZER
from etl.nlp.names.mentions import Tagged

if TYPE_CHECKING:
    from etl.nlp.quotes.pieces import Pieces

ENCODER, GAZETTEER, SPACY = "encoder", "gazetteer", "spacy:"
_ENGLISH = frozenset({"en"})  # languages that the encoder has learnt


@dataclass(frozen=True)
class TaggerOutput:
    """What is said of one text: its names, in order, without overlaps; the pieces of its quotations, null where the
    encoder did not read it."""

    names: list[Tagged]
    pieces: Pieces | None


Annotator = Callable[[Sequence[str], Sequence[str | None], int], list[TaggerOutput]]
"""Texts, their languages, and threads -> what is said of each."""


def find_annotator(name: str) -> Annotator:
    """The annotator that `name` names: "encoder"; "spacy:PIPELINE", whose names stand in place of the encoder's; or
    "gazetteer", which says nothing beside it. Raises ConfigError."""
    if name == ENCODER:
        return _encoded
    if name == GAZETTEER:
        return _silent
    if name.startswith(SPACY):
        from etl.nlp.names.spacy_tagger import spacy_tagger

        return partial(_with_spacy_names, spacy_tagger(name.removeprefix(SPACY)))
    raise ConfigError(f"annotator {name!r}: must be encoder, gazetteer or spacy: and a pipeline's name")


def _silent(texts: Sequence[str], _languages: Sequence[str | None], _threads: int) -> list[TaggerOutput]:
    return [TaggerOutput([], None) for _ in texts]


def _encoded(texts: Sequence[str], languages: Sequence[str | None], threads: int) -> list[TaggerOutput]:
    """One reading of every English text gives names and quotations; other languages are left to the gazetteer."""
    from etl.nlp.encoder.read import read
    from etl.nlp.names.encoder_tagger import names_of
    from etl.nlp.quotes.pieces import pieces_of

    told = [TaggerOutput([], None) for _ in texts]
    english = [n for n, language in enumerate(languages) if language is None or language in _ENGLISH]
    readings = read([texts[n] for n in english], threads)
    for number, names, pieces in zip(english, names_of(readings), pieces_of(readings), strict=True):
        told[number] = TaggerOutput(names, pieces)
    return told


def _with_spacy_names(
    tag: Callable[[Sequence[str]], list[list[Tagged]]],
    texts: Sequence[str],
    languages: Sequence[str | None],
    threads: int,
) -> list[TaggerOutput]:
    """Names of all texts by a pipeline that the user chose; quotations still by the encoder, in its languages."""
    encoded = _encoded(texts, languages, threads)
    return [replace(told, names=names) for told, names in zip(encoded, tag(texts), strict=True)]


def annotator_stamp(annotator: str) -> str:
    """What names and quotations depend on besides the gazetteer: the hash of the models' files, the pipeline's name."""
    return annotator if annotator == GAZETTEER else f"{annotator} {_model_stamp()}"


@lru_cache(maxsize=1)
def _model_stamp() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in (MODEL, TOKENIZER, LABELS, ATTRIBUTIONS))).hexdigest()[
        :16
    ]
