"""What the labels of each set mean in ours. Sets draw lines differently: a label may stand for one of several of ours.

Ours: PER, ORG, LOC (places, states, buildings), NORP (nationalities, religions, parties as adjectives), EVENT, and MISC
(works, products, awards, species: named, and none of these), which is learnt so that it is not taken for the others.
"""

from __future__ import annotations

from etl.nlp.encoder.labels import NAME_LABELS, TYPES

OUT = "O"  # no name
ANY_LABEL = (1 << len(NAME_LABELS)) - 1  # a bit for each label: nothing is known of a word
Labels = frozenset[str]


def _of(words: str) -> Labels:
    return frozenset(words.split())


ANYTHING = frozenset({OUT, *TYPES})
# Set -> its label -> what it may be in ours. `O`: what an unmarked word may be.
LABEL_MAP: dict[str, dict[str, Labels]] = {
    "uner_en_ewt": {
        "PER": _of("PER"), "ORG": _of("ORG"), "LOC": _of("LOC"), "OTH": _of("NORP EVENT MISC O"),
        "O": _of("O NORP EVENT MISC"),   # adjectives of nations and works are marked here and there only
    },
    "wikigold": {
        "PER": _of("PER"), "ORG": _of("ORG"), "LOC": _of("LOC"), "MISC": _of("NORP EVENT MISC"), "O": _of("O"),
    },
    "crossner": {
        "person": _of("PER"), "politician": _of("PER"), "scientist": _of("PER"), "researcher": _of("PER"),
        "writer": _of("PER"), "musicalartist": _of("PER"),
        "organisation": _of("ORG"), "politicalparty": _of("ORG"), "university": _of("ORG"), "band": _of("ORG"),
        "country": _of("LOC"), "location": _of("LOC"),
        "event": _of("EVENT"), "election": _of("EVENT"), "conference": _of("EVENT MISC ORG"),
        "misc": _of("NORP MISC EVENT"), "award": _of("MISC"), "book": _of("MISC"), "poem": _of("MISC"),
        "album": _of("MISC"), "song": _of("MISC"), "product": _of("MISC O"), "programlang": _of("MISC O"),
        "magazine": _of("ORG MISC"), "academicjournal": _of("ORG MISC"), "astronomicalobject": _of("MISC O LOC"),
        "O": _of("O"),
        # fields, genres, tasks, theories, chemicals, metrics: words of a subject
        **dict.fromkeys(
            "algorithm field task metrics discipline theory enzyme protein chemicalcompound chemicalelement "
            "literarygenre musicgenre musicalinstrument".split(), _of("MISC O")
        ),
    },
    "re3d": {
        "Person": _of("PER"), "Organisation": _of("ORG"), "Location": _of("LOC"), "Nationality": _of("NORP LOC"),
        "MilitaryPlatform": _of("MISC O"), "Vehicle": _of("MISC O"), "Weapon": _of("MISC O"),
        "DocumentReference": _of("MISC O"), "Temporal": _of("O"), "Quantity": _of("O"), "Money": _of("O"),
        "Coordinate": _of("O"), "Frequency": _of("O"), "CommsIdentifier": _of("O"),
        "O": _of("O NORP MISC EVENT"),
    },
    "world": {
        "PER": _of("PER"), "ORG": _of("ORG"), "LOC": _of("LOC"), "FAC": _of("LOC ORG MISC O"), "NORP": _of("NORP"),
        "EVENT": _of("EVENT"), "WORK": _of("MISC ORG O"), "O": _of("O"),
    },
    "gum": {
        "person": _of("PER"), "organization": _of("ORG"), "place": _of("LOC"), "event": _of("EVENT"),
        "abstract": _of("MISC"), "object": _of("MISC"), "animal": _of("MISC O"), "plant": _of("MISC O"),
        "substance": _of("MISC O"), "time": _of("O"),
        "O": _of("O"),
    },
}  # fmt: skip
