"""The agency that a text credits in its first lines or its last line."""

from __future__ import annotations

import pytest

from etl.extract.credits.agency import agency_in_text


@pytest.mark.parametrize(
    ("text", "agency"),
    [
        ("MOSCOW, Sept 2 (Xinhua) -- The two presidents met on Tuesday.", "Xinhua"),
        ("MOSCOW, Sept. 2 (Xinhua) – The two presidents met.", "Xinhua"),
        ("(AP) — A storm broke the ramp.", "AP"),
        ("WASHINGTON (AP) _ A storm broke the ramp.", "AP"),
        ("NEW YORK (Reuters) - Shares fell on Tuesday.", "Reuters"),
        ("Sept 2 (Reuters) - Shares fell on Tuesday.", "Reuters"),
        ("LONDON, Sept 2 (Thomson Reuters) - Shares fell.", "Reuters"),
        ("Berlin/Kiew (dpa/lby) - Der Kanzler reist nach Kiew.", "dpa"),
        ("Madrid, 2 sep (EFE).- El presidente viajó a Pekín.", "EFE"),
        ("NEW DELHI (PTI): The ministers met on Tuesday.", "PTI"),
        ("New Delhi, Sep 2 (PTI) The ministers met on Tuesday.", "PTI"),
        ("MOSCOW, September 2. /TASS/. The two presidents met.", "TASS"),
        ("МОСКВА, 2 сентября. /ТАСС/. Президенты встретились во вторник.", "TASS"),
        ("МОСКВА, 2 сен - РИА Новости. Президенты встретились.", "RIA Novosti"),
        ("МОСКВА, 2 сен — РИА Новости, Иван Орлов. Президенты встретились.", "RIA Novosti"),
        ("新华社北京9月2日电(记者李明)两国元首星期二会晤。", "Xinhua"),
        ("中新社莫斯科9月2日电 两国元首会晤。", "China News Service"),
        ("中新网9月2日电 据俄媒报道，两国元首会晤。", "China News Service"),
        ("（新华社）两国元首星期二会晤。", "Xinhua"),
        ("A ferry ran aground.\nNobody was hurt. (AFP)", "AFP"),
        ("A ferry ran aground.\nNobody was hurt.\n(Reuters)", "Reuters"),
        ("A ferry ran aground.\nNobody was hurt.\nSource: Xinhua", "Xinhua"),
        ("A ferry ran aground.\nNobody was hurt.\n– AFP", "AFP"),
        ("GENEVA, Sept 2 (MarketPress) – The fund will close.", "MarketPress"),
        ("The ferry runs again\nPORT KELLING, Sept 2 (AP) — The ferry runs again.", "AP"),
        ("Киев. 2 сентября. ИНТЕРФАКС-УКРАИНА – Сегодня министры встретились.", "Interfax"),
        ("Москва. 2 сентября. INTERFAX.RU - Министры встретились.", "Interfax"),
        ("LA CROSSE, Wis. (AP) — A summer of tumult.", "AP"),
        ("BEIRUT/THE HAGUE, March 7 (Reuters) - An inquiry.", "Reuters"),
        ("A ferry ran aground.\n(With inputs from AFP)", "AFP"),
        # These are not credits.
        ("NATO (North Atlantic) - the alliance - met.", None),
        ("WASHINGTON (D.C.) - The city is hot.", None),
        ("UNITED NATIONS (UN) – The council met.", None),
        ("BERLIN (CDU) - Die Partei tagt.", None),
        ("WORLD CUP (Qatar) - The final.", None),
        ("UPDATE (Monday) - The talks failed.", None),
        ("A ship leaves the port of Odesa on Monday (AFP)\nKyiv said that more would follow.", None),
        ("Photo: (Reuters)\nThe ministers met.", None),
        ("The ministers met.\nUS Marines at sea (AP)", None),
        ("It was reported by the agency (Reuters).", None),
        ("Officials told Xinhua (China's agency) that the talks went on.", None),
        ("The bill by Senator Low (R-Texas) - the third this year - failed.", None),
        ("Both (the ministers agreed) - and that is new - want it.", None),
        ("Shares of the chip maker AMS (AMS) - up a third - fell.", None),
        ("Reuters reported that the talks (in Geneva) – the third – had failed.", None),
        ("“It is done,” he told the Associated Press.", None),
        ("The minister spoke.\nThe agency is called Reuters.", None),
        ("Protests in Helsinki.\nBrendan Low, AFP/Getty Images", None),
        ("REUTERS/Ida Low\nThe ministers met.", None),
        ("AFP PHOTO / SPUTNIK / Mikhail Low\nThe ministers met.", None),
        ("The President/Prime Minister/Speaker spoke.", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_credited_agency_is_found(text: str, agency: str | None) -> None:
    assert agency_in_text(text) == agency
