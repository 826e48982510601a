"""When a release may take effect, and that only one is written at a time."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from dealgate.model.changes import Wanted
from dealgate.model.errors import ReleaseRefused
from dealgate.model.rules import Release
from dealgate.rulebook.instants import NANOS, written

JUST_NOW = 5 * NANOS  # lines made one right after the other


def version_before(kind: str, releases: Sequence[Release]) -> int:
    """Return the version that decided before the last release."""
    if len(releases) < 2:
        raise ReleaseRefused(kind, "no version decided before; there is nothing to go back to")
    return releases[-2].version


def start_of(wanted: Wanted, name: str, last: Release | None, now: int) -> int:
    """Return from when the release is to decide, or say why it may not."""
    chosen = _soon(last, now) if wanted.start is None else wanted.start
    if last is not None and chosen <= last.effective_from:
        raise ReleaseRefused(name, _too_early(last, now))
    if last is not None and last.version == wanted.version:
        reason = f"it is already in effect from {written(last.effective_from)} on; nothing to do"
        raise ReleaseRefused(name, reason)
    if chosen <= now and not wanted.retroactive:
        reason = f"{written(chosen)} has passed, and decisions since then were made without it"
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
        return f"{reason}; that one has not taken effect yet: choose a later instant, or remove it"
    return f"{reason}: lines are only appended, so choose a later instant"


@contextmanager
def alone(folder: Path, kind: str) -> Iterator[None]:
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
