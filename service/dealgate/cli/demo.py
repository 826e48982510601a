"""`dealgate demo`: a server, real questions, their answers."""

from dealgate.cli.shown import give_up


def demo() -> None:
    """Start a server, send it real questions, print the answers with their evidence, stop it."""
    try:
        # Imported here alone: the demo needs the client, which a server does not.
        from dealgate.demo import run  # noqa: PLC0415
    except ModuleNotFoundError as error:
        give_up(f"{error}: the demo calls the server as others do; install dealgate-client")
    run()
