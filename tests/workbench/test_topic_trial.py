"""A query tried on the sample world, coding sheets, and their scores."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from etl.configuration.settings import PACKAGED, Settings
from etl.errors import InputError
from etl.nlp.annotators import ENCODER
from etl.nlp.gazetteer.gazetteer import Gazetteer
from etl.topics.files import Example, Topic, find_topic
from etl.topics.matcher import Document, TopicQuery
from etl.topics.query import parse_query
from etl.warehouse.duck import query
from etl.workbench.coding_sheet import draw_sheet, score_sheet, write_sheet
from etl.workbench.topic_trial import PublishedArticle, read_articles, try_query, wrong_examples

TOPIC = find_topic(PACKAGED / "topics", "china-russia")


def test_a_tried_query_finds_what_a_run_finds(world: Settings) -> None:
    topic_query = TopicQuery("q", TOPIC.query, TOPIC.within)
    trial = try_query(topic_query, read_articles(world.warehouse, TOPIC.languages, 10_000), 10)
    (run,) = query(
        world.warehouse,
        "SELECT (SELECT count(*) FROM mentions WHERE topic = 'china-russia') AS hits, "
        "(SELECT count(*) FROM topic_articles WHERE topic = 'china-russia') AS articles",
    ).to_pylist()
    assert sum(n_matching for _, _, n_matching, _ in trial.months) == run["articles"]
    assert sum(n_hits for *_, n_hits in trial.months) == run["hits"]
    assert len(trial.hits) == 10


def test_a_sample_of_articles_is_the_same_each_time(world: Settings) -> None:
    first, second = ([a.article_id for a in read_articles(world.warehouse, [], 20)] for _ in range(2))
    assert sorted(first) == sorted(second) and len(first) == 20


def test_examples_that_do_not_behave_as_the_file_says_are_given(gazetteer: Gazetteer) -> None:
    examples = (Example("Grain moved."), Example("The ferry left.", title="Summit"))
    topic = Topic("t", "T", parse_query("grain OR title:summit"), "", "sentence", ("en",), "", examples, examples)
    assert [(w.example.text, w.must_match) for w in wrong_examples([topic], gazetteer, ENCODER)] == [
        ("Grain moved.", False), ("The ferry left.", False),
    ]  # fmt: skip


def article(article_id: str, text: str, year: int = 2025, title: str = "") -> PublishedArticle:
    return PublishedArticle(article_id, date(year, 5, 1), "u", Document(text, "en", title))


def articles(year: int, n_matches: int, n_near_misses: int) -> list[PublishedArticle]:
    verbs = ["moved"] * n_matches + ["rots"] * n_near_misses
    return [article(f"{year}{n}", f"Grain {verb}.", year) for n, verb in enumerate(verbs)]


def test_a_sheet_is_stratified_and_its_weights_add_up_to_all_passages() -> None:
    topic = Topic("t", "T", parse_query("grain AND moved"), "", "sentence", ("en",), "", (), ())
    rows = draw_sheet(topic, [*articles(2024, 80, 20), *articles(2025, 20, 180)], 40)
    assert Counter(row.kind for row in rows) == {"match": 20, "near miss": 20}
    by_stratum = Counter(row.stratum for row in rows)
    assert by_stratum["match, en, 2024"] == 16 and by_stratum["match, en, 2025"] == 4
    assert sum(row.weight for row in rows if row.kind == "match") == pytest.approx(100)
    assert sum(row.weight for row in rows if row.kind == "near miss") == pytest.approx(200)
    assert rows == draw_sheet(topic, [*articles(2025, 20, 180), *articles(2024, 80, 20)], 40)


def coded_sheet(tmp_path: Path, codes: dict[str, list[str]], weight: dict[str, float]) -> Path:
    path = tmp_path / "sheet.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["relevant", "kind", "stratum", "weight"])
        for kind, values in codes.items():
            writer.writerows([[value, kind, kind, weight[kind]] for value in values])
    return path


def test_precision_and_recall_with_their_intervals(tmp_path: Path) -> None:
    codes = {"match": ["1"] * 90 + ["0"] * 10, "near miss": ["no"] * 95 + ["yes"] * 5 + [""] * 100}
    score = score_sheet(coded_sheet(tmp_path, codes, {"match": 1.0, "near miss": 1.0}))
    assert (score.coded, score.uncoded, score.precision) == (200, 100, 0.9)
    assert (round(score.precision_low, 3), round(score.precision_high, 3)) == (0.826, 0.945)  # Wilson, 90 of 100
    assert score.recall == 0.9  # 90 relevant matches, and 10 relevant of 200 near misses
    assert score.recall_low is not None and score.recall_high is not None
    assert 0.80 < score.recall_low < 0.9 < score.recall_high < 0.98


def test_the_recall_has_an_interval_even_if_no_coded_near_miss_is_relevant(tmp_path: Path) -> None:
    codes = {"match": ["1"] * 9 + ["0"], "near miss": ["0"] * 10}
    score = score_sheet(coded_sheet(tmp_path, codes, {"match": 1.0, "near miss": 10.0}))
    assert score.recall == 1.0 and score.recall_low is not None and score.recall_low < 0.8


@pytest.mark.parametrize("weight", ["0", "-1", "nan", "inf", "x"])
def test_a_weight_must_be_a_number_above_zero(tmp_path: Path, weight: str) -> None:
    (tmp_path / "s.csv").write_text(f"relevant;kind;stratum;weight\n1;match;s;{weight}\n")
    with pytest.raises(InputError, match="row 2 is not a row of a coding sheet"):
        score_sheet(tmp_path / "s.csv")


def test_a_near_miss_contains_no_match() -> None:
    topic = Topic("t", "T", parse_query("title:summit AND grain"), "", "sentence", ("en",), "", (), ())
    text = "Nothing here.\nThe grain left.\nOther grain too."
    rows = draw_sheet(topic, [article("a", text, title="Summit")], 10)
    assert [(row.kind, row.text) for row in sorted(rows, key=lambda row: row.char_start)] == [
        ("match", "The grain left."), ("match", "Other grain too."),
    ]  # fmt: skip


def test_a_sheet_of_very_long_passages_can_be_scored(tmp_path: Path) -> None:
    topic = Topic("t", "T", parse_query("grain"), "", "article", ("en",), "", (), ())
    rows = draw_sheet(topic, [article("a", "grain " * 40_000)], 2)
    write_sheet([replace(row, relevant="1") for row in rows], tmp_path / "s.csv")
    assert score_sheet(tmp_path / "s.csv").precision == 1.0


def test_without_coded_near_misses_the_recall_is_unknown(tmp_path: Path) -> None:
    score = score_sheet(coded_sheet(tmp_path, {"match": ["1", "0"], "near miss": [""]}, {"match": 1, "near miss": 1}))
    assert (score.precision, score.recall, score.recall_low) == (0.5, None, None)


def test_a_written_sheet_can_be_read_and_contains_no_formula(tmp_path: Path) -> None:
    topic = Topic("t", "T", parse_query("grain"), "", "sentence", ("en",), "", (), ())
    write_sheet(draw_sheet(topic, [article("a", "=SUM(1) grain moved.")], 2), tmp_path / "s.csv")
    text = (tmp_path / "s.csv").read_text(encoding="utf-8-sig")
    assert "'=SUM(1) grain moved." in text
    with pytest.raises(InputError, match="no match is coded"):
        score_sheet(tmp_path / "s.csv")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b\n1,2\n", "s.csv: row 2 is not a row of a coding sheet"),
        ("relevant,kind,stratum,weight\nmaybe,match,s,1\n", "s.csv: row 2: relevant is 'maybe'; write 1 or 0"),
    ],
)
def test_a_mistake_in_a_sheet_is_named_with_its_row(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "s.csv").write_text(content)
    with pytest.raises(InputError, match=message):
        score_sheet(tmp_path / "s.csv")
