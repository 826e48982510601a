"""Every command starts light: what only a server needs is loaded by `serve` alone."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.core import TyperGroup

from dealgate.cli import COMMANDS
from dealgate.cli.lazy import first_line, light, real
from dealgate.settings import Settings

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
# What other kinds than those of the tests read their lists from.
OTHERS = {"phonenumbers", "rapidfuzz", "requests", "tldextract"}
RULES_AND_ENGINE = {"pydantic_settings", "yaml", "cel_expr_python", "google", "dealgate.kinds"}


def loaded(*commands: str) -> set[str]:
    """Run commands in a process of their own; return the names of all modules they imported."""
    script = (
        "import sys\nfrom dealgate.cli import main\n"
        f"for command in {commands!r}:\n"
        "    sys.argv = ['dealgate', *command.split()]\n"
        "    try:\n        main()\n"
        "    except SystemExit as left:\n        assert not left.code, (command, left.code)\n"
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
        "dealgate.cli.signature",
        "dealgate.cli.standard",
        "dealgate.cli.undone",
    }


@pytest.mark.parametrize("kind", ["qualify", "forecast"])
def test_authors_wait_for_no_server_and_no_other_kind(kind: str) -> None:
    """Rules are read, and for `check` proved: without gRPC, the journal, or the other kinds.

    What one process that runs all of these commands has not imported, none of them imports.
    """
    modules = loaded(f"releases {kind}", f"check {kind}@1", f"digest {kind} 1")
    assert not modules & {*HEAVY, *ROOMS, *OTHERS}
    assert kinds_of(modules) == {kind}


def kinds_of(modules: set[str]) -> set[str]:
    """Return the kinds that these modules are part of."""
    return {name.split(".")[2] for name in modules if name.startswith("dealgate.kinds.")}


HELP_OF_ALL = """
import sys
from contextlib import suppress
from dealgate.cli import COMMANDS, main
asked = [[name] for name in COMMANDS]
asked += [["journal", "stats"], ["access", "test"], ["table", "import"]]
for command in asked:
    sys.argv = ["dealgate", *command, "--help"]
    with suppress(SystemExit):
        main()
sys.argv = ["dealgate", "impact", "--fail-under", "2%"]
with suppress(SystemExit):
    main()
print("\\nLOADED", *sys.modules)
"""


def test_help_and_a_mistyped_option_load_only_what_options_are_made_of() -> None:
    """No command's --help, and no option that is none, waits for an engine, rules or a server."""
    run = subprocess.run(
        [sys.executable, "-c", HELP_OF_ALL], cwd=ROOT, capture_output=True, text=True, check=True
    )
    modules = set(run.stdout.rpartition("\nLOADED ")[2].split())
    assert run.stdout.count("Usage: dealgate") == len(COMMANDS) + 3
    assert "No such option: --fail-under" in run.stderr
    assert not modules & {*HEAVY, *ROOMS, *OTHERS, *RULES_AND_ENGINE, "asyncio", "pydantic", "rich"}


def shown(command: Any) -> str:
    """Return its --help, and those of its commands."""
    with command.context_class(command) as context:
        inner = command.commands.values() if isinstance(command, TyperGroup) else ()
        return "\n".join([command.get_help(context), *map(shown, inner)])


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_listed_and_asked_as_what_it_is(name: str) -> None:
    """What --help says of a command without importing it is what the imported one says."""
    command = real(name)
    assert first_line(name) == " ".join(command.help.strip().split("\n\n")[0].split())
    assert shown(light(name)) == shown(command)


def test_options_of_serve_are_said_as_its_settings() -> None:
    """The words and defaults of `serve --help`, which loads no settings, are those of settings."""
    for parameter in real("serve").params:
        field = Settings.model_fields[parameter.name]
        assert parameter.help == f"{field.description}."
        assert parameter.show_default == str(field.default)


def test_signals_are_heeded_before_anything_is_loaded() -> None:
    """Until then SIGHUP ends a server that is starting, and SIGTERM has no status of its own."""
    script = "import sys, dealgate.cli; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = run.stdout.split()
    assert modules.index("dealgate.cli.alert") < modules.index("typer")


CLOSED = """
import os, sys
from dealgate.cli import standard
with open(sys.argv[1], "w") as told:
    print("to nobody", input if sys.stdin.read() else "")
    print(told.fileno() > 2, [os.get_inheritable(number) for number in range(3)], file=told)
"""


def test_a_process_without_standard_streams_gets_some(tmp_path: Path) -> None:
    """As supervisors and cron start it: no file or connection becomes number 0, 1 or 2."""
    told = tmp_path / "told"
    command = 'exec "$0" -c "$1" "$2" <&- >&- 2>&-'
    subprocess.run(["sh", "-c", command, sys.executable, CLOSED, str(told)], cwd=ROOT, check=True)
    assert told.read_text() == "True [True, True, True]\n"
