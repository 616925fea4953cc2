"""`dateline demo` and `airflow`: run the pipeline in Airflow on this machine."""

from __future__ import annotations

import shutil
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from etl.cli.options import PATH, Options
from etl.cli.output import print_rows, print_text
from etl.cli.progress import console, stage_bars
from etl.errors import Fatal

if TYPE_CHECKING:
    from etl.demo.show import DemoResult
    from etl.pipeline.local_airflow import Airflow

home_option = click.option(
    "--home", type=PATH, default=Path(".airflow"), show_default=True, help="Folder of Airflow's database and logs."
)
port_option = click.option(
    "--port", type=click.IntRange(1024, 65535), help="Port of Airflow's web page (default: a free one)."
)


@click.command()
@click.option("--folder", type=PATH, default=Path(".demo"), show_default=True, help="Folder for the demo's files.")
@home_option
@port_option
@click.option("--stay", is_flag=True, help="Keep Airflow's web page running until Ctrl-C.")
@click.pass_obj
def demo(options: Options, folder: Path, home: Path, port: int | None, stay: bool) -> None:
    """Run the nightly pipeline in Airflow on invented news.

    At the end a timeline and the answers to some example queries are shown.
    """
    from etl.demo.nights import run_nights
    from etl.demo.show import demo_result, demo_settings

    settings = demo_settings(folder, options.workers or 2)
    signal.signal(signal.SIGTERM, _exit)  # or Airflow's processes would go on running
    console.print("starting Airflow: it imports an archive of 16 days, then runs five nights, one after another")
    with stage_bars() as report:

        def show_results(running: Airflow, runs: int) -> None:
            _print_results(demo_result(settings, runs, report), folder)
            if stay:
                _print_address(running)
                _wait_for_interrupt(running)

        run_nights(settings, home, port, report, show_results)


def _print_results(results: DemoResult, folder: Path) -> None:
    runs = f"{results.runs} runs of Airflow" if results.runs else "all nights had been run before; none was run again"
    print_text(f"\n{runs}" + (f"; {results.stale} units computed again for newer code" if results.stale else ""))
    print_text(f"\n{results.title}\n")
    print_rows(*results.timeline, "table")
    print_text(f"\nthe same as a picture: {results.picture}")
    print_text(f"the tables:            {results.published}")
    command = "dateline" if shutil.which("dateline") else sys.argv[0]
    print_text(f'your own SQL:          {command} --config {folder / "config"} sql "SELECT …"\n')
    for question, statement, columns, rows in results.examples:
        print_text(f"-- {question}\n{statement}\n")
        print_rows(columns, rows, "table")
        print_text("")


@click.command()
@home_option
@port_option
@click.pass_obj
def airflow(options: Options, home: Path, port: int | None) -> None:
    """Run Airflow on this machine with your configuration.

    It runs until Ctrl-C. All DAGs start paused; unpause them on Airflow's web page.
    """
    from etl.pipeline import local_airflow

    settings = options.settings()
    signal.signal(signal.SIGTERM, _exit)
    console.print("starting Airflow ...")
    with local_airflow.airflow(home, settings.config, port) as running:
        _print_address(running)
        _wait_for_interrupt(running)


def _exit(*_: object) -> None:
    sys.exit(143)


def _print_address(running: Airflow) -> None:
    print_text(f"Airflow: {running.address}  user: admin  password: {running.password}")
    print_text("Stop it with Ctrl-C; it remembers which runs are done.")


def _wait_for_interrupt(running: Airflow) -> None:
    """Wait for Ctrl-C, or until one of the processes ends by itself. Raises Fatal."""
    with suppress(KeyboardInterrupt):
        while not (dead := running.dead()):
            time.sleep(1)
        raise Fatal(dead)


COMMANDS = (demo, airflow)
