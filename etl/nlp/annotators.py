"""Taggers of names, by their name in the settings: the encoder, a spaCy pipeline, or none beside the gazetteer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from etl.errors import ConfigError
from etl.nlp.labels import LABELS, MODEL, TOKENIZER
from etl.nlp.mentions import Tagged

Tagger = Callable[[Sequence[str]], list[list[Tagged]]]
"""Texts -> the names of each, in order, without overlaps."""
ENCODER, GAZETTEER, SPACY = "encoder", "gazetteer", "spacy:"
_ENGLISH = frozenset({"en"})  # languages that the encoder has learnt


def find_tagger(annotator: str, threads: int = 2) -> Tagger:
    """The tagger that `annotator` names: "encoder", "gazetteer" (nothing beside it) or "spacy:PIPELINE".
    Raises ConfigError."""
    if annotator == ENCODER:
        from etl.nlp.encoded_names import tag

        return partial(tag, threads=threads)
    if annotator == GAZETTEER:
        return lambda texts: [[] for _ in texts]
    if annotator.startswith(SPACY):
        from etl.nlp.spacy_names import spacy_tagger

        return spacy_tagger(annotator.removeprefix(SPACY))
    raise ConfigError(f"annotator {annotator!r}: must be encoder, gazetteer or spacy: and a pipeline's name")


def reads(annotator: str, language: str | None) -> bool:
    """Does a tagger read texts in this language? A spaCy pipeline is asked about all: its user chose it."""
    return annotator != ENCODER or language is None or language in _ENGLISH


def annotator_stamp(annotator: str) -> str:
    """What the names depend on besides the gazetteer: the hash of the model's files, or the pipeline's name."""
    return f"{annotator} {_model_stamp()}" if annotator == ENCODER else annotator


@lru_cache(maxsize=1)
def _model_stamp() -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in (MODEL, TOKENIZER, LABELS))).hexdigest()[:16]


__all__ = ["ENCODER", "GAZETTEER", "SPACY", "Tagger", "annotator_stamp", "find_tagger", "reads"]
