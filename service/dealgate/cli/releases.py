"""`dealgate releases`: what was released, by whom and why, and which version decides when."""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.options import RULES, Rules
from dealgate.cli.selection import kind_of, read
from dealgate.cli.shown import give_up
from dealgate.model.challengers import Challenger
from dealgate.model.errors import UnknownRuleSet
from dealgate.model.rules import Release
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.instants import NANOS, nanoseconds, written


def releases(
    kind: Annotated[str | None, typer.Argument(help="For example `qualify`; default: all.")] = None,
    at: Annotated[str | None, typer.Option("--at", help="In UTC; default: now.")] = None,
    shown_as: Annotated[
        Literal["text", "json"], typer.Option("--format", help="Output for people or for programs.")
    ] = "text",
    rules: Rules = RULES,
) -> None:
    """List the releases, and show which version is in effect: now, or at a given time."""
    instant = time.time_ns() // NANOS * NANOS if at is None else nanoseconds(at, date_too=True)
    if instant is None:
        give_up(
            f"--at: '{at}' is not a UTC timestamp; use the form 2026-12-01 or 2026-12-01T12:00:00Z"
        )
    catalog = read(rules, kind_of(kind, rules))
    wanted = (kind or "").split("/")
    kinds = sorted(
        {
            ruleset.shelf
            for ruleset in catalog.all()
            if kind is None or ruleset.shelf.split("/")[: len(wanted)] == wanted
        }
    )
    histories = [_history(catalog, only, instant) for only in kinds]
    if shown_as == "json":
        echo_json(histories)
        return
    for history in histories:
        echo("\n".join(_lines(history)))


def _history(catalog: Catalog, kind: str, instant: int) -> dict[str, Any]:
    known = catalog.releases(kind)
    versions = [ruleset for ruleset in catalog.all() if ruleset.shelf == kind]
    return {
        "kind": kind,
        "at": written(instant),
        "decides": _deciding(catalog, kind, instant),
        "releases": list(_told(known)),
        "waiting": list(_told(catalog.waiting(kind))),
        "drafts": [version.version for version in versions if not catalog.is_released(version)],
    }


def _deciding(catalog: Catalog, kind: str, instant: int) -> int | None:
    try:
        return catalog.at(kind, instant).version
    except UnknownRuleSet:
        return None


def _told(known: Sequence[Release]) -> Iterator[dict[str, Any]]:
    ends = [*(later.effective_from for later in known[1:]), None][: len(known)]
    for release, end in zip(known, ends, strict=True):
        yield {
            "version": release.version,
            "from": written(release.effective_from),
            "until": None if end is None else written(end),
            "sha256": release.sha256,
            "by": release.by,
            "because": release.because,
            "challenger": None if release.challenger is None else _tried(release.challenger),
        }


def _tried(challenger: Challenger) -> dict[str, Any]:
    share = challenger.share
    told = {"version": challenger.version, "seed": challenger.seed}
    return told | {"share": None if share is None else float(share)}


def _lines(history: dict[str, Any]) -> Iterator[str]:
    kind, decides = history["kind"], history["decides"]
    who = f"{kind}@{decides} decides" if decides else "no version decides"
    yield f"{kind}: {who} at {history['at']}"
    for release in history["releases"]:
        until = f"to {release['until']}" if release["until"] else "on"
        yield f"  {kind}@{release['version']} from {release['from']} {until}"
        yield f"    {release['by']}: {release['because']}"
        if release["challenger"]:
            yield f"    {_beside(kind, release['challenger'])}"
    for line in history["waiting"]:
        yield f"  {kind}@{line['version']} waits for signatures to decide from {line['from']} on"
    for draft in history["drafts"]:
        yield f"  {kind}@{draft} is a draft"


def _beside(kind: str, tried: Mapping[str, Any]) -> str:
    name = f"{kind}@{tried['version']}"
    if tried["share"] is None:
        return f"{name} runs in shadow mode: {tried['seed']}"
    return f"{name} answers {100 * tried['share']:g} % of entities: {tried['seed']}"
