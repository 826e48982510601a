"""`dealgate schema`: the JSON Schema that editors check rule files with."""

import typer

from dealgate.kinds import KINDS
from dealgate.rulebook.schema import schema_text


def schema() -> None:
    """Print the JSON Schema of rule files, which editors complete and check them with."""
    typer.echo(schema_text(KINDS), nl=False)
