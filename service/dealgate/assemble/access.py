"""The guard of a server: access.yaml read at the start, and again when it changes."""

import asyncio
import getpass
import logging
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from dealgate.access.guard import Guard
from dealgate.aside.lasting import beside
from dealgate.aside.threads import in_thread
from dealgate.desk.expressions import expression_checker
from dealgate.kinds import NAMES
from dealgate.model.access import AccessRules
from dealgate.model.audit import Audited
from dealgate.model.errors import DealgateError, OperatorError, Unauthenticated
from dealgate.model.stamps import stamp_of
from dealgate.rulebook.access import AccessNames, read_access
from dealgate.rulebook.kind_file import KIND
from dealgate.rulebook.unreleased import listed, stands
from dealgate.v1.access_pb2 import AccessToken
from dealgate.wire.auditing import Note
from dealgate.wire.entrance import name_of
from dealgate.wire.services import services

LOOK = 1.0  # seconds
ACCESS = "access.yaml"


class AccessUnusable(OperatorError):
    """Access rules that this installation cannot hold callers to; says what is missing."""

    reason = "ACCESS_UNUSABLE"


log = logging.getLogger("dealgate")


def access_rules(path: Path, rules: Path) -> AccessRules:
    """Return what access.yaml says, which may name kinds that `rules` declare.

    Raises RulebookFaults.
    """
    rpcs = [name_of(method) for service in services() for method in service.methods]
    declared = [home.name for home in listed(rules) if stands(home / KIND)]
    return read_access(path, expression_checker(), AccessNames(rpcs, {*NAMES, *declared}))


def guard_of(rules: AccessRules) -> Guard:
    """Return what holds calls to these rules; raises AccessUnusable."""
    if not rules.issuers:
        return Guard(rules, _no_token)
    try:
        # Only who takes tokens needs what verifies them.
        from dealgate.access.tokens import Tokens  # noqa: PLC0415
    except ModuleNotFoundError:
        cure = "that needs PyJWT: pip install 'dealgate[access]'"
        raise AccessUnusable(f"access.yaml takes tokens: {cure}") from None
    return Guard(rules, Tokens(rules.issuers).verified)


async def _no_token(_: str) -> tuple[AccessToken, float]:
    raise Unauthenticated("this server does not accept tokens; present a certificate")


@asynccontextmanager
async def guarded(
    path: Path | None, note: Note, rules: Path
) -> AsyncIterator[Callable[[], Guard] | None]:
    """Within the block, what is yielded returns the guard of the moment; None without a file.

    The file may name kinds that `rules` declare.

    Every set of rules that begins to hold is noted in the audit log.

    Raises RulebookFaults before the block. Later, a file with faults is refused as a whole, which
    is logged, and the rules before it hold on.
    """
    if path is None:
        yield None
        return
    file = _Followed(path, note, rules)
    await file.noted()
    async with beside("following access.yaml", file.follow):
        yield lambda: file.guard


class _Followed:
    """access.yaml, and the guard made of what it said when it last made sense."""

    def __init__(self, path: Path, note: Note, rules: Path) -> None:
        """Raises RulebookFaults."""
        self._path = path
        self._rules = rules
        self._note = note
        self._stamp = stamp_of(path)
        allowed = access_rules(path, rules)
        self._digest = allowed.digest
        self.guard = guard_of(allowed)

    async def follow(self) -> None:
        """Look at the file now and then, for ever."""
        while True:
            await asyncio.sleep(LOOK)
            stamp = stamp_of(self._path)
            if stamp != self._stamp:
                await self._read()
                self._stamp = stamp  # not before: what fails is read again

    async def _read(self) -> None:
        try:
            rules = await in_thread(access_rules, self._path, self._rules)
            guard = None if rules.digest == self._digest else guard_of(rules)
        except (OperatorError, OSError) as error:
            log.error(  # noqa: TRY400 - the author's fault, and no defect
                "%s cannot be used, and the rules before it hold on:\n%s",
                self._path,
                error,
                extra={"event": "dealgate.access.refused"},
            )
            return
        if guard is not None:
            self._digest, self.guard = rules.digest, guard
            log.info(
                "access rules with sha256 %s are now in effect",
                rules.digest,
                extra={"event": "dealgate.access.changed"},
            )
            with suppress(DealgateError):  # the journal reports its own failures
                await self.noted()

    async def noted(self) -> None:
        """Note which rules hold now; raises what the journal does."""
        try:
            who = getpass.getuser()
        except (KeyError, OSError):  # a container whose user has no name
            who = f"uid {os.getuid()}"
        await self._note(Audited(time.time_ns(), who, "", ACCESS, "changed", detail=self._digest))
