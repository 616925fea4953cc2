"""Identification of a text's language, offline: by its main script, then by its letters, then by statistics."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_SAMPLE = 3000  # characters
_STATISTICS_SAMPLE = 1000  # characters for the statistical identifier; more of them cost time and change nothing
_FEW_LETTERS = 60
_PLAUSIBLE = 0.1  # the probability from which the declared language is believed
# Scripts: a letter of the script, its weight compared with a Latin letter, and the languages with a daily press that
# are written in it. When all languages that the identifier knows were allowed, short texts were taken for pidgins and
# for small languages that are related to the right one.
_SCRIPTS = (
    (re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]"), 1.0, """
        af az bs ca cs cy da de en es et eu fi fr ga gl hr hu id is it lt lv ms nb nl nn no pl pt ro sk sl sq sr sv sw
        tl tr uz vi xh zu
    """),
    (re.compile(r"[Ѐ-ӿ]"), 1.5, "ru uk be bg sr mk kk ky mn tg"),
    (re.compile(r"[぀-ヿ㐀-鿿]"), 3.0, "zh ja"),
    (re.compile(r"[가-힯]"), 3.0, "ko"),
    (re.compile(r"[؀-ۿ]"), 1.2, "ar fa ur ps"),
    (re.compile(r"[ऀ-ॿ]"), 1.2, "hi mr ne"),
    (re.compile(r"[Ͱ-Ͽ]"), 1.0, "el"),
    (re.compile(r"[֐-׿]"), 1.2, "he"),
    (re.compile(r"[฀-๿]"), 1.2, "th"),
    (re.compile(r"[԰-֏]"), 1.0, "hy"),
    (re.compile(r"[Ⴀ-ჿ]"), 1.0, "ka"),
    (re.compile(r"[ሀ-፿]"), 2.0, "am"),
    (re.compile(r"[ঀ-৿]"), 1.2, "bn"),
    (re.compile(r"[઀-૿]"), 1.2, "gu"),
    (re.compile(r"[஀-௿]"), 1.2, "ta"),
    (re.compile(r"[ఀ-౿]"), 1.2, "te"),
    (re.compile(r"[ಀ-೿]"), 1.2, "kn"),
    (re.compile(r"[ഀ-ൿ]"), 1.2, "ml"),
    (re.compile(r"[ක-෿]"), 1.2, "si"),
    (re.compile(r"[ក-៿]"), 1.2, "km"),
    (re.compile(r"[຀-໿]"), 1.2, "lo"),
    (re.compile(r"[က-႟]"), 1.2, "my"),
)  # fmt: skip
_HIGHEST_WEIGHT = 3.0
# Cyrillic letters that Russian does not have, by language. A text without these letters is not in that language.
_NON_RUSSIAN_LETTERS = {
    "uk": "іїєґ", "be": "ўі", "sr": "ђјљњћџ", "mk": "ѓќѕјљњџ", "kk": "әғқңөұүһі", "ky": "ңөү", "mn": "өү",
    "tg": "ғӣқӯҳҷ",
}  # fmt: skip
_RUSSIAN_NOT_BULGARIAN = "ыэё"
_NON_RUSSIAN_SHARE = 0.015  # of a text's Cyrillic letters; names quoted from related languages have fewer
_KANA = re.compile(r"[぀-ヿ]")
# Above the first share a text is Japanese unless it has simplified Chinese characters; above the second it always is.
# Chinese brand names use の, and Japanese headlines are mostly kanji.
_KANA_SHARE, _KANA_SHARE_SURE = 0.1, 0.3
# Forms of characters that only one country uses: simplified ones in China, and shinjitai in Japan.
_SIMPLIFIED = re.compile("[们这说为对发时间门问题现东车马长见贝页风飞鸟鱼龙电话语认让讨论谈访议战场险际铁钱银华习导军办务动员应该实报总统经济进运还远连从众传伤优伦]")  # noqa: E501 # fmt: skip
_SHINJITAI = re.compile("[円気発対応実広県駅労働込畑拡沢浜済検験剣経総続縄読売転軽鉄関顔黒歳圏塩壊変焼営単厳択拠挙揺摂豊辺遅釈銭録闘隣雑霊頼竜渋渓滝戻戦廃帰]")  # noqa: E501 # fmt: skip
_HAN_SHARE = 0.04
# Languages that statistics cannot tell apart; the language that the page declares decides.
_INDISTINCT = ({"bs", "hr", "sr"}, {"id", "ms"}, {"hi", "mr", "ne"})
# Norwegian gets the single code `no`, which in ISO 639-1 includes `nb` and `nn`. The others are frequent mistakes.
_NORMAL_CODES = {
    "nb": "no", "nn": "no", "iw": "he", "in": "id", "ua": "uk", "jp": "ja", "cn": "zh", "kr": "ko", "cz": "cs",
}  # fmt: skip


def identify(text: str, declared: str | None = None) -> str | None:
    """Return the ISO 639-1 code of a text's language (`no` for all Norwegian, `zh` for all Chinese).

    Null if the text has no letters. `declared` is the page's lang attribute: it decides where the letters leave several
    languages open, but never overrules the script.
    """
    sample = text[:_SAMPLE]
    if not any(char.isalpha() for char in sample):
        return None
    hint = _hint(declared)
    letters, script, codes = _main_script(sample)
    if script is None:
        return hint
    if codes == ["zh", "ja"]:
        return _han(sample, letters, hint)
    if "ru" in codes:
        codes = _cyrillic(sample.lower(), letters)
    if len(codes) == 1:
        return codes[0]
    # Letters of other scripts are removed: with a quotation in Russian, English was taken for Serbian.
    in_script = re.sub(rf"(?!{script.pattern})[^\W\d_]", " ", sample[:_STATISTICS_SAMPLE])
    return _statistical(in_script, codes, letters, hint)


def _main_script(sample: str) -> tuple[int, re.Pattern[str] | None, list[str]]:
    """Return the script with the greatest weight: (number of its letters, its letters' pattern, its languages)."""
    greatest = 0.0
    main: tuple[int, re.Pattern[str] | None, list[str]] = (0, None, [])
    remaining = len(sample)
    for script, weight, codes in _SCRIPTS:
        count = len(script.findall(sample))
        remaining -= count
        if count * weight > greatest:
            greatest, main = count * weight, (count, script, codes.split())
        if greatest > _HIGHEST_WEIGHT * remaining:
            break
    return main


def _hint(declared: str | None) -> str | None:
    code = (declared or "").strip().lower()[:2]
    return _NORMAL_CODES.get(code, code) if re.fullmatch("[a-z]{2}", code) else None


def _han(sample: str, letters: int, hint: str | None) -> str:
    """Tell Chinese from Japanese."""
    kana = len(_KANA.findall(sample)) / letters
    simplified = len(_SIMPLIFIED.findall(sample)) / letters
    if kana > _KANA_SHARE:
        return "zh" if simplified > _HAN_SHARE and kana < _KANA_SHARE_SURE else "ja"
    if simplified > _HAN_SHARE:
        return "zh"
    has_shinjitai = len(_SHINJITAI.findall(sample)) / letters > _HAN_SHARE
    return "ja" if has_shinjitai or (hint == "ja" and letters < _FEW_LETTERS) else "zh"


def _cyrillic(sample: str, letters: int) -> list[str]:
    """Return the languages whose special letters a text has, if any.

    Else return Russian, together with related languages if the text has no letters that show it is Russian.
    """

    def share(alphabet: str) -> float:
        return sum(map(sample.count, alphabet)) / letters

    all_non_russian = set("".join(_NON_RUSSIAN_LETTERS.values()))
    shares = {code: share(alphabet) for code, alphabet in _NON_RUSSIAN_LETTERS.items()}
    greatest = max(shares.values())
    if greatest > _NON_RUSSIAN_SHARE and share("".join(all_non_russian)) > _NON_RUSSIAN_SHARE:
        return [code for code, of_text in shares.items() if of_text > 0.8 * greatest]
    if share(_RUSSIAN_NOT_BULGARIAN) > 0.005:
        return ["ru"]
    return ["ru", "bg", "uk"] if letters < _FEW_LETTERS else ["ru", "bg"]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    languages = {code for _, _, codes in _SCRIPTS for code in codes.split()}
    identifier.set_languages([code for code in identifier.labels if code in languages])
    return identifier


def _statistical(sample: str, codes: list[str], letters: int, hint: str | None) -> str:
    ranked: dict[str, float] = {}
    for code, probability in _identifier().rank(sample):
        if code in codes:
            normal = _NORMAL_CODES.get(code, code)
            ranked[normal] = ranked.get(normal, 0.0) + float(probability)
    total = sum(ranked.values()) or 1.0
    best = max(ranked, key=lambda code: ranked[code], default=codes[0])
    if hint in ranked:
        are_indistinct = any({hint, best} <= languages for languages in _INDISTINCT)
        if are_indistinct or letters < _FEW_LETTERS or ranked[hint] / total > _PLAUSIBLE:
            return hint
    return best
