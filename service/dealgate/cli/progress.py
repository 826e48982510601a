"""How far a long command is, if somebody looks."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dealgate.cases.mutation.survivors import Progress as Told


class Bars:
    """A bar for each rule set in turn."""

    def __init__(self, progress: Progress) -> None:
        """Draw on `progress`."""
        self._progress = progress

    def begin(self, name: str) -> Told:
        """Begin the next; what is returned takes how many more mutants are done."""
        task = self._progress.add_task(name, total=None)
        return lambda more: self._progress.update(task, advance=more)


@contextmanager
def progress() -> Iterator[Bars]:
    """Draw on the terminal; where there is none, on nothing."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} mutants"),
    )
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as shown:
        yield Bars(shown)
