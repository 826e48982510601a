"""The one way from commands to the terminal: nothing on it obeys text of files and callers.

Where faults are reported in a format for programs, only that is the output, and text for people
goes to stderr.
"""

import json
from contextvars import ContextVar
from typing import NamedTuple

import typer

from dealgate.model.shown import visible, visible_json

LAYOUT = "\n\t"  # of ours
TEXT = "text"


class FaultFormat(NamedTuple):
    """How faults are reported (text, json, github or sarif); `alone`: words go to stderr."""

    name: str = TEXT
    alone: bool = False


FORMAT: ContextVar[FaultFormat] = ContextVar("format", default=FaultFormat())  # noqa: B039  # immutable


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print it, with what cannot be seen written out."""
    typer.echo(visible(str(text), LAYOUT), nl=nl, err=err or FORMAT.get().alone)


def echo_json(document: object) -> None:
    """Print it as JSON, which stays what it says."""
    typer.echo(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))
