"""The choice of the body by the classifiers, trafilatura, newspaper and the text that the page declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from etl.extract.body.choose import BLOCKS, TRAFILATURA, Body, Models, choose_body, read_body_input
from etl.extract.body.features import Matrix
from etl.extract.html import parse_html
from etl.extract.structured import Structured

NEWS = "The two ministers met in the harbour town on Wednesday and spoke for three hours about the ferry line. "
MORE = "A first boat is to leave in October, and tickets will cost as much as a cup of coffee, officials said. "
PAGE = f"<html><body><p>{NEWS}</p><p>{MORE}</p><p>More from the Courier today</p></body></html>"
FIRST, SECOND = NEWS.strip(), MORE.strip()


def model(*chances: float) -> Callable[[Matrix], np.ndarray]:
    return lambda rows: np.array(chances, dtype=np.float32)


@dataclass
class FakeExtractors:
    """Extractors that return fixed texts; `names` lists those that were run."""

    trafilatura: str = ""
    newspaper: str = ""
    names: list[str] = field(default_factory=list)

    def body(self, models: Models, declared: str = "", page: str = PAGE) -> Body:
        tree = parse_html(page)
        structured = Structured(articles=[{"@type": "NewsArticle", "articleBody": declared}] if declared else [])
        body_input = read_body_input(tree, structured, "Ferry talks")
        object.__setattr__(body_input, "run_trafilatura", lambda: self.run("trafilatura"))
        object.__setattr__(body_input, "run_newspaper", lambda: self.run("newspaper"))
        return choose_body(body_input, models)

    def run(self, name: str) -> str:
        self.names.append(name)
        return str(getattr(self, name))


def test_a_certain_classifier_decides_alone() -> None:
    extractors = FakeExtractors()
    assert extractors.body(Models(model(0.99, 0.99, 0.01), model(0, 0, 0))) == Body(f"{FIRST}\n{SECOND}", BLOCKS)
    assert extractors.names == []


def test_in_doubt_trafilatura_is_run_and_the_second_classifier_decides() -> None:
    extractors = FakeExtractors(trafilatura=FIRST)
    body = extractors.body(Models(model(0.9, 0.5, 0.5), model(0.99, 0.01, 0.01)))
    assert body == Body(FIRST, f"{BLOCKS}, {TRAFILATURA}")
    assert extractors.names == ["trafilatura"]


def test_in_great_doubt_the_text_that_is_more_like_newspaper_s_is_chosen() -> None:
    uncertain = Models(model(0.5, 0.5, 0.1), model(0.5, 0.4, 0.1))
    for newspaper, expected in ((SECOND, Body(SECOND, TRAFILATURA)), (FIRST, Body(FIRST, f"{BLOCKS}, {TRAFILATURA}"))):
        extractors = FakeExtractors(trafilatura=SECOND, newspaper=newspaper)
        assert extractors.body(uncertain) == expected
        assert extractors.names == ["trafilatura", "newspaper"]


def test_trafilatura_s_text_is_the_body_if_no_block_is_chosen() -> None:
    extractors = FakeExtractors(trafilatura="Text of a template.")
    assert extractors.body(Models(model(0, 0, 0), model(0, 0, 0))).text == "Text of a template."


def test_a_declared_text_is_the_body_if_it_is_much_longer_than_the_text_on_the_page() -> None:
    models = Models(model(0.99, 0.01, 0.01), model(0, 0, 0))
    assert FakeExtractors().body(models, declared=NEWS * 5) == Body((NEWS * 5).strip(), "json-ld")
    assert FakeExtractors().body(models, declared=NEWS * 2).extractor == BLOCKS


def test_the_body_of_a_page_without_blocks_is_the_declared_text_or_empty() -> None:
    no_blocks = Models(model(), model())
    assert FakeExtractors().body(no_blocks, page="<html><body></body></html>") == Body("", BLOCKS)
    assert FakeExtractors().body(no_blocks, NEWS * 5, "<html><body></body></html>").extractor == "json-ld"


def test_the_shipped_models_choose_the_article_and_nothing_around_it() -> None:
    paragraphs = "".join(f"<p>{NEWS}Paragraph {number} adds a detail, said the minister.</p>" for number in range(6))
    page = f"""<html><body><nav><ul><li><a href='/w'>World</a></li><li><a href='/p'>Politics</a></li></ul></nav>
      <article><h1>Ferry talks</h1><div class='article-body'>{paragraphs}</div></article>
      <aside class='related'><h3>Read more</h3><ul><li><a href='/1'>A boat for the town and its harbour</a></li></ul>
      </aside><footer><p>© The Courier. All rights reserved.</p></footer></body></html>"""
    text = choose_body(read_body_input(parse_html(page), Structured(), "Ferry talks")).text
    assert text.count("adds a detail") == 6
    assert not any(other in text for other in ("World", "Read more", "A boat for", "rights reserved"))
