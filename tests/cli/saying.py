"""What a command says, for transcripts."""

import shlex

from typer.testing import CliRunner

from dealgate.cli import app


def said(command: str, *more: str) -> str:
    """Run a command, and return all that it says, with its exit status if not 0."""
    result = CliRunner().invoke(app, [*shlex.split(command), *more])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    status = f"[exit status {result.exit_code}]\n" if result.exit_code else ""
    return f"{result.output}{status}"
