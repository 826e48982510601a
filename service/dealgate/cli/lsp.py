"""`dealgate lsp`: help in the editor."""

import logging
from typing import Annotated

import typer

from dealgate.cli.shown import give_up


def lsp(
    tcp: Annotated[
        int, typer.Option(help="Listen on this port of 127.0.0.1 instead, for debugging.")
    ] = 0,
) -> None:
    """Run the language server for rule files: faults, completion, hover, definitions.

    An editor starts it and speaks the Language Server Protocol over stdin and stdout;
    docs/editing.md says how to tell yours.
    """
    logging.basicConfig(level=logging.WARNING)
    try:
        # Imported here alone: pygls is an optional extra.
        from dealgate.lsp.features import make_server  # noqa: PLC0415
    except ModuleNotFoundError as error:
        give_up(f"{error}: install the extra for authors: pip install 'dealgate[authoring]'")
    server = make_server()
    if tcp:
        server.start_tcp("127.0.0.1", tcp)
    else:
        server.start_io()
