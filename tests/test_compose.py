"""docker-compose.yml and Dockerfile: their content, and a night with the command of each service.

No container engine is needed: `docker-compose config` reads the file, and PostgreSQL and the services run natively.
"""

from __future__ import annotations

import base64
import re
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from etl.demo.site import sample_world, serving
from etl.demo.world import load_world
from etl.pipeline.local_airflow import Airflow, free_port, wait_for_answer
from evaluation.airflow_nights import run_nights_directly, sample_settings
from evaluation.table_hashes import table_hashes

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PERMANENT_SERVICES = ("postgres", "api-server", "scheduler", "dag-processor")
_SECRETS = {
    "POSTGRES_PASSWORD": secrets.token_hex(16), "API_SECRET_KEY": secrets.token_hex(32),
    "JWT_SECRET": secrets.token_hex(32), "FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    "DATELINE_CONTACT": "desk@paper.example",
}  # fmt: skip


def test_the_image_has_the_pinned_version_of_airflow() -> None:
    (pinned,) = re.findall(r"^apache-airflow==(\S+)$", (ROOT / "constraints.txt").read_text(), re.MULTILINE)
    (tag,) = re.findall(r"^FROM apache/airflow:(\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert tag.split("-")[0] == pinned


def test_every_folder_that_the_image_copies_exists_and_is_not_ignored() -> None:
    copied = re.findall(r"^COPY --chown=\S+ (.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    allowed = (ROOT / ".dockerignore").read_text().split()
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
        assert f"!{name}" in allowed, name


def test_every_permanent_service_has_a_health_check_and_is_restarted() -> None:
    for name in PERMANENT_SERVICES:
        assert SERVICES[name]["healthcheck"]["test"], name
        assert SERVICES[name]["restart"] == "unless-stopped", name
    assert all(service["profiles"] == ["single"] for service in SERVICES.values())


def test_no_secret_has_a_default() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    assert set(re.findall(r"\$\{(\w+)", text)) == set(_SECRETS) | {"HOSTNAME"}
    assert all(re.search(r":\?set ", used) for used in re.findall(r"(?<!\$)\$\{([^}]+)\}", text))


def test_airflows_page_is_reachable_from_this_machine_only() -> None:
    published = {port for service in SERVICES.values() for port in service.get("ports", [])}
    assert published == {"127.0.0.1:8080:8080"}


@pytest.mark.skipif(shutil.which("docker-compose") is None, reason="docker-compose (Debian's package) is not installed")
def test_docker_compose_reads_the_file_and_refuses_it_without_secrets(tmp_path: Path) -> None:
    shutil.copy(ROOT / "docker-compose.yml", tmp_path)
    command = ["docker-compose", "--profile", "single", "config"]
    without_secrets = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert without_secrets.returncode != 0
    assert re.search("set [A-Z_]+ in .env", without_secrets.stderr)
    (tmp_path / ".env").write_text("".join(f"{name}={value}\n" for name, value in _SECRETS.items()))
    with_secrets = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert set(yaml.safe_load(with_secrets.stdout)["services"]) == set(SERVICES)


# -- native processes ------------------------------------------------------------------------------------------------


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[int]:
    """Yield the port of a new PostgreSQL server that is set up as the service `postgres`."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    if not programs:
        pytest.skip("PostgreSQL (Debian's package) is not installed")
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.owner() == tmp_path.owner() and parent != Path(parent.anchor) and parent.name != "tmp":
            parent.chmod(0o755)
    data, port = tmp_path / "postgres", free_port()
    data.mkdir()
    shutil.chown(data, "postgres")
    password = data.with_suffix(".password")
    password.write_text(_SECRETS["POSTGRES_PASSWORD"])
    as_postgres = ["runuser", "--user", "postgres", "--"]
    server = str(programs[-1] / "pg_ctl")
    init = [f"--pgdata={data}", "--username=airflow", "--auth=scram-sha-256", f"--pwfile={password}"]
    subprocess.run([*as_postgres, str(programs[-1] / "initdb"), *init], check=True, capture_output=True)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={data}"
    start = [*as_postgres, server, f"--pgdata={data}", "--wait", f"--log={data}/log", f"--options={options}", "start"]
    subprocess.run(start, check=True, capture_output=True)
    address = f"postgresql://airflow:{_SECRETS['POSTGRES_PASSWORD']}@127.0.0.1:{port}/postgres"
    subprocess.run(["psql", address, "--command", "CREATE DATABASE airflow"], check=True, capture_output=True)
    yield port
    stop = [*as_postgres, server, f"--pgdata={data}", "--mode=immediate", "stop"]
    subprocess.run(stop, check=True, capture_output=True)


def native_environment(home: Path, config: Path, database: int, port: int) -> dict[str, str]:
    """Return the services' environment, with the containers' addresses and folders replaced by this machine's."""
    replacements = {
        "@postgres:5432": f"@127.0.0.1:{database}", "http://api-server:8080": f"http://127.0.0.1:{port}",
        "/opt/airflow/secrets": str(home), "/data/config": str(config), "/data/warehouse": f"{config.parent}/warehouse",
    }  # fmt: skip
    environment = {}
    for name, value in SERVICES["scheduler"]["environment"].items():
        filled = re.sub(r"\$\{(\w+):\?[^}]*\}", lambda match: _SECRETS[match[1]], str(value))
        for container, native in replacements.items():
            filled = filled.replace(container, native)
        environment[name] = filled
    bin_folder = str(Path(sys.executable).parent)
    return environment | {
        "AIRFLOW_HOME": str(home), "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"), "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()), "PATH": f"{bin_folder}:/usr/bin:/bin",
        "HOSTNAME": subprocess.check_output(["hostname"], text=True).strip(), "LANG": "C.UTF-8",
    }  # fmt: skip


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_services_run_a_night_on_postgres(tmp_path: Path, postgres: int) -> None:
    night = (date(2025, 9, 3), date(2025, 9, 3))
    settings, calm = sample_settings(tmp_path / "services"), sample_settings(tmp_path / "direct")
    # The contact is part of the archived requests.
    run_nights_directly(calm.model_copy(update={"contact": _SECRETS["DATELINE_CONTACT"]}), night)
    home, port = tmp_path / "home", free_port()
    (home / "logs").mkdir(parents=True)
    environment = native_environment(home, settings.config, postgres, port)
    init = SERVICES["init"]["command"][-1].replace("/opt/dateline", str(ROOT))
    subprocess.run(["bash", "-c", init], env=environment, cwd=home, check=True, capture_output=True)
    running = Airflow(home, f"http://127.0.0.1:{port}", environment, {})
    with serving(sample_world(load_world())) as server:
        replay = f"{{server: '{server}', first_night: {night[0]}, last_night: {night[1]}}}"
        (settings.config / "dateline.yaml").write_text(f"replay: {replay}\n")
        try:
            for name in ("api-server", "scheduler", "dag-processor"):
                running.start(SERVICES[name]["command"])
            wait_for_answer(running, home / "passwords.json")
            running.ready("news_nightly")
            (run,) = running.wait("news_nightly", 1, lambda _: None)
            health = {name: healthy(name, environment, port) for name in ("api-server", "scheduler", "dag-processor")}
        finally:
            for name in list(running.processes)[::-1]:
                running.stop(name)
    assert run.state == "success"
    assert table_hashes(settings) == table_hashes(calm)
    assert health == dict.fromkeys(health, True)


def healthy(name: str, environment: dict[str, str], port: int) -> bool:
    """Return whether a service's health check passes within a minute."""
    kind, *command = SERVICES[name]["healthcheck"]["test"]
    check = " ".join(command).replace("localhost:8080", f"127.0.0.1:{port}").replace("$$", "$")
    assert kind in ("CMD", "CMD-SHELL")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if subprocess.run(["bash", "-c", check], env=environment, capture_output=True, check=False).returncode == 0:
            return True
        time.sleep(1)
    return False
