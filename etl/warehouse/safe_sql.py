"""SQL from somebody who is not trusted: read-only, alone in a process, with nothing but the published tables.

The process may read the data files of the warehouse and nothing else: no other file, no network, no extension, no
change of a setting; one SELECT; time, memory and the size of the answer are limited. It runs as `python -m
etl.warehouse.safe_sql`: the request is JSON on standard input, the answer is an Arrow stream on standard output.
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
_PASSED_ON = ("PATH", "LANG", "PYTHONPATH", "VIRTUAL_ENV")  # no secrets of the environment
_START = 10.0  # seconds that a process may take to start, beside the statement's


@dataclass(frozen=True)
class Limits:
    """What a statement may use: seconds, MiB of memory, rows and MiB of the answer, threads."""

    seconds: float = 30.0
    memory_mib: int = 1024
    rows: int = 100_000
    answer_mib: int = 64
    threads: int = 2


def safe_query(warehouse: Path, sql: str, limits: Limits | None = None) -> pa.Table:
    """The result of one SELECT, its first `rows`. Raises InputError where it is refused, wrong or too big."""
    limits = limits or Limits()
    request = {"warehouse": str(published_path(warehouse).parent.resolve()), "sql": sql, "limits": asdict(limits)}
    command = [sys.executable, "-m", "etl.warehouse.safe_sql"]
    environment = {name: value for name, value in os.environ.items() if name in _PASSED_ON}
    try:
        done = subprocess.run(
            command, input=json.dumps(request).encode(), capture_output=True, timeout=limits.seconds + _START,
            env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError(f"the statement took more than {limits.seconds:g} seconds; ask for less") from None
    if done.returncode == _EXIT_REFUSED:
        raise InputError(done.stderr.decode("utf-8", "replace").strip())
    if done.returncode:
        raise InputError(
            f"the statement was stopped: it needs more than {limits.memory_mib} MiB or {limits.seconds:g} s"
        )
    with pa.ipc.open_stream(done.stdout) as stream:
        return stream.read_all()


def _serve() -> None:
    request = json.loads(sys.stdin.buffer.read())
    limits = Limits(**request["limits"])
    seconds = int(limits.seconds * limits.threads) + int(_START)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    space = 2 * limits.memory_mib * 2**20 + 2 * 2**30  # libraries and threads reserve more than they use
    resource.setrlimit(resource.RLIMIT_AS, (space, space))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # nothing is written, wherever a hole may be
    try:
        table = answer_select(
            Path(request["warehouse"]), request["sql"], limits.seconds, limits.memory_mib, limits.threads, limits.rows
        )
    except (InputError, WarehouseError) as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(_EXIT_REFUSED)
    if table.nbytes > limits.answer_mib * 2**20:
        sys.stderr.write(f"the answer is larger than {limits.answer_mib} MiB; ask for less, or use LIMIT\n")
        sys.exit(_EXIT_REFUSED)
    with pa.ipc.new_stream(sys.stdout.buffer, table.schema) as stream:
        stream.write_table(table)


if __name__ == "__main__":
    _serve()
