"""`dealgate new-kind`: every file that a new kind of decision needs."""

import re
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.kind_files import NotACheckout, kind_files, services
from dealgate.cli.new_version import save
from dealgate.cli.shown import give_up
from dealgate.kinds import KINDS

NAME = re.compile(r"[a-z]{3,14}")
RPC = re.compile(r"(?=.{4,24}\Z)([A-Z][a-z]+){2,4}")
NOUNS = {"LeadService": "Lead", "PipelineService": "Deal", "RevenueService": "Revenue"}


def new_kind(
    name: Annotated[str, typer.Argument(help="A verb, for example `renew`.")],
    service: Annotated[str, typer.Option(help="The service of the RPC: `PipelineService`.")],
    rpc: Annotated[str, typer.Option(help="The name of the RPC; default: `RenewDeal`.")] = "",
    checkout: Annotated[Path, typer.Option(help="The checkout to write into.")] = Path(),
) -> None:
    """Generate a new kind of decision: contract, Python, rules with cases, client and tests.

    It decides at once, by an example that you replace. Afterwards `make generate`, then `make
    check` and `make test` hold as they stand; docs/architecture.md says what each file is for.
    """
    if not NAME.fullmatch(name) or name in KINDS:
        taken = (
            "is a kind already"
            if name in KINDS
            else "is not a name for a kind: write one word, such as renew"
        )
        give_up(f"'{name}' {taken}")
    known = services(checkout)
    if service not in known:
        found = (
            f"there is {', '.join(known)}" if known else f"{checkout} is not a checkout of Dealgate"
        )
        give_up(f"there is no service '{service}' that decides; {found}")
    rpc = rpc or f"{name.title()}{NOUNS.get(service, service.removesuffix('Service'))}"
    if not RPC.fullmatch(rpc):
        give_up(f"'{rpc}' is not a name for an RPC: write a verb and a noun, such as RenewDeal")
    try:
        texts = kind_files(checkout, name, service, rpc)
    except NotACheckout as error:
        give_up(str(error))
    for path in texts:
        path.parent.mkdir(parents=True, exist_ok=True)
    save(texts)
    echo("Now `make generate`, then write the facts, the rules and the cases that you need.")
