"""The vocabulary of by-lines: names of agencies, words of jobs and organisations, and what separates names."""

from __future__ import annotations

import re


def _table(lines: str) -> dict[str, str]:
    """Read lines of `name: other name, other name` into a table from all names, case-folded, to the first."""
    table: dict[str, str] = {}
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, _, others = line.partition(": ")
        table |= {other.strip().casefold(): name for other in [name, *others.split(",")] if other.strip()}
    return table


AGENCIES = _table("""
    Reuters: Thomson Reuters, Рейтер, 路透社, 路透, 로이터, ロイター
    AP: Associated Press, AP News, 美联社, 美聯社, AP通信
    AFP: Agence France-Presse, Agence France Presse, 法新社, AFP通信, AFP-JIJI, AFP/JIJI
    dpa: Deutsche Presse-Agentur, Deutsche Presse-Agentur (dpa), dpa-AFX, dpa-infocom
    TASS: ТАСС, ITAR-TASS, ИТАР-ТАСС, 塔斯社
    RIA Novosti: RIA, РИА, РИА Новости, 俄新社
    Interfax: Интерфакс, Interfax-Ukraine, Интерфакс-Украина
    Sputnik: Спутник
    Xinhua: Xinhua News Agency, 新华社, 新華社, 新华网
    China News Service: CNS, 中新社, 中国新闻社, 中新网
    CNA: Central News Agency, 中央社
    EFE: Agencia EFE, EFE Agencia
    Europa Press: europapress
    ANSA: Agenzia ANSA
    Adnkronos:
    LUSA: Agência Lusa
    Bloomberg: Bloomberg News, 彭博社
    UPI: United Press International
    PA Media: Press Association, PA, PA news agency
    PTI: Press Trust of India
    ANI: Asian News International
    IANS: Indo-Asian News Service
    APP: Associated Press of Pakistan
    Kyodo: Kyodo News, 共同通信, 共同社, 共同
    Jiji: Jiji Press, 時事通信, 時事
    Yonhap: Yonhap News Agency, Yonhap News, 연합뉴스, 韩联社, 韓聯社
    APA: Austria Presse Agentur, APA/dpa
    SDA: Keystone-SDA, SDA-ATS, Keystone-ATS, ATS
    SID: Sport-Informations-Dienst
    epd: Evangelischer Pressedienst
    KNA: Katholische Nachrichten-Agentur
    AAP: Australian Associated Press
    Canadian Press: La Presse Canadienne
    ANP: Algemeen Nederlands Persbureau
    Belga:
    NTB: Norsk Telegrambyrå
    TT: Tidningarnas Telegrambyrå
    Ritzau:
    STT: Suomen Tietotoimisto
    PAP: Polska Agencja Prasowa
    CTK: ČTK, Česká tisková kancelář
    TASR:
    MTI: Magyar Távirati Iroda
    Agerpres: Mediafax
    BTA: БТА
    Tanjug: Танјуг, Танјуг/Tanjug
    HINA:
    Ukrinform: Укринформ, Укрінформ
    UNIAN: УНИАН, УНІАН
    BelTA: БЕЛТА
    Kazinform: Казинформ
    Anadolu: Anadolu Agency, Anadolu Ajansı, AA
    DHA: Demirören Haber Ajansı
    IRNA:
    Tasnim: Tasnim News Agency
    SPA: Saudi Press Agency
    WAM: Emirates News Agency
    KCNA: 조선중앙통신
    VNA: TTXVN, Vietnam News Agency
    Antara: ANTARA News
    Bernama:
    Télam: Telam
    Notimex:
    Prensa Latina:
""")  # fmt: skip

# Words that may be added to an agency's name: “Reuters Staff”, “AFP Deutschland”.
FILLERS = frozenset("staff news agency deutschland international online newsroom wire service the von".split())

JOBS = frozenset("""
    editor editors reporter reporters correspondent correspondents writer writers columnist columnists journalist
    journalists producer producers contributor contributors author authors analyst critic photographer intern
    commentator redakteur redakteurin redakteure korrespondent korrespondentin reporterin autor autorin volontär
    volontärin
    journalistin ressortleiter ressortleiterin chefredakteur chefredakteurin kolumnist kolumnistin gastautor gastautorin
    leiter leiterin
    corresponsal redactor redactora periodista enviado enviada colaborador colaboradora editora jornalista repórter
    correspondente journaliste correspondant correspondante rédacteur rédactrice chroniqueur giornalista inviato inviata
    corrispondente redacteur verslaggever correspondente dziennikarz redaktor redaktorka reportér reportérka
    korespondent jurnalis wartawan
    корреспондент корреспондентка обозреватель редактор журналист журналистка автор специальный спецкор кореспондент
    журналістка журналіст
    기자 특파원 記者 记者 特派員 编辑 編集委員 編輯
""".split())  # fmt: skip
# Words that belong to a job if they are next to one.
RANKS = frozenset("""
    senior chief deputy assistant associate executive managing contributing staff special political national foreign
    international diplomatic defence defense economics economic business financial health science sports education
    environment legal white house world europe asia middle east africa us uk news digital investigative federal state
    crime royal technology tech media culture features and of the for leitender leitende
    stellvertretender stellvertretende freier freie politischer politische especial enviado jefe
    jefa spécial grand chef en
""".split())  # fmt: skip

# Words that occur in names of desks, publishers and offices but not in names of persons.
ORGANISATIONS = re.compile(
    r"""
    \b(?: staff | team | desk | newsdesk | newsroom | editorial | board | bureau | agenc(?:y|ies) | agentur(?:en)?
        | admin | administrator | webmaster | webdesk | developer | online | digital | news | newspaper | press | media
        | magazine | radio | tv | television | broadcasting | group | gmbh | ltd | limited | inc | llc | corporation
        | company | office | ministry | institute | university | council | department | service | services | network
        | correspondents | reporters | contributors | agencias | agences | agenzie | redazione | redacci[oó]n
        | redac[cç][aã]o | r[eé]daction | rédaction | zeitung | nachrichten | magazin | verlag | rundfunk | presse
        | pressemitteilung | press\ release | guest | anonymous | user | noticias | diario | journal | times | herald
        | tribune | gazette | courier | post | telegraph | wire | редакция | редакція | служба | агентство
        | новости | новини | газета | журнал | сайт | пресс\S* )\b
    | redaktion | redaktsi | yomiuri\ shimbun
    | (?: 编辑部 | 編集部 | 編輯部 | 取材班 | 新聞 | 新闻 | 日报 | 日報 | 晚报 | 通讯社 | 通信社 | 电视台 | 网 | 網
        | 뉴스 | 신문 | 일보 | 편집국 | デジタル | オンライン | ニュース | नेटवर्क | डेस्क )
    """,
    re.IGNORECASE | re.VERBOSE,
)
# The words with which by-lines begin. Words before “von” only count in lower case, as “Hans von Berg” is a name; “di”
# only counts before at least two words.
OPENING = re.compile(
    r"""^\W*(?:
        (?: (?:(?:an?|story|written|reported|posted|published|words|text|analysis|opinion|report|interview)\s+)?by
          | (?:(?:ein|eine|der|die)\s+)?(?:(?:kommentar|analyse|interview|gastbeitrag|bericht|porträt|kolumne
              |essay|reportage|text|glosse|leitartikel|gastkommentar)\s+)?von
          | (?-i: [a-zß]+ ) \s+ von
          | por | par | door | af | av | oleh | przez | napsal[a]? | przygotował[a]? | scris\s+de | di(?=\s+\S+\s) )
            (?: \s* : \s* | \s+ )
      | (?: authors? | autor(?:in|en|es|as|e)? | auteurs? | autori? | автор(?:ы|и|ка)? | текст | text | words | penulis
          | reporter | editor | edited\ by | redaktion | написал[аи]? | подготовил[аи]? | kommentar | penulis
          | written\ by | reporting\ by | source | quelle | fuente | fonte | источник ) \s* [:：] \s*
      | (?: 文\ ?[/／|｜:：] | 撰文\s*[/／:：]? | 作者\s*[:：]? | 记者\s*[:：]? | 記者\s*[:：]?
          | 责任编辑\s*[:：] | 責任編輯\s*[:：] | 编辑\s*[:：] | 来源\s*[:：] | 글\s*[:=/] )
    )""",
    re.IGNORECASE | re.VERBOSE,
)
# What ends a name: a place, an office, a day, an address.
ENDING = re.compile(
    r"""(?: \s+(?: in | aus | bei | für | for | at | per | de\ la | sur | à | из | для | desde | dal?lla )\s+(?=\S)
          | ,?\s+(?:is|ist|was|joined)\s
          | \s*[(（\[<{]
          | \s* \d | \s+ [-–—] \s | \s+(?:posted|published|updated|veröffentlicht|publicado|stand)\b ) .*""",
    re.IGNORECASE | re.VERBOSE | re.DOTALL,
)
# What always separates names; “with” credits a further author.
BETWEEN = re.compile(
    r"\s*(?:[;|&·•/／、，；\n]|\+|\s[-–—]\s)\s*|\s+(?:and|und|et|och|og|ja|и|та|with|mit|avec|con|ve|және)\s+"
)
# What separates full names only: “Ortega y Gasset” and “Costa e Silva” are one name each.
PERHAPS_BETWEEN = re.compile(r"\s+(?:y|e|en|a|i|і|и|с|dan|und|&)\s+")
SUFFIX = re.compile(r",\s*(?=(?:jr|sr|ii|iii|iv)\b\.?)", re.IGNORECASE)
DEGREE = re.compile(r",\s*(?:ph\.?\s?d|m\.?\s?d|m\.?\s?a|b\.?\s?a|mba|esq|cfa|j\.?d)\b\.?(?=\s*(?:,|$))", re.IGNORECASE)
PLACES = frozenset("""
    new york|washington|los angeles|san francisco|hong kong|tel aviv|den haag|the hague|new delhi|buenos aires|são paulo
    |rio de janeiro|mexico city|kuala lumpur|abu dhabi|saint petersburg|st petersburg|cape town|frankfurt am main
    |washington dc|washington d.c.|addis ababa|sri lanka|saudi arabia|south africa|united states|united kingdom
""".replace("\n", "").strip().split("|"))  # fmt: skip
PLACES = frozenset(place.strip() for place in PLACES)
