"""Languages: the main script decides, then its letters; the declared language only where these leave several open."""

from __future__ import annotations

import pytest

from etl.extract.language import identify


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("ru", "Легкий троннинг"),
        ("ru", "Путин и Си Цзиньпин провели переговоры"),
        ("ru", "Кремль: переговоры идут трудно"),
        ("ru", "Apple и Google отключили Apple Pay и Google Pay в России, сообщил Bloomberg"),
        ("ru", "Новости"),
        ("bg", "Президентът заяви, че България ще подкрепи мирните усилия"),
        ("bg", "Министърът посети болницата в Пловдив"),
        ("uk", "Президент України підписав закон про державний бюджет"),
        ("uk", "Уряд ухвалив нову постанову"),
        ("be", "Прэзідэнт падпісаў закон аб бюджэце краіны"),
        ("sr", "Председник је рекао да ће влада донети одлуку"),
        ("mk", "Претседателот рече дека владата ќе донесе одлука"),
        ("kk", "Қазақстан президенті жаңа заңға қол қойды"),
        ("ky", "Кыргызстандын президенти жаңы мыйзамга кол койду"),
        ("mn", "Монгол Улсын Ерөнхийлөгч шинэ хуулийг баталлаа"),
        ("tg", "Президенти Ҷумҳурии Тоҷикистон қонунро имзо кард"),
        ("zh", "习近平同普京举行会谈"),
        ("zh", "習近平與普京舉行會談"),
        ("zh", "外交部發言人主持例行記者會"),
        ("zh", "佢哋話聽日會落雨，你哋記住帶遮呀"),
        ("zh", "优の良品上市新品，消费者认为价格便宜"),
        ("zh", "苹果公司 Apple 在 iPhone 17 发布会上宣布 Apple Intelligence 新功能"),
        ("ja", "韓国が戒厳令、尹大統領「野党が反国家行為」"),
        ("ja", "東証続落、円安一服で輸出関連株に売り"),
        ("ja", "気象庁発表、震度5弱"),
        ("ja", "日経平均続落、終値三万円割れ"),
        (
            "en",
            "The ministry's spokesman said: “Мы готовы к переговорам”, and left the room.",
        ),
        (
            "en",
            "Xi told the meeting that “人民至上” (people first) was the rule, officials say.",
        ),
        ("en", "Putin meets Xi in Beijing"),
        ("en", "Trump tariffs: what we know"),
        ("no", "Regjeringen la fram statsbudsjettet for neste år i Stortinget i dag"),
        ("no", "Regjeringa la fram statsbudsjettet for neste år i Stortinget i dag, og eg trur ikkje det blir lett"),
        ("da", "Regeringen fremlagde i dag sit forslag til finanslov, og statsministeren sagde, at det bliver svært"),
        ("sv", "Regeringen lade i dag fram sin budget för nästa år"),
        ("de", "Der Bundestag hat das Gesetz am Freitag beschlossen"),
        ("pt", "O presidente disse que não vai renunciar ao cargo"),
        ("es", "El presidente dijo que no renunciará al cargo"),
        ("ar", "قال الرئيس إن الحكومة ستتخذ قرارا"),
        ("fa", "رئیس جمهور گفت که دولت تصمیم خواهد گرفت"),
        ("ko", "尹대통령, 日 총리와 정상회담…北 미사일 논의"),
        ("zu", "UMongameli uthe uhulumeni uzothatha isinqumo maduze nje"),
        ("sw", "Rais amesema serikali itachukua uamuzi hivi karibuni"),
    ],
)
def test_languages_are_identified(code: str, text: str) -> None:
    assert identify(text) == code


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        ("Новини", "uk-UA", "uk"),  # the word exists in several languages
        ("Новости", "en", "ru"),  # the script is never overruled
        ("Putin meets Xi", "ru", "en"),
        ("日本新聞協会", "ja", "ja"),  # all characters are used in both languages
        ("日本新聞協会", "en", "zh"),
        ("Die Minister trafen sich am Mittwoch in der Hafenstadt und sprachen drei Stunden über die Fähre", "en", "de"),
        ("Vlada je danas usvojila novi zakon", "hr", "hr"),  # Croatian and Bosnian are too similar
        ("Vlada je danas usvojila novi zakon", "bs", "bs"),
        ("Tårene rant", "nb-NO", "no"),  # Norwegian has one code
        ("Tårene rant", "nn", "no"),
        ("日経平均", "jp", "ja"),  # a frequent mistake for ja
        ("12 345", "en", None),
        ("", None, None),
    ],
)
def test_a_declared_language_decides_only_doubtful_cases(text: str, declared: str | None, code: str | None) -> None:
    assert identify(text, declared) == code
