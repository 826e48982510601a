"""Commands that are imported when they are run: a command line that is only asked starts light."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, ClassVar

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command


@dataclass(frozen=True, slots=True)
class Lazy:
    """A command: its function (or `Typer` of several) in a module of `dealgate.cli`.

    `help` is its first line, which `dealgate --help` shows without importing it.
    """

    module: str
    attribute: str
    help: str

    def load(self, name: str) -> Any:
        """Import the command, ready to be run."""
        found = getattr(import_module(f"dealgate.cli.{self.module}"), self.attribute)
        if isinstance(found, typer.Typer):
            return get_command(found)
        alone = typer.Typer(
            add_completion=False, rich_markup_mode="markdown", pretty_exceptions_enable=False
        )
        alone.command(name=name)(found)
        return get_command(alone)


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and first line, and imports the one that is run."""

    lazy: ClassVar[Mapping[str, Lazy]] = {}

    def __init__(self, **attrs: Any) -> None:
        """Take the arguments of a group."""
        super().__init__(**attrs)
        for name, command in self.lazy.items():
            self.add_command(TyperCommand(name, help=command.help))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that `args` begin with, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        lazy = self.lazy.get(name or "")
        return name, lazy.load(name or "") if lazy else command, rest
