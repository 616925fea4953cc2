"""Dateline: turn news pages into tables of who said what about whom, and when.

>>> import etl
>>> warehouse = etl.open_warehouse("my-project/warehouse")
>>> warehouse.import_files(["texts.jsonl"])
>>> warehouse.run()
>>> warehouse.query("SELECT outlet, count(*) AS n FROM articles GROUP BY ALL")

docs/python.md describes these functions. The modules behind them are loaded on first use, so that `import etl` is fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from etl.pipeline.api import ImportReport, RunReport, Warehouse, annotate, open_warehouse

__version__ = "0.1.0"
__all__ = ["ImportReport", "RunReport", "Warehouse", "__version__", "annotate", "open_warehouse"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'etl' has no attribute {name!r}")
    from etl.pipeline import api

    return getattr(api, name)


def __dir__() -> list[str]:
    return __all__
