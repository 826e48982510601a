"""`dealgate replay`: recorded decisions decided again, and compared byte for byte."""

import json
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.aside.pool import chunked, cores, in_order
from dealgate.assemble.replays import Records, replays_of
from dealgate.assemble.replays import Rules as Reading
from dealgate.cli.counting import counting
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.instants import instant_of
from dealgate.cli.options import JOURNAL, RULES, DecisionId, Jobs, Rules, SharedJournal, Tenant
from dealgate.cli.replayed import one_line, summary_lines
from dealgate.cli.selection import is_kind, read, recorded_kinds
from dealgate.cli.shown import faults_shown, give_up
from dealgate.foresight.summary import Summary, replayed_document, restored
from dealgate.journal.errors import JournalUnusable
from dealgate.journal.port import TenantReader
from dealgate.journal.urls import reader
from dealgate.model.errors import DealgateError, RecordDamaged
from dealgate.model.replays import Replayed

CHUNK = 200
FEW = 5  # chunks that one process decides sooner than others start

Everything = Annotated[
    bool, typer.Option("--all", help="Every decision of the tenant, in recorded order.")
]
Since = Annotated[str | None, typer.Option(help="With --all: only decisions since: 2026-01-31.")]
OfKinds = Annotated[
    list[str] | None, typer.Option("--kind", help="With --all: only this kind; repeatable.")
]
After = Annotated[str | None, typer.Option(help="With --all: continue after this decision id.")]
ResumeFrom = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="With --all: file that keeps the position, to continue from it."
    ),
]
Limit = Annotated[int | None, typer.Option(min=1, help="With --all: maximum number of decisions.")]
Strict = Annotated[
    bool,
    typer.Option("--strict", help="Also fail if an equal answer used other lists."),
]
Format = Annotated[Literal["text", "json"], typer.Option("--format")]


def replay(  # noqa: PLR0913  # typer's way: an argument for each option
    decision_id: DecisionId = None,
    *,
    all_: Everything = False,
    since: Since = None,
    kind: OfKinds = None,
    after: After = None,
    resume: ResumeFrom = None,
    limit: Limit = None,
    jobs: Jobs = 0,
    journal: SharedJournal = JOURNAL,
    tenant: Tenant = "default",
    rules: Rules = RULES,
    strict: Strict = False,
    format_: Format = "text",
) -> None:
    """Decide recorded questions again, with their own rules and instant, and compare the answers.

    For each answer that differs, the report names what has changed: the rules, the engine, the
    code of the kind, the contract, parameters with their defaults, lists, time zones.

    Exit status: 0, all equal; 1, some differ, or cannot be replayed; 2, nothing could be replayed.
    """
    if (decision_id is None) == (not all_):
        give_up("name a decision id, or write --all")
    if after is not None and resume is not None:
        give_up("--after and --resume both set where to continue: use one of them")
    try:
        if decision_id is not None:
            summary = _alone(decision_id, journal, tenant, rules, format_)
        else:
            wanted = list(recorded_kinds(kind or (), rules))
            from_ = None if since is None else instant_of("--since", since)
            summary = _summary(resume, after)
            recorded = reader(journal).of_tenant(tenant)
            records = _limited(recorded, wanted, from_, summary.position, limit)
            _whole(records, summary, _reading(rules, wanted), jobs or cores(), resume)
            _tell(summary, format_)
    except (DealgateError, JournalUnusable, OSError) as error:
        give_up(str(error))
    if summary.unsound or (strict and summary.decisions != summary.equal):
        raise typer.Exit(1)


def _alone(decision_id: str, journal: str, tenant: str, rules: Path, format_: str) -> Summary:
    decision = reader(journal).decision(tenant, decision_id)
    only = decision.kind if is_kind(decision.kind, rules) else None
    with faults_shown():
        replays = replays_of(Reading(str(rules), only))
    (replayed,) = replays([decision])
    summary = Summary()
    summary.add([replayed])
    if isinstance(replayed, Replayed):
        if format_ == "json":
            echo_json(replayed_document(replayed))
        else:
            echo(one_line(replayed))
    return summary


def _reading(rules: Path, kinds: Sequence[str]) -> Reading:
    """Return how processes read rules, whose faults are reported before they start; or exit."""
    reading = Reading(str(rules), kinds[0] if len(kinds) == 1 else None)
    read(rules, reading.only)
    return reading


def _summary(resume: Path | None, after: str | None) -> Summary:
    """Return what has been counted already."""
    if resume is None or not resume.is_file():
        return Summary(position=after)
    try:
        return restored(json.loads(resume.read_text(encoding="utf-8")))
    except (ValueError, KeyError, TypeError):
        give_up(f"{resume}: is not a position that `dealgate replay` wrote; delete it")


def _limited(
    recorded: TenantReader,
    kinds: list[str],
    since: int | None,
    after: str | None,
    limit: int | None,
) -> Iterator[Records]:
    """Yield chunks of decisions, at most `limit` in all."""
    decisions = (
        record if isinstance(record, RecordDamaged) else record[0]
        for record in recorded(kinds, since, after)
    )
    return chunked(islice(decisions, limit), CHUNK)


def _whole(
    chunks: Iterator[Records], summary: Summary, rules: Reading, jobs: int, resume: Path | None
) -> None:
    """Count every chunk in, and keep the position after each."""
    first = list(islice(chunks, FEW))
    jobs = 1 if len(first) < FEW else jobs
    with counting("replayed", "decisions") as count:
        for replays in in_order(replays_of, rules, chain(first, chunks), jobs):
            summary.add(replays)
            count(len(replays))
            if resume is not None:
                _keep(resume, summary)


def _keep(resume: Path, summary: Summary) -> None:
    """Write the position so that a kill leaves the old one or the new one."""
    beside = resume.with_name(f"{resume.name}.new")
    beside.write_text(json.dumps(summary.document(), ensure_ascii=False), encoding="utf-8")
    beside.replace(resume)


def _tell(summary: Summary, format_: str) -> None:
    if format_ == "json":
        echo_json(summary.document())
        return
    for line in summary_lines(summary):
        echo(line)
