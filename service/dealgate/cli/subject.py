"""`dealgate subject`: what is recorded about somebody, and how they are erased."""

import asyncio
import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from dealgate.assemble.subjects import erase_listed, erase_subject, erased_before, exported
from dealgate.cli.echo import echo, echo_json
from dealgate.cli.options import JOURNAL, JournalUrl, TenantSetting, group
from dealgate.cli.shown import give_up
from dealgate.model.audit import Audited
from dealgate.model.decision import Entity
from dealgate.model.erasure import Erasure
from dealgate.model.errors import DealgateError
from dealgate.rulebook.instants import nanoseconds

app = group()
Subject = Annotated[str, typer.Argument(help="A type and an id: lead/00Q5e, seller/anna.")]
TENANT = "default"
PSEUDONYM = re.compile(r"[a-z_]+/(?:[0-9a-f]{2})+( |$)")


@app.callback()
def subject() -> None:
    """Export the recorded data of a subject, or erase it from an encrypted journal."""


@app.command("export")
def export(subject: Subject, url: JournalUrl = JOURNAL, tenant: TenantSetting = TENANT) -> None:
    """Print every record that names a subject as JSON, without the personal data of others."""
    with _told():
        echo_json(list(exported(url, tenant, _entity(subject))))


@app.command("erase")
def erase(
    subject: Subject,
    reason: Annotated[str, typer.Option(help="Why, for the audit log.")],
    by: Annotated[str, typer.Option(help="Who does it, for the audit log.")],
    url: JournalUrl = JOURNAL,
    tenant: TenantSetting = TENANT,
) -> None:
    """Destroy the key of a subject, so that their personal data can never be read again.

    For a SQLite journal, stop the server first, or call DecisionService.EraseSubject instead.
    """
    asked = Erasure(tenant, _entity(subject), by, reason, time.time_ns())
    with _told():
        erased = asyncio.run(erase_subject(url, asked))
    if not erased.stand_in:
        give_up(f"{subject}: no subject with this id is known to tenant {tenant}")
    echo(f"{subject} was erased; {erased.stand_in} takes its place")
    if erased.has_clear:
        echo(
            "records from before the journal was encrypted are as they were: archive and prune them"
        )


@app.command("reapply")
def reapply(
    url: JournalUrl = JOURNAL,
    erasures: Annotated[
        Path | None,
        typer.Option(help="Output of `dealgate journal audit --format json` of a newer copy."),
    ] = None,
) -> None:
    """Repeat the erasures in the audit log, after an older key store was restored.

    If the journal was restored as well, name a list of the erasures made since: they are noted in
    its audit log, too.
    """
    with _told():
        if erasures is None:
            many = erased_before(url)
        else:
            many = asyncio.run(erase_listed(url, _listed(erasures)))
    echo(f"{many:,} keys were destroyed again")


def _listed(path: Path) -> list[Audited]:
    try:
        listed: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
        return [
            Audited.read({**entry, "at": nanoseconds(entry["at"]) or 0})
            for entry in listed
            if entry["method"] == "EraseSubject" and PSEUDONYM.match(entry["detail"])
        ]
    except (ValueError, TypeError, KeyError):
        give_up(f"{path}: is not output of `dealgate journal audit --format json`")


def _entity(subject: str) -> Entity:
    type_, slash, id_ = subject.partition("/")
    if not (type_ and slash and id_):
        give_up(f"{subject}: is not a subject; write a type and an id: lead/00Q5e")
    return Entity(type_, id_)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (DealgateError, OSError) as error:
        give_up(str(error))
