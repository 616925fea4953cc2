"""English words that report speech, and words for those who speak."""

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
