"""The options of `dealgate consume`: what comes from where, who decides, and what goes where."""

from pathlib import Path
from typing import Annotated

import typer

SourceUrl = Annotated[
    str,
    typer.Argument(
        help="-, jsonl:///path, nats://host/subject, kafka://host/topic or http://host/path."
    ),
]
ServerAddress = Annotated[
    str, typer.Option(help="host:port of the server that decides.", envvar="DEALGATE_SERVER")
]
Answers = Annotated[
    str, typer.Option(help="Where answers are published; a URL as in DEALGATE_OUTBOX.")
]
DeadLetters = Annotated[
    str, typer.Option(help="Where rejected events are published; a broker needs it.")
]
Mappings = Annotated[
    list[Path] | None,
    typer.Option(
        "--map",
        help="File that maps other payloads to questions or facts; may be repeated.",
    ),
]
CheckOnly = Annotated[
    bool, typer.Option("--check", help="Check the file of --map, run its cases, and exit.")
]
SignalRules = Annotated[
    Path | None,
    typer.Option(help="Rules folder with the signals to follow."),
]
SignalState = Annotated[
    str,
    typer.Option(
        help="Where the state of signals is kept: a file, or postgresql://…; by default with "
        "the journal, if that is in PostgreSQL."
    ),
]
SignalsTo = Annotated[
    str, typer.Option(help="Where signals are published; a URL as in DEALGATE_OUTBOX.")
]
Lateness = Annotated[str, typer.Option(help="How late an event for signals may be: 90s, 10m, 1d.")]
Until = Annotated[str, typer.Option(help="Instant at which the clock of signals stops, for tests.")]
MetricsListen = Annotated[
    str, typer.Option(help="host:port where Prometheus scrapes the consumer's metrics.")
]
InFlight = Annotated[
    int, typer.Option(min=1, max=100_000, help="Maximum number of events in flight.")
]
TokenFile = Annotated[
    Path | None,
    typer.Option(help="File with the token to send.", envvar="DEALGATE_TOKEN_FILE"),
]
InboxSecret = Annotated[
    str,
    typer.Option(
        help="Secret that webhooks must be signed with.",
        envvar="DEALGATE_INBOX_SECRET",
        hidden=True,
    ),
]
OutboxSecret = Annotated[
    str,
    typer.Option(help="Secret that signs webhooks.", envvar="DEALGATE_OUTBOX_SECRET", hidden=True),
]
ServerJournal = Annotated[
    str,
    typer.Option(help="The server's journal.", envvar="DEALGATE_JOURNAL", hidden=True),
]
