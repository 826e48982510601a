"""The command line: serve decisions, and check the rules that take them."""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from typer.models import OptionInfo

from dealgate import __version__, assemble
from dealgate.engine.cel import CelChecker
from dealgate.journal.errors import JournalUnusable
from dealgate.kinds import KINDS
from dealgate.model.errors import DealgateError, UnknownRuleSet
from dealgate.model.rules import RuleSet
from dealgate.rulebook.cases import CaseFile, load_cases
from dealgate.rulebook.catalog import Catalog
from dealgate.rulebook.checking import check_folder
from dealgate.rulebook.faults import RulebookFaults
from dealgate.rulebook.schema import schema_text
from dealgate.rulebook.trials import CaseReport, run_cases
from dealgate.settings import Settings

app = typer.Typer(
    name="dealgate",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""A rules-driven decision service for sales operations.

    Other services call it over gRPC; rule authors keep its rule sets in files; every decision is
    recorded, and can be explained. Start with `dealgate demo`, then read rules/README.md.
    """,
)

Rules = Annotated[
    Path, typer.Option("--rules", help="The folder with the rule sets.", envvar="DEALGATE_RULES")
]
Selection = Annotated[
    str | None,
    typer.Argument(help="A kind (`qualify`) or one version of it (`qualify@2`); none: all."),
]
RULES = Path("rules")
EXIT_UNUSABLE = 2
# What keeps a server from starting, said in one line: its rules, its journal, its address, its
# certificates, its telemetry.
UNSTARTABLE = (RulebookFaults, JournalUnusable, DealgateError, OSError, RuntimeError, ValueError)


def _setting(name: str) -> OptionInfo:
    """An option of `serve`, with the words and the default of the setting."""
    field = Settings.model_fields[name]
    option: OptionInfo = typer.Option(help=f"{field.description}.", show_default=str(field.default))
    return option


@app.command()
def serve(
    address: Annotated[str | None, _setting("address")] = None,
    rules: Annotated[Path | None, _setting("rules")] = None,
    journal: Annotated[Path | None, _setting("journal")] = None,
    engine: Annotated[str | None, _setting("engine")] = None,
) -> None:
    """Serve decisions over gRPC until SIGTERM or SIGINT.

    Every option can also be set in the environment: DEALGATE_ADDRESS, DEALGATE_RULES,
    DEALGATE_JOURNAL, DEALGATE_ENGINE; docs/operations.md lists the rest. OpenTelemetry is set by
    its usual OTEL_* variables.
    """
    options = {"address": address, "rules": rules, "journal": journal, "engine": engine}
    settings = _settings({name: value for name, value in options.items() if value is not None})
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    try:
        assemble.run(_serve(settings))
    except UNSTARTABLE as error:
        _give_up(str(error))


def _settings(given: dict[str, Any]) -> Settings:
    try:
        return Settings(**given)
    except ValidationError as error:
        _give_up("\n".join(_setting_fault(fault) for fault in error.errors()))


async def _serve(settings: Settings) -> None:
    async with assemble.running(settings) as running:

        def announce() -> None:
            logging.getLogger("dealgate").info(
                "listening on %s (port %d), engine %s, journal %s, rule sets %s",
                settings.address,
                running.port,
                settings.engine,
                settings.journal,
                ", ".join(ruleset.name for ruleset in running.catalog.all()),
            )

        await running.server.run(announce)


@app.command()
def check(selection: Selection = None, rules: Rules = RULES) -> None:
    """Check rule files: every fault at once, with its place, what is wrong, and the cure.

    All files are read, whatever is selected: a fault in one could hide another's.
    """
    with _faults_shown():
        catalog, _ = check_folder(rules, KINDS, CelChecker())
    for ruleset in _selected(catalog, selection):
        state = "released" if catalog.is_released(ruleset) else "draft"
        typer.echo(f"{ruleset.name}: {len(ruleset.rules)} rules, {state}, {ruleset.digest}")


@app.command(name="test")
def try_cases(
    selection: Selection = None,
    rules: Rules = RULES,
    engine: Annotated[str, typer.Option(help="`native` or `rete`.")] = "native",
) -> None:
    """Run the cases that stand beside the rules.

    Fails if a case fails, or if some rule is never seen to fire or never seen to stay quiet.
    """
    catalog = _read(rules)
    with _faults_shown():
        files = load_cases(rules, KINDS, _selected(catalog, selection))
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


@app.command()
def digest(
    kind: Annotated[str, typer.Argument(help="For example `qualify`.")],
    version: Annotated[int, typer.Argument(help="For example 2.")],
    rules: Rules = RULES,
) -> None:
    """Print the digest that a line of releases.yaml names: SHA-256 of what the rules mean."""
    typer.echo(_one(_read(rules), kind, version).digest)


@app.command()
def schema() -> None:
    """Print the JSON Schema of rule files, which editors complete and check them with."""
    typer.echo(schema_text(KINDS), nl=False)


@app.command()
def demo() -> None:
    """Start a server, send it real questions, print the answers with their evidence, stop it."""
    try:
        # Imported here alone: the demo needs the client, which a server does not.
        from dealgate.demo import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        _give_up(f"{error}: the demo calls the server as others do; install dealgate-client")
    run()


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,  # noqa: FBT002  # typer's way
) -> None:
    if version:
        typer.echo(f"dealgate {__version__}")
        raise typer.Exit


@contextmanager
def _faults_shown() -> Iterator[None]:
    try:
        yield
    except RulebookFaults as found:
        number = len(found.faults)
        _give_up(f"{found}\n{number} fault{'' if number == 1 else 's'}", code=1)


def _read(folder: Path) -> Catalog:
    with _faults_shown():
        return assemble.read_rules(folder)


def _selected(catalog: Catalog, selection: str | None) -> Sequence[RuleSet]:
    if selection is None:
        return catalog.all()
    kind, _, version = selection.partition("@")
    if version and not version.isdecimal():
        _give_up(f"'{version}' is not a version; write for example qualify@2")
    if version:
        return [_one(catalog, kind, int(version))]
    chosen = [ruleset for ruleset in catalog.all() if ruleset.kind == kind]
    if not chosen:
        _give_up(f"there are no rules of kind '{kind}', only of: {', '.join(KINDS)}")
    return chosen


def _one(catalog: Catalog, kind: str, version: int) -> RuleSet:
    try:
        return catalog.version(kind, version)
    except UnknownRuleSet as error:
        _give_up(str(error))


def _summary(name: str, reports: Sequence[CaseReport]) -> str:
    failed = sum(not report.passed for report in reports)
    return f"{name}: {len(reports) - failed} passed, {failed} failed"


def _setting_fault(fault: ErrorDetails) -> str:
    name = "_".join(str(part) for part in fault["loc"]).upper()
    return f"{f'DEALGATE_{name}: ' if name else ''}{fault['msg']}"


def _give_up(message: str, code: int = EXIT_UNUSABLE) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def main() -> None:
    """Run the command line."""
    app()
