"""`dealgate test`: try the cases that stand beside the rules, and what they leave out."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from dealgate.assemble.engines import make_engine
from dealgate.cases.findings import coverage_of, mutation_of
from dealgate.cases.mutation.known import Known
from dealgate.cases.results import Result
from dealgate.cases.results.document import document
from dealgate.cases.results.junit import junit
from dealgate.cases.results.text import summary
from dealgate.cases.suggestion.suggesting import Suggester, none_near
from dealgate.cli.annotations import of_faults, written
from dealgate.cli.echo import echo
from dealgate.cli.of_signals import is_of_signals, tried_signals
from dealgate.cli.options import RULES, Rules, Selection
from dealgate.cli.progress import Bars, progress
from dealgate.cli.selection import kind_of, read, selected
from dealgate.cli.shown import coded, faults_shown, give_up, pages
from dealgate.cli.watch import Watch, rerun
from dealgate.desk.trials import CaseReport, run_cases
from dealgate.rulebook.cases import CaseFile, load_cases


class Format(Enum):
    """How the results are told."""

    TEXT = "text"
    JUNIT = "junit"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def _annotated(format_: Format, results: Sequence[Result]) -> str:
    faults = [fault for result in results for fault in result.faults]
    return written(of_faults(faults), format_.value)


MADE: Mapping[Format, Callable[[Sequence[Result]], str]] = {
    Format.JUNIT: junit,
    Format.JSON: document,
    Format.GITHUB: partial(_annotated, Format.GITHUB),
    Format.SARIF: partial(_annotated, Format.SARIF),
}

EngineName = Annotated[str, typer.Option(help="`native` or `rete`.")]
NamedLike = Annotated[
    str,
    typer.Option("--filter", metavar="TEXT", help="Only cases whose name contains this text."),
]
Mutate = Annotated[
    bool, typer.Option("--mutate", help="Mutate the rules; at least one case must fail.")
]
Newest = Annotated[
    bool, typer.Option("--newest", help="With --mutate: only the newest version of each kind.")
]
KnownFile = Annotated[
    Path | None,
    typer.Option(
        "--known",
        metavar="FILE",
        help="With --mutate: do not mutate rules again that this file knows; add the others.",
    ),
]
Suggest = Annotated[
    bool, typer.Option("--suggest", help="Write the missing cases, ready to paste.")
]
ResultFormat = Annotated[Format, typer.Option("--format", help="Output format.")]
OutputFile = Annotated[
    Path | None, typer.Option(metavar="FILE", help="Output file; default: the screen.")
]


def test(  # noqa: PLR0913  # typer's way: an argument for each option
    selection: Selection = None,
    rules: Rules = RULES,
    engine: EngineName = "native",
    *,
    filter_: NamedLike = "",
    mutate: Mutate = False,
    newest: Newest = False,
    known: KnownFile = None,
    suggest: Suggest = False,
    format_: ResultFormat = Format.TEXT,
    output: OutputFile = None,
    watch: Watch = False,
) -> None:
    """Run the test cases of the rules.

    Fails if a case fails, if a rule or condition is never seen true, false or unknown although it
    can be, and with `--mutate` if a rule can be changed without any case failing.
    """
    if watch:
        again = partial(test, selection, rules, engine, filter_=filter_, mutate=mutate)
        again = partial(again, newest=newest, known=known, suggest=suggest)
        rerun(rules, partial(again, format_=format_, output=output))
    if mutate or suggest:
        _refuse_to_look_further(selection, filter_)
    if suggest and (format_ is not Format.TEXT or output is not None):
        give_up("--suggest writes YAML to the screen: drop --format and --output")
    noticed = _known(known, rules, mutate=mutate, format_=format_)
    signals = tried_signals(rules, selection, filter_)
    files = [] if is_of_signals(selection) else _files(rules, selection, filter_)
    if filter_ and not any(file.cases for file in files) and not any(of.reports for of in signals):
        give_up(
            f"no case has '{filter_}' in its name; drop --filter to see all of them pass or fail"
        )
    reports = asyncio.run(_tried(engine, files))
    results = [_result(rules, file, reports, whole=not filter_) for file in files]
    if mutate or suggest:
        disturbed = newest_of_each(files) if newest else files
        results = _mutated(rules, files, results, disturbed, noticed)
    if suggest:
        _suggest(files, results)
    else:
        told = [_hinted(*pair) for pair in zip(files, results, strict=True)]
        _tell([*told, *signals], format_, output)
    if any(result.faults for result in [*results, *signals]):
        raise typer.Exit(1)


def _refuse_to_look_further(selection: str | None, filter_: str) -> None:
    """Leave where nothing can be said of what the cases leave out."""
    if filter_:
        give_up("--filter leaves cases out, so nothing can be said of what all of them leave out")
    if is_of_signals(selection):
        give_up("signals are neither mutated nor given cases: drop --mutate and --suggest")


def _known(file: Path | None, rules: Path, *, mutate: bool, format_: Format) -> Known | None:
    """Read what is known of mutants before any rule is read."""
    if file is None:
        return None
    if not mutate or format_ is not Format.TEXT:
        give_up(
            "--known is for --mutate, and tells of no single mutant: add --mutate, drop --format"
        )
    try:
        return Known(file, rules)
    except OSError as error:
        give_up(f"{file} cannot be read: {error.strerror}")


def _files(rules: Path, selection: str | None, text: str) -> Sequence[CaseFile]:
    """Return the cases that are selected."""
    catalog = read(rules, kind_of(selection, rules))
    with faults_shown():
        files = load_cases(rules, catalog.kinds, selected(catalog, selection))
    return [_filtered(file, text) for file in files]


def _filtered(file: CaseFile, text: str) -> CaseFile:
    return replace(file, cases=[case for case in file.cases if text.lower() in case.name.lower()])


async def _tried(engine: str, files: Sequence[CaseFile]) -> Sequence[CaseReport]:
    judging = make_engine(engine)
    try:
        return await run_cases(judging, files)
    finally:
        await judging.close()


def _result(rules: Path, file: CaseFile, reports: Sequence[CaseReport], *, whole: bool) -> Result:
    own = [report for report in reports if report.ruleset == file.ruleset.name]
    coverage = coverage_of(rules, file.kind, file) if whole else None
    return Result(file.ruleset.name, file.location.file, own, coverage)


def newest_of_each(files: Sequence[CaseFile]) -> Sequence[CaseFile]:
    """Return the cases of the newest version of each kind; `files` are in order of versions."""
    return list({file.ruleset.shelf: file for file in files}.values())


def _mutated(
    rules: Path,
    files: Sequence[CaseFile],
    results: Sequence[Result],
    disturbed: Sequence[CaseFile],
    known: Known | None,
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
            give_up(f"what is known of mutants cannot be written: {error.strerror}")
    return mutated


def _noticed(
    rules: Path, file: CaseFile, result: Result, bars: Bars, known: Known | None
) -> Result:
    noticed = known.of(file.ruleset) if known is not None else None
    if noticed is not None:
        return replace(result, known=noticed)
    told = bars.begin(file.ruleset.name)
    mutation = asyncio.run(mutation_of(rules, file.kind, file, told))
    if known is not None and not mutation.missing and not mutation.stale:
        known.keep(file.ruleset, mutation.demanded, len(mutation.accepted))
    return replace(result, mutation=mutation)


def _hinted(file: CaseFile, result: Result) -> Result:
    """Say of each mutant which case is missing."""
    if result.mutation is None or not result.mutation.missing:
        return result
    suggester = Suggester(file.kind, file)
    return replace(result, mutation=asyncio.run(suggester.hinted(result.mutation)))


def _suggest(files: Sequence[CaseFile], results: Sequence[Result]) -> None:
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


def _tell(results: Sequence[Result], format_: Format, output: Path | None) -> None:
    """Print the results, or write them and print the summary."""
    made = MADE.get(format_)
    if made is not None and output is None:
        echo(made(results), nl=False)
        return
    for line in _faults(results):
        echo(line, err=True)
    lines = [summary(result) for result in results]
    for line in lines:
        echo(line)
    if output is not None:
        text = (
            made(results) if made else "".join(f"{line}\n" for line in [*_faults(results), *lines])
        )
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            give_up(f"{output} cannot be written: {error.strerror}")


def _faults(results: Sequence[Result]) -> Iterator[str]:
    """Yield each fault, and at the end where the pages of their codes are."""
    faults = [fault for result in results for fault in result.faults]
    yield from (coded(fault) for fault in faults)
    yield from pages(faults).splitlines()[1:]
