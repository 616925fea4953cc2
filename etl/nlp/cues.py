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
