"""The catalog in use, which follows the rules folder: as a whole, and only from sound to sound."""

import asyncio
import logging
import threading
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeAlias

from dealgate.aside.threads import in_thread
from dealgate.model.codes import Code
from dealgate.model.editions import Edition, Outcome, Reload
from dealgate.model.faults import Fault
from dealgate.model.rules import Location, Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.fingerprint import fingerprint
from dealgate.rulebook.instants import written

SETTLE = 0.1  # seconds that every file must stand still before it is read
LOGGED = 100  # faults of a refused change
PATIENCE = 50  # readings of a folder that does not stand still, before the next look at it

log = logging.getLogger("dealgate")


Read: TypeAlias = Callable[[], Catalog]
Tell: TypeAlias = Callable[[Edition[Catalog], Reload], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class _Change:
    """What a look at the folder came to: a catalog, or the faults it is refused for."""

    seen: str
    catalog: Catalog | None
    faults: Sequence[Fault] = ()
    seconds: float = 0.0


class LiveCatalog:
    """Takes changed rules into use, all kinds at once, or refuses the change as a whole.

    Reading, checking and compiling happen in a thread; the switch itself is one assignment in the
    event loop, so whoever reads `edition` once has rules that belong together.
    """

    def __init__(
        self, folder: Path, read: Read, clock: Callable[[], int], settle: float = SETTLE
    ) -> None:
        """Read the folder for the first time, or raise RulebookFaults.

        `read` returns a catalog that is ready to decide, or raises; `clock` gives nanoseconds.
        """
        self._folder = folder
        self._read = read
        self._clock = clock
        self._settle = settle
        self._turn = asyncio.Lock()
        self._leaving = threading.Event()
        self._listeners: list[Tell] = []
        seen = fingerprint(folder)
        # Not the fingerprint after it: what changed meanwhile is found by the first look.
        self.edition = Edition(1, read(), clock(), seen)
        self.last = self._taken()
        self._tried = seen

    def tell(self, listener: Tell) -> None:
        """Call `listener` after every change, taken or refused, and before the next one."""
        self._listeners.append(listener)

    def leave(self) -> None:
        """Let a look that is under way end soon."""
        self._leaving.set()

    async def reload(self) -> Reload:
        """Look at the folder, take into use what has changed, and tell what came of it.

        Never raises for what stands in the folder: what cannot be used is refused.
        """
        async with self._turn:
            news = await in_thread(self._look)
            if news is not None:
                self._settle_on(news)
                for listener in self._listeners:
                    await listener(self.edition, self.last)
            return self.last

    def _look(self) -> _Change | None:
        """Return what is new in the folder, read while no file of it changed; None: nothing."""
        for _ in range(PATIENCE):
            seen = fingerprint(self._folder)
            if seen == self._tried:
                return None
            if self._leaving.wait(self._settle):
                return None
            if fingerprint(self._folder) != seen:
                continue
            begun = time.perf_counter()
            judged = self._judged(seen)
            if fingerprint(self._folder) == seen:
                return replace(judged, seconds=time.perf_counter() - begun)
        log.warning("%s changes too often to be read; trying again", self._folder)
        return None

    def _judged(self, seen: str) -> _Change:
        if seen == self.edition.seen:
            return _Change(seen, self.edition.catalog)
        try:
            catalog = self._read()
        except RulebookFaults as refused:
            return _Change(seen, None, refused.faults)
        except Exception as error:
            log.exception("the rules in %s cannot be read", self._folder)
            message = f"these rules cannot be used: {type(error).__name__}"
            hint = "see the server's log"
            return _Change(seen, None, [Fault(self._location(), message, hint)])
        faults = self._rewritten(catalog)
        return _Change(seen, None if faults else catalog, faults)

    def _settle_on(self, result: _Change) -> None:
        now = self._clock()
        self._tried = result.seen
        if result.catalog is None:
            self.last = Reload(now, Outcome.REFUSED, result.faults, result.seconds)
        elif result.seen == self.edition.seen:
            self.last = Reload(now, Outcome.REVERTED, seconds=result.seconds)
        else:
            self.edition = Edition(self.edition.number + 1, result.catalog, now, result.seen)
            self.last = replace(self._taken(), seconds=result.seconds)
        _log(self.edition, self.last)

    def _taken(self) -> Reload:
        passed_over = self.edition.catalog.passed_over
        return Reload(self.edition.taken_at, Outcome.TAKEN, passed_over)

    def _rewritten(self, catalog: Catalog) -> Sequence[Fault]:
        """Return a fault for each release in effect that is gone or another: it has decided."""
        now, faults = self._clock(), []
        for kind, known in self.edition.catalog.all_releases().items():
            lines = catalog.all_releases().get(kind, ())
            location = self._location(f"/{kind}/releases.yaml")
            lost = [
                release
                for release in known
                if release.effective_from <= now and release not in lines
            ]
            faults += [_lost(location, kind, release) for release in lost]
        return faults

    def _location(self, path: str = "") -> Location:
        return Location(f"{self._folder.name}{path}", 1, 1)


def _lost(location: Location, kind: str, release: Release) -> Fault:
    line = f"{kind}@{release.version} from {written(release.effective_from)} on"
    message = f"the release of {line} is gone or was changed, and has decided"
    hint = "restore its line; to roll back, append a line"
    return Fault(location, message, hint, code=Code.RELEASE_INVALID)


def _log(edition: Edition[Catalog], reload: Reload) -> None:
    if reload.outcome is Outcome.REFUSED:
        text = _shown(reload)
        log.error("the changed rules are refused, edition %d stays:\n%s", edition.number, text)
    elif reload.outcome is Outcome.REVERTED:
        log.info("the rules are again those of edition %d", edition.number)
    else:
        names = ", ".join(ruleset.name for ruleset in edition.catalog.all())
        digest = edition.catalog.digest
        if reload.faults:
            log.warning("drafts and files that cannot be used are left out:\n%s", _shown(reload))
        log.info("edition %d of the rules is in use, digest %s: %s", edition.number, digest, names)


def _shown(reload: Reload) -> str:
    shown = [str(fault) for fault in reload.faults[:LOGGED]]
    if len(reload.faults) > LOGGED:
        shown.append(f"… and {len(reload.faults) - LOGGED} more; `dealgate check` shows all")
    return "\n".join(shown)
