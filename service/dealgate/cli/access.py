"""`dealgate access`: who may ask for what, checked and tried before a server uses it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.descriptor import MethodDescriptor

from dealgate.access.guard import Guard
from dealgate.assemble.access import access_rules, guard_of
from dealgate.cli.echo import echo
from dealgate.cli.options import RULES, group
from dealgate.cli.shown import faults_shown, give_up
from dealgate.model.access import AccessCase, Asked
from dealgate.model.errors import Forbidden, Unauthenticated
from dealgate.rulebook.access import read_access_cases
from dealgate.v1 import access_pb2 as pb
from dealgate.wire.entrance import Reach, Takes, kind_of, name_of, takes
from dealgate.wire.services import services

FAILED = 1
NOBODY = "nobody"

app = group()

File = Annotated[
    Path, typer.Argument(help="The file.", envvar="DEALGATE_ACCESS", show_default=True)
]
ACCESS = Path("access.yaml")


@app.callback()
def access() -> None:
    """Check and test access.yaml, which defines who may do what."""


@app.command()
def check(path: File = ACCESS) -> None:
    """Check access rules: all faults at once, with location and suggested fix."""
    with faults_shown():
        rules = access_rules(path, RULES)
    principals, roles = len(rules.principals), len(rules.roles)
    echo(f"{path}: {principals} rule(s) for principals, {roles} role(s), sha256 {rules.digest}")


@app.command("test")
def try_calls(
    path: File = ACCESS,
    cases: Annotated[
        Path | None,
        typer.Option(help="The calls to test; default: access.cases.yaml next to the file."),
    ] = None,
) -> None:
    """Test calls: each case states who calls what, and whether the call is allowed.

    Tokens and certificates in cases count as verified.
    """
    with faults_shown():
        guard = guard_of(access_rules(path, RULES))
        tried = read_access_cases(cases or path.with_suffix(".cases.yaml"))
    methods = {name_of(method): method for service in services() for method in service.methods}
    faults = [fault for case in tried for fault in _faults(case, guard, methods)]
    if faults:
        give_up("\n".join([*faults, f"{len(faults)} fault(s) in {len(tried)} case(s)"]), FAILED)
    echo(f"{len(tried)} case(s) passed")


@dataclass(frozen=True, slots=True)
class _Verdict:
    principal: str
    allowed: bool


def _faults(
    case: AccessCase, guard: Guard, methods: Mapping[str, MethodDescriptor]
) -> Iterator[str]:
    facts = pb.AccessFacts.FromString(case.facts)
    asked = facts.request
    where = f"{case.location}: case {case.case}"
    method = methods.get(asked.method)
    taken = None if method is None else takes(method)
    if method is None or taken is None:
        yield f"{where}: {asked.method} is not an RPC; write for example LeadService.ScoreLead"
        return
    if taken.reach is not Reach.RULES and not asked.tenant:
        yield f"{where}: {asked.method} is about a tenant's decisions; add tenant: …"
        return
    asked.kind = asked.kind or kind_of(method)
    verdict = _tried(facts, guard, taken)
    if verdict.allowed is not case.allowed:
        yield f"{where}: is {'allowed' if verdict.allowed else 'refused'} to {verdict.principal}"
    if case.principal is not None and verdict.principal != case.principal:
        yield f"{where}: the caller is {verdict.principal}, not {case.principal}"


def _tried(facts: pb.AccessFacts, guard: Guard, taken: Takes) -> _Verdict:
    """Return whom the caller is taken for, and whether the call is let in; as a server does."""
    request = facts.request
    asked = Asked(request.method, taken.permission, request.tenant, request.kind)
    try:
        caller = guard.named(facts)
    except (Unauthenticated, Forbidden):
        return _Verdict(NOBODY, allowed=False)
    open_kind = taken.reach is not Reach.EVERY_KIND and not request.kind
    return _Verdict(caller.name, caller.may(asked, of_some_kind=open_kind))
