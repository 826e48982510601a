"""Every command starts light: what only a server needs is loaded by `serve` alone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from dealgate.cli import COMMANDS

ROOT = Path(__file__).parents[2]
# What a server, a report, calibration, an editor or Excel need.
HEAVY = {
    "alembic",
    "apsw",
    "dns",
    "duckdb",
    "grpc",
    "jinja2",
    "matplotlib",
    "numpy",
    "openpyxl",
    "opentelemetry",
    "prometheus_client",
    "pygls",
    "sklearn",
    "sqlalchemy",
    "uvloop",
    "watchfiles",
}
# The rooms that a command for authors leaves alone.
ROOMS = {
    f"dealgate.{room}"
    for room in (
        "aside",
        "demo",
        "insight",
        "journal",
        "learn",
        "lookup",
        "lsp",
        "telemetry",
        "wire",
    )
}
# What the kinds other than qualify read their lists from.
OTHERS = {"phonenumbers", "rapidfuzz", "requests", "tldextract"}
# The prover asks for more where there is a pipeline or a score.
PROVED = {"advance", "score"}
RULES_AND_ENGINE = {"pydantic_settings", "yaml", "cel_expr_python", "google", "dealgate.kinds"}


def loaded(*command: str) -> set[str]:
    """Run a command in a process of its own; return the names of all modules it imported."""
    script = (
        "import sys\nfrom dealgate.cli import main\n"
        f"sys.argv = {['dealgate', *command]!r}\n"
        "try:\n    main()\nexcept SystemExit as left:\n    assert not left.code, left.code\n"
        "print('\\nLOADED', *sys.modules)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        # What was found before would be told without reading any rules.
        env={**os.environ, "DEALGATE_CACHE": "off"},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(run.stdout.rpartition("\nLOADED ")[2].split())


@pytest.mark.parametrize("asked", ["--version", "--help"])
def test_who_only_asks_loads_no_rules_and_no_engine(asked: str) -> None:
    """The version and the list of commands need the command line, and nothing behind it."""
    modules = loaded(asked)
    assert not modules & {*HEAVY, *ROOMS, *OTHERS, *RULES_AND_ENGINE}
    assert {name for name in modules if name.startswith("dealgate.")} == {
        "dealgate.cli",
        "dealgate.cli.alert",
        "dealgate.cli.lazy",
    }


@pytest.mark.parametrize("command", ["releases qualify", "check qualify@2", "digest qualify 2"])
def test_author_waits_for_no_server_and_no_other_kind(command: str) -> None:
    """Rules are read, and for `check` proved: without gRPC, the journal, or the other kinds."""
    modules = loaded(*command.split())
    assert not modules & {*HEAVY, *ROOMS, *OTHERS}
    kinds = {name.split(".")[2] for name in modules if name.startswith("dealgate.kinds.")}
    assert kinds - PROVED == {"qualify"}


@pytest.mark.parametrize("name", list(COMMANDS))
def test_command_is_listed_with_its_own_first_line(name: str) -> None:
    """What --help says of a command without importing it is what the command says of itself."""
    command = COMMANDS[name].load(name)
    first = " ".join(command.help.strip().split("\n\n")[0].split())
    assert COMMANDS[name].help == first
