"""What cases leave out: mutants that none notices, and the cases that would notice them."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from dealgate.cases.findings import mutation_of
from dealgate.cases.mutation.known import KnownMutants
from dealgate.cases.results import Result
from dealgate.cases.suggestion.suggesting import Suggester, none_near
from dealgate.cli.echo import echo
from dealgate.cli.progress import Bars, progress
from dealgate.cli.shown import coded, give_up
from dealgate.rulebook.cases import CaseFile


def newest_of_each(files: Sequence[CaseFile]) -> Sequence[CaseFile]:
    """Return the cases of the newest version of each kind; `files` are in order of versions."""
    return list({file.ruleset.shelf: file for file in files}.values())


def with_mutants(
    rules: Path,
    files: Sequence[CaseFile],
    results: Sequence[Result],
    disturbed: Sequence[CaseFile],
    known: KnownMutants | None,
) -> list[Result]:
    """Add what no case notices of those to be disturbed.

    Where a case fails, there is nothing to notice it by.
    """
    with progress() as bars:
        mutated = [
            result
            if result.failed or file not in disturbed
            else _noticed(rules, file, result, bars, known)
            for file, result in zip(files, results, strict=True)
        ]
    if known is not None:
        try:
            known.save([file.ruleset for file in disturbed])
        except OSError as error:
            give_up(f"results of mutation cannot be written: {error.strerror}")
    return mutated


def _noticed(
    rules: Path, file: CaseFile, result: Result, bars: Bars, known: KnownMutants | None
) -> Result:
    noticed = known.of(file.ruleset) if known is not None else None
    if noticed is not None:
        return replace(result, known=noticed)
    told = bars.begin(file.ruleset.name)
    mutation = asyncio.run(mutation_of(rules, file.kind, file, told))
    if known is not None and not mutation.missing and not mutation.stale:
        known.keep(file.ruleset, mutation.demanded, len(mutation.accepted))
    return replace(result, mutation=mutation)


def hinted(file: CaseFile, result: Result) -> Result:
    """Say of each mutant which case is missing."""
    if result.mutation is None or not result.mutation.missing:
        return result
    suggester = Suggester(file.kind, file)
    return replace(result, mutation=asyncio.run(suggester.hinted(result.mutation)))


def print_suggestions(files: Sequence[CaseFile], results: Sequence[Result]) -> None:
    """Print the missing cases, a rule set after the other; what is said of them goes elsewhere."""
    for file, result in zip(files, results, strict=True):
        if result.failed:
            echo(f"{result.ruleset}: fix the failing cases first", err=True)
            continue
        missing = [
            finding
            for part in (result.coverage, result.mutation)
            if part
            for finding in part.missing
        ]
        offer = asyncio.run(Suggester(file.kind, file).offer(missing))
        if offer.cases:
            echo(f"# {result.file}: paste below `cases:`, review what they expect, rename them\n")
        for case in offer.cases:
            echo(case.text)
        for finding in offer.left:
            echo(coded(replace(finding.fault, hint=none_near(finding))), err=True)
        echo(f"{result.ruleset}: {len(offer.cases)} cases for {len(missing)} findings", err=True)
