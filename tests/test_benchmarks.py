"""The measures that benchmarks report, on texts small enough to count by hand."""

from __future__ import annotations

import pytest

from benchmarks.damage import Leakage, leakage, n_kept, quotations
from evaluation.body_scores import body_scores, bootstrap, summary
from evaluation.gold_pages import GoldPage, visible_text

BODY = "The minister spoke at noon on Monday.\nShe said “we will not sign it this year” and left.\nNobody asked why."


def gold(html: str, body: str = BODY) -> GoldPage:
    return GoldPage("s", "n", "https://a.example/", html.encode(), body)


def test_the_scores_of_a_page_are_shares_of_its_sequences_of_words() -> None:
    assert body_scores("a b c d e", "a b c d e") == (1, 0, 0)
    assert body_scores("a b c d e", "a b c d x") == (1 / 3, 1 / 3, 1 / 3)
    assert body_scores("a b", "") == (0, 0, 1)
    assert body_scores("", "") == (0, 0, 0)


def test_a_page_without_a_text_counts_only_for_recall() -> None:
    scores = summary([(1, 0, 0), (0, 0, 1)])
    assert (scores.precision, scores.recall, scores.exact) == (1, 0.5, 0.5)
    assert scores.f1 == pytest.approx(2 / 3)


def test_the_bootstrap_draws_the_same_pages_for_both() -> None:
    rows = [(0.5, 0.25, 0.25), (0.9, 0.1, 0.0)] * 20
    assert bootstrap(rows, rows, draws=50) == (0, 0, 0)
    difference, low, high = bootstrap(rows, [(tp / 2, fp + tp / 2, fn) for tp, fp, fn in rows], draws=200)
    assert 0 < low < difference < high


def test_visible_text_has_a_line_for_each_block() -> None:
    html = "<html><head><title>t</title></head><body><p>a <b>b</b>c<!-- x -->d<script>no</script>e<div>f</div>g</p>"
    assert visible_text(html.encode()).split("\n") == ["a bcde", "f", "g"]


def test_only_quotations_of_the_article_count() -> None:
    html = "<p>She said “we will <i>not</i> sign it this year” and left.</p><p>“No more” came back.</p>"
    other = "<aside>“Read what our readers wrote about this”</aside>"
    article_quotations = quotations(gold(html + html + other))
    assert article_quotations == [" we will not sign it this year "]
    assert n_kept(article_quotations, "We will not\nsign it this year!") == 1
    assert n_kept(article_quotations, "We will sign it this year") == 0


def test_quotations_in_scripts_that_do_not_separate_words() -> None:
    sentence = "他说：「我们今年不会签署这份文件的。」随后离开。"
    assert len(quotations(gold(f"<p>{sentence}</p><p>「不会」</p>", sentence))) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (BODY, Leakage()),
        (f"By our own staff reporter\n{BODY}", Leakage(start=1)),
        (BODY.replace("\n", "\nSubscribe to our morning newsletter\n", 1), Leakage(middle=1)),
        (f"{BODY}\nMore on this story here\nShare", Leakage(end=1)),
        ("We use cookies on this site", Leakage(stray=1)),
        ("", Leakage()),
    ],
)
def test_foreign_lines_are_counted_by_where_they_stand(text: str, expected: Leakage) -> None:
    assert leakage(BODY, text) == expected
