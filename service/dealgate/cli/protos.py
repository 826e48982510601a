"""`dealgate protos`: the contracts that come with the package."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.shown import give_up
from dealgate.desk.starter import NotEmpty, write_contracts


def protos(
    folder: Annotated[Path, typer.Argument(help="The folder to create.")] = Path("proto"),
) -> None:
    """Write the contracts, and the google protos they import, for clients in any language.

    The folder is all that protoc needs: `protoc -I proto --go_out=. proto/dealgate/v1/*.proto`.
    """
    try:
        written = write_contracts(folder)
    except NotEmpty as error:
        give_up(str(error))
    echo(f"{folder}: {len(written)} files written.")
