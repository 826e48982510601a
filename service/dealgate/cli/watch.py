"""`--watch`: a command is run again whenever something in the rules folder changes."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer

Watch = Annotated[
    bool, typer.Option("--watch", help="Run again after each change of a file; Ctrl-C ends it.")
]

LOOK = 1000  # milliseconds after which polling finds changes that the system did not report
State = frozenset[tuple[str, int, int]]


def rerun(folder: Path, run: Callable[[], None]) -> NoReturn:
    """Run now and after every change below `folder`, until Ctrl-C; failing does not end it."""
    for _ in _changes(folder):
        with suppress(typer.Exit):
            run()
        typer.echo(f"watching {folder}; Ctrl-C ends it")
    raise typer.Exit


def _changes(folder: Path) -> Iterator[None]:
    """Yield at first, and whenever the files differ from those at the last time.

    What changes while the command runs is seen too: files are compared, not events counted.
    """
    from watchfiles import watch  # noqa: PLC0415  # of no use to a command that runs once

    known = _state(folder)
    yield
    for _ in watch(folder, watch_filter=None, rust_timeout=LOOK, yield_on_timeout=True):
        state = _state(folder)
        if state != known:
            known = state
            yield


def _state(folder: Path) -> State:
    files = (Path(root, name) for root, _, names in os.walk(folder) for name in names)
    return frozenset(_stamps(files))


def _stamps(files: Iterator[Path]) -> Iterator[tuple[str, int, int]]:
    for file in files:
        with suppress(OSError):
            status = file.stat()
            yield str(file), status.st_mtime_ns, status.st_size
