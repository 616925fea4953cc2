"""Maps each data set's labels to ours.

The data sets define their labels differently, so one label in a data set may correspond to several of our labels.

Our labels are PER, ORG, LOC (places, states, buildings), NORP (nationalities, religions, parties as adjectives), EVENT
and MISC (works, products, awards, species: named things of no other type). MISC is learnt only so that such names are
not taken for others.
"""

from __future__ import annotations

from etl.nlp.encoder.labels import NAME_LABELS, TYPES

OUT = "O"  # not a name
ANY_LABEL = (1 << len(NAME_LABELS)) - 1  # all labels of a word, a bit each: nothing is known of the word
Labels = frozenset[str]


ANYTHING = frozenset({OUT, *TYPES})
_MAP: dict[str, dict[str, str]] = {
    "uner_en_ewt": {
        "PER": "PER", "ORG": "ORG", "LOC": "LOC", "OTH": "NORP EVENT MISC O",
        "O": "O NORP EVENT MISC",   # adjectives of nations, and works, are marked only here and there
    },
    "wikigold": {
        "PER": "PER", "ORG": "ORG", "LOC": "LOC", "MISC": "NORP EVENT MISC", "O": "O",
    },
    "crossner": {
        "person": "PER", "politician": "PER", "scientist": "PER", "researcher": "PER",
        "writer": "PER", "musicalartist": "PER",
        "organisation": "ORG", "politicalparty": "ORG", "university": "ORG", "band": "ORG",
        "country": "LOC", "location": "LOC",
        "event": "EVENT", "election": "EVENT", "conference": "EVENT MISC ORG",
        "misc": "NORP MISC EVENT", "award": "MISC", "book": "MISC", "poem": "MISC",
        "album": "MISC", "song": "MISC", "product": "MISC O", "programlang": "MISC O",
        "magazine": "ORG MISC", "academicjournal": "ORG MISC", "astronomicalobject": "MISC O LOC",
        "O": "O",
        # Technical terms: fields, genres, tasks, theories, chemicals, metrics.
        **dict.fromkeys(
            "algorithm field task metrics discipline theory enzyme protein chemicalcompound chemicalelement "
            "literarygenre musicgenre musicalinstrument".split(), "MISC O"
        ),
    },
    "re3d": {
        "Person": "PER", "Organisation": "ORG", "Location": "LOC", "Nationality": "NORP LOC",
        "MilitaryPlatform": "MISC O", "Vehicle": "MISC O", "Weapon": "MISC O",
        "DocumentReference": "MISC O", "Temporal": "O", "Quantity": "O", "Money": "O",
        "Coordinate": "O", "Frequency": "O", "CommsIdentifier": "O",
        "O": "O NORP MISC EVENT",
    },
    "world": {
        "PER": "PER", "ORG": "ORG", "LOC": "LOC", "FAC": "LOC ORG MISC O", "NORP": "NORP",
        "EVENT": "EVENT", "WORK": "MISC ORG O", "O": "O",
    },
    "gum": {
        "person": "PER", "organization": "ORG", "place": "LOC", "event": "EVENT",
        "abstract": "MISC", "object": "MISC", "animal": "MISC O", "plant": "MISC O",
        "substance": "MISC O", "time": "O",
        "O": "O",
    },
}  # fmt: skip
LABEL_MAP: dict[str, dict[str, Labels]] = {
    name: {label: frozenset(ours.split()) for label, ours in labels.items()} for name, labels in _MAP.items()
}
"""Set -> one of its labels -> the labels of ours that it may stand for. `O`: what a word that the set does not mark
may be."""
