"""The one way from commands to the terminal: nothing on it obeys text of files and callers.

Where faults are told in a format for programs, that alone is the output, and words go beside it.
"""

import json
from contextvars import ContextVar

import typer

from dealgate.model.shown import visible, visible_json

LAYOUT = "\n\t"  # of ours
TEXT = "text"
# How the command that runs tells faults: text, json, github or sarif.
FORMAT: ContextVar[str] = ContextVar("format", default=TEXT)


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print it, with what cannot be seen written out."""
    typer.echo(visible(str(text), LAYOUT), nl=nl, err=err or FORMAT.get() != TEXT)


def echo_json(document: object) -> None:
    """Print it as JSON, which stays what it says."""
    typer.echo(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))
