"""The house's one rule: imports point one way, and few places know the big libraries."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
STAGES = ("fetch", "ingest", "extract", "nlp", "stories", "topics", "publish")
# A package or module may import from its own row and from the rows above it.
LAYERS = (
    ("errors", "text", "urls", "days", "warc", "warehouse.layout"),
    ("configuration",),
    ("warehouse",),
    ("engine", "answers"),
    STAGES,
    ("pipeline", "workbench"),
    ("demo",),
    ("cli",),
)
ONLY = {
    "airflow": ("dags",),
    "deltalake": ("etl.warehouse.delta",),
    "duckdb": ("etl.warehouse", "etl.publish"),
    "warcio": ("etl.warc",),
    "aiohttp": ("etl.fetch.http.client",),
    "click": ("etl.cli",),
    "rich": ("etl.cli",),
    "luqum": ("etl.topics.query",),
    "trafilatura": ("etl.extract",),
    "onnxruntime": ("etl.extract.body.classifier", "etl.nlp.encoder.onnx_session"),
    "tokenizers": ("etl.nlp.encoder.windows",),
    "spacy": ("etl.nlp.names.spacy_tagger",),
    "rensa": ("etl.stories.candidates",),
    "rjieba": ("etl.nlp.gazetteer",),
    "newspaper": ("etl.extract.body.newspaper",),
    "torch": ("training",),
}


def _modules() -> dict[str, set[str]]:
    """Module -> names it imports, at the top or inside functions."""
    found = {}
    for folder in ("etl", "schemas", "dags"):
        for path in (ROOT / folder).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            imports: set[str] = set()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imports |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imports.add(node.module)
            found[name] = imports
    return found


def _part(module: str) -> str | None:
    parts = module.split(".")
    return parts[1] if parts[0] == "etl" and len(parts) > 1 else None


def _layer(module: str) -> int:
    """The row of a module: its own if it is listed, else its package's."""
    inside = module.removeprefix("etl.")
    listed = {name: number for number, layer in enumerate(LAYERS) for name in layer}
    return listed.get(inside, listed[inside.split(".")[0]])


def test_every_module_has_a_layer() -> None:
    parts = {part for module in _modules() if (part := _part(module))}
    assert parts <= {part for layer in LAYERS for part in layer}


def test_imports_point_down() -> None:
    for module, imports in _modules().items():
        part = _part(module)
        for imported in imports:
            other = _part(imported)
            if part and other and part != other:
                assert _layer(imported) <= _layer(module), f"{module} imports {imported}"


def test_stage_packages_do_not_import_each_other() -> None:
    for module, imports in _modules().items():
        for imported in imports:
            if _part(module) in STAGES and _part(imported) in STAGES:
                assert _part(module) == _part(imported), f"{module} imports {imported}"


def test_functions_that_do_the_work_touch_no_storage() -> None:
    for module, imports in _modules().items():
        works = _part(module) in ("extract", "nlp", "stories", "topics") and not module.endswith(".stage")
        assert not (works and imports & {"etl.warehouse.delta", "etl.warehouse.duck", "etl.engine.stage"}), module


def test_schemas_know_nothing_of_etl() -> None:
    for module, imports in _modules().items():
        if module.startswith("schemas"):
            assert not any(name.startswith("etl") for name in imports), module


def test_big_libraries_are_imported_in_their_places_only() -> None:
    for module, imports in _modules().items():
        for imported in imports:
            allowed = ONLY.get(imported.split(".")[0])
            assert allowed is None or module.startswith(allowed), f"{module} imports {imported}"


def test_benchmarks_training_and_tests_share_only_evaluation() -> None:
    forbidden = {
        "etl": "evaluation|benchmarks|training|tests",
        "schemas": "evaluation|benchmarks|training|tests",
        "dags": "evaluation|benchmarks|training|tests",
        "evaluation": "benchmarks|training|tests",
        "benchmarks": "training|tests",
        "training": "benchmarks|tests",
        "tests": "benchmarks|training",
    }
    for package, others in forbidden.items():
        for path in (ROOT / package).rglob("*.py"):
            code = path.read_text(encoding="utf-8")
            imports = re.findall(rf"^\s*(?:from|import) (?:{others})\b.*", code, re.MULTILINE)
            assert not imports or path.name == "test_benchmarks.py", f"{path.relative_to(ROOT)}: {imports}"
