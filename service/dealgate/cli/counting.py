"""The progress of a long command that does not know its end, on a terminal."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn


@contextmanager
def counting(what: str, unit: str) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes how many more are done; without a terminal it draws nothing."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn(f"{what} {{task.completed:,}} {unit}"),
        TimeElapsedColumn(),
    )
    terminal = console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=not terminal) as shown:
        task = shown.add_task(what, total=None)
        yield lambda more: shown.update(task, advance=more)
