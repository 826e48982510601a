"""A version is released, or taken back, by one more line; only if everything about it holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from dealgate.desk.appending import appended, replace_durably, signed
from dealgate.desk.approving import node_of, takes_time, unknown_key, waiting_line
from dealgate.desk.release_start import alone, start_of, version_before
from dealgate.desk.trials import run_cases
from dealgate.journal.chain import Sign
from dealgate.judge import Engine
from dealgate.model.changes import Agreed, PlannedRelease, Wanted
from dealgate.model.errors import ReleaseRefused
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Release
from dealgate.rulebook.approvals import Approvals
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.checking import Checked, read_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.loading import load_usable
from dealgate.rulebook.read_files import read_document
from dealgate.rulebook.signatures import statement, text_of

FILE = "releases.yaml"


# What else keeps a version from being released, given the rules folder and the version's cases.
Prove: TypeAlias = Callable[[Path, CaseFile], Sequence[Fault]]


class Releasing:
    """Releases versions of the rules in one folder."""

    def __init__(
        self,
        folder: Path,
        kinds: Mapping[str, AnyKind],
        checker: ExpressionChecker,
        engine: Engine,
        now: Callable[[], int],
        prove: Prove,
        approvals: Path | None = None,
    ) -> None:
        """`engine` tries the cases; `now` reads the clock, in nanoseconds.

        `approvals` is the file that says who must sign releases, unless it is the folder's own.
        """
        self._approvals = approvals
        self._folder = folder
        self._kinds = kinds
        self._checker = checker
        self._engine = engine
        self._now = now
        self._prove = prove

    async def release(
        self, wanted: Wanted, *, dry_run: bool = False, sign: Sign | None = None
    ) -> PlannedRelease:
        """Append the line, read it back, and return it; in a dry run, do all but append it.

        `sign` signs it in the name of who releases. If it lacks signatures of others, it decides
        nothing until they `approve` it.

        Raises RulebookFaults if the version, its cases or anything released has a fault, what was
        released has changed, or a case of the version fails or its proof finds a fault;
        ReleaseRefused if the release itself may not be made. Other drafts keep nothing.
        """
        with alone(self._folder, wanted.kind):
            checked = self._checked(wanted.kind, wanted.version)
            planned = self._planned(checked.catalog, wanted, sign)
            checked.needing(f"{wanted.kind}@{planned.line.version}")
            await self._try(checked, wanted.kind, planned.line)
            # Once more, because the cases took their time: "now" must not have passed.
            planned = self._planned(checked.catalog, wanted, sign)
            if not dry_run:
                self._append(checked.catalog, wanted.kind, planned)
        return planned

    async def approve(self, agreed: Agreed, sign: Sign) -> PlannedRelease:
        """Sign the line that waits, read it back, and return it.

        Raises as `release` does: what is approved must hold when it is.
        """
        with alone(self._folder, agreed.kind):
            checked = self._checked(agreed.kind, agreed.version)
            line = waiting_line(checked.catalog, agreed, self._now())
            checked.needing(f"{agreed.kind}@{agreed.version}")
            await self._try(checked, agreed.kind, line)
            approvals = checked.catalog.approvals
            line = _signed(approvals, agreed.kind, line, agreed.by, sign)
            made = PlannedRelease(line, approvals.missing(agreed.kind, line))
            self._add_signature(checked.catalog, agreed, made)
        return made

    def _checked(self, kind: str, version: int | None) -> Checked:
        """Return the folder; other drafts and other versions' cases may be in any state."""
        checked = read_folder(self._folder, self._kinds, self._checker, approvals=self._approvals)
        if checked.faults.fatal:
            raise RulebookFaults(checked.faults.all)
        return checked.needing(kind if version is None else f"{kind}@{version}")

    def _planned(self, catalog: Catalog, wanted: Wanted, sign: Sign | None) -> PlannedRelease:
        releases = catalog.releases(wanted.kind)
        version = wanted.version
        if version is None:
            version = version_before(wanted.kind, releases)
        ruleset = catalog.version(wanted.kind, version)
        lines = sorted(
            (*releases, *catalog.waiting(wanted.kind)), key=lambda line: line.effective_from
        )
        start = start_of(wanted, ruleset.name, lines[-1] if lines else None, self._now())
        by, because = (" ".join(text.split()) for text in (wanted.by, wanted.because))
        if not by or not because:
            raise ReleaseRefused(ruleset.name, "a release names its author and reason; give both")
        line = Release(version, start, ruleset.digest, by, because)
        if sign is not None:
            line = _signed(catalog.approvals, wanted.kind, line, by, sign)
        missing = catalog.approvals.missing(wanted.kind, line)
        if missing and wanted.start is None:
            raise ReleaseRefused(ruleset.name, takes_time(missing))
        return PlannedRelease(line, missing)

    async def _try(self, checked: Checked, kind: str, line: Release) -> None:
        files = [file for file in checked.files if _is(file.ruleset, kind, line)]
        reports = await run_cases(self._engine, files)
        failures = [failure for report in reports for failure in report.failures]
        failures += [fault for file in files for fault in self._prove(self._folder, file)]
        if failures:
            raise RulebookFaults(failures)

    def _append(self, catalog: Catalog, kind: str, made: PlannedRelease) -> None:
        path = self._folder / kind / FILE
        before = path.read_bytes() if path.exists() else None
        self._write(kind, before, appended(before, made.line), _expected(catalog, kind, made))

    def _add_signature(self, catalog: Catalog, agreed: Agreed, made: PlannedRelease) -> None:
        path, line = self._folder / agreed.kind / FILE, made.line
        before = path.read_bytes()
        node = node_of(line, read_document(self._folder, path, []))
        after = signed(before, node, agreed.by, line.signatures[agreed.by])
        self._write(agreed.kind, before, after, _expected(catalog, agreed.kind, made))

    def _write(self, kind: str, before: bytes | None, after: bytes, lines: "_Lines") -> None:
        """Put `after` in the file's place, unless it would not read as these lines."""
        path = self._folder / kind / FILE
        subject = f"{kind}@{lines.made.line.version}"
        try:
            replace_durably(path, after)
        except OSError as error:
            reason = f"{path} cannot be written: {error.strerror}"
            if self._reads_as(kind, lines):  # the rename was done, but not confirmed
                reason = f"{path} has the line, but may lose it ({error.strerror}): look at it"
            raise ReleaseRefused(subject, reason) from error
        if not self._reads_as(kind, lines):
            replace_durably(path, before)
            reason = f"{path} cannot be appended to; write each key in its own line, as elsewhere"
            raise ReleaseRefused(subject, reason)

    def _reads_as(self, kind: str, lines: "_Lines") -> bool:
        try:
            catalog = load_usable(
                self._folder, self._kinds, self._checker, approvals=self._approvals
            )
        except RulebookFaults:
            return False
        made = lines.made.line
        read = [*catalog.releases(kind), *catalog.waiting(kind)]
        is_signed = any(
            release == made and release.signatures == made.signatures for release in read
        )
        return is_signed and (set(catalog.releases(kind)), set(catalog.waiting(kind))) == (
            set(lines.releases),
            set(lines.waiting),
        )


@dataclass(frozen=True, slots=True)
class _Lines:
    """What a file must read as once a line was made or signed."""

    made: PlannedRelease
    releases: Sequence[Release]
    waiting: Sequence[Release]


def _expected(catalog: Catalog, kind: str, made: PlannedRelease) -> _Lines:
    """Return what the file must read as with the line that was made, new or signed once more."""
    releases = list(catalog.releases(kind))
    waiting = [line for line in catalog.waiting(kind) if line != made.line]
    (waiting if made.missing else releases).append(made.line)
    return _Lines(made, releases, waiting)


def _signed(approvals: Approvals, kind: str, line: Release, by: str, sign: Sign) -> Release:
    """Return the line with somebody's signature, or raise ReleaseRefused: it would not count."""
    signature = text_of(sign(statement(kind, line, by)))
    line = replace(line, signatures={**line.signatures, by: signature})
    if approvals.forged(kind, line):
        raise ReleaseRefused(f"{kind}@{line.version}", unknown_key(by))
    return line


def _is(ruleset: AnyRuleSet, kind: str, planned: Release) -> bool:
    return (ruleset.shelf, ruleset.version) == (kind, planned.version)
