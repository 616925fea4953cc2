"""Decoding: pages in all encodings are read as browsers read them, and texts are cleaned."""

from __future__ import annotations

import codecs
import re
import tarfile
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etl.extract.decode import clean, decode

RUSSIAN = "Путин и Си Цзиньпин подписали заявление. " * 5
CHINESE = "习近平同普京举行会谈并签署联合声明。"
JAPANESE = "首相は月曜日、両国の協定に署名したと述べた。"


def meta(charset: str) -> str:
    return f'<meta http-equiv="Content-Type" content="text/html; charset={charset}">'


def html(charset: str) -> str:
    return f"text/html; charset={charset}"


@pytest.mark.parametrize(
    ("payload", "header", "text", "rule"),
    [
        ("Путин".encode("cp1251"), html("windows-1251"), "Путин", "declared in the header"),
        (b'<meta charset="gb2312">' + "中国".encode("gbk"), "", '<meta charset="gb2312">中国', "declared in the page"),
        ("中国".encode(), html("gb2312"), "中国", "valid UTF-8 goes before the header"),
        (codecs.BOM_UTF16_LE + "Xi".encode("utf-16-le"), html("utf-8"), "Xi", "a byte order mark goes first"),
        (codecs.BOM_UTF32_LE + "Xi".encode("utf-32-le"), "", "Xi", "the mark of UTF-32 begins with that of UTF-16"),
        (codecs.BOM_UTF8 + b"caf\xe9", html("cp1252"), "caf\ufffd", "a byte order mark is believed even if wrong"),
        (b"caf\xe9", html("iso-8859-1"), "café", "Latin-1 is read as windows-1252"),
        (b"\x93no\x94", html("iso-8859-1"), "“no”", "windows-1252 has quotation marks that Latin-1 has not"),
        ("Başbakan İzmir".encode("cp1254"), html("ISO-8859-9"), "Başbakan İzmir", "Latin-5 is read as windows-1254"),
        ("“ก”".encode("cp874"), html("iso-8859-11"), "“ก”", "Thai is read as windows-874"),
        ("①髙".encode("cp932"), html("Shift_JIS"), "①髙", "Shift_JIS is read as windows-31j"),
        ("①髙".encode("cp932"), html("windows-31j"), "①髙", "windows-31j is known by its own name"),
        ("똠방".encode("cp949"), html("euc-kr"), "똠방", "euc-kr is read as windows-949"),
        ("𠀀镕".encode("gb18030"), html("gb2312"), "𠀀镕", "gb2312 is read as gb18030"),
        ("㗎".encode("big5hkscs"), html("big5"), "㗎", "big5 includes the characters of Hong Kong"),
        (JAPANESE.encode("iso-2022-jp"), html("iso-2022-jp"), JAPANESE, "ASCII with escapes is not taken for UTF-8"),
        (JAPANESE.encode("iso-2022-jp"), "", JAPANESE, "ISO-2022-JP is guessed"),
        ("한국 정상회담이 열렸다".encode("iso-2022-kr"), html("iso-2022-kr"), "한국 정상회담이 열렸다", "ISO-2022-KR"),
        (b"a\x00b", "", "ab", "NUL characters are removed"),
        ("é".encode(), html("utf-7"), "é", "a declared utf-7 is ignored"),
        (b"+ADw-b+AD4-", html("utf-7"), "+ADw-b+AD4-", "utf-7 is not decoded"),
        (b"plain", html("no-such-thing"), "plain", "an unknown encoding is ignored"),
        (b"plain", html("punycode"), "plain", "codecs that only Python has are ignored"),
        (RUSSIAN.encode("cp1251"), html("unicode_escape"), RUSSIAN, "an ignored declaration leaves the guess"),
        (RUSSIAN.encode("koi8-r"), html("x-user-defined"), RUSSIAN, "x-user-defined is ignored"),
        (RUSSIAN.encode("cp1251"), "", RUSSIAN, "without a declaration the encoding is guessed"),
        ((meta("cp1252") + RUSSIAN).encode("cp1251"), html("cp1251"), meta("cp1252") + RUSSIAN, "header first"),
        (RUSSIAN.encode("cp1251"), html("utf-8"), RUSSIAN, "a wrong declaration of UTF-8 is ignored"),
        ((meta("utf-16") + "né").encode(), "", meta("utf-16") + "né", "a page in which utf-16 can be read is UTF-8"),
        (b"<p>Plain</p>", html("utf-16"), "<p>Plain</p>", "utf-16 in the header is ignored if the page is ASCII"),
        ((meta("utf-8") + RUSSIAN).encode("utf-16-le"), "", meta("utf-8") + RUSSIAN, "UTF-16 has zero bytes"),
        ((meta("utf-8") + RUSSIAN).encode("utf-16-be"), html("utf-16be"), meta("utf-8") + RUSSIAN, "as has UTF-16BE"),
        (CHINESE.encode() + b"\xff" + CHINESE.encode(), "", CHINESE + "\ufffd" + CHINESE, "a broken byte is replaced"),
        (b"na\xc3\xafve caf\xc3\xa9 \xe9", html("utf-8"), "naïve café \ufffd", "in UTF-8 one in three may be broken"),
        (
            CHINESE.encode("gbk") * 2 + b"\xff<p>",
            html("gbk"),
            CHINESE * 2 + "\ufffd<p>",
            "a declaration is believed if nearly all characters can be decoded",
        ),
        (
            ("<!-- " + meta("koi8-r") + " -->" + meta("cp1251") + RUSSIAN).encode("cp1251"),
            "",
            "<!-- " + meta("koi8-r") + " -->" + meta("cp1251") + RUSSIAN,
            "declarations in comments are ignored",
        ),
        (
            ('<?xml version="1.0" encoding="koi8-r"?>' + "Си").encode("koi8-r"),
            "",
            '<?xml version="1.0" encoding="koi8-r"?>Си',
            "XHTML declares its encoding in the first line",
        ),
    ],
)  # fmt: skip
def test_pages_are_decoded(payload: bytes, header: str, text: str, rule: str) -> None:
    assert decode(payload, header) == text, rule


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\tb\r\nc", "a\tb\r\nc"),
        ("a\x00\x07\x1b\x7f\x9fb", "ab"),
        ("one\x0cpage\x0bone\x85line", "one page one line"),
        ("\u202eevil\u202c \u2066x\u2069 \u200fy", "evil x y"),
        ("Bei\xadjing, Mos\u200bcow\ufeff", "Beijing, Moscow"),
        ("\ud800x\udfff\uffff\ufdd0", "x"),
        ("hid\U000e0041\U000e007fden", "hidden"),
        ("می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"),
        ("葛\U000e0100 👩\u200d🚀 ❤\ufe0f", "葛\U000e0100 👩\u200d🚀 ❤\ufe0f"),
    ],
)  # fmt: skip
def test_unwanted_characters_are_removed(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


ANY_CHARACTERS = st.text(st.characters(codec=None, categories=None))


@given(ANY_CHARACTERS)
def test_a_cleaned_text_can_be_encoded_and_is_not_changed_again(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert clean(cleaned) == cleaned


@given(
    st.binary(max_size=400),
    ANY_CHARACTERS,
    st.sampled_from(["", *codecs.encode("hgs-16 hgs-7 tox ovt5 ubu", "rot13").split()]),
)
def test_all_bytes_give_a_clean_text(payload: bytes, header: str, charset: str) -> None:
    for content_type in (header, html(header), html(charset)):
        text = decode(payload, content_type)
        text.encode("utf-8")
        assert clean(text) == text


# Python's names of encodings that differ from the names of the folders.
CODECS = {
    "gb2312": "gb18030", "cp949": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "tis-620": "cp874",
    "ibm855": "cp855", "ibm866": "cp866", "maccyrillic": "mac-cyrillic", "macroman": "mac-roman",
    "iso-8859-1": "cp1252", "big5": "big5hkscs", "iso-8859-9": "cp1254",
}  # fmt: skip
LANGUAGE = re.compile(r"-[a-z]{5,}$")
DECLARATION = re.compile(rb"""(charset|encoding)\s*=\s*["']?[\w-]+["']?""", re.IGNORECASE)


@pytest.mark.corpora
def test_files_of_chardet_in_51_encodings(corpora: Path) -> None:
    """At least 420 of 424 files are decoded correctly, with and without a declaration, as a page, and with a header.

    EUC-TW is left out, as Python cannot read it.
    """
    correct: Counter[str] = Counter()
    with tarfile.open(corpora / "wire" / "encodings-chardet.tar.xz") as archive:
        for member in (m for m in archive if m.isfile() and "/" in m.name):
            charset = LANGUAGE.sub("", Path(member.name).parent.name.lower())
            if charset == "euc-tw":
                continue
            stream = archive.extractfile(member)
            assert stream is not None
            payload, codec = stream.read(), CODECS.get(charset, charset)
            bare = payload if "utf-" in charset else DECLARATION.sub(b"", payload)
            page = payload if "utf-" in charset else f"<html><head>{meta(charset)}</head>".encode() + bare
            for case, data, header in (("as is", payload, ""), ("bare", bare, ""), ("page", page, "")):
                correct[case] += decode(data, header) == clean(data.decode(codec, "replace")).lstrip("\ufeff")
            correct["header"] += decode(bare, html(charset)) == clean(bare.decode(codec, "replace")).lstrip("\ufeff")
            correct["files"] += 1
    assert correct["files"] == 424
    assert min(correct.values()) >= 420, correct
