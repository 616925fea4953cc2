"""Messages on standard error, apart from the results: progress, notes, warnings, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TaskID, TextColumn, TimeElapsedColumn

from etl.engine.stage import Progress as StageProgress
from etl.text import without_controls

console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """Show a progress bar, on a terminal only; gives a function that takes the numbers done and in total."""
    with Progress(*_columns(), console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def stage_bars() -> Iterator[Callable[[StageProgress], None]]:
    """Show a progress bar for each stage that has something to do; nothing if none has."""
    progress = Progress(*_columns(), console=console)
    tasks: dict[str, TaskID] = {}

    def report(state: StageProgress) -> None:
        if state.total and state.stage not in tasks:
            progress.start()
            tasks[state.stage] = progress.add_task(state.stage, total=state.total)
        if state.stage in tasks:
            progress.update(tasks[state.stage], completed=state.done, total=max(state.total, state.done))

    try:
        yield report
    finally:
        if tasks:
            progress.stop()


def _columns() -> tuple[ProgressColumn, ...]:
    return TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()


def note(text: str) -> None:
    """Print a line that helps to read the result."""
    console.print(f"note: {text}", markup=False)


def warn(text: str) -> None:
    """Print a line about something that may not be what the user expects."""
    console.print("[yellow]warning:[/] ", end="")
    console.print(without_controls(text), markup=False)


def print_error(error: Exception) -> None:
    """Print a line that says what cannot be done."""
    console.print("[red]error:[/] ", end="")
    console.print(without_controls(str(error)), markup=False)
