"""`dealgate digest`: what a line of releases.yaml is sealed with."""

from typing import Annotated

import typer

from dealgate.cli.selection import RULES, Rules, kind_of, one, read


def digest(
    kind: Annotated[str, typer.Argument(help="For example `qualify`.")],
    version: Annotated[int, typer.Argument(help="For example 2.")],
    rules: Rules = RULES,
) -> None:
    """Print the digest that a line of releases.yaml names: SHA-256 of what the rules mean."""
    typer.echo(one(read(rules, kind_of(kind)), kind, version).digest)
