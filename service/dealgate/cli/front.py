"""`dealgate front`: HTTP in front of a server."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.shown import give_up
from dealgate.front.envoy import Address, Front, write_front
from dealgate.front.openapi import document

NEXT = """\
{count} files written. Now:
  envoy -c {folder}/envoy.yaml
  curl http://{listen}/v1/leads:score -d '{{"facts": {{"lead": {{"id": "00Q1"}}}}}}'
"""


def front(
    folder: Annotated[Path, typer.Argument(help="The folder to write into.")] = Path("front"),
    listen: Annotated[
        str, typer.Option(help="Where Envoy is to listen.", metavar="HOST:PORT")
    ] = "127.0.0.1:8080",
    server: Annotated[
        str, typer.Option(help="Where the server listens.", metavar="HOST:PORT")
    ] = "127.0.0.1:50051",
    origin: Annotated[
        list[str] | None,
        typer.Option(help='A web origin whose pages may call ("https://crm.example"); repeatable.'),
    ] = None,
    connect: Annotated[  # noqa: FBT002  # typer's way
        bool, typer.Option("--connect", help="Serve Connect too, which Envoy calls unfinished.")
    ] = False,
) -> None:
    """Write the configuration of an Envoy that serves JSON, gRPC-Web and gRPC for a server.

    Existing files of the same names are replaced.
    """
    try:
        before = Front(Address.parsed(listen), Address.parsed(server), origin or (), connect)
    except ValueError as error:
        give_up(str(error))
    written = write_front(before, folder, document())
    echo(NEXT.format(count=len(written), folder=folder, listen=listen), nl=False)
