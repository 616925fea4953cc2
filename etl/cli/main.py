"""The `dateline` command: its options, its commands, and how errors are shown.

Every module of this package that defines COMMANDS adds them to `dateline`.
"""

from __future__ import annotations

import os
import pkgutil
import signal
import sys
from importlib import import_module
from pathlib import Path

import click

import etl.cli
from etl import __version__
from etl.cli.options import PATH, Options
from etl.cli.progress import print_error, warn
from etl.errors import DatelineError, InputError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="dateline")
@click.option(
    "--config",
    type=PATH,
    help="Folder of the configuration (default: the environment variable DATELINE_CONFIG, else ./config, else the "
    "configuration that comes with Dateline).",
)
@click.option(
    "--warehouse",
    type=PATH,
    help="Folder of the warehouse (default: the environment variable DATELINE_WAREHOUSE, else `warehouse` in "
    "dateline.yaml).",
)
@click.option(
    "--workers",
    type=click.IntRange(1, 256),
    help="Number of processes that work in parallel (default: `workers` in dateline.yaml).",
)
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0,
    metavar="SECONDS",
    help="How long to wait for another process that is writing to the warehouse (default: not at all).",
)
@click.pass_context
def cli(context: click.Context, config: Path | None, warehouse: Path | None, workers: int | None, wait: float) -> None:
    """Turn news pages into tables of who said what about whom, and when."""
    context.obj = Options(config, warehouse, workers, wait)


for _module in pkgutil.iter_modules(etl.cli.__path__):
    if _module.name not in ("main", "__main__"):
        for _command in getattr(import_module(f"etl.cli.{_module.name}"), "COMMANDS", ()):
            cli.add_command(_command)


class _Terminated(SystemExit):
    """The process was asked to end (SIGTERM)."""


def _terminate(_number: int, _frame: object) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise _Terminated


def main() -> None:
    """Run the command. A user's mistake is one line on standard error and exit status 1."""
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _terminate)
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except (click.Abort, KeyboardInterrupt, _Terminated) as stop:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not interrupt the message
        warn("stopped; finished work is kept; run the same command again to continue")
        sys.exit(128 + (signal.SIGTERM if isinstance(stop, _Terminated) else signal.SIGINT))
    except DatelineError as error:
        print_error(error)
        sys.exit(1)
    except OSError as error:
        if not isinstance(error, BrokenPipeError):
            where = f"{error.filename}: " if error.filename else ""
            print_error(InputError(f"{where}{error.strerror or error}"))
            sys.exit(1)
        # Whatever read our output has ended (dateline … | head): write no more, and do not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
