"""Who decides what is the body: the classifier, trafilatura, newspaper as the arbiter, the page's own word."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from etl.extract.body.choose import OWN, TRAFILATURA, Body, Models, choose_body, look_at
from etl.extract.body.features import Matrix
from etl.extract.html import parse_html
from etl.extract.structured import Structured

NEWS = "The two ministers met in the harbour town on Wednesday and spoke for three hours about the ferry line. "
MORE = "A first boat is to leave in October, and tickets will cost as much as a cup of coffee, officials said. "
PAGE = f"<html><body><p>{NEWS}</p><p>{MORE}</p><p>More from the Courier today</p></body></html>"
FIRST, SECOND = NEWS.strip(), MORE.strip()


def sure(*chances: float) -> Callable[[Matrix], np.ndarray]:
    return lambda rows: np.array(chances, dtype=np.float32)


@dataclass
class Asked:
    """Witnesses of a fixed word, and who was asked."""

    trafilatura: str = ""
    newspaper: str = ""
    names: list[str] = field(default_factory=list)

    def body(self, models: Models, declared: str = "", page: str = PAGE) -> Body:
        tree = parse_html(page)
        structured = Structured(articles=[{"@type": "NewsArticle", "articleBody": declared}] if declared else [])
        sight = look_at(tree, structured, "Ferry talks")
        object.__setattr__(sight, "ask_trafilatura", lambda: self.answer("trafilatura"))
        object.__setattr__(sight, "ask_newspaper", lambda: self.answer("newspaper"))
        return choose_body(sight, models)

    def answer(self, name: str) -> str:
        self.names.append(name)
        return str(getattr(self, name))


def test_a_sure_classifier_asks_nobody() -> None:
    asked = Asked()
    assert asked.body(Models(sure(0.99, 0.99, 0.01), sure(0, 0, 0))) == Body(f"{FIRST}\n{SECOND}", OWN)
    assert asked.names == []


def test_in_doubt_trafilatura_s_choice_is_a_feature() -> None:
    asked = Asked(trafilatura=FIRST)
    found = asked.body(Models(sure(0.9, 0.5, 0.5), sure(0.99, 0.01, 0.01)))
    assert found == Body(FIRST, f"{OWN}, {TRAFILATURA}")
    assert asked.names == ["trafilatura"]


def test_in_great_doubt_newspaper_says_whose_text_is_nearer() -> None:
    torn = Models(sure(0.5, 0.5, 0.1), sure(0.5, 0.4, 0.1))
    for third, expected in ((SECOND, Body(SECOND, TRAFILATURA)), (FIRST, Body(FIRST, f"{OWN}, {TRAFILATURA}"))):
        asked = Asked(trafilatura=SECOND, newspaper=third)
        assert asked.body(torn) == expected
        assert asked.names == ["trafilatura", "newspaper"]


def test_where_no_block_is_chosen_trafilatura_s_text_is_the_body() -> None:
    assert (
        Asked(trafilatura="Text of a template.").body(Models(sure(0, 0, 0), sure(0, 0, 0))).text
        == "Text of a template."
    )


def test_a_declared_text_is_the_body_where_most_of_it_is_nowhere_on_the_page() -> None:
    chosen = Models(sure(0.99, 0.01, 0.01), sure(0, 0, 0))
    assert Asked().body(chosen, declared=NEWS * 5) == Body((NEWS * 5).strip(), "json-ld")
    assert Asked().body(chosen, declared=NEWS * 2).extractor == OWN


def test_a_page_without_a_block_has_the_declared_text_or_none() -> None:
    nobody = Models(sure(), sure())
    assert Asked().body(nobody, page="<html><body></body></html>") == Body("", OWN)
    assert Asked().body(nobody, NEWS * 5, "<html><body></body></html>").extractor == "json-ld"


def test_the_shipped_models_tell_an_article_from_what_is_around_it() -> None:
    paragraphs = "".join(f"<p>{NEWS}Paragraph {number} adds a detail, said the minister.</p>" for number in range(6))
    page = f"""<html><body><nav><ul><li><a href='/w'>World</a></li><li><a href='/p'>Politics</a></li></ul></nav>
      <article><h1>Ferry talks</h1><div class='article-body'>{paragraphs}</div></article>
      <aside class='related'><h3>Read more</h3><ul><li><a href='/1'>A boat for the town and its harbour</a></li></ul>
      </aside><footer><p>© The Courier. All rights reserved.</p></footer></body></html>"""
    text = choose_body(look_at(parse_html(page), Structured(), "Ferry talks")).text
    assert text.count("adds a detail") == 6
    assert not any(foreign in text for foreign in ("World", "Read more", "A boat for", "rights reserved"))
