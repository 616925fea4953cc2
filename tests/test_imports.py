"""Modules import only from their own layer or earlier ones, and large libraries only where this file allows it."""

from __future__ import annotations

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path

from etl.pipeline.stages import PIPELINE

ROOT = Path(__file__).parents[1]
STORAGE = {"etl.warehouse.delta", "etl.warehouse.duck", "etl.engine.stage", "etl.engine.update"}
COMPUTING = tuple(stage.package.removeprefix("etl.") for stage in PIPELINE)
STAGES = ("fetch", "ingest", *COMPUTING, "publish")
# A package or module may import from its own layer and from the layers before it.
LAYERS = (
    ("errors", "text", "urls", "days", "warc", "models", "warehouse.layout"),
    ("configuration",),
    ("warehouse",),
    ("engine", "answers"),
    STAGES,
    ("pipeline", "workbench"),
    ("demo",),
    ("cli",),
)
ALLOWED_IMPORTERS = {  # library -> the only packages and modules that may import it
    "airflow": ("dags",),
    "deltalake": ("etl.warehouse.delta",),
    "duckdb": ("etl.warehouse", "etl.publish"),
    "warcio": ("etl.warc",),
    "aiohttp": ("etl.fetch.http.client",),
    "click": ("etl.cli",),
    "rich": ("etl.cli",),
    "luqum": ("etl.topics.query",),
    "trafilatura": ("etl.extract",),
    "onnxruntime": ("etl.models.sessions",),
    "tokenizers": ("etl.nlp.encoder.windows",),
    "spacy": ("etl.nlp.names.spacy_tagger",),
    "rensa": ("etl.stories.candidates",),
    "rjieba": ("etl.nlp.gazetteer",),
    "newspaper": ("etl.extract.body.newspaper",),
    "torch": ("training",),
}


def _modules() -> dict[str, set[str]]:
    """Return for each module the modules it imports, at the top or inside functions."""
    modules = {}
    for folder in ("etl", "schemas", "dags"):
        for path in (ROOT / folder).rglob("*.py"):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            imports: set[str] = set()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    imports |= {alias.name for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    imports |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
            modules[name] = imports
    # `from a import b` may import the module a.b, or a name of the module a.
    return {
        module: {name for name in imports if name in modules or name.rpartition(".")[0] not in modules}
        for module, imports in modules.items()
    }


def _package(module: str) -> str | None:
    """Return the package or module directly under etl that holds a module; null if it is not in etl."""
    parts = module.split(".")
    return parts[1] if parts[0] == "etl" and len(parts) > 1 else None


def _layer(module: str) -> int:
    """Return the number of a module's layer: its own if it is listed, else its package's."""
    name = module.removeprefix("etl.")
    numbers = {listed: number for number, layer in enumerate(LAYERS) for listed in layer}
    return numbers.get(name, numbers[name.split(".")[0]])


def test_every_module_is_in_a_layer() -> None:
    packages = {package for module in _modules() if (package := _package(module))}
    assert packages <= {name for layer in LAYERS for name in layer}


def test_modules_import_only_from_their_own_layer_or_earlier_ones() -> None:
    for module, imports in _modules().items():
        package = _package(module)
        for imported in imports:
            other = _package(imported)
            if package and other and package != other:
                assert _layer(imported) <= _layer(module), f"{module} imports {imported}"


def test_stage_packages_do_not_import_each_other() -> None:
    for module, imports in _modules().items():
        for imported in imports:
            if _package(module) in STAGES and _package(imported) in STAGES:
                assert _package(module) == _package(imported), f"{module} imports {imported}"


def test_only_stage_modules_use_storage_in_the_packages_of_stages() -> None:
    for module, imports in _modules().items():
        is_worker = _package(module) in COMPUTING and not module.endswith(".stage")
        assert not (is_worker and imports & STORAGE), module


def test_no_modules_import_each_other_in_a_circle() -> None:
    modules = _modules()
    graph = {module: imports & modules.keys() - {"etl", module} for module, imports in modules.items()}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_only_the_layout_joins_paths_of_a_warehouse() -> None:
    joined = re.compile(r"[\w.]*(layout(\.\w+)+(\(.*\))?|warehouse) / ")
    for folder in ("etl", "dags"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
                    code = ast.unparse(node)
                    assert not joined.match(code), f"{path.relative_to(ROOT)}: {code}"


def test_schemas_do_not_import_etl() -> None:
    for module, imports in _modules().items():
        if module.startswith("schemas"):
            assert not any(name.startswith("etl") for name in imports), module


def test_large_libraries_are_imported_only_where_allowed() -> None:
    for module, imports in _modules().items():
        for imported in imports:
            allowed = ALLOWED_IMPORTERS.get(imported.split(".")[0])
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
