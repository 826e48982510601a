"""`dealgate digest`: the digest that seals a line of releases.yaml."""

from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, Number, Rules, TellFaults, Version
from dealgate.cli.selection import named_version, read, version_or_leave
from dealgate.cli.shown import told_as


def digest(
    version: Version, number: Number = None, rules: Rules = RULES, format_: TellFaults = "text"
) -> None:
    """Print the digest of a version for releases.yaml: a SHA-256 of the meaning of its rules."""
    with told_as(format_) as answer:
        kind, wanted = named_version(version, number, rules)
        ruleset = version_or_leave(read(rules, kind), kind, wanted)
        answer |= {"rule_set": ruleset.name, "digest": ruleset.digest}
        echo(ruleset.digest)
