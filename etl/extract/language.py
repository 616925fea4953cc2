"""Which language a text is in. Offline: the script most written decides, then letters, then statistics."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from py3langid.langid import MODEL_FILE, LanguageIdentifier

_SAMPLE = 3000
_STATISTICS = 1000  # characters for the identifier: more of them change nothing but the cost
_FEW_LETTERS = 60
_NEAR = 0.1  # probability at which the declared language is believed
# Scripts, what a letter of them counts beside a Latin one, and the languages with a daily press written in them.
# Of all others the identifier knows, short texts were taken for pidgins and small neighbours.
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
_HEAVIEST = 3.0
# Letters that Russian does not have, by the language that has them; where they are missing, the text is not in it.
_OWN_CYRILLIC = {
    "uk": "іїєґ", "be": "ўі", "sr": "ђјљњћџ", "mk": "ѓќѕјљњџ", "kk": "әғқңөұүһі", "ky": "ңөү", "mn": "өү",
    "tg": "ғӣқӯҳҷ",
}  # fmt: skip
_RUSSIAN_ALONE = "ыэё"  # of Russian and Bulgarian
_OWN_SHARE = 0.015  # of a text's Cyrillic letters; quoted names of neighbours stay below
_KANA = re.compile(r"[぀-ヿ]")
_KANA_SHARE, _KANA_SHARE_SURE = 0.1, 0.3  # Chinese brands like の; Japanese headlines are mostly kanji
# Forms of one side only: simplified in China, shortened in Japan.
_SIMPLIFIED = re.compile("[们这说为对发时间门问题现东车马长见贝页风飞鸟鱼龙电话语认让讨论谈访议战场险际铁钱银华习导军办务动员应该实报总统经济进运还远连从众传伤优伦]")  # noqa: E501 # fmt: skip
_SHINJITAI = re.compile("[円気発対応実広県駅労働込畑拡沢浜済検験剣経総続縄読売転軽鉄関顔黒歳圏塩壊変焼営単厳択拠挙揺摂豊辺遅釈銭録闘隣雑霊頼竜渋渓滝戻戦廃帰]")  # noqa: E501 # fmt: skip
_HAN_SHARE = 0.04
_TWINS = ({"bs", "hr", "sr"}, {"id", "ms"}, {"hi", "mr", "ne"})  # statistics do not part them: the page's word does
# One code for Norwegian, which ISO 639-1 calls `no` with `nb` and `nn` within; and codes that pages get wrong.
_SAME = {"nb": "no", "nn": "no", "iw": "he", "in": "id", "ua": "uk", "jp": "ja", "cn": "zh", "kr": "ko", "cz": "cs"}


def identify(text: str, declared: str | None = None) -> str | None:
    """ISO 639-1 code (Norwegian is `no`, all Chinese `zh`), or null where there are no letters.

    `declared` (the page's lang attribute) decides where the letters leave it open; it never overrules the script.
    """
    sample = text[:_SAMPLE]
    if not any(char.isalpha() for char in sample):
        return None
    hint = _hint(declared)
    letters, script, codes = _script(sample)
    if script is None:
        return hint
    if codes == ["zh", "ja"]:
        return _han(sample, letters, hint)
    if "ru" in codes:
        codes = _cyrillic(sample.lower(), letters)
    if len(codes) == 1:
        return codes[0]
    alone = re.sub(rf"(?!{script.pattern})[^\W\d_]", " ", sample[:_STATISTICS])  # quoted Russian made English Serbian
    return _statistical(alone, codes, letters, hint)


def _script(sample: str) -> tuple[int, re.Pattern[str] | None, list[str]]:
    """The script most written: how many letters of it there are, a letter of it, and its languages."""
    most = 0.0
    found: tuple[int, re.Pattern[str] | None, list[str]] = (0, None, [])
    left = len(sample)
    for script, weight, codes in _SCRIPTS:
        count = len(script.findall(sample))
        left -= count
        if count * weight > most:
            most, found = count * weight, (count, script, codes.split())
        if most > _HEAVIEST * left:
            break
    return found


def _hint(declared: str | None) -> str | None:
    code = (declared or "").strip().lower()[:2]
    return _SAME.get(code, code) if re.fullmatch("[a-z]{2}", code) else None


def _han(sample: str, letters: int, hint: str | None) -> str:
    kana = len(_KANA.findall(sample)) / letters
    simplified = len(_SIMPLIFIED.findall(sample)) / letters
    if kana > _KANA_SHARE:
        return "zh" if simplified > _HAN_SHARE and kana < _KANA_SHARE_SURE else "ja"
    if simplified > _HAN_SHARE:
        return "zh"
    shortened = len(_SHINJITAI.findall(sample)) / letters > _HAN_SHARE
    return "ja" if shortened or (hint == "ja" and letters < _FEW_LETTERS) else "zh"


def _cyrillic(sample: str, letters: int) -> list[str]:
    """The languages whose own letters a text has; else Russian, or where nothing is Russian alone a neighbour."""

    def share(of: str) -> float:
        return sum(map(sample.count, of)) / letters

    foreign = set("".join(_OWN_CYRILLIC.values()))
    shares = {code: share(own) for code, own in _OWN_CYRILLIC.items()}
    most = max(shares.values())
    if most > _OWN_SHARE and share("".join(foreign)) > _OWN_SHARE:
        return [code for code, found in shares.items() if found > 0.8 * most]
    if share(_RUSSIAN_ALONE) > 0.005:
        return ["ru"]
    return ["ru", "bg", "uk"] if letters < _FEW_LETTERS else ["ru", "bg"]


@lru_cache(maxsize=1)
def _identifier() -> Any:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    wanted = {code for _, _, codes in _SCRIPTS for code in codes.split()}
    identifier.set_languages([code for code in identifier.labels if code in wanted])
    return identifier


def _statistical(sample: str, codes: list[str], letters: int, hint: str | None) -> str:
    ranked: dict[str, float] = {}
    for code, probability in _identifier().rank(sample):
        if code in codes:
            same = _SAME.get(code, code)
            ranked[same] = ranked.get(same, 0.0) + float(probability)
    total = sum(ranked.values()) or 1.0
    best = max(ranked, key=lambda code: ranked[code], default=codes[0])
    if hint in ranked:
        twins = any({hint, best} <= twins for twins in _TWINS)
        if twins or letters < _FEW_LETTERS or ranked[hint] / total > _NEAR:
            return hint
    return best
