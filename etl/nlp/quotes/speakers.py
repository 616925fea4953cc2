"""Who a source is: the phrase beside a cue ("Putin’s spokesman", "she", "Chinese officials"), as one of the article."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from etl.nlp.languages.words import language_words
from etl.nlp.names.find import Name, Names
from etl.nlp.quotes.coreference import PERSONAL, LastSpeaker, Persons
from etl.nlp.quotes.quotation import CARRIED, NAMED, Speaker, named_speaker
from etl.nlp.quotes.turns import Turn
from etl.text import Layout

PRONOUN, DESCRIPTION, COLLECTIVE, DOCUMENT, TURN = "pronoun", "description", "collective", "document", "turn"
_WORDS = language_words("en")
_ROLES, _BODIES, _DOCUMENTS = (_WORDS.word_set(name) for name in ("roles", "bodies", "documents"))
_WORD = re.compile(r"[\w’'-]*\w")
# Where a phrase's head ends: what follows says more of it.
_HEAD_ENDS = re.compile(rf",|;|:|\(|–|—|\b(?:{_WORDS.pattern('words_after_heads')})\b")
_TITLED = rf"(?:the\s+|(?:{_WORDS.pattern('titles_behind_prepositions')})\.?\s+)*$"
_BY_OTHERS = re.compile(rf"\b(?:{_WORDS.pattern('prepositions_before_names')})\s+{_TITLED}")
# Behind a name: it is not the head ("Putin’s spokesman", "Clinton officials").
_MODIFIES = re.compile(rf"(?:[’']s?\b|[’'])\s*\S|\s+(?!(?:{_WORDS.pattern('words_after_head_names')})\b)[a-z]")
_POSSESSIVE = re.compile(r"(?<=\w)[’']s?$")
_AND = re.compile(r"\s*(?:,|and|&|or|,\s*and)\s*(?:[\w.’'-]+\s+){0,4}$")
_APPOSED = re.compile(r",\s+[A-Z][^,]*$")
_CAPITALS = re.compile(
    rf"(?<![\w’'])(?!(?:{_WORDS.pattern('words_that_begin_no_name')})\s)[A-Z][\w.&’'-]*"
    rf"(?:\s+(?:(?:{_WORDS.pattern('words_inside_names')})\s+){{0,2}}[A-Z][\w&’'-]*)+$"
)
_DASH = re.compile(r"[”\"’»]?\s*[—–-]{1,2}\s*(?=\S)")
_BEGINS = re.compile(r"[.:;!?\n]|\b[a-z]+\b")  # more than titles: a sentence goes on
_INDEFINITE = re.compile(rf"(?:{_WORDS.pattern('indefinite_words')})\b", re.IGNORECASE)
_LEAD = re.compile(rf"^(?:(?:{_WORDS.pattern('leading_words')})\s+)+", re.IGNORECASE)
_ONE_BEFORE = re.compile(
    rf"the (?:\d+-year-old|latter|former (?!\w)|(?:{_WORDS.pattern('parents')}) of|"
    rf"{_WORDS.pattern('persons_named_before')})\b",
    re.IGNORECASE,
)
_BEFORE_POSTS = _WORDS.word_set("words_before_posts")
_COMPANIES, _GROUPS = _WORDS.word_set("companies"), _WORDS.word_set("groups")
_BODY_PRONOUNS, _SINGULAR = _WORDS.word_set("body_pronouns"), _WORDS.word_set("singular_body_pronouns")
_RELATIVE_PRONOUNS = _WORDS.word_set("relative_pronouns")
_SPEAKING_PRONOUNS = _WORDS.word_set("speaking_pronouns")
_MOST_BODIES = 200  # so many names of bodies back
_NEAR = 2  # paragraphs in which a body that "it" or "the company" means is looked for


class Speakers:
    """The sources of one text, resolved in the order of their quotations: who spoke last counts."""

    def __init__(self, text: str, layout: Layout, names: Sequence[Name], persons: Persons) -> None:
        self._text, self._layout, self._persons = text, layout, persons
        self._names = Names(names)
        self._bodies = [name for name in names if name.type == "ORG"]
        self._body_ends = [name.end for name in self._bodies]
        self._of_persons = {name.cluster for name in names if name.type in ("PER", "OFFICE")}
        self._last: Speaker | None = None

    def resolve(self, start: int, end: int) -> Speaker:
        """The speaker that a source phrase stands for."""
        start, end = self._trimmed(*self._names.around(start, end))
        speaker = self.find(start, end) or Speaker(start, end, None, None, self._countries(start, end), None, 0.3)
        self.remember(speaker)
        return speaker

    def find(self, start: int, end: int) -> Speaker | None:
        """The speaker that a phrase stands for; null where it is none that is known by a name or a kind of word."""
        start, end = self._trimmed(start, end)
        return self._pronoun(start, end) or self._named(start, end) or self._described(start, end)

    def remember(self, speaker: Speaker) -> None:
        """This one spoke last: whom "he continued" means."""
        self._last = speaker

    def carried(self, at: int) -> Speaker | None:
        """Who spoke last before `at`, if in this paragraph or the two before."""
        if self._last is None or not self._is_near(at):
            return None
        last = self._last
        return replace(last, method=CARRIED, confidence=round(0.7 * last.confidence, 2))

    def signed(self, end: int) -> Speaker | None:
        """The person whose name stands behind a dash after words that end at `end`: “…” — Bernie Sanders."""
        dash = _DASH.match(self._text, end)
        window = self._names.between(dash.end(), dash.end() + 80) if dash else []
        name = next((n for n in window if n.type in ("PER", "ORG")), None)
        if dash is None or name is None or _BEGINS.search(self._text[dash.end() : name.start]):
            return None
        signed = named_speaker(name, NAMED, 0.7)
        self.remember(signed)
        return signed

    def of_turn(self, turn: Turn) -> Speaker:
        """The speaker of a turn of a transcript."""
        if turn.name:
            found = named_speaker(turn.name, TURN, 0.95)
        else:
            found = Speaker(turn.label.start, turn.label.end, turn.called, None, (), TURN, 0.7 if turn.called else 0.5)
        self.remember(found)
        return found

    def _trimmed(self, start: int, end: int) -> tuple[int, int]:
        while end > start and not self._text[end - 1].isalnum():
            end -= 1
        while start < end and not self._text[start].isalnum():
            start += 1
        possessive = _POSSESSIVE.search(self._text[start:end])
        return start, end - len(possessive[0]) if possessive else end

    def _pronoun(self, start: int, end: int) -> Speaker | None:
        word = self._text[start:end].lower()
        last = self._last
        if word in PERSONAL:
            found = self._persons.of_pronoun(start, word, self._spoke(start))
            if found is None or found[1] < 0.5:
                return Speaker(start, end, None, None, (), None, 0.3)
            name, chance = found
            return replace(named_speaker(name, PRONOUN, round(chance, 2)), start=start, end=end)
        if word in _RELATIVE_PRONOUNS:
            return self._before_relative(start, end)
        if word in _BODY_PRONOUNS:
            if last and self._is_near(start) and not self._is_person(last):
                return replace(last, start=start, end=end, method=PRONOUN, confidence=0.5)
            body = self._last_body(start) if word in _SINGULAR else None
            if body:
                return replace(named_speaker(body, PRONOUN, 0.5), start=start, end=end)
            return Speaker(start, end, None, None, (), None, 0.3)
        if word in _SPEAKING_PRONOUNS:
            return Speaker(start, end, None, None, (), None, 0.3)
        return None

    def _is_near(self, at: int) -> bool:
        """Did somebody speak in this paragraph or the two before?"""
        last = self._last
        return last is not None and 0 <= self._layout.paragraph_at(at) - self._layout.paragraph_at(last.start) <= _NEAR

    def _spoke(self, at: int) -> LastSpeaker | None:
        """Who spoke last, if near."""
        last = self._last
        return (
            LastSpeaker(last.cluster, last.start) if last and last.cluster is not None and self._is_near(at) else None
        )

    def _is_person(self, speaker: Speaker) -> bool:
        return speaker.cluster in self._of_persons

    def _before_relative(self, start: int, end: int) -> Speaker | None:
        """ "Mr Li, who said": the name before the relative."""
        window = self._names.between(max(0, start - 80), start)
        if window and not self._text[window[-1].end : start].strip(" ,"):
            return replace(named_speaker(window[-1], PRONOUN, 0.8), start=start, end=end)
        return None

    def _named(self, start: int, end: int) -> Speaker | None:
        """A person or a body that the phrase names as its head."""
        inside = self._names.between(start, end)
        head_end = self._head_end(start, end)
        persons = [n for n in inside if n.type == "PER" and self._speaks(start, end, n) and not _is_post(n.text)]
        head = [n for n in persons if n.start < head_end] or persons[:1]
        if head:
            if len(head) > 1 and _AND.fullmatch(self._text[head[0].end : head[-1].start]):
                return self._several(head)
            return named_speaker(head[-1], NAMED, 0.9 if head[-1].entry else 0.85)
        ends = (head_end, end) if _APPOSED.search(self._text[start:end]) else (head_end,)
        for name in inside:
            if name.end not in ends or _BY_OTHERS.search(self._text[start : name.start]):
                continue
            if name.type == "OFFICE" and name.start <= start + 4:
                return named_speaker(name, DESCRIPTION, 0.8)
            if name.type == "ORG" or (name.type == "LOC" and not self._leads(start, name.start)):
                return named_speaker(name, NAMED, 0.85 if name.entry else 0.75)
            if name.type == "NORP" and not self._leads(start, name.start):
                return replace(named_speaker(name, COLLECTIVE, 0.7), entity_id=None)
        return self._proper(start, head_end) or (self._proper(start, end) if len(ends) > 1 else None)

    def _leads(self, start: int, name: int) -> bool:
        """Do words stand before the name that are not the mere "the" or "some"?"""
        return bool(_LEAD.sub("", self._text[start:name] + " ").strip())

    def _several(self, persons: Sequence[Name]) -> Speaker:
        """ "Volker and Morrison": several persons at once, of no one id."""
        names = [*dict.fromkeys(name.full for name in persons)]
        together = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]
        codes = tuple(dict.fromkeys(code for name in persons for code in name.countries))
        return Speaker(persons[0].start, persons[-1].end, together, None, codes, COLLECTIVE, 0.7)

    def _proper(self, start: int, end: int) -> Speaker | None:
        """A name that no tagger knows, by its capitals: "Russia’s state-run Channel One"."""
        match = _CAPITALS.search(self._text[start:end])
        if not match or _BY_OTHERS.search(self._text[start : start + match.start()]):
            return None
        first, words = start + match.start(), match[0].split()
        if words[-1].lower() in _ROLES or (words[-1] != "Police" and _plural(words[-1].lower())):
            return None
        return Speaker(first, end, self._text[first:end], None, self._countries(first, end), NAMED, 0.5)

    def _head_end(self, start: int, end: int) -> int:
        """Where the phrase's head ends, before what says more of it; names are never cut."""
        for match in _HEAD_ENDS.finditer(self._text, start + 1, end):
            if not any(n.start <= match.start() < n.end for n in self._names.between(start, end)):
                at = match.start()
                while at > start and self._text[at - 1].isspace():
                    at -= 1
                return at
        return end

    def _speaks(self, start: int, end: int, name: Name) -> bool:
        """Is a person named as the head, or in apposition, not as somebody whom the head is of?"""
        if _BY_OTHERS.search(self._text[start : name.start]):
            return False
        return not _MODIFIES.match(self._text, name.end, end)

    def _described(self, start: int, end: int) -> Speaker | None:
        """ "the president", "a spokesman for the ministry", "Chinese officials", "a statement"."""
        head_end = self._head_end(start, end)
        words = _WORD.findall(self._text[start:head_end])
        if not words:
            return None
        head = words[-1].lower()
        countries = self._countries(start, end)
        definite = not _INDEFINITE.match(self._text[start:end])
        if head in _DOCUMENTS:
            author = self._author(start, end)
            return Speaker(
                start, end, author.full if author else None, author.entry.id if author and author.entry else None,
                countries or (author.countries if author else ()), DOCUMENT, 0.7, author.cluster if author else None,
            )  # fmt: skip
        if head in _ROLES or _ONE_BEFORE.match(self._text[start:end]):
            found = (
                self._persons.of_description(start, head, self._text[start:end], self._spoke(start))
                if definite
                else None
            )
            if found is None and definite and _ONE_BEFORE.match(self._text[start:end]):
                found = self._persons.last(start)
            if found:
                return replace(named_speaker(found, DESCRIPTION, 0.7), start=start, end=head_end)
            office = next((n for n in self._names.between(start, end) if n.type == "OFFICE" and n.start == start), None)
            if office:
                return named_speaker(office, DESCRIPTION, 0.8)
            return Speaker(start, end, None, None, countries, DESCRIPTION, 0.6)
        if head in _BODIES:
            found = self._body(start, head) if definite and len(words) <= 3 else None
            if found:
                return replace(named_speaker(found, DESCRIPTION, 0.6), start=start, end=head_end)
            return Speaker(start, end, None, None, countries, DESCRIPTION, 0.6)
        if _plural(head):
            return Speaker(start, end, None, None, countries, COLLECTIVE, 0.6)
        return None

    def _author(self, start: int, end: int) -> Name | None:
        """Whose document it is: a person or body that the phrase names."""
        return next((n for n in self._names.between(start, end) if n.type in ("PER", "ORG", "OFFICE")), None)

    def _body(self, at: int, head: str) -> Name | None:
        """The body named before `at` whose name holds the word; else, for a company, the only one named near."""
        before = self._bodies_before(at)
        named = next((n for n in reversed(before) if head in n.full.lower().split()), None)
        if named or head not in _COMPANIES:
            return named
        here = self._layout.paragraph_at(at)
        near = {n.cluster: n for n in before if here - n.paragraph <= _NEAR}
        return next(iter(near.values())) if len(near) == 1 else None

    def _last_body(self, at: int) -> Name | None:
        here = self._layout.paragraph_at(at)
        return next((n for n in reversed(self._bodies_before(at)) if here - n.paragraph <= 1), None)

    def _bodies_before(self, at: int) -> Sequence[Name]:
        """The last bodies named before a place."""
        stop = bisect_right(self._body_ends, at)
        return self._bodies[max(0, stop - _MOST_BODIES) : stop]

    def _countries(self, start: int, end: int) -> tuple[str, ...]:
        """The countries named in the phrase, where they are of one: "a Chinese official"."""
        codes = {name.countries for name in self._names.between(start, end) if name.countries}
        return next(iter(codes)) if len(codes) == 1 else ()


def _is_post(written: str) -> bool:
    """Is what was taken for a person's name a post ("Acting Governor")?"""
    return all(word in _ROLES or word in _BEFORE_POSTS for word in written.lower().split())


def _plural(head: str) -> bool:
    return head in _GROUPS or (head.endswith("s") and not head.endswith(("ss", "us", "is")))
