"""How etl/extract/models/body-*.onnx were made: classifiers of a page's blocks, and what they score on unseen sites.

They learn from two open sets beside the project (../shared/corpora/pages): article-extraction-benchmark (181 pages,
bodies marked by people) and Fundus (258 pages in 41 countries, bodies by hand-written parsers). The sets draw the
body's edge differently (Fundus counts the deck), so a column says which set a page is from; at run time it is the
first set's.

Run: python -m training.body            cross-validates by site, then fits on everything and writes the models
     python -m training.body --check    cross-validates only
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import lightgbm
import numpy as np
from lxml.html import HtmlElement
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from rapidfuzz.distance import LCSseq

from benchmarks.pages import GoldPage, article_extraction_benchmark, body_scores, fundus, summary, words
from etl.extract.body.choose import BodyInput, Models, choose_body, read_body_input
from etl.extract.body.classifier import BLOCKS_MODEL, TRAFILATURA_MODEL
from etl.extract.body.features import Matrix
from etl.extract.body.newspaper import newspaper_text
from etl.extract.decode import decode
from etl.extract.html import parse_html
from etl.extract.structured import read_structured
from etl.extract.title import find_title
from etl.urls import registrable_domain

FOLDS = 6
ROUNDS = 300
SETS = {"article-extraction-benchmark": (0.0, 1.0), "fundus": (1.0, 0.5)}  # the set's column, its pages' weight
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 30, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
_WELL_MARKED = 0.85  # of a body's words must be found in the page's blocks to learn from it


@dataclass(frozen=True)
class Example:
    """A page: its features without and with trafilatura's witness, and which blocks are its body's."""

    page: GoldPage
    sight: BodyInput
    alone: Matrix
    seconded: Matrix
    in_body: np.ndarray
    weights: np.ndarray
    found: float

    @property
    def site(self) -> str:
        return registrable_domain(self.page.url)


def read_example(page: GoldPage) -> Example:
    html = decode(page.html)
    tree: HtmlElement = parse_html(html)
    structured = read_structured(tree)
    sight = read_body_input(tree, structured, find_title(tree, structured), lambda: newspaper_text(html, page.url))
    second = sight.run_trafilatura()
    sight = replace(sight, run_trafilatura=lambda: second)
    share, sizes, found = align(page.body, [block.text for block in sight.blocks.blocks])
    weights = SETS[page.set][1] * np.sqrt(sizes + 1) / np.sqrt(max(float((sizes + 1).sum()), 1))
    alone, seconded = (sight.rows(text) if len(sizes) else np.zeros((0, 0), np.float32) for text in ("", second))
    return Example(page, sight, alone, seconded, share > 0.5, weights, found)


def align(body: str, blocks: Sequence[str]) -> tuple[np.ndarray, np.ndarray, float]:
    """(share of each block's words that are the body's, in order; words a block; share of the body that was found)."""
    tokens = [words(block) for block in blocks]
    owner = np.array([number for number, block in enumerate(tokens) for _ in block], dtype=int)
    truth = words(body)
    shared = np.zeros(len(blocks))
    for step in LCSseq.opcodes([word for block in tokens for word in block], truth):
        if step.tag == "equal":
            np.add.at(shared, owner[step.src_start : step.src_end], 1)
    sizes = np.array([len(block) for block in tokens], dtype=float)
    share = shared / sizes.clip(1)
    return share, sizes, float(sizes[share > 0.5].sum() / max(len(truth), 1))


def fit(examples: Iterable[Example]) -> tuple[lightgbm.Booster, lightgbm.Booster]:
    """The two models, on the same pages."""
    well_marked = [e for e in examples if e.found >= _WELL_MARKED and len(e.alone)]
    labels = np.concatenate([e.in_body for e in well_marked])
    weights = np.concatenate([e.weights for e in well_marked])
    boosters = []
    for name in ("alone", "seconded"):
        rows = np.vstack([of_set(getattr(e, name), SETS[e.page.set][0]) for e in well_marked])
        boosters.append(lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, labels, weight=weights), ROUNDS))
    return boosters[0], boosters[1]


def of_set(rows: Matrix, column: float) -> Matrix:
    return np.hstack([rows, np.full((len(rows), 1), column, np.float32)])


def models(alone: lightgbm.Booster, seconded: lightgbm.Booster) -> Models:
    return Models(
        lambda rows: np.asarray(alone.predict(of_set(rows, 0.0)), dtype=np.float32),
        lambda rows: np.asarray(seconded.predict(of_set(rows, 0.0)), dtype=np.float32),
    )


def cross_validated(examples: Sequence[Example], seed: int = 0) -> Mapping[tuple[str, str], str]:
    """(set, page's name) -> the body, chosen by models that have seen no page of its site."""
    sites = sorted({example.site for example in examples})
    np.random.default_rng(seed).shuffle(sites)
    fold = {site: number % FOLDS for number, site in enumerate(sites)}
    found: dict[tuple[str, str], str] = {}
    for number in range(FOLDS):
        fitted = models(*fit(e for e in examples if fold[e.site] != number))
        for e in (e for e in examples if fold[e.site] == number):
            found[e.page.set, e.page.name] = choose_body(e.sight, fitted).text
    return found


def cross_validated_bodies(pages: Iterable[GoldPage] | None = None) -> Mapping[tuple[str, str], str]:
    """cross_validated() over both sets."""
    return cross_validated([read_example(page) for page in pages or (*article_extraction_benchmark(), *fundus())])


def write(booster: lightgbm.Booster, path: Path) -> None:
    width = FloatTensorType([None, booster.num_feature()])
    model = convert_lightgbm(booster, initial_types=[("rows", width)], zipmap=False, target_opset=15)
    path.write_bytes(model.SerializeToString())


def main() -> None:
    examples = [read_example(page) for page in (*article_extraction_benchmark(), *fundus())]
    found = cross_validated(examples)
    for name in SETS:
        rows = [body_scores(e.page.body, found[name, e.page.name]) for e in examples if e.page.set == name]
        print(f"{name}, sites not seen:", summary(rows))
    if "--check" not in sys.argv:
        for booster, path in zip(fit(examples), (BLOCKS_MODEL, TRAFILATURA_MODEL), strict=True):
            path.parent.mkdir(exist_ok=True)
            write(booster, path)
            print(f"wrote {path.name}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
