"""What `release`, `rollback` and `approve` share: a line in releases.yaml, and who writes it."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine
from pathlib import Path

from dealgate.assemble.changes import proven
from dealgate.assemble.engines import make_engine
from dealgate.cli.echo import echo
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.appending import line_of
from dealgate.desk.expressions import expression_checker
from dealgate.desk.releasing import FILE, Releasing
from dealgate.journal.signing import signer
from dealgate.kinds import KINDS
from dealgate.model.changes import PlannedRelease, Wanted
from dealgate.model.errors import DealgateError
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds, written
from dealgate.rulebook.read_files import named


def append(wanted: Wanted, rules: Path, key: Path | None, *, dry_run: bool) -> None:
    """Append the line, or only show it."""

    def release(releasing: Releasing) -> Coroutine[None, None, PlannedRelease]:
        sign = None if key is None else signer(key)
        return releasing.release(wanted, dry_run=dry_run, sign=sign)

    appended = made(rules, release)
    if not dry_run:
        tell(appended, wanted.kind, rules, "")
        return
    start, location = (
        written(appended.line.effective_from),
        named(rules, rules / wanted.kind / FILE),
    )
    name = f"{wanted.kind}@{appended.line.version}"
    echo(f"{name} would decide from {start} on; dry run, nothing was written to {location}:")
    echo(line_of(appended.line), nl=False)


def tell(made: PlannedRelease, kind: str, rules: Path, done: str) -> None:
    """Say what was `done`, or else show the line, and say from when it decides."""
    line, location = made.line, named(rules, rules / kind / FILE)
    name, start = f"{kind}@{line.version}", written(line.effective_from)
    decides = f"{name} decides from {start} on"
    if made.missing:
        number = f"{made.missing} signature{'' if made.missing == 1 else 's'}"
        decides = f"{name} waits for {number} to decide from {start} on: dealgate approve {name}"
    echo(f"{done}; {decides}" if done else f"{decides}; appended to {location}:")
    if not done:
        echo(line_of(line), nl=False)


def made(
    rules: Path, make: Callable[[Releasing], Coroutine[None, None, PlannedRelease]]
) -> PlannedRelease:
    """Let `make` do it with all that releasing needs; report whatever forbids it."""
    with faults_shown():
        try:
            return asyncio.run(_making(rules, make))
        except RulebookFaults:
            raise
        except DealgateError as error:
            give_up(str(error))


async def _making(
    rules: Path, make: Callable[[Releasing], Coroutine[None, None, PlannedRelease]]
) -> PlannedRelease:
    engine = make_engine("native")
    try:
        return await make(
            Releasing(rules, KINDS, expression_checker(), engine, time.time_ns, proven)
        )
    finally:
        await engine.close()


def instant(text: str | None) -> int | None:
    """Read --from, or leave."""
    if text is None:
        return None
    moment = nanoseconds(text, date_too=True)
    if moment is None:
        give_up(f"--from: '{text}' is not a UTC timestamp; use 2026-12-01 or 2026-12-01T12:00:00Z")
    return moment


def author(by: str | None, rules: Path) -> str:
    """Return who releases: whom the command names, or else git."""
    name = by or _git_email(rules)
    if not name:
        give_up("say who releases: --by ann@example.com, or set git's user.email")
    return name


def _git_email(folder: Path) -> str:
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return ""
    asked = [git, "config", "user.email"]
    answer = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # git alone
    return answer.stdout.strip()
