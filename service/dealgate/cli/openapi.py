"""`dealgate openapi`: what the HTTP front answers."""

from dealgate.cli.echo import echo
from dealgate.front.openapi import document


def openapi() -> None:
    """Print the OpenAPI document of the HTTP front."""
    echo(document(), nl=False)
