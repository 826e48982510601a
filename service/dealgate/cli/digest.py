"""`dealgate digest`: what a line of releases.yaml is sealed with."""

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Number, Rules, Version
from dealgate.cli.selection import named_version, one, read


def digest(version: Version, number: Number = None, rules: Rules = RULES) -> None:
    """Print the digest of a version for releases.yaml: a SHA-256 of the meaning of its rules."""
    kind, wanted = named_version(version, number, rules)
    echo(one(read(rules, kind), kind, wanted).digest)
