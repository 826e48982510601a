"""`dealgate completion`: what a shell needs to complete commands, options and versions."""

from enum import Enum
from typing import Annotated

import typer
from typer.completion import get_completion_script  # type: ignore[attr-defined]

VARIABLE = "_DEALGATE_COMPLETE"


class Shell(Enum):
    """A shell that can complete."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def completion(shell: Annotated[Shell, typer.Argument(help="Which shell.")]) -> None:
    """Print the completion script for a shell: `source <(dealgate completion bash)`."""
    script = get_completion_script(prog_name="dealgate", complete_var=VARIABLE, shell=shell.value)
    typer.echo(script)
