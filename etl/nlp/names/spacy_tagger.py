"""The names that a spaCy pipeline marks, in place of the encoder's. spaCy is an optional dependency; the user installs
the pipelines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from etl.errors import ConfigError
from etl.nlp.names.mentions import TaggedName

_TYPES = {
    "PERSON": "PER", "PER": "PER", "ORG": "ORG", "GPE": "LOC", "LOC": "LOC", "FAC": "LOC", "NORP": "NORP",
    "EVENT": "EVENT", "MISC": "MISC", "PRODUCT": "MISC", "WORK_OF_ART": "MISC", "LAW": "MISC",
}  # fmt: skip
_LONGEST = 100_000  # characters of one call; spaCy refuses a million
_CONFIDENCE = 0.8  # spaCy gives none


def spacy_tagger(name: str) -> Callable[[Sequence[str]], list[list[TaggedName]]]:
    """Return the tagger of an installed pipeline, or of a pipeline in a folder. Raises ConfigError."""
    pipeline = _load(name)

    def tag(texts: Sequence[str]) -> list[list[TaggedName]]:
        return [list(_names(pipeline, text)) for text in texts]

    return tag


def _names(pipeline: Any, text: str) -> list[TaggedName]:
    names = []
    start = 0
    while start < len(text):
        end = len(text) if len(text) - start <= _LONGEST else _paragraph_end(text, start)
        for entity in pipeline(text[start:end]).ents:
            if kind := _TYPES.get(entity.label_):
                names.append(TaggedName(start + entity.start_char, start + entity.end_char, kind, _CONFIDENCE))
        start = end
    return names


def _paragraph_end(text: str, start: int) -> int:
    """Where the last paragraph ends that one call can hold; in the middle of a paragraph if it is longer."""
    end = text.rfind("\n", start + 1, start + _LONGEST)
    return end + 1 if end > start else start + _LONGEST


@lru_cache(maxsize=1)
def _load(name: str) -> Any:
    try:
        import spacy
    except ImportError:
        raise ConfigError(f"annotator 'spacy:{name}': spaCy is missing; pip install 'dateline[spacy]'") from None
    try:
        return spacy.load(name)
    except OSError:
        raise ConfigError(
            f"annotator 'spacy:{name}': there is no such pipeline; install it, or give the path of its folder"
        ) from None
    except Exception as error:
        raise ConfigError(f"annotator 'spacy:{name}': {type(error).__name__}: {str(error).splitlines()[0]}") from error
