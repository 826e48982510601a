"""`dealgate serve`: answer over gRPC until a signal ends it."""

from pathlib import Path
from typing import Annotated

import typer

from dealgate.cli.serving import run

# As the settings of these names are described (a test holds them equal), which are slow to load.
ADDRESS = typer.Option(
    help="host:port (port 0: any free one) or unix:/path.", show_default="127.0.0.1:50051"
)
RULES = typer.Option(help="The folder with the rule sets.", show_default="rules")
JOURNAL = typer.Option(
    help="Where decisions are recorded: an SQLite file, or memory:.", show_default="data/journal.db"
)
ENGINE = typer.Option(
    help="`native`, or `rete` with the extra dealgate[rete].", show_default="native"
)
WORKERS = typer.Option(
    help="Number of server processes; several share the journal's file.",
    show_default="1",
)


def serve(
    address: Annotated[str | None, ADDRESS] = None,
    rules: Annotated[Path | None, RULES] = None,
    journal: Annotated[str | None, JOURNAL] = None,
    engine: Annotated[str | None, ENGINE] = None,
    workers: Annotated[int | None, WORKERS] = None,
) -> None:
    """Serve decisions over gRPC until SIGTERM or SIGINT, and reload rules when they change.

    Every option can also be set in the environment: DEALGATE_ADDRESS, DEALGATE_RULES,
    DEALGATE_JOURNAL, DEALGATE_ENGINE, DEALGATE_WORKERS; docs/operations.md lists the rest.
    OpenTelemetry is set by its usual OTEL_* variables.
    """
    options = {
        "address": address,
        "rules": rules,
        "journal": journal,
        "engine": engine,
        "workers": workers,
    }
    run({name: value for name, value in options.items() if value is not None})
