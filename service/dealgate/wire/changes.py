"""Changes of rules over the wire: CheckRuleSet, ReleaseRuleSet and ApproveRelease."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from dealgate.model.changes import Agreed, Diagnostic, Judged, Released, TriedCase, Wanted
from dealgate.model.codes import Severity
from dealgate.model.errors import BadQuestion, SwitchedOff, UnknownRuleSet, Violation
from dealgate.model.instants import nanoseconds
from dealgate.model.malformed import malformed
from dealgate.model.shown import visible
from dealgate.v1 import rule_service_pb2 as pb
from dealgate.wire.calls import Call
from dealgate.wire.faults import SHOWN, shown
from dealgate.wire.rulesets import released

FILES_LIMIT = 100
PATH = re.compile(r"(?:[a-z0-9_]{1,64}/)?[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
# Line breaks are folded; some languages and emoji need joiners.
WRITTEN = "\n\r\t\u200c\u200d"
WORDS_LIMIT = 1000
Reply = TypeVar("Reply", pb.ReleaseRuleSetResponse, pb.ApproveReleaseResponse)
DIGEST = re.compile(r"[0-9a-f]{64}")

SEVERITIES = {
    Severity.FAULT: pb.FINDING_SEVERITY_FAULT,
    Severity.WARNING: pb.FINDING_SEVERITY_WARNING,
    Severity.NOTE: pb.FINDING_SEVERITY_NOTE,
}


class Judge(Protocol):
    """Judges changed files."""

    async def __call__(self, files: Mapping[str, str], deleted: Sequence[str]) -> Judged:
        """Judge the rules with these files, by path, and without those deleted."""


class Release(Protocol):
    """Releases versions."""

    async def __call__(self, wanted: Wanted, *, dry_run: bool) -> Released:
        """Release what is wanted, and take it into use; a dry run writes nothing.

        Raises NotSound and ReleaseRefused.
        """


class Approve(Protocol):
    """Approves releases."""

    async def __call__(self, agreed: Agreed) -> Released:
        """Sign a release that waits for who asks; once it lacks none, take it into use.

        Raises NotSound and ReleaseRefused.
        """


@dataclass(frozen=True, slots=True)
class Writing:
    """What writes into the rules folder."""

    release: Release
    approve: Approve


class Changes:
    """Answers CheckRuleSet, ReleaseRuleSet and ApproveRelease."""

    def __init__(
        self,
        judge: Judge,
        writing: Writing | None,
        hidden: Callable[[str], Collection[str]] = lambda _: (),
    ) -> None:
        """`writing` None: the operator has not switched it on.

        `hidden` returns the scopes that a tenant may not know of, as "qualify/acme".
        """
        self._judge = judge
        self._writing = writing
        self._hidden = hidden

    async def check(self, request: pb.CheckRuleSetRequest, call: Call) -> pb.CheckRuleSetResponse:
        """Judge a change; nothing is written."""
        violations = _file_violations(request)
        if violations:
            raise BadQuestion(violations)
        for path in (*request.files, *request.deleted):
            kind, below, _ = path.partition("/")
            call.allow(kind if below else "")
        whole = await self._judge(dict(request.files), list(request.deleted))
        judged = _without(whole, self._hidden(call.viewer))
        return pb.CheckRuleSetResponse(
            sound=whole.sound,
            faults=shown(judged.faults[:SHOWN]),
            fault_count=len(whole.faults),
            findings=[
                pb.RuleFinding(
                    finding=fault,
                    severity=SEVERITIES[one.severity],
                )
                for one, fault in zip(judged.findings[:SHOWN], shown(judged.findings), strict=False)
            ],
            cases=[_case(case) for case in judged.cases],
        )

    async def release(
        self, request: pb.ReleaseRuleSetRequest, call: Call
    ) -> pb.ReleaseRuleSetResponse:
        """Release a version, or go back to the one before."""
        writing = self._may_write()
        self._allow(request.kind, call)
        request.released_by = call.signed(request.released_by, "released_by")
        violations = _release_violations(request)
        if violations:
            raise BadQuestion(violations)
        wanted = _wanted(request, vouched=call.held is not None)
        made = await writing.release(wanted, dry_run=request.dry_run)
        return _told(request.kind, made, pb.ReleaseRuleSetResponse)

    async def approve(
        self, request: pb.ApproveReleaseRequest, call: Call
    ) -> pb.ApproveReleaseResponse:
        """Sign a release that waits, in the name of the caller."""
        writing = self._may_write()
        self._allow(request.kind, call)
        if call.held is None:
            cure = "write access rules, or sign it with `dealgate approve`"
            raise SwitchedOff(f"this server does not know who calls: {cure}")
        violations = _approve_violations(request)
        if violations:
            raise BadQuestion(violations)
        by = call.held.name
        agreed = Agreed(request.kind, request.version, request.digest, by, vouched=True)
        made = await writing.approve(agreed)
        return _told(request.kind, made, pb.ApproveReleaseResponse)

    def _allow(self, shelf: str, call: Call) -> None:
        """Raise Forbidden, and UnknownRuleSet for a scope that the caller may not know of."""
        kind, _, scope = shelf.partition("/")
        call.allow(kind)
        if call.held is not None and shelf in self._hidden(call.viewer):
            raise UnknownRuleSet(f"{kind} has no scope '{scope}'")

    def _may_write(self) -> Writing:
        if self._writing is None:
            cure = "set DEALGATE_RELEASE_RPC=true where it runs, or use `dealgate release`"
            raise SwitchedOff(f"this server makes no releases; {cure}")
        return self._writing


def _without(judged: Judged, hidden: Collection[str]) -> Judged:
    """Return the findings, except for those about these scopes."""
    if not hidden:
        return judged

    def is_seen(finding: Diagnostic) -> bool:
        folder = f"/{finding.location.file}".rpartition("/")[0]
        return not any(folder.endswith(f"/{shelf}") for shelf in hidden)

    return Judged(
        [*filter(is_seen, judged.faults)],
        [*filter(is_seen, judged.findings)],
        [case for case in judged.cases if case.ruleset.rpartition("@")[0] not in hidden],
    )


def _told(kind: str, made: Released, reply: type[Reply]) -> Reply:
    return reply(
        kind=kind,
        version=made.line.version,
        release=released(made.line),
        in_use=made.in_use,
        signatures_missing=made.missing,
        edition_token=made.token,
    )


def _approve_violations(request: pb.ApproveReleaseRequest) -> list[Violation]:
    violations = malformed(request)
    if not request.kind:
        violations.append(Violation("kind", "is required"))
    if request.version < 1:
        violations.append(Violation("version", "is required, and 1 or more"))
    if not DIGEST.fullmatch(request.digest):
        wrong = "is required: the digest of what you looked at, 64 hexadecimal digits"
        violations.append(Violation("digest", wrong))
    return violations


def _case(case: TriedCase) -> pb.CaseResult:
    return pb.CaseResult(
        rule_set=case.ruleset,
        case=case.case,
        passed=not case.failures,
        failures=shown(case.failures),
    )


def _file_violations(request: pb.CheckRuleSetRequest) -> list[Violation]:
    violations = []
    number = len(request.files) + len(request.deleted)
    if not 1 <= number <= FILES_LIMIT:
        wrong = f"must hold 1 to {FILES_LIMIT} paths, with those deleted, and holds {number}"
        violations.append(Violation("files", wrong))
    wrong = "must be paths below the rules folder, such as qualify/v3.yaml"
    if not all(PATH.fullmatch(path) for path in request.files):
        violations.append(Violation("files", wrong))
    if not all(PATH.fullmatch(path) for path in request.deleted):
        violations.append(Violation("deleted", wrong))
    return violations


def _release_violations(request: pb.ReleaseRuleSetRequest) -> list[Violation]:
    violations = malformed(request)
    for field in ("kind", "because", "released_by"):
        text = getattr(request, field).strip()
        if not text:
            violations.append(Violation(field, "is required"))
        if len(text) > WORDS_LIMIT:
            violations.append(Violation(field, f"must have at most {WORDS_LIMIT} characters"))
        if visible(text, WRITTEN) != text:
            violations.append(Violation(field, "must not contain characters that cannot be seen"))
    if request.HasField("version") and request.version < 1:
        violations.append(Violation("version", "must be 1 or more; unset it to go back"))
    return violations


def _wanted(request: pb.ReleaseRuleSetRequest, *, vouched: bool) -> Wanted:
    return Wanted(
        kind=request.kind,
        because=request.because,
        by=request.released_by,
        version=request.version if request.HasField("version") else None,
        start=nanoseconds(request.effective_from) if request.HasField("effective_from") else None,
        vouched=vouched,
    )
