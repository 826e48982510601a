"""What many commands take: a rules folder, and a kind or one version of it."""

from pathlib import Path
from typing import Annotated

import typer

Rules = Annotated[
    Path, typer.Option("--rules", help="The folder with the rule sets.", envvar="DEALGATE_RULES")
]
Selection = Annotated[
    str | None,
    typer.Argument(help="A kind (`qualify`) or a version (`qualify@2`); default: all."),
]
RULES = Path("rules")
