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
    ("payload", "header", "text", "teaches"),
    [
        ("Путин".encode("cp1251"), html("windows-1251"), "Путин", "the header says"),
        (b'<meta charset="gb2312">' + "中国".encode("gbk"), "", '<meta charset="gb2312">中国', "the page says"),
        ("中国".encode(), html("gb2312"), "中国", "UTF-8 that is valid is believed before a header"),
        (codecs.BOM_UTF16_LE + "Xi".encode("utf-16-le"), html("utf-8"), "Xi", "a byte order mark decides"),
        (codecs.BOM_UTF32_LE + "Xi".encode("utf-32-le"), "", "Xi", "UTF-32's begins with UTF-16's"),
        (codecs.BOM_UTF8 + b"caf\xe9", html("cp1252"), "caf\ufffd", "even where it errs"),
        (b"caf\xe9", html("iso-8859-1"), "café", "Latin-1 is read as browsers do"),
        (b"\x93no\x94", html("iso-8859-1"), "“no”", "so that its quotation marks survive"),
        ("Başbakan İzmir".encode("cp1254"), html("ISO-8859-9"), "Başbakan İzmir", "as is Latin-5"),
        ("“ก”".encode("cp874"), html("iso-8859-11"), "“ก”", "and Thai"),
        ("①髙".encode("cp932"), html("Shift_JIS"), "①髙", "and Japanese"),
        ("①髙".encode("cp932"), html("windows-31j"), "①髙", "under its other name"),
        ("똠방".encode("cp949"), html("euc-kr"), "똠방", "and Korean"),
        ("𠀀镕".encode("gb18030"), html("gb2312"), "𠀀镕", "and Chinese"),
        ("㗎".encode("big5hkscs"), html("big5"), "㗎", "and Hong Kong's"),
        (JAPANESE.encode("iso-2022-jp"), html("iso-2022-jp"), JAPANESE, "escapes are no UTF-8"),
        (JAPANESE.encode("iso-2022-jp"), "", JAPANESE, "undeclared neither"),
        ("한국 정상회담이 열렸다".encode("iso-2022-kr"), html("iso-2022-kr"), "한국 정상회담이 열렸다", "nor Korean"),
        (b"a\x00b", "", "ab", "NULs are dropped"),
        ("é".encode(), html("utf-7"), "é", "utf-7 is refused"),
        (b"+ADw-b+AD4-", html("utf-7"), "+ADw-b+AD4-", "utf-7 is refused"),
        (b"plain", html("no-such-thing"), "plain", "an unknown name is passed over"),
        (b"plain", html("punycode"), "plain", "Python's own codecs are unknown"),
        (RUSSIAN.encode("cp1251"), html("unicode_escape"), RUSSIAN, "and the letters decide"),
        (RUSSIAN.encode("koi8-r"), html("x-user-defined"), RUSSIAN, "as where the name says nothing"),
        (RUSSIAN.encode("cp1251"), "", RUSSIAN, "or there is none"),
        ((meta("cp1252") + RUSSIAN).encode("cp1251"), html("cp1251"), meta("cp1252") + RUSSIAN, "header before page"),
        (RUSSIAN.encode("cp1251"), html("utf-8"), RUSSIAN, "UTF-8 that cannot be it is not believed"),
        ((meta("utf-16") + "né").encode(), "", meta("utf-16") + "né", "a page whose utf-16 can be read is UTF-8"),
        (b"<p>Plain</p>", html("utf-16"), "<p>Plain</p>", "whoever says so"),
        ((meta("utf-8") + RUSSIAN).encode("utf-16-le"), "", meta("utf-8") + RUSSIAN, "UTF-16 is known by its zeros"),
        ((meta("utf-8") + RUSSIAN).encode("utf-16-be"), html("utf-16be"), meta("utf-8") + RUSSIAN, "and its header"),
        (CHINESE.encode() + b"\xff" + CHINESE.encode(), "", CHINESE + "\ufffd" + CHINESE, "a bad byte costs itself"),
        (b"na\xc3\xafve caf\xc3\xa9 \xe9", html("utf-8"), "naïve café \ufffd", "in UTF-8 not even one of three"),
        (
            CHINESE.encode("gbk") * 2 + b"\xff<p>",
            html("gbk"),
            CHINESE * 2 + "\ufffd<p>",
            "nor elsewhere: what is declared is believed if nearly all can be read",
        ),
        (
            ("<!-- " + meta("koi8-r") + " -->" + meta("cp1251") + RUSSIAN).encode("cp1251"),
            "",
            "<!-- " + meta("koi8-r") + " -->" + meta("cp1251") + RUSSIAN,
            "a comment declares nothing",
        ),
        (
            ('<?xml version="1.0" encoding="koi8-r"?>' + "Си").encode("koi8-r"),
            "",
            '<?xml version="1.0" encoding="koi8-r"?>Си',
            "XHTML says it in its first line",
        ),
    ],
)  # fmt: skip
def test_decode(payload: bytes, header: str, text: str, teaches: str) -> None:
    assert decode(payload, header) == text, teaches


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
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


ANY_CHARACTERS = st.text(st.characters(codec=None, categories=None))


@given(ANY_CHARACTERS)
def test_what_is_clean_stays_and_can_be_written(text: str) -> None:
    once = clean(text)
    once.encode("utf-8")
    assert clean(once) == once


@given(
    st.binary(max_size=400),
    ANY_CHARACTERS,
    st.sampled_from(["", *codecs.encode("hgs-16 hgs-7 tox ovt5 ubu", "rot13").split()]),
)
def test_any_bytes_give_clean_characters(payload: bytes, header: str, charset: str) -> None:
    for content_type in (header, html(header), html(charset)):
        text = decode(payload, content_type)
        text.encode("utf-8")
        assert clean(text) == text


# What Python calls the encodings that the folders name, where that is not their name.
CODECS = {
    "gb2312": "gb18030", "cp949": "cp949", "euc-kr": "cp949", "shift_jis": "cp932", "tis-620": "cp874",
    "ibm855": "cp855", "ibm866": "cp866", "maccyrillic": "mac-cyrillic", "macroman": "mac-roman",
    "iso-8859-1": "cp1252", "big5": "big5hkscs", "iso-8859-9": "cp1254",
}  # fmt: skip
LANGUAGE = re.compile(r"-[a-z]{5,}$")
DECLARATION = re.compile(rb"""(charset|encoding)\s*=\s*["']?[\w-]+["']?""", re.IGNORECASE)


@pytest.mark.corpora
def test_other_peoples_files_in_51_encodings(corpora: Path) -> None:
    """Of 424 files that Python can read (it knows no EUC-TW), how many are read so with nothing declared, and so on."""
    right: Counter[str] = Counter()
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
            for kind, data, header in (("as is", payload, ""), ("bare", bare, ""), ("page", page, "")):
                right[kind] += decode(data, header) == clean(data.decode(codec, "replace")).lstrip("\ufeff")
            right["header"] += decode(bare, html(charset)) == clean(bare.decode(codec, "replace")).lstrip("\ufeff")
            right["files"] += 1
    assert right["files"] == 424
    assert min(right.values()) >= 420, right
