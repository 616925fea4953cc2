"""Annotators by their names in the settings: the encoder, another tagger of names, or the gazetteer alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from etl.errors import ConfigError
from etl.models.files import models_stamp
from etl.nlp.encoder.model_files import ATTRIBUTIONS, LABELS, MODEL, TOKENIZER
from etl.nlp.names.mentions import TaggedName
from etl.nlp.names.spacy_tagger import spacy_tagger

if TYPE_CHECKING:
    from etl.nlp.quotes.pieces import Pieces

ENCODER, GAZETTEER = "encoder", "gazetteer"

NameTagger = Callable[[Sequence[str]], list[list[TaggedName]]]
"""Texts -> the names of each, in order, without overlaps."""

NAME_TAGGERS: dict[str, Callable[[str], NameTagger]] = {"spacy": spacy_tagger}
"""What may take the place of the encoder's names: the prefix in the settings -> a function that loads a pipeline by the
name after the colon, or raises ConfigError."""

_ENCODER_LANGUAGES = frozenset({"en"})  # the languages that the encoder has learnt


@dataclass(frozen=True)
class TaggerOutput:
    """What an annotator finds in one text. `names`: in order, without overlaps; `pieces`: the pieces of its quotations,
    null where the encoder did not read the text."""

    names: list[TaggedName]
    pieces: Pieces | None


Annotator = Callable[[Sequence[str], Sequence[str | None], int], list[TaggerOutput]]
"""Texts, their languages, and a number of threads -> an output for each text."""


def find_annotator(name: str) -> Annotator:
    """Return the annotator of this name: "encoder"; a prefix of NAME_TAGGERS with a pipeline, such as "spacy:PIPELINE",
    whose names take the place of the encoder's; or "gazetteer", which leaves all names to the gazetteer and all
    quotations to rules. Raises ConfigError."""
    if name == ENCODER:
        return _with_encoder
    if name == GAZETTEER:
        return _with_nothing
    prefix, _, pipeline = name.partition(":")
    if pipeline and prefix in NAME_TAGGERS:
        return partial(_with_tagger_names, NAME_TAGGERS[prefix](pipeline))
    prefixes = " or ".join(f"{prefix}:" for prefix in NAME_TAGGERS)
    raise ConfigError(f"annotator {name!r}: must be encoder, gazetteer or {prefixes} and a pipeline's name")


def _with_nothing(texts: Sequence[str], _languages: Sequence[str | None], _threads: int) -> list[TaggerOutput]:
    return [TaggerOutput([], None) for _ in texts]


def _with_encoder(texts: Sequence[str], languages: Sequence[str | None], threads: int) -> list[TaggerOutput]:
    """The names and pieces of texts in the encoder's languages, or of unknown language, from one reading; nothing of
    other texts."""
    from etl.nlp.encoder.read import read
    from etl.nlp.names.encoder_tagger import names_of
    from etl.nlp.quotes.pieces import pieces_of

    outputs = [TaggerOutput([], None) for _ in texts]
    numbers = [n for n, language in enumerate(languages) if language is None or language in _ENCODER_LANGUAGES]
    readings = read([texts[n] for n in numbers], threads)
    for number, names, pieces in zip(numbers, names_of(readings), pieces_of(readings), strict=True):
        outputs[number] = TaggerOutput(names, pieces)
    return outputs


def _with_tagger_names(
    tag: NameTagger, texts: Sequence[str], languages: Sequence[str | None], threads: int
) -> list[TaggerOutput]:
    """The names of all texts from a pipeline that the user chose; quotations still from the encoder, in its
    languages."""
    outputs = _with_encoder(texts, languages, threads)
    return [replace(output, names=names) for output, names in zip(outputs, tag(texts), strict=True)]


def annotator_stamp(annotator: str) -> str:
    """Return what names and quotations depend on besides the gazetteer: the annotator's name and the models' hash."""
    models = (MODEL, TOKENIZER, LABELS, ATTRIBUTIONS)
    return annotator if annotator == GAZETTEER else f"{annotator} {models_stamp(models)}"
