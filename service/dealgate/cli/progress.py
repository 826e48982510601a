"""The progress of a long command, on a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loading it takes longer than most commands
    from rich.progress import Progress

    from dealgate.cases.mutation.survivors import Progress as Told

Step = Callable[[str], None]


class Bars:
    """A bar for each rule set in turn."""

    def __init__(self, progress: "Progress") -> None:
        """Draw on `progress`."""
        self._progress = progress

    def begin(self, name: str) -> "Told":
        """Begin the next; what is returned takes how many more mutants are done."""
        task = self._progress.add_task(name, total=None)
        return lambda more: self._progress.update(task, advance=more)


@contextmanager
def progress() -> Iterator[Bars]:
    """Draw on the terminal; where there is none, on nothing."""
    with _drawn("{task.completed} mutants") as shown:
        yield Bars(shown)


@contextmanager
def steps(name: str, total: int) -> Iterator[Step]:
    """Draw how many of `total` steps are done; each is begun by what it is about.

    One step, and what no terminal shows, is not worth a bar.
    """
    if total <= 1 or not sys.stderr.isatty():
        yield lambda _: None
        return
    with _drawn("{task.completed} of {task.total}") as shown:
        task = shown.add_task(name, total=total)
        done = -1

        def step(about: str) -> None:
            nonlocal done
            done += 1
            shown.update(task, completed=done, description=f"{name} {about}")

        yield step


@contextmanager
def _drawn(count: str) -> Iterator["Progress"]:
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn(count))
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as shown:
        yield shown
