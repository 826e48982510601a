"""Reports an error of the machine, such as a full disk, in one line, for any command.

A command that knows better what the error means reports it itself. Left alone, Python would end
with a traceback and status 1, which says that rules are at fault.
"""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TextIO


@contextmanager
def refusals_told() -> Iterator[None]:
    """Within the block, an error of the system ends the command with a line and its status."""
    try:
        yield
    except OSError as error:
        if error.errno is None or error.errno == errno.EPIPE:
            raise  # it is not an error of the system, or nobody reads the output
        from dealgate.cli.echo import echo  # noqa: PLC0415  --version needs neither
        from dealgate.cli.shown import EXIT_UNUSABLE  # noqa: PLC0415

        _let_go(sys.stdout)
        with suppress(OSError):
            echo(_told(error), err=True)
        _let_go(sys.stderr)
        sys.exit(EXIT_UNUSABLE)


def _told(error: OSError) -> str:
    names = [str(name) for name in (error.filename, error.filename2) if name is not None]
    where = " and ".join(names) or "what the command reads or writes"
    return f"{where}: {error.strerror}"


def _let_go(stream: TextIO) -> None:
    """Send to nowhere what a stream still holds: at the end it would be refused once more."""
    try:
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
