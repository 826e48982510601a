"""`dealgate health`: a health probe, for images that have none."""

from typing import Annotated

import typer

from dealgate.cli.echo import echo
from dealgate.cli.options import Ca, MutualTls, Tls
from dealgate.cli.shown import give_up
from dealgate.wire.probing import Credentials, probe

NOT_SERVING = 1

Address = Annotated[str, typer.Option(help="host:port or unix:/path.", envvar="DEALGATE_ADDRESS")]
Service = Annotated[
    str,
    typer.Option(help="A service, dealgate.journal or dealgate.rules; default: the whole server."),
]
Timeout = Annotated[float, typer.Option(min=0.001, help="Maximum time to wait, in seconds.")]
ServerName = Annotated[str | None, typer.Option(help="The host name in the server's certificate.")]


def health(
    address: Address = "127.0.0.1:50051",
    service: Service = "",
    timeout: Timeout = 3.0,
    *,
    ca: Ca = None,
    certificate: MutualTls = None,
    key: MutualTls = None,
    server_name: ServerName = None,
    tls: Tls = False,
) -> None:
    """Check whether a server is serving: status 0 if so, 1 if not, 2 if it cannot be reached."""
    wanted = tls or ca is not None or certificate is not None
    credentials = Credentials(ca, certificate, key, server_name) if wanted else None
    try:
        status = probe(address, service, timeout, credentials)
    except (OSError, ValueError) as error:
        give_up(str(error))
    echo(status)
    if status != "SERVING":
        raise typer.Exit(NOT_SERVING)
