"""`dealgate test`: try the cases that stand beside the rules."""

import asyncio
from collections.abc import Sequence
from typing import Annotated

import typer

from dealgate import assemble
from dealgate.cli.selection import RULES, Rules, Selection, read, selected
from dealgate.cli.shown import faults_shown
from dealgate.kinds import KINDS
from dealgate.rulebook.cases import CaseFile, load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.trials import CaseReport, run_cases


def try_cases(
    selection: Selection = None,
    rules: Rules = RULES,
    engine: Annotated[str, typer.Option(help="`native` or `rete`.")] = "native",
) -> None:
    """Run the cases that stand beside the rules.

    Fails if a case fails, or if some rule is never seen to fire or never seen to stay quiet.
    """
    catalog = read(rules)
    with faults_shown():
        files = load_cases(rules, KINDS, selected(catalog, selection))
    reports = asyncio.run(_tried(catalog, engine, files))
    failures = [failure for report in reports for failure in report.failures]
    for failure in failures:
        typer.echo(str(failure), err=True)
    for name in dict.fromkeys(report.ruleset for report in reports):
        typer.echo(_summary(name, [each for each in reports if each.ruleset == name]))
    if failures:
        raise typer.Exit(1)


async def _tried(catalog: Catalog, engine: str, files: Sequence[CaseFile]) -> Sequence[CaseReport]:
    judging = assemble.make_engine(engine)
    try:
        return await run_cases(catalog, KINDS, judging, files)
    finally:
        await judging.close()


def _summary(name: str, reports: Sequence[CaseReport]) -> str:
    failed = sum(not report.passed for report in reports)
    return f"{name}: {len(reports) - failed} passed, {failed} failed"
