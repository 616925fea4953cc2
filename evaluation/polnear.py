"""PolNeAR's training set: news articles with attributions that people marked.

It lies in ../shared/corpora, outside the repository. Every twelfth article is held out: these articles are never used
for training, and quotations are scored on them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

from etl.nlp.quotes.marks import Marks, find_marked
from etl.text import lay_out
from evaluation.corpora import CORPORA, read_rows
from evaluation.label_map import ANYTHING
from evaluation.marked_texts import Attribution, MarkedText
from evaluation.quote_scores import ScoredQuotation, Spans

_T = TypeVar("_T")


def polnear_rows() -> list[dict[str, Any]]:
    """The articles as the corpus has them, with `id`, `text`, `date`, `attributions`, `n_annotators` and, where several
    people marked an article, the others' `alt_annotations`."""
    return list(read_rows(CORPORA / "nlp" / "polnear" / "train.jsonl.gz"))


def polnear_texts() -> list[MarkedText]:
    """The articles with their attributions. Nothing is known of their names."""
    texts = []
    for row in polnear_rows():
        attributions = [
            Attribution(
                *([(span["start"], span["end"]) for span in a.get(part) or []] for part in ("source", "cue", "content"))
            )
            for a in row["attributions"]
        ]
        texts.append(MarkedText("polnear", row["id"], row["text"], [], ANYTHING, attributions))
    return texts


def learnt_from(articles: Sequence[_T]) -> list[_T]:
    """The articles that models may learn from. `articles`: all of them, in the order of the corpus."""
    return [article for number, article in enumerate(articles) if number % 12 != 11]


def held_out(articles: Sequence[_T]) -> list[_T]:
    """The articles that nothing is learnt from. `articles`: all of them, in the order of the corpus."""
    return [article for number, article in enumerate(articles) if number % 12 == 11]


def attributed_quotation(attribution: dict[str, Any], text: str) -> ScoredQuotation:
    """An attribution of a corpus row as a quotation to score with."""
    content, speaker = (tuple((s["start"], s["end"]) for s in attribution[part]) for part in ("content", "source"))
    return ScoredQuotation(kind_by_marks(text, content), content, speaker)


def kind_by_marks(text: str, content: Spans) -> str:
    """`direct` where all words stand between quotation marks, `mixed` where some do, else `indirect`.

    PolNeAR derives its kinds in the same way, but does not count ''two single marks'', which some of its articles
    have. This one measure serves for all that are compared.
    """
    marks = Marks(find_marked(text, lay_out(text, "en").paragraphs))
    letters = [at for start, end in content for at in range(start, end) if text[at].isalnum()]
    inside = sum(marks.around(at) is not None for at in letters)
    return "direct" if inside == len(letters) else "mixed" if inside else "indirect"
