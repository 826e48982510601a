"""Changed rule files are judged as a whole, and versions released, for callers of a server.

They read other people's files, so a server runs them in a process of their own.
"""

import asyncio
import re
import shutil
import tempfile
import time
from collections.abc import Collection, Coroutine, Iterable, Mapping, Sequence
from pathlib import Path

from dealgate.assemble.signers import NO_SIGNERS, Signers
from dealgate.cases.findings import coverage_of
from dealgate.desk.expressions import expression_checker
from dealgate.desk.releasing import Releasing
from dealgate.desk.trials import run_cases
from dealgate.engine.native import NativeEngine
from dealgate.kinds import KINDS
from dealgate.model.changes import Agreed, Diagnostic, Judged, PlannedRelease, TriedCase, Wanted
from dealgate.model.codes import Code, Severity
from dealgate.model.errors import (
    BadQuestion,
    NotSound,
    ReleaseRefused,
    UnknownRuleSet,
    Violation,
)
from dealgate.model.faults import Fault
from dealgate.proof.checking import analysed
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.checking import read_folder
from dealgate.rulebook.faults import RulebookFaults

# A rule that was never seen doing its work is not released.
UNRELEASABLE = {Code.RULE_UNSEEN_FIRING, Code.RULE_UNSEEN_QUIET}
OF_VERSION = re.compile(r"([a-z0-9_]+(?:/[a-z0-9_]+)?)/v([1-9]\d{0,5})\..+")


def judge(folder: Path, files: Mapping[str, str], deleted: Sequence[str] = ()) -> Judged:
    """Return what is to be said of the rules in `folder` with these files in place of its own.

    Paths are below the folder: "qualify/v3.yaml". All files are checked; cases and proof are
    those of the versions whose files are among `files`. Nothing in the folder changes.
    """
    with tempfile.TemporaryDirectory() as scratch:
        changed = Path(scratch) / "rules"
        shutil.copytree(folder, changed, ignore=shutil.ignore_patterns(".*"))
        _change(changed, files, deleted)
        touched = [match for path in files if (match := OF_VERSION.fullmatch(path))]
        return _judged(changed, {f"{match[1]}@{match[2]}" for match in touched})


def _change(folder: Path, files: Mapping[str, str], deleted: Sequence[str]) -> None:
    path = ""
    try:
        for path in deleted:
            (folder / path).unlink(missing_ok=True)
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8", newline="")
    except (FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError):
        field = "deleted" if path in deleted else "files"
        wrong = f"'{path}' is a folder, or lies below a file; name files such as qualify/v3.yaml"
        raise BadQuestion([Violation(field, wrong)]) from None


def _judged(folder: Path, names: Collection[str]) -> Judged:
    checked = read_folder(folder, KINDS, expression_checker())
    if faults := checked.faults.of(names):
        return Judged(faults=diagnostics(faults))
    chosen = [file for file in checked.files if file.ruleset.name in names]
    reports = asyncio.run(run_cases(NativeEngine(), chosen))
    return Judged(
        findings=[
            *diagnostics(checked.faults.warnings),
            *(finding for file in chosen for finding in _findings(folder, file)),
        ],
        cases=[
            TriedCase(report.ruleset, report.case, diagnostics(report.failures))
            for report in reports
        ],
    )


def _findings(folder: Path, file: CaseFile) -> Sequence[Diagnostic]:
    report = analysed(file.ruleset, file.kind, accepted=file.accepted, beside=file.beside)
    proved = [
        Diagnostic(
            finding.location,
            f"{finding.subject} {finding.message}",
            finding.code,
            finding.hint,
            finding.severity,
        )
        for finding in report.findings
    ]
    return [*proved, *diagnostics(_unseen(folder, file))]


def _unseen(folder: Path, file: CaseFile) -> Sequence[Fault]:
    """Return a fault for each rule that no case sees fire, or stay quiet though it can.

    So is what an author accepted and no case leaves out any more.
    """
    coverage = coverage_of(folder, file.kind, file)
    missing = [finding.fault for finding in coverage.missing]
    return [*(fault for fault in missing if fault.code in UNRELEASABLE), *coverage.stale]


def diagnostics(faults: Iterable[Fault]) -> list[Diagnostic]:
    """Return faults without the text of the lines they stand on."""
    return [
        Diagnostic(fault.location, fault.message, fault.code, fault.hint, fault.severity)
        for fault in faults
    ]


def proven(folder: Path, file: CaseFile) -> Sequence[Fault]:
    """Return what keeps a version from being released, beside cases that fail."""
    report = analysed(file.ruleset, file.kind, accepted=file.accepted, beside=file.beside)
    wrong = [finding for finding in report.findings if finding.severity is Severity.FAULT]
    faults = [
        Fault(fault.location, f"{fault.subject} {fault.message}", fault.hint, code=fault.code)
        for fault in wrong
    ]
    return [*faults, *_unseen(folder, file)]


def release(
    folder: Path, wanted: Wanted, signers: Signers = NO_SIGNERS, *, dry_run: bool
) -> PlannedRelease:
    """Release a version of the rules in `folder`; raises NotSound or ReleaseRefused."""
    sign = signers.sign if wanted.vouched else None
    releasing = _releasing(folder, signers)
    return _told(wanted.kind, releasing.release(wanted, dry_run=dry_run, sign=sign))


def approve(folder: Path, agreed: Agreed, signers: Signers) -> PlannedRelease:
    """Sign a release that waits, for who is known to ask; raises NotSound or ReleaseRefused."""
    sign = signers.sign
    if sign is None:
        cure = "set DEALGATE_JOURNAL_SIGNING_KEY, and name its public key in approvals.yaml"
        name = f"{agreed.kind}@{agreed.version}"
        raise ReleaseRefused(name, f"this server has no key to sign with: {cure}")
    return _told(agreed.kind, _releasing(folder, signers).approve(agreed, sign))


def _releasing(folder: Path, signers: Signers) -> Releasing:
    parts = (KINDS, expression_checker(), NativeEngine(), time.time_ns, proven)
    return Releasing(folder, *parts, signers.approvals)


def _told(kind: str, making: Coroutine[None, None, PlannedRelease]) -> PlannedRelease:
    try:
        return asyncio.run(making)
    except RulebookFaults as refused:
        raise NotSound(diagnostics(refused.faults)) from None
    except UnknownRuleSet as unknown:
        raise ReleaseRefused(kind, str(unknown)) from None
