"""Persons in Chinese phrases by form: a surname and a character or two beside a title (外交部发言人周敏慧), and foreign
names with dots (约瑟夫·基马尼). No dictionary has them all."""

from __future__ import annotations

import re

_DOTS = "·•・"
_FOREIGN = re.compile(rf"[\u4e00-\u9fff]{{1,7}}(?:[{_DOTS}][\u4e00-\u9fff]{{1,8}})+")
SURNAMES = (
    "欧阳|歐陽|司马|司馬|上官|诸葛|諸葛|司徒|东方|夏侯|皇甫|尉迟|公孙|慕容|令狐|宇文|长孙|赫连|王|"
    "李|张|張|刘|劉|陈|陳|杨|楊|赵|趙|黄|黃|周|吴|吳|徐|孙|孫|胡|朱|高|林|何|郭|马|馬|罗|"
    "羅|梁|宋|郑|鄭|谢|謝|韩|韓|唐|冯|馮|于|董|萧|蕭|程|曹|袁|邓|鄧|许|許|傅|沈|曾|彭|吕|"
    "呂|苏|蘇|卢|盧|蒋|蔣|蔡|贾|賈|丁|魏|薛|叶|葉|阎|閻|余|潘|杜|戴|夏|钟|鍾|汪|田|任|姜|"
    "范|方|石|姚|谭|譚|廖|邹|鄒|熊|金|陆|陸|郝|孔|白|崔|康|毛|邱|秦|江|史|顾|顧|侯|邵|孟|"
    "龙|龍|万|萬|段|雷|钱|錢|汤|湯|尹|黎|易|常|武|乔|喬|贺|賀|赖|賴|龚|龔|文|庞|樊|兰|殷|"
    "施|陶|洪|翟|安|颜|顏|倪|严|嚴|牛|温|芦|季|俞|章|鲁|魯|葛|伍|韦|韋|申|尤|毕|聂|聶|丛|"
    "焦|向|柳|邢|岳|齐|齊|梅|莫|庄|莊|辛|管|祝|左|涂|谷|祁|时|舒|耿|牟|卜|路|詹|关|關|苗|"
    "凌|费|費|纪|紀|靳|盛|童|欧|甄|项|曲|成|游|阳|裴|席|卫|衛|查|屈|鲍|位|覃|霍|翁|隋|植|"
    "甘|景|薄|单|包|司|柏|宁|寧|柯|阮|桂|闵|解|强|柴|华|車|车|冉|房|边|辜|吉|饶|刁|瞿|戚|"
    "丘|古|米|池|滕|晋|苑|邬|臧|畅|宫|来|苟|全|褚|廉|简|娄|盖|符|奚|木|穆|党|燕|郎|邸|冀|"
    "谈|姬|屠|连|郜|晏|栾|郁|商|蒙|计|喻|揭|窦|迟|敖|糜|鄢|冷|卓|花|仇|艾|蓝|都|巩|稽|井|"
    "练|仲|乐|虞|卞|封|竺|冼|原|官|衣|楚|佟|栗|匡|宗|应|台|巫|鞠|僧|桑|荆|谌|银|扬|明|沙|"
    "伏|岑|习|習|胥|保|和|蔺|朴|樸|南|千|国"
)
TITLES = (
    "发言人|發言人|部长|部長|主席|总统|總統|总理|總理|首相|教授|主任|先生|女士|局长|局長|记者|記者|"
    "大使|经理|經理|研究员|研究員|司长|司長|书记|書記|船长|会长|會長|总裁|總裁|校长|校長|代表|专家|"
    "專家|司机|司機|店主|老板|老闆|东主|東主|院长|院長|所长|所長|市长|市長|省长|州长|州長|县长|"
    "议员|議員|委员|委員|外长|外長|防长|防長|长官|長官|秘书长|秘書長|理事长|董事长|董事長|创始人|"
    "創辦人|首席执行官|负责人|負責人|分析师|分析師|作家|评论员|学者|學者|律师|律師|医生|醫生|教练|"
    "教練|队长|隊長|导演|導演|演员|村民|居民|农民|農民|工人|工程师|经济学家|编辑|编剧|站长|馆长|"
    "团长|领导人|領導人|技师|技師|助理|特使|参赞|警长|警官|法官|检察官|上将|中将|少将|将军|司令|"
    "政委|干事|总监|總監|策划|志愿者|乘客|旅客|家长|学生|选手|球员"
)
_HAN = "(?![副长長总總级級])[\u4e00-\u9fff]"
# Characters that begin what follows a name.
GOES_ON = (
    "在对對向受于於随隨则則当當今昨会會接还還也就强強回补補透坦认認介写寫发發解指表说說称稱是的和与與及等"
    "并並又再曾将將已被把从從到为為因以告"
)
# A surname and a given name of one character before a word that goes on, else of two.
_NAME = (
    rf"(?:{SURNAMES})(?:{_HAN}(?=[{GOES_ON}]|[^\u4e00-\u9fff]|$)|"
    rf"(?!{_HAN}?(?:{TITLES})){_HAN}(?![{GOES_ON}]){_HAN}|{_HAN})"
)
_AFTER_TITLE = re.compile(rf"(?:{TITLES})({_NAME})")
_BEFORE_TITLE = re.compile(rf"({_NAME})(?:{TITLES})")
_BARE = re.compile(rf"(?:^|[，、,\s])({_NAME})(?=[{GOES_ON}\d]|$)")


def persons(phrase: str) -> list[tuple[int, int]]:
    """Where persons are named in a phrase (half-open); pieces of other words may be among them."""
    found = [m.span(1) for p in (_BEFORE_TITLE, _AFTER_TITLE, _BARE) for m in p.finditer(phrase)]
    return found + [_foreign(phrase, match) for match in _FOREIGN.finditer(phrase)]


def _foreign(phrase: str, match: re.Match[str]) -> tuple[int, int]:
    """约瑟夫·基马尼 without the post and the place before it, and the words behind it."""
    dots = [match.start() + n for n, char in enumerate(match[0]) if char in _DOTS]
    first, last = match.start(), match.end()
    for title in re.finditer(f"{TITLES}|商人", phrase[first : dots[0]]):
        first = match.start() + title.end()
    stop = re.compile(f"[{GOES_ON}]|赛|日").search(phrase, dots[-1] + 2, last)
    return first, stop.start() if stop else last
