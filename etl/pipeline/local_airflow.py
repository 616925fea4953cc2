"""Airflow on this machine: its processes started, asked over its REST API, and stopped. For the demo and trying out.

SQLite and the LocalExecutor, everything below one folder; on a server use docker-compose.yml. Airflow itself is never
imported here: it runs in processes of its own.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from etl.errors import ConfigError, Fatal, InputError, Retryable

DAGS = Path(__file__).parents[2] / "dags"
_PROCESSES = ("api-server", "dag-processor", "scheduler")
_USER = "admin"
_START_SECONDS = 120


@dataclass(frozen=True)
class DagRun:
    """A run of a DAG: its name, day and state, tasks that have ended and tasks in all, and those that failed."""

    id: str
    day: str
    state: str
    done: int
    total: int
    failed: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether it is over, well or badly."""
        return self.state in ("success", "failed")


@dataclass
class Airflow:
    """Running processes of Airflow and how to reach them."""

    home: Path
    address: str
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]]
    password: str = ""
    token: str = ""

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """A request to the REST API (`path` below /api/v2). Raises Retryable where it cannot be answered."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        return _request(method, f"{self.address}/api/v2{path}", headers, body)

    def ready(self, dag: str) -> None:
        """Waits until a DAG is known, and lets it run. Raises Fatal where its file has a mistake."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with suppress(Retryable):  # not parsed yet
                self.ask("PATCH", f"/dags/{dag}", {"is_paused": False})
                return
            if errors := self.ask("GET", "/importErrors")["import_errors"]:
                raise Fatal(f"{errors[0]['filename']}: {errors[0]['stack_trace'].strip().splitlines()[-1]}")
            time.sleep(0.5)
        raise Fatal(f"Airflow did not read the DAG {dag} within {_START_SECONDS} seconds; see {self.home / 'logs'}")

    def runs(self, dag: str) -> list[DagRun]:
        """The runs of a DAG in order of their times, with how far they are."""
        found = self.ask("GET", f"/dags/{dag}/dagRuns?limit=100&order_by=run_after")["dag_runs"]
        return [self._run(dag, run) for run in found]

    def _run(self, dag: str, run: Mapping[str, Any]) -> DagRun:
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances?limit=1000"
        tasks = [] if run["state"] in ("success", "queued") else self.ask("GET", path)["task_instances"]
        done = sum(task["state"] in ("success", "skipped", "failed", "upstream_failed") for task in tasks)
        failed = tuple(task["task_id"] for task in tasks if task["state"] == "failed")
        return DagRun(run["dag_run_id"], run["run_after"][:10], run["state"], done, len(tasks), failed)

    def trigger(self, dag: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Asks for a run; one of that name that is there already is left alone."""
        if all(run.id != run_id for run in self.runs(dag)):
            self.ask("POST", f"/dags/{dag}/dagRuns", {"dag_run_id": run_id, "logical_date": None, "conf": conf})

    def wait(self, dag: str, runs: int, report: Callable[[Sequence[DagRun]], None]) -> list[DagRun]:
        """Waits until a DAG has so many runs and all of them have ended; reports every second. Raises Fatal."""
        while True:
            if dead := self.dead():
                raise Fatal(dead)
            found = self.runs(dag)
            report(found)
            if len(found) >= runs and all(run.ended for run in found):
                return found
            time.sleep(1)

    def start(self, name: str) -> None:
        """Starts one of the processes; its output goes to logs/<name>.log."""
        log = (self.home / "logs" / f"{name}.log").open("ab")
        command = [sys.executable, "-m", "airflow", name]
        self.processes[name] = subprocess.Popen(
            command, env=self.environment, cwd=self.home, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._note_processes()

    def _note_processes(self) -> None:
        """Leaves word of what runs here, for a start after this process was killed."""
        pids = {name: process.pid for name, process in self.processes.items()}
        (self.home / "processes.json").write_text(json.dumps(pids), encoding="utf-8")

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """Stops one of the processes with its children; by force where it takes longer than 20 seconds."""
        process = self.processes.pop(name)
        self._note_processes()
        _signal(process, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(20)
        _signal(process, signal.SIGKILL)
        process.wait()

    def dead(self) -> str | None:
        """The first process that ended by itself, with where it says why."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        return f"airflow {ended[0]} has ended; see {self.home / 'logs' / ended[0]}.log" if ended else None


@contextmanager
def airflow(home: Path, config: Path, port: int | None = None) -> Iterator[Airflow]:
    """Airflow with the DAGs and this configuration, for as long as the context lasts. Raises InputError, Fatal.

    `home` keeps its database, so that runs stay known; it belongs to one configuration. DAGs start paused.
    """
    if not DAGS.is_dir():
        raise ConfigError(f"{DAGS}: the DAGs are not beside the package; install Dateline from its repository")
    home = home.absolute()
    _claim(home, config.absolute())
    _refuse_a_second(home)
    port = free_port(port or 0)
    running = Airflow(home, f"http://127.0.0.1:{port}", _environment(home, config.absolute(), port), {})
    (home / "logs").mkdir(parents=True, exist_ok=True)
    _migrate(running)
    try:
        for name in _PROCESSES:
            running.start(name)
        wait_for_answer(running, home / "simple_auth_manager_passwords.json.generated")
        _set_pools(running)
        yield running
    finally:
        for name in reversed(list(running.processes)):  # the scheduler's tasks need the API until they end
            running.stop(name)


def free_port(wanted: int = 0) -> int:
    """A port of the loopback interface that nobody uses now, `wanted` if given. Raises InputError where it is used."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError as error:
            raise InputError(f"port {wanted}: {error.strerror}; choose another with --port") from None
        return int(probe.getsockname()[1])


def _version() -> str:
    try:
        return importlib.metadata.version("apache-airflow")
    except importlib.metadata.PackageNotFoundError:
        raise InputError(
            "Airflow is not installed; install it with: pip install -c constraints.txt -e '.[airflow]'"
        ) from None


def _claim(home: Path, config: Path) -> None:
    """Notes whose Airflow this is: the runs in its database are of one configuration and warehouse."""
    note = home / "dateline.json"
    if note.exists():
        owner = json.loads(note.read_text(encoding="utf-8"))["config"]
        if owner != str(config):
            raise InputError(f"{home}: belongs to the configuration {owner}; remove it, or work in another folder")
        return
    try:
        home.mkdir(parents=True, exist_ok=True)
        note.write_text(json.dumps({"config": str(config)}), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{home}: cannot be written: {error.strerror}") from None


def _refuse_a_second(home: Path) -> None:
    """Two schedulers on one database would spoil it. Raises InputError where one is running."""
    note = home / "processes.json"
    pids = json.loads(note.read_text(encoding="utf-8")).values() if note.exists() else ()
    if alive := [pid for pid in pids if _is_airflow(pid)]:
        groups = " ".join(f"-{pid}" for pid in alive)
        raise InputError(f"{home}: Airflow is running here already; stop it where it was started, or: kill -- {groups}")


def _is_airflow(pid: int) -> bool:
    try:
        return b"airflow" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _environment(home: Path, config: Path, port: int) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "DATELINE_"))}
    return kept | {
        "AIRFLOW_HOME": str(home),
        "DATELINE_CONFIG": str(config),
        **{name: os.environ[name] for name in ("DATELINE_WAREHOUSE", "DATELINE_CONTACT") if name in os.environ},
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
        "AIRFLOW__CORE__PARALLELISM": str(2 + (os.cpu_count() or 2)),
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{_USER}:admin",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",  # seconds: each parsing costs three of a core
        # A task's supervisor was seen to notice its end only at the next heartbeat.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONWARNINGS": "ignore",
    }


def _migrate(running: Airflow) -> None:
    """Makes or upgrades the database, once a version of Airflow."""
    done = running.home / "migrated"
    version = _version()
    if done.exists() and done.read_text() == version:
        return
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    result = subprocess.run(command, env=running.environment, cwd=running.home, capture_output=True, check=False)
    if result.returncode:
        log = running.home / "logs" / "migrate.log"
        log.write_bytes(result.stdout + result.stderr)
        raise Fatal(f"airflow db migrate failed; see {log}")
    done.write_text(version)


def wait_for_answer(running: Airflow, passwords: Path) -> None:
    """Until all processes are well and the API lets us in with the password that it made. Raises Fatal."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if dead := running.dead():
            raise Fatal(dead)
        try:
            health = _request("GET", f"{running.address}/api/v2/monitor/health", {}, None)
            if health["scheduler"]["status"] == "healthy" and health["dag_processor"]["status"] == "healthy":
                running.password = json.loads(passwords.read_text(encoding="utf-8"))[_USER]
                login = {"username": _USER, "password": running.password}
                headers = {"Content-Type": "application/json"}
                running.token = _request("POST", f"{running.address}/auth/token", headers, login)["access_token"]
                return
        except (Retryable, FileNotFoundError):
            pass
        time.sleep(0.3)
    raise Fatal(f"Airflow did not start within {_START_SECONDS} seconds; see {running.home / 'logs'}")


def _set_pools(running: Airflow) -> None:
    known = {pool["name"] for pool in running.ask("GET", "/pools?limit=100")["pools"]}
    for name, pool in json.loads((DAGS / "pools.json").read_text(encoding="utf-8")).items():
        if name not in known:
            running.ask("POST", "/pools", {"name": name, **pool})


def _request(method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        raise Retryable(f"{method} {url}: {error.code} {error.read()[:300].decode(errors='replace')}") from None
    except (OSError, ValueError) as error:
        raise Retryable(f"{method} {url}: {error}") from None


def _signal(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)
