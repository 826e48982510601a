"""`dealgate new-kind`: every file that a new kind of decision needs."""

import re
from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.declared_files import declared_files
from dealgate.cli.echo import echo
from dealgate.cli.kind_files import NotACheckout, kind_files, services
from dealgate.cli.new_version import save
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.shown import faults_shown, give_up, told_as
from dealgate.desk.appending import line_of
from dealgate.desk.drafting.versions import Texts
from dealgate.desk.reading import read_rules
from dealgate.kinds import KINDS
from dealgate.model.rules import Release
from dealgate.rulebook.kind_shapes import KIND_NAME

NAME = re.compile(r"[a-z]{3,14}")
RPC = re.compile(r"(?=.{4,24}\Z)([A-Z][a-z]+){2,4}")
FIRST = 1_767_225_600_000_000_000  # 2026-01-01
NOUNS = {"LeadService": "Lead", "PipelineService": "Deal", "RevenueService": "Revenue"}

Name = Annotated[str, typer.Argument(help="A verb, for example `renew`.")]
Service = Annotated[str, typer.Option(help="The service of the RPC: `PipelineService`.")]
Rpc = Annotated[str, typer.Option(help="The name of the RPC; default: `RenewDeal`.")]
Checkout = Annotated[Path, typer.Option(help="The checkout to write into.")]
Declared = Annotated[
    bool, typer.Option("--declared", help="Without code: kind.yaml in the rules folder.")
]


def new_kind(
    name: Name,
    service: Service = "",
    rpc: Rpc = "",
    checkout: Checkout = Path(),
    *,
    declared: Declared = False,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Generate a new kind of decision: contract, Python, rules with cases, client and tests.

    It works at once, with an example that you replace. After `make generate`, `make check` and
    `make test` pass without changes; docs/architecture.md describes the files.
    """
    with told_as(format_):
        if declared:
            _declare(name, rules)
        else:
            _generate(checkout, name, service, rpc)


def _generate(checkout: Path, name: str, service: str, rpc: str) -> None:
    """Write a kind with code."""
    if not NAME.fullmatch(name) or name in KINDS:
        hint = "is not a name for a kind: write one word, such as renew"
        give_up(f"'{name}' {'is a kind already' if name in KINDS else hint}")
    known = services(checkout)
    if service not in known:
        none = f"{checkout} is not a checkout of Dealgate"
        hint = f"there is {', '.join(known)}" if known else none
        give_up(f"there is no service '{service}' that decides; {hint}")
    rpc = rpc or f"{name.title()}{NOUNS.get(service, service.removesuffix('Service'))}"
    if not RPC.fullmatch(rpc):
        give_up(f"'{rpc}' is not a name for an RPC: write a verb and a noun, such as RenewDeal")
    try:
        _save(kind_files(checkout, name, service, rpc))
    except NotACheckout as error:
        give_up(str(error))
    echo("Now `make generate`, then write the facts, the rules and the cases that you need.")


def _save(texts: Texts) -> None:
    """Write files, some into folders that are new."""
    for path in texts:
        path.parent.mkdir(parents=True, exist_ok=True)
    save(texts)


def _declare(name: str, rules: Path) -> None:
    """Write a kind without code, and release it: it decides at once."""
    if not KIND_NAME.fullmatch(name) or name in KINDS or (rules / name).exists():
        taken = name in KINDS or (rules / name).exists()
        hint = "is there already" if taken else "is not a name for a kind: write renewal_pricing"
        give_up(f"'{name}' {hint}")
    _save(declared_files(rules, name))
    with faults_shown():
        ruleset = read_rules(rules, name).version(name, 1)
    first = Release(1, FIRST, ruleset.digest, "dealgate new-kind", "The first version.")
    save({rules / name / "releases.yaml": line_of(first)})
    echo(f"{name}@1 decides. Write your facts and rules in a new version; docs/own-decisions.md.")
