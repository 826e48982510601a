"""`dealgate approve`: signs a release that waits for approval."""

from typing import Annotated

import typer

from dealgate.cli.options import RULES, KeyFile, Number, Rules, Version
from dealgate.cli.releasing import author, made, tell
from dealgate.cli.selection import named_version
from dealgate.cli.shown import give_up
from dealgate.journal.signing import signer
from dealgate.model.changes import Agreed

Signer = Annotated[str | None, typer.Option("--by", help="Who signs; default: git's user.email.")]


def approve(
    version: Version,
    number: Number = None,
    by: Signer = None,
    key: KeyFile = None,
    rules: Rules = RULES,
) -> None:
    """Sign a release that is waiting for signatures, after you have reviewed it.

    Everything is checked again, as for a release. Once the line in releases.yaml has every
    signature that approvals.yaml requires, the version decides from its time on.
    """
    kind, chosen = named_version(version, number, rules)
    if key is None:
        give_up("name the signing key: --key ann.pem (`openssl genpkey -algorithm ed25519`)")
    agreed = Agreed(kind, chosen, "", author(by, rules))
    approved = made(rules, lambda releasing: releasing.approve(agreed, signer(key)))
    tell(approved, kind, rules, f"{agreed.by} has signed {kind}@{chosen}")
