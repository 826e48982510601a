"""`dealgate test`: try the cases that stand beside the rules, and what they leave out."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from dealgate import assemble
from dealgate.cli.selection import RULES, Rules, Selection, read, selected
from dealgate.cli.shown import faults_shown, give_up
from dealgate.kinds import KINDS
from dealgate.model.decision import Truth
from dealgate.proof.cases.coverage import Gap
from dealgate.proof.cases.findings import coverage_of, mutation_of
from dealgate.proof.cases.mutation.noticing import Progress as Told
from dealgate.proof.cases.results import Result
from dealgate.proof.cases.results.document import document
from dealgate.proof.cases.results.junit import junit
from dealgate.proof.cases.results.text import summary
from dealgate.rulebook.cases import CaseFile, load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.trials import CaseReport, run_cases


class Format(Enum):
    """How the results are told."""

    TEXT = "text"
    JUNIT = "junit"
    JSON = "json"


def try_cases(
    selection: Selection = None,
    rules: Rules = RULES,
    engine: Annotated[str, typer.Option(help="`native` or `rete`.")] = "native",
    filter_: Annotated[
        str, typer.Option("--filter", metavar="TEXT", help="Only cases with this in their name.")
    ] = "",
    mutate: Annotated[  # noqa: FBT002  # typer's way
        bool, typer.Option("--mutate", help="Disturb the rules; some case must notice.")
    ] = False,
    format_: Annotated[Format, typer.Option("--format", help="How to tell it.")] = Format.TEXT,
    output: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where to write it, if not to the screen.")
    ] = None,
) -> None:
    """Run the cases that stand beside the rules.

    Fails if a case fails, if a rule or condition is never seen true, false or unknown though it
    can be, and with `--mutate` if a rule can be disturbed and no case notices.
    """
    if filter_ and mutate:
        give_up("--filter leaves cases out, so nothing can be said of all: drop it, or --mutate")
    catalog = read(rules)
    with faults_shown():
        files = load_cases(rules, KINDS, selected(catalog, selection))
    files = [_filtered(file, filter_) for file in files]
    reports = asyncio.run(_tried(catalog, engine, files))
    results = [_result(rules, file, reports, whole=not filter_) for file in files]
    if mutate:
        results = _mutated(rules, files, results)
    _tell(results, format_, output)
    if any(_fails(result) for result in results):
        raise typer.Exit(1)


def _fails(result: Result) -> bool:
    """Tell whether something must be mended; so far, what is seen of parts is only reported."""
    gaps = result.coverage.missing if result.coverage else ()
    seen = [gap.about for gap in gaps if isinstance(gap.about, Gap)]
    plain = any(gap.condition.root and gap.truth is not Truth.UNKNOWN for gap in seen)
    return bool(result.failed or plain or (result.mutation and result.mutation.missing))


def _filtered(file: CaseFile, text: str) -> CaseFile:
    return replace(file, cases=[case for case in file.cases if text.lower() in case.name.lower()])


async def _tried(catalog: Catalog, engine: str, files: Sequence[CaseFile]) -> Sequence[CaseReport]:
    judging = assemble.make_engine(engine)
    try:
        return await run_cases(catalog, KINDS, judging, files)
    finally:
        await judging.close()


def _result(rules: Path, file: CaseFile, reports: Sequence[CaseReport], *, whole: bool) -> Result:
    own = [report for report in reports if report.ruleset == file.ruleset.name]
    coverage = coverage_of(rules, KINDS[file.ruleset.kind], file) if whole else None
    return Result(file.ruleset.name, file.place.file, own, coverage)


def _mutated(rules: Path, files: Sequence[CaseFile], results: Sequence[Result]) -> list[Result]:
    """Add what no case notices; where a case fails, there is nothing to notice it by."""
    found = []
    with _progress() as shown:
        for file, result in zip(files, results, strict=True):
            told = shown(file.ruleset.name)
            kind = KINDS[file.ruleset.kind]
            mutation = (
                asyncio.run(mutation_of(rules, kind, file, told)) if not result.failed else None
            )
            found.append(replace(result, mutation=mutation))
    return found


@contextmanager
def _progress() -> Iterator["_Bar"]:
    """Show how far it is, if somebody looks."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed} mutants"),
    )
    console = Console(stderr=True)
    with Progress(
        *columns,
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as progress:
        yield _Bar(progress)


class _Bar:
    """A bar that is named after each rule set in turn."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def __call__(self, name: str) -> Told:
        task = self._progress.add_task(name, total=None)
        return lambda more: self._progress.update(task, advance=more)


def _tell(results: Sequence[Result], format_: Format, output: Path | None) -> None:
    """Print the results, or write them and print the summary."""
    made = {Format.JUNIT: junit, Format.JSON: document}.get(format_)
    if made is not None and output is None:
        typer.echo(made(results), nl=False)
        return
    for result in results:
        for fault in result.faults:
            typer.echo(str(fault), err=True)
    lines = [summary(result) for result in results]
    for line in lines:
        typer.echo(line)
    if output is not None:
        text = (
            made(results) if made else "".join(f"{line}\n" for line in [*_faults(results), *lines])
        )
        try:
            output.write_text(text, encoding="utf-8")
        except OSError as error:
            give_up(f"{output} cannot be written: {error.strerror}")


def _faults(results: Sequence[Result]) -> Iterator[str]:
    return (str(fault) for result in results for fault in result.faults)
