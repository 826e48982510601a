"""Which version of each kind decides now, and when that changes: releases take effect by time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from dealgate.aside.lasting import beside
from dealgate.model.editions import Editions
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.instants import SECOND
from dealgate.model.rules import AnyRuleSet, Release
from dealgate.telemetry import names
from dealgate.telemetry.events import tell
from dealgate.telemetry.instruments import Meter
from dealgate.telemetry.otlp import Value, pair
from dealgate.telemetry.spans import Tracer

LOOK_AGAIN = 1.0  # seconds: a reload may bring a release that is nearer


class Catalog(Protocol):
    """What decides when."""

    def at(self, kind: str, as_of: int) -> AnyRuleSet:
        """Return the version that decides."""

    def all_releases(self) -> Mapping[str, Sequence[Release]]:
        """Return the releases of every kind, oldest first."""


@dataclass(frozen=True, slots=True)
class Active:
    """What decides a kind, and the release that says so."""

    ruleset: AnyRuleSet
    release: Release


def active(catalog: Catalog, now: int) -> Mapping[str, Active]:
    """Return what decides each kind at `now` (ns)."""
    deciding = {}
    for kind, releases in catalog.all_releases().items():
        started = [release for release in releases if release.effective_from <= now]
        with suppress(UnknownRuleSet):
            if started:
                deciding[kind] = Active(catalog.at(kind, now), started[-1])
    return deciding


def may_decide(catalog: Catalog, now: int) -> Iterator[AnyRuleSet]:
    """Yield the version of each kind that decides at `now` (ns), and those that will."""
    for kind, releases in catalog.all_releases().items():
        later = [release.effective_from for release in releases if release.effective_from > now]
        for instant in (now, *later):
            with suppress(UnknownRuleSet):
                yield catalog.at(kind, instant)


def observe_active(
    meter: Meter, live: Editions[Catalog], clock: Callable[[], int] = time.time_ns
) -> None:
    """Measure what decides now and since when."""

    def now() -> Mapping[str, Active]:
        return active(live.edition.catalog, clock())

    meter.observe(
        names.RULESET_INFO,
        lambda: [
            (1, (kind, current.ruleset.version, current.ruleset.digest))
            for kind, current in now().items()
        ],
    )
    meter.observe(
        names.RULESET_START_TIME,
        lambda: [
            (current.release.effective_from / SECOND, (kind,)) for kind, current in now().items()
        ],
    )


class Watcher:
    """Tells when another version of a kind decides, whatever made it so."""

    def __init__(
        self, live: Editions[Catalog], tracer: Tracer, clock: Callable[[], int] = time.time_ns
    ) -> None:
        """What decides now is known; only later changes are reported."""
        self._live = live
        self._tracer = tracer
        self._clock = clock
        self._known = dict(active(live.edition.catalog, clock()))

    def look(self) -> None:
        """Tell of every kind that is decided by another version than at the last look."""
        now = dict(active(self._live.edition.catalog, self._clock()))
        for kind, current in now.items():
            before = self._known.get(kind)
            if before is None or before.ruleset.digest != current.ruleset.digest:
                self._tell(kind, current, before)
        self._known = now

    def _tell(self, kind: str, current: Active, before: Active | None) -> None:
        told: dict[str, Value] = {
            names.RULESET_NAME: kind,
            names.RULESET_VERSION: current.ruleset.version,
            names.RULESET_DIGEST: current.ruleset.digest,
            names.RELEASE_BY: current.release.by,
            names.RELEASE_BECAUSE: current.release.because,
        }
        if before is not None:
            told[names.RULESET_PREVIOUS_VERSION] = before.ruleset.version
        with self._tracer.start(
            f"activate {kind}", pairs=[pair(key, value) for key, value in told.items()]
        ):
            was = "" if before is None else f", before {before.ruleset.name}"
            words = f"{current.ruleset.name} decides{was}: released by {current.release.by}"
            tell(names.EVENT_RULESET_ACTIVATED, words, told)


@asynccontextmanager
async def releases_told(watcher: Watcher) -> AsyncIterator[None]:
    """Within the block, look every second."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(LOOK_AGAIN)
            watcher.look()

    async with beside("looking for releases that take effect", watch):
        yield
