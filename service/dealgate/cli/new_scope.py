"""`dealgate new-scope`: the first version of a scope's rules, as a draft."""

import json
import time
from typing import Annotated, Literal

import typer

from dealgate.cli.new_version import save
from dealgate.cli.options import RULES, Rules, TellFaults
from dealgate.cli.selection import kind_of, read
from dealgate.cli.shown import give_up, told_as
from dealgate.desk.drafting import WHY
from dealgate.desk.drafting.versions import newest
from dealgate.model.errors import UnknownRuleSet
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.narrowing import SCOPE_NAME

TEXT = """\
# {kind}/{scope}@1: the differences from {kind}@{base}. Constants, parameters, named facts, rules
# and tables replace those of the same name or id; new ones are appended. Rows of tables are in
# v1.<table>.csv. List what to leave out under `remove:`.
ruleset: {kind}
scope: {scope}
version: 1
narrows: {base}
{when}owner: {owner}
because: {because}
"""


def new_scope(
    name: Annotated[str, typer.Argument(help="For example `qualify/dach`.", metavar="KIND/SCOPE")],
    applies: Annotated[
        str | None, typer.Option(help='Where it decides, in CEL: lead.country in ["DE", "AT"].')
    ] = None,
    tenant: Annotated[str | None, typer.Option(help="The only tenant that it applies to.")] = None,
    unknown: Annotated[
        Literal["base", "refuse"],
        typer.Option(help="If it is unknown whether it applies: the kind's own rules, or none."),
    ] = "base",
    because: Annotated[str, typer.Option("--because", help="Why the scope exists.")] = WHY,
    rules: Rules = RULES,
    format_: TellFaults = "text",
) -> None:
    """Create the rules of a scope, which contain only the differences from the current version.

    The result is a draft that changes nothing yet: add the differences, then test and release it
    like any version, `qualify/dach@1`.
    """
    with told_as(format_):
        kind, _, scope = name.partition("/")
        if not SCOPE_NAME.fullmatch(scope):
            give_up(f"'{name}' does not name a scope; write for example qualify/dach")
        if applies is None and tenant is None:
            give_up("say where the scope decides: --applies, --tenant, or both")
        catalog = read(rules, kind_of(kind, rules))
        home = rules / kind / scope
        if home.exists():
            give_up(f"{home} already exists; for its next version: dealgate new-version {name}")
        base = _base(catalog, kind, newest(rules / kind))
        when = "" if tenant is None else f"tenant: {json.dumps(tenant)}\n"
        if applies is not None:
            when += f"applies: >-\n  {' '.join(applies.split())}\nunknown: {unknown}\n"
        owner = json.dumps(catalog.version(kind, base).owner, ensure_ascii=False)
        why = json.dumps(because, ensure_ascii=False)
        text = TEXT.format(kind=kind, scope=scope, base=base, when=when, owner=owner, because=why)
        home.mkdir()
        save({home / "v1.yaml": text})


def _base(catalog: Catalog, kind: str, last: int) -> int:
    try:
        return catalog.at(kind, time.time_ns()).version
    except UnknownRuleSet:
        return last
