"""The two classifiers of a page's blocks: how etl/extract/models/body-*.onnx are made, and their scores on new sites.

They learn from two open sets in ../shared/corpora/pages, outside the repository: article-extraction-benchmark (181
pages, bodies marked by people) and Fundus (258 pages in 41 countries, bodies by hand-written parsers). The sets draw
the limits of a body differently (Fundus counts the standfirst), so a feature tells which set a page is from; at run
time it always names article-extraction-benchmark.

Run: python -m training.body                  cross-validates by site, then fits on all pages and writes the models
     python -m training.body --check          only cross-validates
     python -m training.body --bodies FILE    only writes the cross-validated bodies, as JSON: [set, name, body]
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from lxml.html import HtmlElement
from numpy.typing import NDArray
from onnxmltools import convert_lightgbm
from onnxmltools.convert.common.data_types import FloatTensorType
from rapidfuzz.distance import LCSseq

from etl.extract.body.choose import BodyInput, Models, choose_body, read_body_input
from etl.extract.body.features import Matrix
from etl.extract.body.model_files import BLOCKS_MODEL, TRAFILATURA_MODEL
from etl.extract.body.newspaper import newspaper_text
from etl.extract.decode import decode
from etl.extract.html import parse_html
from etl.extract.structured import read_structured
from etl.extract.title import find_title
from etl.models.files import record_sum
from etl.urls import registrable_domain
from evaluation.body_scores import body_scores, summary, words
from evaluation.gold_pages import GoldPage, article_extraction_benchmark, fundus_gold_pages

FOLDS = 6
ROUNDS = 300
SETS = {"article-extraction-benchmark": (0.0, 1.0), "fundus": (1.0, 0.5)}  # the set's column, the weight of its pages
PARAMETERS = {
    "objective": "binary", "learning_rate": 0.05, "num_leaves": 15, "min_data_in_leaf": 30, "feature_fraction": 0.4,
    "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5, "verbose": -1, "num_threads": 2, "seed": 1,
    "deterministic": True, "force_row_wise": True,
}  # fmt: skip
# A page is learnt from if at least this share of its body's words is found in its blocks.
_LEAST_ALIGNED = 0.85


@dataclass(frozen=True)
class Example:
    """A page: its features without trafilatura's text (`alone`) and with it (`seconded`), which blocks are of its body,
    the weights of the blocks, and the share of the body's words that was found in the blocks."""

    page: GoldPage
    sight: BodyInput
    alone: Matrix
    seconded: Matrix
    in_body: NDArray[np.bool_]
    weights: NDArray[Any]
    aligned: float

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
    share, sizes, aligned = align(page.body, [block.text for block in sight.blocks.blocks])
    weights = SETS[page.set][1] * np.sqrt(sizes + 1) / np.sqrt(max(float((sizes + 1).sum()), 1))
    alone, seconded = (sight.rows(text) if len(sizes) else np.zeros((0, 0), np.float32) for text in ("", second))
    return Example(page, sight, alone, seconded, share > 0.5, weights, aligned)


def align(body: str, blocks: Sequence[str]) -> tuple[NDArray[Any], NDArray[Any], float]:
    """Find a body in the blocks, word by word in order. Returns the share of each block's words that are the body's,
    the words of each block, and the share of the body's words in blocks that are mostly the body's."""
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
    """The two models, fitted on the same pages."""
    usable = [e for e in examples if e.aligned >= _LEAST_ALIGNED and len(e.alone)]
    labels = np.concatenate([e.in_body for e in usable])
    weights = np.concatenate([e.weights for e in usable])
    boosters = []
    for name in ("alone", "seconded"):
        rows = np.vstack([with_set_column(getattr(e, name), SETS[e.page.set][0]) for e in usable])
        boosters.append(lightgbm.train(PARAMETERS, lightgbm.Dataset(rows, labels, weight=weights), ROUNDS))
    return boosters[0], boosters[1]


def with_set_column(rows: Matrix, column: float) -> Matrix:
    """Rows with a last column that says which set their page is from."""
    return np.hstack([rows, np.full((len(rows), 1), column, np.float32)])


def models(alone: lightgbm.Booster, seconded: lightgbm.Booster) -> Models:
    """Fitted boosters as the pipeline uses its models."""
    return Models(
        lambda rows: np.asarray(alone.predict(with_set_column(rows, 0.0)), dtype=np.float32),
        lambda rows: np.asarray(seconded.predict(with_set_column(rows, 0.0)), dtype=np.float32),
    )


def cross_validated_bodies(examples: Sequence[Example], seed: int = 0) -> Mapping[tuple[str, str], str]:
    """(set, name of the page) -> its body, chosen by models that have seen no page of its site."""
    sites = sorted({example.site for example in examples})
    np.random.default_rng(seed).shuffle(sites)
    folds = {site: number % FOLDS for number, site in enumerate(sites)}
    bodies: dict[tuple[str, str], str] = {}
    for number in range(FOLDS):
        fitted = models(*fit(e for e in examples if folds[e.site] != number))
        for e in (e for e in examples if folds[e.site] == number):
            bodies[e.page.set, e.page.name] = choose_body(e.sight, fitted).text
    return bodies


def write(booster: lightgbm.Booster, path: Path) -> None:
    """Write a model as ONNX."""
    width = FloatTensorType([None, booster.num_feature()])
    model = convert_lightgbm(booster, initial_types=[("rows", width)], zipmap=False, target_opset=15)
    path.write_bytes(model.SerializeToString())


def main() -> None:
    options = argparse.ArgumentParser(description="Cross-validate and fit the classifiers of a page's blocks.")
    options.add_argument("--check", action="store_true", help="only cross-validate")
    options.add_argument("--bodies", type=Path, help="only write the cross-validated bodies to this file")
    chosen = options.parse_args()
    examples = [read_example(page) for page in (*article_extraction_benchmark(), *fundus_gold_pages())]
    bodies = cross_validated_bodies(examples)
    if chosen.bodies:
        rows = [[set_, name, body] for (set_, name), body in bodies.items()]
        chosen.bodies.write_text(json.dumps(rows), encoding="utf-8")
        return
    for name in SETS:
        scores = [body_scores(e.page.body, bodies[name, e.page.name]) for e in examples if e.page.set == name]
        print(f"{name}, sites not seen:", summary(scores))
    if not chosen.check:
        for booster, path in zip(fit(examples), (BLOCKS_MODEL, TRAFILATURA_MODEL), strict=True):
            path.parent.mkdir(exist_ok=True)
            write(booster, path)
            record_sum(path)
            print(f"wrote {path.name}, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
