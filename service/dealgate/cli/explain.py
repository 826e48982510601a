"""`dealgate explain`: why a decision is what it is, and what would have flipped it."""

import time
from pathlib import Path
from typing import Annotated, Literal

import typer

from dealgate.cli.echo import echo, echo_json
from dealgate.cli.explained import ShownExplanation, print_tree
from dealgate.cli.explained_json import as_json
from dealgate.cli.instants import instant_of
from dealgate.cli.options import JOURNAL, RULES, DecisionId, Rules, SharedJournal
from dealgate.cli.selection import is_kind, no_rules_of, read, version_or_leave
from dealgate.cli.shown import faults_shown, give_up
from dealgate.cli.supposed import supposing, what_if_lines
from dealgate.engine.native import NativeEngine
from dealgate.explain.explaining import explain as explained
from dealgate.explain.flip_results import Bounds
from dealgate.explain.redeciding import redecide
from dealgate.explain.verdicts import WhatIfJudge
from dealgate.journal.urls import reader
from dealgate.kinds import KINDS
from dealgate.model.errors import DealgateError
from dealgate.model.rules import shelf_of
from dealgate.model.scoping import choosing, chosen
from dealgate.model.texts import told
from dealgate.rulebook.cases import load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.facts import FactsFile
from dealgate.rulebook.faults import RulebookFaults, did_you_mean

FactsPath = Annotated[
    Path | None, typer.Option(help="A file of facts, as in cases, instead of a decision.")
]
TenantOfDecision = Annotated[str, typer.Option(help="The tenant of the decision.")]
CaseName = Annotated[
    str | None, typer.Option("--case", help="A case of a version, by its name, instead.")
]
KindOfFacts = Annotated[
    str | None, typer.Option(help="With --facts or --case: for example qualify.")
]
VersionOfFacts = Annotated[
    int | None,
    typer.Option(help="With --facts or --case: the version; default: the one in effect."),
]
AsOf = Annotated[
    str | None,
    typer.Option("--as-of", help="With --facts: for example 2026-01-31T12:00:00Z; default: now."),
]
Assumed = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="PATH=VALUE",
        help="Assume a different fact: lead.company.employees=250; repeatable.",
    ),
]
MostFlips = Annotated[
    int, typer.Option(min=0, help="Maximum number of ways to each other outcome.")
]
MostTries = Annotated[int, typer.Option(min=0, help="Maximum number of changed facts to try.")]
MostSeconds = Annotated[float, typer.Option(min=0, help="Time limit of the search, in seconds.")]
Everything = Annotated[bool, typer.Option("--all", help="Show every rule and every flip.")]
Format = Annotated[Literal["text", "json"], typer.Option("--format")]


def explain(  # noqa: PLR0913  # typer's way: an argument for each option
    decision_id: DecisionId = None,
    *,
    journal: SharedJournal = JOURNAL,
    tenant: TenantOfDecision = "default",
    facts: FactsPath = None,
    case: CaseName = None,
    kind: KindOfFacts = None,
    version: VersionOfFacts = None,
    as_of: AsOf = None,
    set_: Assumed = None,
    rules: Rules = RULES,
    flips: MostFlips = 5,
    tries: MostTries = 30_000,
    seconds: MostSeconds = 20,
    all_: Everything = False,
    format_: Format = "text",
) -> None:
    """Explain a decision: which rules decided and why, what was missing, what would change it.

    A recorded decision is decided again with its own version and instant, and compared with the
    record. Each of the smallest changes that lead to another outcome is verified by deciding again.
    With --set, the assumed facts are explained and compared with the actual ones.
    """
    if sum(given is not None for given in (decision_id, facts, case)) != 1:
        give_up("name a decision id, or a file with --facts and its --kind, or a --case")
    bounds = Bounds(tries, seconds)
    if decision_id is not None:
        shown = _recorded(decision_id, journal, tenant, rules, bounds)
    elif case is not None:
        shown = _of_case(case, kind, version, rules, bounds)
    else:
        shown = _from_file(facts or Path(), kind, version, as_of, tenant, rules, bounds)
    shown, what_if = supposing(shown, set_, bounds) if set_ else (shown, None)
    if format_ == "json":
        echo_json({"supposed": what_if, **as_json(shown)} if what_if else as_json(shown))
    else:
        for line in what_if_lines(what_if) if what_if else ():
            echo(line)
        print_tree(shown, flips=None if all_ else flips, everything=all_)


def _recorded(
    decision_id: str, journal: str, tenant: str, rules: Path, bounds: Bounds
) -> ShownExplanation:
    try:
        decision = reader(journal).decision(tenant, decision_id)
        if not is_kind(decision.kind, rules):
            give_up(f"decision {decision_id} is of kind {decision.kind}, which is not known here")
        catalog = read(rules, decision.kind)
        again = redecide(decision, catalog.kinds, catalog, NativeEngine())
    except DealgateError as error:
        give_up(str(error))
    shown = explained(again.judge, again.facts, again.verdict, bounds)
    return ShownExplanation(again.judge, again.facts, shown, decision, again.difference)


def _of_case(
    name: str, kind: str | None, version: int | None, rules: Path, bounds: Bounds
) -> ShownExplanation:
    if kind is None or version is None:
        give_up("say whose case it is: --kind qualify --version 3")
    catalog = read(rules, kind)
    ruleset = version_or_leave(catalog, kind, version)
    with faults_shown():
        (file,) = load_cases(rules, catalog.kinds, [ruleset])
    case = next((candidate for candidate in file.cases if candidate.name == name), None)
    if case is None:
        near = did_you_mean(name, (candidate.name for candidate in file.cases))
        give_up(f"{ruleset.name} has no case '{name}'; {near}")
    judge = WhatIfJudge(catalog.kinds[ruleset.kind], NativeEngine().prepare(ruleset), case.as_of)
    try:
        verdict = judge.decide(case.facts, explain=False)
    except DealgateError as error:
        give_up(str(error))
    return ShownExplanation(judge, case.facts, explained(judge, case.facts, verdict, bounds))


def _from_file(
    path: Path,
    kind: str | None,
    version: int | None,
    as_of: str | None,
    tenant: str,
    rules: Path,
    bounds: Bounds,
) -> ShownExplanation:
    if kind is not None and not is_kind(kind.partition("/")[0], rules):
        no_rules_of(kind)
    if kind is None:
        give_up(f"say the kind of facts: --kind, one of {', '.join(KINDS)}")
    instant = time.time_ns() if as_of is None else instant_of("--as-of", as_of)
    catalog = read(rules, kind)
    known = catalog.kinds[kind.partition("/")[0]]
    try:
        ruleset = catalog.at(kind, instant) if version is None else catalog.version(kind, version)
    except DealgateError as error:
        give_up(str(error))
    with faults_shown():
        file = FactsFile(path, known)
        if version is None:
            ruleset = catalog.at(_shelf(catalog, kind, tenant, instant, file), instant)
        wrong = known.check(file.facts, ruleset.parameters, instant)
        if wrong:
            raise RulebookFaults(file.fault(fault) for fault in wrong)
    judge = WhatIfJudge(known, NativeEngine().prepare(ruleset), instant)
    verdict = judge.decide(file.facts, explain=False)
    return ShownExplanation(judge, file.facts, explained(judge, file.facts, verdict, bounds))


def _shelf(catalog: Catalog, kind: str, tenant: str, instant: int, file: FactsFile) -> str:
    """Return the kind, or the scope of it that the facts choose."""
    scopes = catalog.scopes(kind, tenant, instant)
    if not scopes:
        return kind
    facts = told(catalog.kinds[kind].seen(file.facts))
    program = NativeEngine().prepare(choosing(scopes))
    choice = chosen(scopes, program.fire(facts, instant, explain=False))
    if choice.violations:
        raise RulebookFaults(file.fault(violation) for violation in choice.violations)
    return shelf_of(kind, choice.scope)
