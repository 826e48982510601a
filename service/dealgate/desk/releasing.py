"""A version is released, or taken back, by one more line; only if everything about it holds."""

import fcntl
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from dealgate.desk.appending import appended, replace_durably
from dealgate.desk.trials import run_cases
from dealgate.judge import Engine
from dealgate.model.changes import Wanted
from dealgate.model.errors import ReleaseRefused
from dealgate.model.faults import Fault
from dealgate.model.kind import AnyKind
from dealgate.model.rules import AnyRuleSet, Release
from dealgate.rulebook.cases import CaseFile
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checker import ExpressionChecker
from dealgate.rulebook.checking import Checked, read_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import NANOS, written
from dealgate.rulebook.loading import load_usable

FILE = "releases.yaml"
JUST_NOW = 5 * NANOS  # lines made one right after the other


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
    ) -> None:
        """`engine` tries the cases; `now` reads the clock, in nanoseconds."""
        self._folder = folder
        self._kinds = kinds
        self._checker = checker
        self._engine = engine
        self._now = now
        self._prove = prove

    async def release(self, wanted: Wanted, *, dry_run: bool = False) -> Release:
        """Append the line, read it back, and return it; in a dry run, do all but append it.

        Raises RulebookFaults if the version, its cases or anything released has a fault, what was
        released has changed, or a case of the version fails or its proof finds a fault;
        ReleaseRefused if the release itself may not be made. Other drafts keep nothing.
        """
        with _alone(self._folder, wanted.kind):
            checked = self._checked(wanted)
            planned = self._planned(checked.catalog, wanted)
            checked.needing(f"{wanted.kind}@{planned.version}")
            await self._try([f for f in checked.files if _is(f.ruleset, wanted.kind, planned)])
            # Once more, because the cases took their time: "now" must not have passed.
            planned = self._planned(checked.catalog, wanted)
            if not dry_run:
                self._append(wanted.kind, (*checked.catalog.releases(wanted.kind), planned))
        return planned

    def _checked(self, wanted: Wanted) -> Checked:
        """Return the folder; other drafts and other versions' cases may be in any state."""
        checked = read_folder(self._folder, self._kinds, self._checker)
        if checked.faults.fatal:
            raise RulebookFaults(checked.faults.all)
        if wanted.version is not None:
            checked.needing(f"{wanted.kind}@{wanted.version}")
        return checked

    def _planned(self, catalog: Catalog, wanted: Wanted) -> Release:
        releases = catalog.releases(wanted.kind)
        version = _before(wanted.kind, releases) if wanted.version is None else wanted.version
        ruleset = catalog.version(wanted.kind, version)
        start = _start(wanted, ruleset.name, releases[-1] if releases else None, self._now())
        by, because = (" ".join(text.split()) for text in (wanted.by, wanted.because))
        if not by or not because:
            raise ReleaseRefused(ruleset.name, "a release says who made it, and why; fill both in")
        return Release(version, start, ruleset.digest, by, because)

    async def _try(self, files: Sequence[CaseFile]) -> None:
        reports = await run_cases(self._engine, files)
        failures = [failure for report in reports for failure in report.failures]
        failures += [fault for file in files for fault in self._prove(self._folder, file)]
        if failures:
            raise RulebookFaults(failures)

    def _append(self, kind: str, releases: Sequence[Release]) -> None:
        path = self._folder / kind / FILE
        subject = f"{kind}@{releases[-1].version}"
        before = path.read_bytes() if path.exists() else None
        try:
            replace_durably(path, appended(before, releases[-1]))
        except OSError as error:
            reason = f"{path} cannot be written: {error.strerror}"
            if self._reads_as(kind, releases):  # the rename was done, but not confirmed
                reason = f"{path} has the line, but may lose it ({error.strerror}): look at it"
            raise ReleaseRefused(subject, reason) from error
        if not self._reads_as(kind, releases):
            replace_durably(path, before)
            reason = f"{path} does not take a line at its end; write one row a key, as others have"
            raise ReleaseRefused(subject, reason)

    def _reads_as(self, kind: str, releases: Sequence[Release]) -> bool:
        try:
            found = load_usable(self._folder, self._kinds, self._checker)
        except RulebookFaults:
            return False
        return found.releases(kind) == tuple(releases)


def _is(ruleset: AnyRuleSet, kind: str, planned: Release) -> bool:
    return (ruleset.shelf, ruleset.version) == (kind, planned.version)


def _before(kind: str, releases: Sequence[Release]) -> int:
    """Return the version that decided before the last release."""
    if len(releases) < 2:
        raise ReleaseRefused(kind, "no version decided before; there is nothing to go back to")
    return releases[-2].version


def _start(wanted: Wanted, name: str, last: Release | None, now: int) -> int:
    """Return from when the release is to decide, or say why it may not."""
    chosen = _soon(last, now) if wanted.start is None else wanted.start
    if last is not None and chosen <= last.effective_from:
        raise ReleaseRefused(name, _too_early(last, now))
    if last is not None and last.version == wanted.version:
        reason = f"it is already in effect from {written(last.effective_from)} on; nothing to do"
        raise ReleaseRefused(name, reason)
    if chosen <= now and not wanted.retroactive:
        reason = f"{written(chosen)} has passed, and what was decided since was decided without it"
        raise ReleaseRefused(name, f"{reason}; release it from now on, or from a later instant")
    return chosen


def _soon(last: Release | None, now: int) -> int:
    """Return the next full second; if the last line is as new as that, the one after it."""
    soon = (now // NANOS + 1) * NANOS
    just_now = last is not None and soon <= last.effective_from <= now + JUST_NOW
    return last.effective_from + NANOS if last is not None and just_now else soon


def _too_early(last: Release, now: int) -> str:
    reason = f"it must take effect after the last line, {written(last.effective_from)}"
    if last.effective_from > now:
        return f"{reason}; that one has decided nothing yet: choose a later instant, or take it out"
    return f"{reason}: lines are only appended, so choose a later instant"


@contextmanager
def _alone(folder: Path, kind: str) -> Iterator[None]:
    """Hold the operating system's lock on the folder itself: two releases must not race."""
    if not folder.is_dir():
        yield  # nothing to lock; reading it reports the error
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        _lock(descriptor, kind)
        yield
    finally:
        os.close(descriptor)  # which unlocks


def _lock(descriptor: int, kind: str) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        reason = "another release is under way in this folder; try again when it is done"
        raise ReleaseRefused(kind, reason) from error
