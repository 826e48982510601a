"""`dealgate signals`: the state that a consumer keeps of signals."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.options import group
from dealgate.cli.shown import give_up
from dealgate.model.errors import DealgateError

# ruff: noqa: PLC0415 - what keeps the state is loaded once there is one
app = group()
TENANT = "default"


@app.callback()
def signals() -> None:
    """Erase a person from the signal state of a consumer."""


@app.command("forget")
def forget(
    entity: Annotated[str, typer.Argument(help="A type and an id: lead/00Q5e.")],
    state: Annotated[str, typer.Option(help="As in `dealgate consume --state`.")],
    tenant: Annotated[str, typer.Option(help="Whose signals.", envvar="DEALGATE_TENANT")] = TENANT,
) -> None:
    """Remove everything stored about an entity: events, counts, and signals not sent yet.

    If the state is a file, stop the consumer first; it later resumes where it stopped. Patterns
    over the entity start afresh with its next event.
    """
    type_, slash, id_ = entity.partition("/")
    if not (type_ and slash and id_):
        give_up(f"{entity}: is not an entity; write a type and an id: lead/00Q5e")
    from dealgate.journal.signals.urls import is_shared, open_state

    if not is_shared(state) and not Path(state).is_file():
        give_up(f"{state}: there is no such file")
    try:
        kept = open_state(state)
        forgotten = kept.forget(tenant, entity)
        kept.close()
    except DealgateError as error:
        give_up(str(error))
    if not forgotten.is_known:
        give_up(f"{entity}: nothing is kept of it for tenant {tenant}")
    echo(
        f"{entity} was forgotten: events {forgotten.events:,}, "
        f"signals not sent yet {forgotten.untold:,}"
    )
