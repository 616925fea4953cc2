"""Untrusted SQL: one read-only SELECT on the published tables, in a separate process.

The process can read the data files of the warehouse and nothing else: no other file, no network, no extensions. The
statement cannot change settings. Time, memory and the size of the result are limited. The process runs as `python -m
etl.warehouse.safe_sql`: the request is JSON on standard input, the result is an Arrow stream on standard output.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa

from etl.errors import InputError, WarehouseError
from etl.warehouse.duck import answer_select, published_path

_EXIT_REFUSED = 3
_ENVIRONMENT = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")  # variables of the process: no others, they may be secret
_START_SECONDS = 10.0  # for the start of the process, in addition to the statement's limit
_RESERVED_BYTES = 2 * 2**30  # address space that libraries and threads reserve but do not use


@dataclass(frozen=True)
class Limits:
    """What a statement may use: seconds, MiB of memory, rows and MiB of its result, and threads."""

    seconds: float = 30.0
    memory_mib: int = 1024
    rows: int = 100_000
    answer_mib: int = 64
    threads: int = 2


def safe_query(warehouse: Path, sql: str, limits: Limits | None = None) -> pa.Table:
    """Execute one untrusted SELECT and return the first `limits.rows` rows of its result.

    Raises InputError if the statement is not allowed, contains a mistake or exceeds a limit.
    """
    limits = limits or Limits()
    request = {"warehouse": str(published_path(warehouse).parent.resolve()), "sql": sql, "limits": asdict(limits)}
    command = [sys.executable, "-m", "etl.warehouse.safe_sql"]
    environment = {name: value for name, value in os.environ.items() if name in _ENVIRONMENT}
    try:
        process = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=limits.seconds + _START_SECONDS,
            env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError(f"the statement took more than {limits.seconds:g} seconds; ask for less data") from None
    if process.returncode == _EXIT_REFUSED:
        raise InputError(process.stderr.decode("utf-8", "replace").strip())
    if process.returncode:
        raise InputError(
            f"the statement was stopped: it needs more than {limits.memory_mib} MiB of memory or {limits.seconds:g} "
            "seconds; ask for less data"
        )
    with pa.ipc.open_stream(process.stdout) as stream:
        return stream.read_all()


def _serve() -> None:
    """Answer the request on standard input: the part of this module that runs in the separate process."""
    request = json.loads(sys.stdin.buffer.read())
    limits = Limits(**request["limits"])
    seconds = int(limits.seconds * limits.threads) + int(_START_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    address_space = 2 * limits.memory_mib * 2**20 + _RESERVED_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (address_space, address_space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # a second barrier: the process cannot write to any file
    try:
        table = answer_select(
            Path(request["warehouse"]), request["sql"], limits.seconds, limits.memory_mib, limits.threads, limits.rows
        )
    except (InputError, WarehouseError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_EXIT_REFUSED)
    if table.nbytes > limits.answer_mib * 2**20:
        sys.stderr.write(f"the result is larger than {limits.answer_mib} MiB; ask for less data, or use LIMIT\n")
        sys.exit(_EXIT_REFUSED)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    _serve()
