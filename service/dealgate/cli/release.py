"""`dealgate release`, `rollback` and `approve`: lines in releases.yaml, if all holds."""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Annotated

import typer

from dealgate.assemble.changes import proven
from dealgate.assemble.engines import make_engine
from dealgate.cli.bounded import read_bound
from dealgate.cli.echo import echo
from dealgate.cli.selection import RULES, Number, Rules, Version, kind_of, named_version
from dealgate.cli.shown import faults_shown, give_up
from dealgate.desk.appending import line_of
from dealgate.desk.expressions import expression_checker
from dealgate.desk.releasing import FILE, Releasing
from dealgate.journal.signing import signer
from dealgate.kinds import KINDS
from dealgate.model.changes import Agreed, Made, Wanted
from dealgate.model.errors import DealgateError
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.instants import nanoseconds, written
from dealgate.rulebook.loading import named

Kind = Annotated[str, typer.Argument(help="For example `qualify`.")]
Because = Annotated[str, typer.Option("--because", help="The reason, for later readers.")]
By = Annotated[str | None, typer.Option("--by", help="Who releases; default: git's user.email.")]
Signer = Annotated[str | None, typer.Option("--by", help="Who signs; default: git's user.email.")]
From = Annotated[
    str | None, typer.Option("--from", help="In UTC: 2026-12-01 or 2026-12-01T08:00:00Z.")
]
KeyFile = Annotated[
    Path | None,
    typer.Option("--key", help="Sign with this Ed25519 key in a PEM file: your own, kept secret."),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Check everything and show the entry, but write nothing.")
]


def release(  # noqa: PLR0913  # typer's way: an argument each
    version: Version,
    because: Because,
    number: Number = None,
    start: From = None,
    by: By = None,
    key: KeyFile = None,
    *,
    now: Annotated[
        bool, typer.Option("--now", help="Only decisions from this instant on.")
    ] = False,
    retroactive: Annotated[
        bool, typer.Option("--retroactive", help="Allow a --from that has passed.")
    ] = False,
    journal: Annotated[
        str | None,
        typer.Option(
            help="First show the impact on the newest decisions of this journal.",
            envvar="DEALGATE_JOURNAL",
        ),
    ] = None,
    require_impact: Annotated[
        bool, typer.Option("--require-impact", help="Do not release if the impact is unknown.")
    ] = False,
    fail_over: Annotated[
        list[str] | None,
        typer.Option(
            "--fail-over", help="Do not release if the impact exceeds 2%, or EUR 50000; repeatable."
        ),
    ] = None,
    dry_run: DryRun = False,
    rules: Rules = RULES,
) -> None:
    """Release a version, which takes effect at --from.

    One line is appended to releases.yaml, after every file has been checked, the version's cases
    have passed, and what was released before has been found unchanged. A server that watches this
    folder takes it up by itself.
    """
    if (start is None) != now:
        give_up("say from when it decides: either --from 2026-12-01 or --now")
    kind, chosen = named_version(version, number, rules)
    wanted = Wanted(kind, because, _author(by, rules), chosen, _instant(start), retroactive)
    if journal is not None or require_impact or fail_over:
        _foresee(wanted, chosen, rules, journal, fail_over or (), required=require_impact)
    _append(wanted, rules, key, dry_run=dry_run)


def rollback(
    kind: Kind,
    because: Because,
    start: From = None,
    by: By = None,
    key: KeyFile = None,
    *,
    dry_run: DryRun = False,
    rules: Rules = RULES,
) -> None:
    """Return to the previously released version: now, or at --from.

    Nothing is taken out of releases.yaml: one more line names the earlier version.
    """
    kind_of(kind, rules)
    wanted = Wanted(kind, because, _author(by, rules), start=_instant(start))
    _append(wanted, rules, key, dry_run=dry_run)


def _foresee(  # an argument for each option
    wanted: Wanted,
    version: int,
    rules: Path,
    journal: str | None,
    fail_over: Sequence[str],
    *,
    required: bool,
) -> None:
    """Show what the version would have made of recorded decisions, unless its kind is unknown."""
    # Imported here: most releases ask for no impact.
    from dealgate.cli.foreseen import foresee  # noqa: PLC0415

    bounds = list(map(read_bound, fail_over))
    if wanted.kind in KINDS:
        required = required or bool(bounds)
        foresee(rules, wanted.kind, version, journal, bounds, required=required)


def approve(
    version: Version,
    number: Number = None,
    by: Signer = None,
    key: KeyFile = None,
    rules: Rules = RULES,
) -> None:
    """Sign a release that waits for signatures, after looking at it.

    Everything is checked again, as for a release. Once the line in releases.yaml lacks no signature
    that approvals.yaml demands, it decides from its time on.
    """
    kind, chosen = named_version(version, number, rules)
    if key is None:
        give_up("say what signs it: --key ann.pem (`openssl genpkey -algorithm ed25519`)")
    agreed = Agreed(kind, chosen, "", _author(by, rules))
    made = _made(rules, lambda releasing: releasing.approve(agreed, signer(key)))
    _tell(made, kind, rules, f"{agreed.by} has signed {kind}@{chosen}")


def _append(wanted: Wanted, rules: Path, key: Path | None, *, dry_run: bool) -> None:
    def release(releasing: Releasing) -> Coroutine[None, None, Made]:
        sign = None if key is None else signer(key)
        return releasing.release(wanted, dry_run=dry_run, sign=sign)

    made = _made(rules, release)
    if not dry_run:
        _tell(made, wanted.kind, rules, "")
        return
    start, location = written(made.line.effective_from), named(rules, rules / wanted.kind / FILE)
    name = f"{wanted.kind}@{made.line.version}"
    echo(f"{name} would decide from {start} on; dry run, nothing was written to {location}:")
    echo(line_of(made.line), nl=False)


def _tell(made: Made, kind: str, rules: Path, done: str) -> None:
    line, location = made.line, named(rules, rules / kind / FILE)
    name, start = f"{kind}@{line.version}", written(line.effective_from)
    decides = f"{name} decides from {start} on"
    if made.missing:
        number = f"{made.missing} signature{'' if made.missing == 1 else 's'}"
        decides = f"{name} waits for {number} to decide from {start} on: dealgate approve {name}"
    echo(f"{done}; {decides}" if done else f"{decides}; appended to {location}:")
    if not done:
        echo(line_of(line), nl=False)


def _made(rules: Path, make: Callable[[Releasing], Coroutine[None, None, Made]]) -> Made:
    with faults_shown():
        try:
            return asyncio.run(_making(rules, make))
        except RulebookFaults:
            raise
        except DealgateError as error:
            give_up(str(error))


async def _making(rules: Path, make: Callable[[Releasing], Coroutine[None, None, Made]]) -> Made:
    engine = make_engine("native")
    try:
        return await make(
            Releasing(rules, KINDS, expression_checker(), engine, time.time_ns, proven)
        )
    finally:
        await engine.close()


def _instant(text: str | None) -> int | None:
    if text is None:
        return None
    found = nanoseconds(text, date_too=True)
    if found is None:
        give_up(f"--from: '{text}' is not a UTC timestamp; use 2026-12-01 or 2026-12-01T12:00:00Z")
    return found


def _author(by: str | None, rules: Path) -> str:
    """Return who releases: whom the command names, or else git."""
    found = by or _git_email(rules)
    if not found:
        give_up("say who releases: --by ann@example.com, or set git's user.email")
    return found


def _git_email(folder: Path) -> str:
    git = shutil.which("git")
    if git is None or not folder.is_dir():
        return ""
    asked = [git, "config", "user.email"]
    answer = subprocess.run(asked, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603  # git alone
    return answer.stdout.strip()
