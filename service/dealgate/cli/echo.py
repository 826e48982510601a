"""The one way from commands to the terminal: nothing on it obeys text of files and callers."""

import json

import typer

from dealgate.model.shown import visible, visible_json

LAYOUT = "\n\t"  # of ours


def echo(text: object = "", *, nl: bool = True, err: bool = False) -> None:
    """Print it, with what cannot be seen written out."""
    typer.echo(visible(str(text), LAYOUT), nl=nl, err=err)


def echo_json(document: object) -> None:
    """Print it as JSON, which stays what it says."""
    typer.echo(visible_json(json.dumps(document, indent=2, ensure_ascii=False)))
