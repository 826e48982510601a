"""`dealgate test`: try the cases that stand beside the rules, and what they leave out."""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import typer

from dealgate.assemble.engines import make_engine
from dealgate.assemble.process import loading
from dealgate.cases.findings import coverage_of
from dealgate.cases.mutation.known import KnownMutants
from dealgate.cases.results import Result
from dealgate.cases.results.document import document
from dealgate.cases.results.junit import junit
from dealgate.cases.results.text import summary
from dealgate.cli.annotations import of_faults, written
from dealgate.cli.case_options import (
    EngineName,
    Format,
    KnownFile,
    Mutate,
    NamedLike,
    Newest,
    OutputFile,
    ResultFormat,
    Suggest,
)
from dealgate.cli.echo import echo
from dealgate.cli.mutants import hinted, newest_of_each, print_suggestions, with_mutants
from dealgate.cli.of_signals import is_of_signals, tried_signals
from dealgate.cli.options import RULES, Rules, Selection
from dealgate.cli.selection import kind_of, read, selected
from dealgate.cli.shown import coded, faults_shown, give_up, pages
from dealgate.cli.watch import Watch, rerun
from dealgate.desk.trials import CaseReport, run_cases
from dealgate.rulebook.cases import CaseFile, load_cases


def _annotated(format_: Format, results: Sequence[Result]) -> str:
    faults = [fault for result in results for fault in result.faults]
    return written(of_faults(faults), format_.value)


MADE: Mapping[Format, Callable[[Sequence[Result]], str]] = {
    Format.JUNIT: junit,
    Format.JSON: document,
    Format.GITHUB: partial(_annotated, Format.GITHUB),
    Format.SARIF: partial(_annotated, Format.SARIF),
}


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
    _refuse_together(selection, filter_, format_, output, mutate=mutate, suggest=suggest)
    noticed = _known(known, rules, mutate=mutate, format_=format_)
    signals = tried_signals(rules, selection, filter_)
    with loading():  # what was read stays: the garbage collector need not scan it again
        files = [] if is_of_signals(selection) else _files(rules, selection, filter_)
    if filter_ and not any(file.cases for file in files) and not any(of.reports for of in signals):
        give_up(f"no case has '{filter_}' in its name; drop --filter to run all cases")
    reports = asyncio.run(_tried(engine, files))
    results: Sequence[Result] = [_result(rules, file, reports, whole=not filter_) for file in files]
    if mutate or suggest:
        disturbed = newest_of_each(files) if newest else files
        results = with_mutants(rules, files, results, disturbed, noticed)
    if suggest:
        print_suggestions(files, results)
    else:
        told = [hinted(*pair) for pair in zip(files, results, strict=True)]
        _tell([*told, *signals], format_, output)
    if any(result.faults for result in [*results, *signals]):
        raise typer.Exit(1)


def _refuse_together(
    selection: str | None,
    filter_: str,
    format_: Format,
    output: Path | None,
    *,
    mutate: bool,
    suggest: bool,
) -> None:
    """Leave if options contradict each other."""
    if (mutate or suggest) and filter_:
        give_up("--mutate and --suggest need all cases: drop --filter")
    if (mutate or suggest) and is_of_signals(selection):
        give_up("--mutate and --suggest do not apply to signals: drop them")
    if suggest and (format_ is not Format.TEXT or output is not None):
        give_up("--suggest writes YAML to the screen: drop --format and --output")


def _known(file: Path | None, rules: Path, *, mutate: bool, format_: Format) -> KnownMutants | None:
    """Read what is known of mutants before any rule is read."""
    if file is None:
        return None
    if not mutate or format_ is not Format.TEXT:
        give_up("--known needs --mutate and text output: add --mutate, drop --format")
    try:
        return KnownMutants(file, rules)
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
