"""A change of rules: what somebody wants released, and what was found about changed files."""

from collections.abc import Sequence
from dataclasses import dataclass

from dealgate.model.codes import Code, Severity
from dealgate.model.rules import Location, Release


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants to release.

    `version` None takes the kind back to the version that decided before. `start` is in
    nanoseconds; None means from now on: the next full second. A start that has passed is refused
    unless `retroactive`: decisions were recorded since, and another version took them. `vouched`
    tells that a server knows that `by` is who asks.
    """

    kind: str
    because: str
    by: str
    version: int | None = None
    start: int | None = None
    retroactive: bool = False
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class Agreed:
    """What somebody approves: the release of a version that means what `digest` says.

    `vouched` tells that a server knows that `by` is who asks.
    """

    kind: str
    version: int
    digest: str
    by: str
    vouched: bool = False


@dataclass(frozen=True, slots=True)
class PlannedRelease:
    """A line of releases.yaml, and how many signatures it lacks: until then it decides nothing."""

    line: Release
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """Something found at a place in a rule file, by its stable `code`, and how grave it is."""

    location: Location
    message: str
    code: Code
    hint: str = ""
    severity: Severity = Severity.FAULT


@dataclass(frozen=True, slots=True)
class TriedCase:
    """How a case of `ruleset` ("qualify@2") went; it passed if there are no failures."""

    ruleset: str
    case: str
    failures: Sequence[Diagnostic]


@dataclass(frozen=True, slots=True)
class Judged:
    """All that was found about changed files: faults, or else what cases and proof say."""

    faults: Sequence[Diagnostic] = ()
    findings: Sequence[Diagnostic] = ()
    cases: Sequence[TriedCase] = ()

    @property
    def sound(self) -> bool:
        """Whether it could be released."""
        failed = any(case.failures for case in self.cases)
        return not (
            self.faults or failed or any(f.severity is Severity.FAULT for f in self.findings)
        )


@dataclass(frozen=True, slots=True)
class Released:
    """A line that was made, whether the catalog in use has it, and the signatures it lacks.

    `token` stands for the kind's releases in use.
    """

    line: Release
    in_use: bool = False
    missing: int = 0
    token: str = ""
