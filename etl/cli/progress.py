"""What is said beside the results, on standard error: progress, warnings, errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, TaskID, TextColumn, TimeElapsedColumn

from etl.engine.stage import Progress as StageProgress

console = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar, on a terminal only; called with how many are done of how many."""
    with Progress(*_columns(), console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def stage_bars() -> Iterator[Callable[[StageProgress], None]]:
    """A progress bar a stage that has something to do."""
    with Progress(*_columns(), console=console) as progress:
        tasks: dict[str, TaskID] = {}

        def report(now: StageProgress) -> None:
            if now.total and now.stage not in tasks:
                tasks[now.stage] = progress.add_task(now.stage, total=now.total)
            if now.stage in tasks:
                progress.update(tasks[now.stage], completed=now.done, total=max(now.total, now.done))

        yield report


def _columns() -> tuple[ProgressColumn, ...]:
    return TextColumn("{task.description:9}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()


def warn(text: str) -> None:
    """One line that something is not as the user may think."""
    console.print("[yellow]warning:[/] ", end="")
    console.print(text, markup=False)


def print_error(problem: Exception) -> None:
    """One line that something cannot be done."""
    console.print("[red]error:[/] ", end="")
    console.print(str(problem), markup=False)
