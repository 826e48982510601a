"""`dealgate digest`: what a line of releases.yaml is sealed with."""

import typer

from dealgate.cli.selection import RULES, Number, Rules, Version, named_version, one, read


def digest(version: Version, number: Number = None, rules: Rules = RULES) -> None:
    """Print the digest that a line of releases.yaml names: SHA-256 of what the rules mean."""
    kind, wanted = named_version(version, number)
    typer.echo(one(read(rules, kind), kind, wanted).digest)
