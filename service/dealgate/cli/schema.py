"""`dealgate schema`: the JSON Schemas that editors check files of rules folders with."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.shown import give_up
from dealgate.desk.schema import schema_files, schema_text
from dealgate.kinds import KINDS
from dealgate.rulebook.loading import kinds_in


def schema(
    write: Annotated[
        Path | None,
        typer.Option(
            help="Write all schemas, also of cases, releases and signals, into this rules folder."
        ),
    ] = None,
) -> None:
    """Print the JSON Schema of rule files, which editors use for completion and checks."""
    if write is None:
        echo(schema_text(KINDS), nl=False)
        return
    if not write.is_dir():
        give_up(f"{write}: there is no such folder; name that of the rules")
    kinds = kinds_in(write, KINDS, [])
    for name, text in schema_files(kinds).items():
        (write / name).parent.mkdir(parents=True, exist_ok=True)
        (write / name).write_text(text)
