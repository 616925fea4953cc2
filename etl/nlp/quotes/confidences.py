"""Fixed confidences, 0 to 1, of speakers and quotations for which no model gives one.

For "he" and "she" the confidence is the probability of the chosen person (coreference.py). A quotation that the encoder
attributes has a calibrated confidence (attributions.py).
"""

from __future__ import annotations

# -- speakers ----------------------------------------------------------------------------------------------------------

TURN_OF_PERSON = 0.95  # the label of a turn names a person
TURN_OF_LABEL = 0.7  # the label is a name that no tagger and no gazetteer knows
TURN_OF_NOBODY = 0.5  # "Question:"
LINKED_PERSON = 0.9  # a person's name in the phrase, with a row in the gazetteer
PERSON = 0.85  # the same without one
NAME_BEFORE_RELATIVE = 0.8  # "Mr Li, who said"
OFFICE = 0.8  # "the Russian president"
LINKED_BODY = 0.85  # a body or place, with a row in the gazetteer
BODY = 0.75  # the same without one
PEOPLE = 0.7  # "the Chinese"
SEVERAL_PERSONS = 0.7  # "Volker and Morrison"
SIGNED = 0.7  # a name behind a dash after the words
DOCUMENT = 0.7  # "a statement by the Kremlin"
DESCRIBED_PERSON = 0.7  # "the governor", named before
DESCRIBED_BODY = 0.6  # "the company", named before
DESCRIPTION = 0.6  # "a spokesman": nobody by name
COLLECTIVE = 0.6  # "officials"
CAPITALISED_NAME = 0.5  # a name by its capitals alone
BODY_OF_PRONOUN = 0.5  # "it", of the body that spoke or was named last
UNRESOLVED = 0.3  # a phrase or a pronoun of nobody known
CARRIED_SHARE = 0.7  # who spoke before speaks on: so much of his or her confidence

# -- speakers by the rules of a language -------------------------------------------------------------------------------

NAME_IN_PHRASE = 0.85  # a name of the text, or an office
NAME_BY_FORM = 0.7  # a name by its form, or a part of one that spoke before
PRONOUN_OF_LAST_SPEAKER = 0.5
CARRIED = 0.5  # no speaker is given: who spoke before speaks on

# -- quotations --------------------------------------------------------------------------------------------------------

DIRECT_WITH_SPEAKER = 0.85
DIRECT_WITHOUT_SPEAKER = 0.4
DIRECT_CONTINUED = 0.5  # goes on from the one before
SHARE_OF_SPEAKER = 0.95  # a direct quotation by the English rules: so much of its speaker's confidence
