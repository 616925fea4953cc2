"""Words and names that distinguish dates of publication, dates of changes, and unrelated dates.

Each table is a string of regular expressions separated by spaces; `_` in a table stands for a space.
"""

from __future__ import annotations

import re


def _any(*tables: str, before: str = "") -> re.Pattern[str]:
    """Return a pattern that matches any expression of the tables, after the expression `before`."""
    expressions = "|".join(expression.replace("_", " ") for table in tables for expression in table.split())
    return re.compile(f"{before}(?:{expressions})", re.IGNORECASE)


# Names of meta tags.
PUBLISHED_NAME = _any("publi(?!sher\\b|c\\b) pubdate pub-date issued release posted post.date upload.date")
LOOSE_NAME = _any("(?:^|[.:\\W])(?:date|created|datecreated|timestamp|citation.date)$ ^date date\\.created displaydate")
MODIFIED_NAME = _any("modif updat lastmod revis changed")

# Classes and ids of elements.
PUBLISHED_MARK = _any(
    "publi(?!c) posted pubdate (?:entry|post|article|news|story)\\W?.?(?:date|time) created submitted"
)
MODIFIED_MARK = _any("updat modif revis edited lastmod aktualis")
DATE_MARK = _any("dat[eu] fecha time zeit tarih meta byline info stamp author autor (?:^|[-\\s])data(?:$|[-\\s])")
ASIDE_MARK = _any(
    "comment kommentar related sidebar widget footer copyright teaser recommend recent latest popular calendar",
    "kalender event(?!box) termin cookie promo archive banner trending most- read-?more reply forum- similar carousel",
    "slider",
    before="(?<!has-)(?<!with-)(?<!no-)",
)

# Words before or after a date in the text.
PUBLISHED_WORD = _any(
    "publi[sceéqk] posted veröffentlicht erstellt erschienen geschrieben pubblicat gepubliceerd geplaatst",
    "опубликован публикац написан opublikowan dodano udgivet offentliggjort julkaistu yayın النشر نشر",
    "发布 發布 发表 公開 掲載 投稿 등록 입력 đăng diterbitkan dipublikasikan parution mis_en_ligne közzét megjelen",
    "δημοσι objavljen written created creado",
)
MODIFIED_WORD = _any(
    "updat modifi revis aktuali[sz] geändert bearbeitet mise?_à_jour \\bmaj\\b actuali[zt] aggiornat bijgewerkt",
    "gewijzigd обновл измен uprav zmenen uppdater oppdater opdater ändrad päivitet güncel تحديث 更新 수정",
    "cập_nhật diperbarui ενημ edited changed frissít módosít izmijenjen",
)
