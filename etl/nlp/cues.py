"""Words that report speech, and words for people who speak, in English, Russian and Chinese."""

from __future__ import annotations

import re

_ENGLISH = (
    "said|says|say|saying|told|tells|tell|added|adds|adding|asked|asks|asking|wrote|writes|"
    "writing|noted|notes|noting|stated|states|stating|stressed|stresses|stressing|emphasised|"
    "emphasized|emphasising|emphasizing|warned|warns|warning|argued|argues|arguing|claimed|"
    "claims|claiming|insisted|insists|insisting|explained|explains|explaining|declared|declares|"
    "declaring|announced|announces|announcing|replied|replies|replying|answered|answers|"
    "continued|continues|concluded|concludes|concluding|remarked|remarks|commented|comments|"
    "acknowledged|acknowledges|admitted|admits|affirmed|affirms|recalled|recalls|reiterated|"
    "reiterates|suggested|suggests|predicted|predicts|pointed out|points out|tweeted|posted|"
    "quipped|joked|urged|urges|called|calls|calling|described|describes|describing|denounced|"
    "denounces|denouncing|condemned|condemns|testified|confirmed|confirms|believes|believed|"
    "thinks|observed|repeated|promised|promises|vowed|pledged|quoted as saying|referred to|"
    "dubbed|reads|read|praised|accused|cautioned|countered|responded|shouted|whispered|"
    "conceded|lamented|mused|went on"
)
ENGLISH_CUE = re.compile(rf"\b(?:{_ENGLISH}|[Aa]ccording to)\b")
RUSSIAN_CUE = re.compile(
    r"\b(?:сказал|заявил|отметил|подчеркнул|добавил|сообщил|пояснил|объяснил|указал|признал|написал|рассказал|ответил|спросил|"
    r"предупредил|напомнил|считает|говорит|уточнил|утверждает|пообещал|призвал|заметил|цитирует|приводит|говорится)[аио]?\b"
)
CHINESE_CUE = re.compile(
    r"表示|指出|强调|认为|透露|称|说道|说|写道|问道|回应|介绍|补充|告诉(?:记者|本报)?|提醒|坦言|解释"
)

PRONOUN = re.compile(r"\b(?:[Hh]e|[Ss]he|[Тт]акже он|[Оо]на?)\b|他|她")
_ROLES = (
    "spokesman|spokeswoman|spokesperson|spokesmen|minister|ministers|ministry|official|officials|president|premier|leader|leaders|ambassador|"
    "diplomat|diplomats|analyst|analysts|adviser|advisor|aide|general|commander|governor|mayor|lawmaker|lawmakers|senator|director|chief|"
    "chairman|chairwoman|head|secretary|statement|source|sources|report|professor|economist|researcher|expert|experts|government|company|"
    "agency|police|witness|witnesses|resident|residents|farmer|farmers|driver|drivers|trader|traders|manager|officer|delegate|delegates|"
    "captain|lawyer|judge|court|union|federation|association|committee|counterpart|people|person|document|communique|communiqué"
)
DESCRIPTION = re.compile(
    rf"\b(?:[Tt]he|[Aa]n?|[Oo]ne|[Tt]wo|[Hh]is|[Hh]er|[Ii]ts|[Tt]heir|[Ss]ome|[Ss]everal|[Ss]enior|[A-Z]\w+(?:ese|ian|ish|an|i))\s+"
    rf"(?:[\w’'-]+\s+){{0,4}}?(?:{_ROLES})\b(?:\s+(?:for|of|from|at|in)\s+(?:the\s+)?[\w’'-]+(?:\s+[\w’'-]+){{0,2}})?"
)
ROLE_WORD = re.compile(rf"\b(?:{_ROLES})\b", re.IGNORECASE)
CHINESE_TITLE = re.compile(
    r"(?:发言人|部长|主席|总统|总理|教授|主任|先生|女士|局长|记者|大使|经理|研究员|司长|书记|船长|会长|副总裁|总裁|校长|代表|专家|司机|店主|老板|院长|所长)"
    r"([\u4e00-\u9fff·]{2,8})$"
)

# Singular nouns of persons and bodies that speak; what stands before them tells which.
ROLES = frozenset(
    """
    spokesman spokeswoman spokesperson minister president premier chancellor leader ambassador diplomat envoy
    analyst adviser advisor aide general admiral colonel commander governor mayor lawmaker senator congressman
    congresswoman representative deputy director chief chairman chairwoman chairperson chair head secretary
    professor economist researcher scientist historian expert official manager officer executive delegate captain
    lawyer attorney prosecutor judge justice counterpart candidate nominee politician legislator democrat
    republican activist journalist reporter correspondent editor author writer columnist blogger host anchor
    doctor physician nurse teacher student farmer driver trader owner founder businessman businesswoman
    billionaire banker investor consultant strategist pollster organizer campaigner king queen prince princess
    pope bishop archbishop priest pastor imam rabbi monk ayatollah emir sultan coach player striker goalkeeper
    footballer boxer swimmer actor actress singer musician artist producer filmmaker comedian star celebrity
    veteran soldier sheriff detective inspector superintendent commissioner investigator witness victim survivor
    resident neighbour neighbor villager worker employee engineer pilot sailor fisherman shopkeeper trucker
    pensioner teenager tycoon magnate ombudsman treasurer commissar whistleblower dissident defector fugitive
    suspect defendant plaintiff mother father wife husband son daughter brother sister widow man woman boy girl
    mogul incumbent hopeful frontrunner congressperson councillor councilman councilwoman alderman dean rector
    fellow scholar academic mep mp ceo cfo coo attorney-general vice-president co-founder
    """.split()
)
BODIES = frozenset(
    """
    government administration ministry department bureau agency office court council committee commission
    parliament senate congress house party company firm corporation bank group organization organisation
    association federation union institute university school hospital police army navy military embassy mission
    delegation campaign team club league newspaper magazine broadcaster network station channel watchdog regulator
    ngo charity foundation fund airline carmaker manufacturer operator utility retailer consortium think-tank
    coalition alliance bloc junta cabinet authority opposition militia
    """.split()
)
DOCUMENTS = frozenset(
    """
    statement report letter study survey poll document communique communiqué declaration tweet post message
    telegram editorial article email e-mail memo memorandum lawsuit suit filing complaint petition indictment
    affidavit warrant ruling judgment verdict resolution treaty agreement charter constitution law bill transcript
    book memoir essay paper press-release release readout notice advisory bulletin website page blog sign placard
    banner billboard headline caption data figures documents reports records papers tweets emails letters
    statements polls studies surveys video recording footage audio advert ad commentary note text speech address
    announcement proposal plan draft analysis review
    """.split()
)
