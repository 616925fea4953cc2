"""Parts of states that news writes after a town: "Moscow, Idaho". Name -> country, ISO alpha-3."""

from __future__ import annotations

_OF: dict[str, str] = {
    "USA": """Alabama|Alaska|Arizona|Arkansas|California|Colorado|Connecticut|Delaware|Florida|Georgia|Hawaii|Idaho|Illinois|
        Indiana|Iowa|Kansas|Kentucky|Louisiana|Maine|Maryland|Massachusetts|Michigan|Minnesota|Mississippi|Missouri|Montana|
        Nebraska|Nevada|New Hampshire|New Jersey|New Mexico|New York|North Carolina|North Dakota|Ohio|Oklahoma|Oregon|
        Pennsylvania|Rhode Island|South Carolina|South Dakota|Tennessee|Texas|Utah|Vermont|Virginia|Washington|West Virginia|
        Wisconsin|Wyoming|Ala.|Ariz.|Ark.|Calif.|Colo.|Conn.|Del.|Fla.|Ga.|Ill.|Ind.|Kan.|Ky.|La.|Md.|Mass.|Mich.|Minn.|Miss.|
        Mo.|Mont.|Neb.|Nev.|N.H.|N.J.|N.M.|N.Y.|N.C.|N.D.|Okla.|Ore.|Pa.|R.I.|S.C.|S.D.|Tenn.|Tex.|Vt.|Va.|Wash.|W.Va.|Wis.|
        Wyo.|ID|TX|CA|NY|FL|PA|OH|IL|GA|MI|VA|WA|MA|TN|IN|MO|WI|MN|AL|KY|ME|MS""",
    "CAN": """Ontario|Quebec|Québec|British Columbia|Alberta|Manitoba|Saskatchewan|Nova Scotia|New Brunswick|
        Prince Edward Island|Newfoundland|Yukon|Ont.|Que.|B.C.|Alta.""",
    "AUS": "New South Wales|Queensland|Western Australia|South Australia|Tasmania|Northern Territory|NSW",
    "GBR": "England|Scotland|Wales|Northern Ireland",
}  # fmt: skip
REGIONS = {name.strip(): country for country, names in _OF.items() for name in names.split("|")}
