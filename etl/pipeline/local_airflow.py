"""Starts Airflow on this machine, queries it through its REST API, and stops it. Used for the demo and trials.

It uses SQLite and the LocalExecutor and keeps all its files in one folder; on a server use docker-compose.yml. Airflow
is never imported here: it runs in separate processes.
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

# Beside etl/ in a checkout, inside it in a wheel.
DAGS = next((p for p in (Path(__file__).parents[n] / "dags" for n in (2, 1)) if p.is_dir()), Path("dags"))
_PROCESSES = ("api-server", "dag-processor", "scheduler")
_OPTIONS = {"scheduler": ("--skip-serve-logs",)}  # the log server listens on all addresses; logs are local files here
_USER = "admin"
_START_SECONDS = 120
_STOP_SECONDS = 20
_REQUEST_SECONDS = 30
_MAX_ERROR_LENGTH = 300


@dataclass(frozen=True)
class DagRun:
    """A run of a DAG. `done` counts its finished tasks, `total` all tasks; `failed` are the ids of failed tasks."""

    id: str
    day: str
    state: str
    done: int
    total: int
    failed: tuple[str, ...]

    @property
    def ended(self) -> bool:
        """Whether the run has ended, successfully or not."""
        return self.state in ("success", "failed")


@dataclass
class Airflow:
    """A running Airflow: its folder, its address, its processes by name, and the login."""

    home: Path
    address: str
    environment: Mapping[str, str]
    processes: dict[str, subprocess.Popen[bytes]]
    password: str = ""
    token: str = ""

    def request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Send a request to the REST API (`path` is relative to /api/v2) and return the JSON of its answer.

        Raises Retryable if the request fails.
        """
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
        return _request(method, f"{self.address}/api/v2{path}", headers, body)

    def ready(self, dag: str) -> None:
        """Wait until Airflow has read a DAG, and unpause it. Raises Fatal if a DAG file has a mistake."""
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            with suppress(Retryable):  # Airflow has not read the DAG yet
                self.request("PATCH", f"/dags/{dag}", {"is_paused": False})
                return
            if errors := self.request("GET", "/importErrors")["import_errors"]:
                raise Fatal(f"{errors[0]['filename']}: {errors[0]['stack_trace'].strip().splitlines()[-1]}")
            time.sleep(0.5)
        raise Fatal(f"Airflow did not read the DAG {dag} within {_START_SECONDS} seconds; see {self.home / 'logs'}")

    def runs(self, dag: str) -> list[DagRun]:
        """Return the runs of a DAG, at most 100, ordered by time."""
        runs = self.request("GET", f"/dags/{dag}/dagRuns?limit=100&order_by=run_after")["dag_runs"]
        return [self._run(dag, run) for run in runs]

    def _run(self, dag: str, run: Mapping[str, Any]) -> DagRun:
        path = f"/dags/{dag}/dagRuns/{urllib.parse.quote(run['dag_run_id'])}/taskInstances?limit=1000"
        tasks = [] if run["state"] in ("success", "queued") else self.request("GET", path)["task_instances"]
        done = sum(task["state"] in ("success", "skipped", "failed", "upstream_failed") for task in tasks)
        failed = tuple(task["task_id"] for task in tasks if task["state"] == "failed")
        return DagRun(run["dag_run_id"], run["run_after"][:10], run["state"], done, len(tasks), failed)

    def trigger(self, dag: str, run_id: str, conf: Mapping[str, Any]) -> None:
        """Start a run of a DAG, unless a run with this id exists."""
        if all(run.id != run_id for run in self.runs(dag)):
            self.request("POST", f"/dags/{dag}/dagRuns", {"dag_run_id": run_id, "logical_date": None, "conf": conf})

    def wait(self, dag: str, runs: int, report: Callable[[Sequence[DagRun]], None]) -> list[DagRun]:
        """Wait until a DAG has at least `runs` runs and all have ended; return them.

        `report` is called every second. Raises Fatal if a process of Airflow has ended.
        """
        while True:
            if message := self.dead():
                raise Fatal(message)
            dag_runs = self.runs(dag)
            report(dag_runs)
            if len(dag_runs) >= runs and all(run.ended for run in dag_runs):
                return dag_runs
            time.sleep(1)

    def start(self, name: str) -> None:
        """Start a process of Airflow; its output goes to logs/<name>.log."""
        log = (self.home / "logs" / f"{name}.log").open("ab")
        command = [sys.executable, "-m", "airflow", name, *_OPTIONS.get(name, ())]
        self.processes[name] = subprocess.Popen(
            command, env=self.environment, cwd=self.home, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._write_process_ids()

    def _write_process_ids(self) -> None:
        """Write the ids of the processes to a file, so that they are known even if this process is killed."""
        pids = {name: process.pid for name, process in self.processes.items()}
        (self.home / "processes.json").write_text(json.dumps(pids), encoding="utf-8")

    def stop(self, name: str, how: signal.Signals = signal.SIGTERM) -> None:
        """Stop a process of Airflow and its children. It is killed if it does not end within _STOP_SECONDS."""
        process = self.processes.pop(name)
        self._write_process_ids()
        _signal(process, how)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        _signal(process, signal.SIGKILL)
        process.wait()

    def dead(self) -> str | None:
        """Return a message about the first process that has ended by itself, with its log; null if all are running."""
        ended = [name for name, process in self.processes.items() if process.poll() is not None]
        return f"airflow {ended[0]} has ended; see {self.home / 'logs' / ended[0]}.log" if ended else None


@contextmanager
def airflow(home: Path, config: Path, port: int | None = None) -> Iterator[Airflow]:
    """Run Airflow with Dateline's DAGs and one configuration while the context lasts.

    `home` keeps Airflow's database, so that earlier runs are known. It can be used for one configuration only. DAGs
    start paused. Raises ConfigError if the DAGs are not installed, InputError, Fatal.
    """
    if not DAGS.is_dir():
        raise ConfigError(f"{DAGS}: no such folder; the DAGs are only in the repository: install Dateline from there")
    home = home.absolute()
    _claim(home, config.absolute())
    _refuse_if_running(home)
    port = free_port(port or 0)
    running = Airflow(home, f"http://127.0.0.1:{port}", _environment(home, config.absolute(), port), {})
    home.chmod(0o700)  # Airflow writes the password into files that all users of this machine may read
    (home / "logs").mkdir(parents=True, exist_ok=True)
    _migrate(running)
    try:
        for name in _PROCESSES:
            running.start(name)
        wait_for_answer(running, home / "simple_auth_manager_passwords.json.generated")
        _set_pools(running)
        yield running
    finally:
        for name in reversed(
            list(running.processes)
        ):  # the scheduler before the API server, which its tasks need until they end
            running.stop(name)


def free_port(port: int = 0) -> int:
    """Return an unused port of the loopback interface: `port`, or any if it is 0. Raises InputError if it is in use."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise InputError(f"port {port}: {error.strerror}; choose another with --port") from None
        return int(probe.getsockname()[1])


def _airflow_version() -> str:
    """Return the version of the installed Airflow. Raises InputError if it is not installed."""
    try:
        return importlib.metadata.version("apache-airflow")
    except importlib.metadata.PackageNotFoundError:
        raise InputError(
            "Airflow is not installed; install it with: pip install -c constraints.txt -e '.[airflow]'"
        ) from None


def _claim(home: Path, config: Path) -> None:
    """Tie `home` to a configuration, because the runs in its database belong to that configuration's warehouse.

    Raises InputError if it belongs to another one.
    """
    owner_file = home / "dateline.json"
    if owner_file.exists():
        owner = json.loads(owner_file.read_text(encoding="utf-8"))["config"]
        if owner != str(config):
            raise InputError(
                f"{home}: belongs to the configuration {owner}; delete this folder, or work in another one"
            )
        return
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner_file.write_text(json.dumps({"config": str(config)}), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{home}: cannot be written: {error.strerror}") from None


def _refuse_if_running(home: Path) -> None:
    """Raise InputError if Airflow is running in `home`: two schedulers would damage its database."""
    pids_file = home / "processes.json"
    pids = json.loads(pids_file.read_text(encoding="utf-8")).values() if pids_file.exists() else ()
    if running := [pid for pid in pids if _is_airflow(pid)]:
        groups = " ".join(f"-{pid}" for pid in running)
        raise InputError(f"{home}: Airflow is already running here; stop it where it was started, or: kill -- {groups}")


def _is_airflow(pid: int) -> bool:
    try:
        return b"airflow" in Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return False


def _environment(home: Path, config: Path, port: int) -> dict[str, str]:
    """Return the environment of Airflow's processes: this process's, with other variables of Airflow and Dateline."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW_", "DATELINE_"))}
    return inherited | {
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
        "DATELINE_AIRFLOW_DATABASE": f"sqlite:///{home / 'airflow.db'}",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.3",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",  # seconds; reading the DAGs takes 3 s of one core
        # A task's supervisor notices the end of the task only at its next heartbeat.
        "AIRFLOW__WORKERS__MIN_HEARTBEAT_INTERVAL": "1",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        "PYTHONWARNINGS": "ignore",
    }


def _migrate(running: Airflow) -> None:
    """Create or upgrade the database, once for each version of Airflow."""
    version_file = running.home / "migrated"
    version = _airflow_version()
    if version_file.exists() and version_file.read_text() == version:
        return
    command = [sys.executable, "-m", "airflow", "db", "migrate"]
    result = subprocess.run(command, env=running.environment, cwd=running.home, capture_output=True, check=False)
    if result.returncode:
        log = running.home / "logs" / "migrate.log"
        log.write_bytes(result.stdout + result.stderr)
        raise Fatal(f"airflow db migrate failed; see {log}")
    version_file.write_text(version)


def wait_for_answer(running: Airflow, passwords: Path) -> None:
    """Wait until all processes are healthy, and log in to the API with the password in the file `passwords`.

    Airflow writes that file when it starts. Raises Fatal.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if message := running.dead():
            raise Fatal(message)
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
    """Create the pools of dags/pools.json that do not exist yet. Existing pools are not changed."""
    existing = {pool["name"] for pool in running.request("GET", "/pools?limit=100")["pools"]}
    for name, pool in json.loads((DAGS / "pools.json").read_text(encoding="utf-8")).items():
        if name not in existing:
            running.request("POST", "/pools", {"name": name, **pool})


def _request(method: str, url: str, headers: Mapping[str, str], body: Mapping[str, Any] | None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data=data, headers=dict(headers), method=method)
    try:
        with urllib.request.urlopen(request, timeout=_REQUEST_SECONDS) as response:
            return json.loads(response.read() or b"null")
    except urllib.error.HTTPError as error:
        raise Retryable(
            f"{method} {url}: {error.code} {error.read()[:_MAX_ERROR_LENGTH].decode(errors='replace')}"
        ) from None
    except (OSError, ValueError) as error:
        raise Retryable(f"{method} {url}: {error}") from None


def _signal(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)
