"""`dealgate journal`: what an operator does with a journal's file."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.instants import instant_of
from dealgate.cli.journal_files import faults_told, journal_file, lend_keys, read_heads
from dealgate.cli.options import JOURNAL, JournalUrl, group
from dealgate.journal.archiving import upkeep_of
from dealgate.journal.chain import Head
from dealgate.journal.evidence import audit_log, count_older, evidence_faults
from dealgate.journal.facts.retiring import retire
from dealgate.journal.facts.statements import CLEAR, SEALED
from dealgate.journal.facts.urls import base_of, facts_url
from dealgate.journal.locations import shown
from dealgate.journal.retention import retained, selected
from dealgate.journal.signing import Verifier, signer
from dealgate.journal.sqlite import upkeep
from dealgate.journal.urls import keys_of, readable_file, reader
from dealgate.model.private_files import make_private_folder
from dealgate.rulebook.instants import written

app = group()
Before = Annotated[
    str, typer.Option("--before", help="End, exclusive: 2026-01-31, or with a time.")
]
Kinds = Annotated[list[str] | None, typer.Option("--kind", help="Only of these kinds.")]
OfTenant = Annotated[str | None, typer.Option("--tenant", help="Only of this tenant.")]
SigningKey = Annotated[
    Path | None,
    typer.Option(
        help="PEM file; signs the record of the deletion.", envvar="DEALGATE_JOURNAL_SIGNING_KEY"
    ),
]
Unread = Annotated[
    bool, typer.Option("--unread", help="Also delete what an outbox has not published.")
]


@app.callback()
def journal() -> None:
    """Statistics, verification, backup, archive and pruning of a journal file."""


@app.command("stats")
def stats(url: JournalUrl = JOURNAL) -> None:
    """Print sizes and counts of a journal; a server may be writing to it."""
    with faults_told():
        counted = upkeep.stats(journal_file(url))
    for name, size in counted.files.items():
        echo(f"{name:<24} {size:>14,} bytes")
    if counted.free_bytes:
        echo(f"{'free within':<24} {counted.free_bytes:>14,} bytes")
    for table, rows in counted.rows.items():
        echo(f"{table:<24} {rows:>14,}")
    decisions = counted.rows["decisions"]
    if decisions:
        echo(f"{'bytes a record':<24} {counted.body_bytes / decisions:>14,.0f}")
    if counted.first is not None and counted.last is not None:
        echo(f"decided from {written(counted.first)} to {written(counted.last)}")
    for tenant, kind, rows in counted.by_kind:
        echo(f"  {tenant}/{kind:<20} {rows:>14,}")


@app.command("verify")
def verify(
    url: JournalUrl = JOURNAL,
    public_key: Annotated[
        list[Path] | None,
        typer.Option(help="PEM file; every link of the chain must be signed by one of these."),
    ] = None,
    heads: Annotated[
        Path | None,
        typer.Option(help="What `dealgate journal heads` printed; the chain must contain it."),
    ] = None,
) -> None:
    """Check every record against the hash chain; exit status 1 if anything is wrong.

    Records that were forged, changed, moved or removed are reported. Anyone who can write the file
    can also write a whole new chain: signatures, or heads stored elsewhere, detect that.
    """
    with faults_told():
        verifier = Verifier(public_key) if public_key else None
        known = () if heads is None else read_heads(heads)
        verified = _verified(url, verifier, known)
    for fault in verified.faults:
        echo(fault, err=True)
    if verified.older:
        echo(
            f"{verified.older:,} records are older than the chain, which only counts them: changes "
            "to them are not detected. If it began with the journal, somebody removed it"
        )
    echo(f"{verified.sound:,} records are sound, {len(verified.faults)} faults")
    if verified.faults:
        raise typer.Exit(1)


def _verified(url: str, verifier: Verifier | None, known: Sequence[Head]) -> upkeep.Verified:
    if (file := readable_file(url)) is not None:
        return upkeep.verify(file, verifier=verifier, heads=known)
    with reader(url).evidence() as kept:
        faults = [*evidence_faults(kept, verifier, known), *kept.derived_faults()]
        sound = kept.count_decisions() - len(faults)
        return upkeep.Verified(sound, faults, count_older(kept))


@app.command("heads")
def heads(url: JournalUrl = JOURNAL) -> None:
    """Print the end of the hash chain as JSON, to be kept where nobody can change it."""
    with faults_told(), reader(url).evidence() as kept:
        ends = kept.heads()
    echo_json(
        [{"chain": end.chain, "link": end.number, "digest": end.digest.hex()} for end in ends]
    )


@app.command("audit")
def audit(
    url: JournalUrl = JOURNAL,
    since: Annotated[
        str | None, typer.Option(help="Start, inclusive: 2026-01-31, or with a time.")
    ] = None,
    principal: Annotated[str | None, typer.Option(help="Only of this principal.")] = None,
    tenant: Annotated[str | None, typer.Option(help="Only of this tenant.")] = None,
    format_: Annotated[Literal["text", "json"], typer.Option("--format")] = "text",
) -> None:
    """List who read decisions, who released rules, who was rejected, and changes of access rules.

    The hash chain covers these entries, too: `dealgate journal verify`.
    """
    start = 0 if since is None else instant_of("--since", since)
    with faults_told(), reader(url).evidence() as kept:
        entries = sorted(
            (
                entry
                for entry in audit_log(kept)
                if entry.at >= start
                and principal in {None, entry.principal}
                and tenant in {None, entry.tenant}
            ),
            key=lambda entry: entry.at,
        )
    if format_ == "json":
        echo_json([{**entry.written(), "at": written(entry.at)} for entry in entries])
        return
    for entry in entries:
        more = f" (+{entry.unnoted} not noted)" if entry.unnoted else ""
        about = " ".join(filter(None, (entry.tenant, entry.decision_id, entry.detail)))
        told = f"{entry.principal} {entry.method} {entry.outcome} {about}".rstrip()
        echo(f"{written(entry.at)} {told}{more}")


@app.command("backup")
def backup(
    to: Annotated[Path, typer.Argument(help="The file to create.")], url: JournalUrl = JOURNAL
) -> None:
    """Copy a journal as of one instant; a server may be writing to it."""
    with faults_told():
        size = upkeep.backup(journal_file(url), to)
        lend_keys(url, to)
    echo(f"{to}: {size:,} bytes; check it with `dealgate journal verify --journal {to}`")


@app.command("archive")
def archive(
    to: Annotated[Path, typer.Argument(help="The file to create.")],
    before: Before,
    url: JournalUrl = JOURNAL,
    signing_key: SigningKey = None,
    kind: Kinds = None,
    tenant: OfTenant = None,
) -> None:
    """Copy decisions from before an instant into a separate journal; nothing is deleted.

    A file named .parquet is written as encrypted Parquet, which needs dealgate[archives].
    """
    with faults_told():
        sign = None if signing_key is None else signer(signing_key)
        old = selected(instant_of("--before", before), tenant, kind or ())
        many = upkeep_of(url).archive(to, old, sign)
        lend_keys(url, to)
    echo(f"{to}: {many:,} decisions; `dealgate journal prune` removes them from {shown(url)}")


@app.command("prune")
def prune(
    before: Before,
    archive: Annotated[
        Path, typer.Option(help="The archive that contains the decisions to delete.")
    ],
    url: JournalUrl = JOURNAL,
    signing_key: SigningKey = None,
    kind: Kinds = None,
    tenant: OfTenant = None,
    *,
    unread: Unread = False,
) -> None:
    """Delete decisions from before an instant that are in the archive.

    Stop the server of a SQLite journal first; servers of a PostgreSQL journal may keep running.
    """
    with faults_told():
        sign = None if signing_key is None else signer(signing_key)
        old = selected(instant_of("--before", before), tenant, kind or ())
        many = upkeep_of(url).prune(archive, old, sign, unread=unread)
    echo(f"{shown(url)}: deleted {many:,} decisions, which remain in {archive}")


@app.command("retain")
def retain(
    archives: Annotated[Path, typer.Argument(help="The folder that gets an archive.")],
    keep: Annotated[
        list[str],
        typer.Option(
            help="verify=90d, acme/verify=30d, acme/*=400d, *=730d; all others are kept.",
            envvar="DEALGATE_RETENTION",
        ),
    ],
    url: JournalUrl = JOURNAL,
    signing_key: SigningKey = None,
    *,
    unread: Unread = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
    format_: Annotated[
        Literal["sqlite", "parquet"],
        typer.Option("--format", help="parquet: encrypted; needs dealgate[archives]."),
    ] = "sqlite",
) -> None:
    """Move records beyond the retention period of their tenant and kind into a new archive.

    Run it daily, by cron: it archives and prunes, and does nothing if no record is due. Stop the
    server of a SQLite journal first; servers of a PostgreSQL journal may keep running.
    """
    with faults_told():
        now = time.time_ns()
        kept, old = upkeep_of(url), retained(keep, now)
        going = kept.count_removable(old)
        for tenant, kind, many in going:
            echo(f"{tenant}/{kind}: {many:,} decisions are past retention")
        if dry_run or not going:
            return
        instant = written(now // 10**9 * 10**9).replace(":", "")
        to = archives / f"{kept.stem}-{instant}.{'db' if format_ == 'sqlite' else format_}"
        make_private_folder(archives)
        sign = None if signing_key is None else signer(signing_key)
        kept.archive(to, old, sign, removable=True)
        lend_keys(url, to)
        gone = kept.prune(to, old, sign, unread=unread)
    echo(f"{shown(url)}: moved {gone:,} decisions to {to}")


@app.command("retain-facts")
def retain_facts(
    keep: Annotated[
        list[str],
        typer.Option(
            help="lead=400d, acme/lead=90d, acme/*=400d, *=730d; all others are kept.",
            envvar="DEALGATE_FACTS_RETENTION",
        ),
    ],
    url: JournalUrl = JOURNAL,
    facts: Annotated[
        str, typer.Option(help="As the server's setting.", envvar="DEALGATE_FACTS")
    ] = "1",
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count what would go.")] = False,
) -> None:
    """Forget entity state beyond the retention period of its tenant and type.

    Servers may be running. Activities age from when they happened and became known, facts from when
    they were replaced. An entity is forgotten as a whole if nothing became known about it since.
    """
    with faults_told():
        version = CLEAR if keys_of(url) is None else SEALED
        base = base_of(facts_url(facts, url), version)
        retired = retire(base, retained(keep, time.time_ns()), dry_run=dry_run)
    for tenant, type_, revisions, activities in retired:
        went = "are past retention" if dry_run else "were forgotten"
        echo(f"{tenant}/{type_}: {revisions:,} revisions and {activities:,} activities {went}")
