"""What a caller has seen of the rules, it gets again from every server, or a clear refusal.

Servers beside one another read the same rules folder, each at its own time: behind a load balancer
a call may meet one that has not read the newest release yet. A caller that must not see the rules
of before sends what it has seen, in the metadata `dealgate-min-edition`: an edition token, as
ListRuleSets, ReleaseRuleSet and ApproveRelease return it, or the digest of a rule set, as answers
name it.
"""

import hashlib
import re
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from typing import Protocol, TypeAlias

from dealgate.model.editions import Editions
from dealgate.model.errors import BadQuestion, RulesBehind, Violation
from dealgate.model.rules import Release

MIN_EDITION = "dealgate-min-edition"
RETRY_SECONDS = 1.0
MARK = 12  # hexadecimal digits that tell one line of a kind from another
ENTRY = re.compile(r"([a-z0-9_]{1,64}(?:/[a-z0-9_-]{1,64})?):(\d{1,6}):([0-9a-f]{12})")
DIGEST = re.compile(r"[0-9a-f]{64}")

Metadata: TypeAlias = Iterable[tuple[str, str | bytes]]
# Raises RulesBehind, or BadQuestion, if a call demands what the server does not have.
Demand: TypeAlias = Callable[[Metadata], None]


class Released(Protocol):
    """The releases of a catalog."""

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind and scope, oldest first."""


def token_of(catalog: Released, shelves: Container[str]) -> str:
    """Return what stands for the releases of these kinds and scopes: "qualify:3:0f1e2d3c4b5a,…".

    Whoever has the last line of a kind, and as many lines, has all that were there.
    """
    return ",".join(
        f"{kind}:{len(lines)}:{_mark(lines[-1])}"
        for kind, lines in sorted(catalog.all_releases().items())
        if lines and kind in shelves
    )


def demand_of(live: Editions[Released]) -> Demand:
    """Return what holds calls to the edition that decides at this moment.

    An edition never goes back, so what it has when the call arrives, it has when it decides.
    """

    def demand(metadata: Metadata) -> None:
        wanted = [value for key, value in metadata if key == MIN_EDITION]
        if wanted:
            _hold(str(wanted[0]) if len(wanted) == 1 else "", live.edition.catalog)

    return demand


def _hold(wanted: str, catalog: Released) -> None:
    lines = catalog.all_releases()
    for entry in wanted.split(","):
        match = ENTRY.fullmatch(entry)
        if match is not None:
            known = lines.get(match[1], ())
            has = len(known) >= int(match[2]) and any(_mark(line) == match[3] for line in known)
        elif DIGEST.fullmatch(entry):
            has = any(line.sha256 == entry for known in lines.values() for line in known)
        else:
            cure = "give once what ListRuleSets calls edition_token, or the digest of a rule set"
            raise BadQuestion([Violation(f"metadata.{MIN_EDITION}", cure)])
        if not has:
            what = f"the rules of {match[1]}" if match else "the rule set"
            raise RulesBehind(
                f"this server does not have {what} that the caller has seen", RETRY_SECONDS
            )


def _mark(release: Release) -> str:
    challenger = "" if release.challenger is None else str(release.challenger.written())
    text = f"{release.version} {release.effective_from} {release.sha256} {challenger}"
    return hashlib.sha256(text.encode()).hexdigest()[:MARK]
