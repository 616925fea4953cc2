"""Which language a text is in. Offline; decided by script where the script decides."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_SAMPLE = 3000
_FEW_LETTERS = 60
_NEAR = 0.1  # probability at which the declared language is believed
_SCRIPTS = (
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
)


# Languages with a daily press of some size: short texts were taken for pidgins and small neighbours.
_LANGUAGES = """
    af am ar az be bg bn bs ca cs cy da de el en es et eu fa fi fr ga gl gu he hi hr hu hy id is it ja ka kk km kn ko ky
    lo lt lv mk ml mn mr ms my nb ne nl no pa pl ps pt ro ru si sk sl sq sr sv sw ta te tg th tl tr uk ur uz vi zh
""".split()


@lru_cache(maxsize=1)
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages([code for code in _LANGUAGES if code in identifier.labels])
    return identifier


def identify(text: str, declared: str | None = None) -> str | None:
    """ISO 639-1 code, or null where there are no letters.

    `declared` (the page's lang attribute) decides where the letters leave it open.
    """
    sample = text[:_SAMPLE]
    letters = sum(char.isalpha() for char in sample)
    if not letters:
        return None
    for code, script in _SCRIPTS:
        if len(script.findall(sample)) > letters * (0.1 if code in ("ja", "ko") else 0.3):
            return code
    ranked = dict(_identifier().rank(sample)[:3])
    hint = (declared or "")[:2].lower()
    if ranked.get(hint, 0) > _NEAR or (letters < _FEW_LETTERS and re.fullmatch("[a-z]{2}", hint)):
        return hint
    return str(next(iter(ranked)))
