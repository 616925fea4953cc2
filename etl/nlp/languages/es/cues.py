"""Verbs of saying in Spanish, and the patterns of attributions that the other modules share."""

from __future__ import annotations

import re

from etl.nlp.languages.words import language_words, prefix_pattern
from etl.nlp.quotes.cue_rules import CuePatterns

WORDS = language_words("es")


def _regular_forms(infinitive: str) -> list[str]:
    """The third persons of a regular verb, its gerund, and last its participle."""
    stem, is_first = infinitive[:-2], infinitive.endswith("ar")
    endings = "a an ó aron aba aban ando ado" if is_first else "e en ió ieron ía ían iendo ido"
    return [stem + ending for ending in endings.split()]


_VERBS = {infinitive: _regular_forms(infinitive) for infinitive in WORDS.words("regular_reporting_verbs")}
_VERBS.update((infinitive, list(forms)) for infinitive, forms in WORDS.table("irregular_reporting_verbs").items())
_FINITE = prefix_pattern(form for forms in _VERBS.values() for form in forms[:-1])
_PARTICIPLE = prefix_pattern(forms[-1] for forms in _VERBS.values())
_VERB = (
    rf"(?:(?:{WORDS.pattern('clitics')})\s+){{0,2}}(?:{_FINITE}|"
    rf"(?:{WORDS.pattern('auxiliaries')})\s+(?:\w+mente\s+)?{_PARTICIPLE}|"
    rf"(?:{WORDS.pattern('verbs_before_infinitives')})\s+{prefix_pattern(_VERBS)}(?:le|les|lo|se)?|"
    rf"{WORDS.pattern('verb_phrases')})"
)
# A form behind one of these words is a noun: "la denuncia".
_NO_NOUN = "".join(rf"(?<!\b{word}\s)" for word in WORDS.words("words_before_nouns"))
_SENTENCE_END = (
    r"(?<![A-ZÁÉÍÓÚÑ])" + "".join(rf"(?<!\b{word})" for word in WORDS.words("abbreviations")) + r"[.!?](?=\s|$)"
)
_CUE = rf"(?:(?:(?:{WORDS.pattern('as_words')})\s+)?{_VERB}|{prefix_pattern(WORDS.words('according_to'))}|(?-i:Para))\b"
PATTERNS = CuePatterns(
    # Few words are cues: they are looked for first, then what stands before them.
    cue=re.compile(rf"\b(?=({_CUE})){_NO_NOUN}\1", re.IGNORECASE),
    according_to=WORDS.word_set("according_to") | {"para"},
    sentence_ends=re.compile(_SENTENCE_END),
    gap=re.compile(rf"^(?:(?!{_SENTENCE_END}).)*(?:[,—–-]|[—–][.,;:])$"),
    summary=re.compile(
        rf"\s*\.?\s*(?:(?:{WORDS.pattern('summaries')})\s+(?:la\s+)?|(?=lo\s|son palabras de))", re.IGNORECASE
    ),
    least_fragment_words=4,
    labels=True,
    colon_lines=True,
)
REPORTING_VERB = re.compile(rf"{_VERB}\b", re.IGNORECASE)
PREPOSITIONS, CLAUSE_WORDS = WORDS.word_set("prepositions"), WORDS.word_set("clause_words")
FINITE_FORM = re.compile(
    rf"(?:{_FINITE}|{WORDS.pattern('auxiliaries')}|es|son|era|fue|está|están|\w+(?:ó|aron|ieron|aba|aban|ía|ían))",
    re.IGNORECASE,
)
